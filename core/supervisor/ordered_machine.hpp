// The static supervisor's decisions, after supervisor.erl: children in an order, one_for_one and rest_for_one. No
// clock, coroutine or log: an event and the time go in, actions come out; the shell (tree.cpp) carries them out in order.
//
// As OTP's process it does one thing at a time: while a child starts or ends, requests and other children's ends wait
// in a mailbox. Between two attempts to restart a child that fails to start, the mailbox is served.
// Deviations: a stop is served first, before the requests that wait, and asks a child that is just starting to end (in
// OTP a start that hangs hangs the tree). What was killed and still does not end within `patience` is abandoned, because
// a coroutine cannot be killed. Times are exact, OTP truncates to seconds; a period without end is allowed.
#pragma once

#include "supervisor/child_rules.hpp"
#include "supervisor/exit.hpp"
#include "supervisor/intensity.hpp"

#include <deque>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace beckon::core::supervision::ordered {

using Request = std::uint64_t;   // who asked, so that the answer finds him

// ---- events ---------------------------------------------------------------------------------------------------------
struct Boot {};
struct Started { RunId run; };
struct Ignored { RunId run; };                          // there is nothing to run, and that is no error
struct StartFailed { RunId run; Exit exit; };
struct Down { RunId run; Exit exit; };                  // after Started only
struct Again { ChildId id; };                           // what TryAgain asked for
struct StartChild { Request request; ChildId id; ChildRules rules; };
struct TerminateChild { Request request; std::string name; };
struct RestartChild { Request request; std::string name; };
struct DeleteChild { Request request; std::string name; };
struct Stop {};
struct Tick {};                                         // `deadline()` has come

using Event = std::variant<Boot, Started, Ignored, StartFailed, Down, Again, StartChild, TerminateChild, RestartChild,
                           DeleteChild, Stop, Tick>;

// ---- actions --------------------------------------------------------------------------------------------------------
struct Start { ChildId id; RunId run; };                // Started, Ignored or StartFailed follows
struct Ask { RunId run; };                              // cancel it; its Down follows, or the deadline
struct Kill { RunId run; };                             // cancel it and whatever it still does to clean up
struct Tell { RunId run; Exit exit; };                  // to its monitors; its name is free by now
struct Forget { ChildId id; };                          // its spec is no longer needed
struct TryAgain { ChildId id; };                        // send Again, behind whatever waits already
struct Reply {
  enum class Answer : std::uint8_t {
    ok, ignored, already_started, already_present, not_found, running, restarting, failed_to_start, refused, stopping
  };
  Request request = 0;
  Answer answer{};
  std::string reason;                                   // of failed_to_start and refused

  friend bool operator==(const Reply&, const Reply&) = default;
};
// A log line to write; `sentence` (ordered_report.hpp) words it.
struct Report {
  enum class Kind : std::uint8_t { crashed, ended, start_failed, gave_up, failed_stopping, killed, abandoned };
  Kind kind{};
  std::string name;
  std::string reason;
  unsigned restarts = 0;                                // within the period, this one included

  friend bool operator==(const Report&, const Report&) = default;
};
struct Booted {};                                       // all have started
// Nothing follows, ever. Who was the cause and its last trouble; empty after a stop.
struct Ended {
  enum class Why : std::uint8_t { stopped, failed_to_start, gave_up } why{};
  std::string name, reason;

  friend bool operator==(const Ended&, const Ended&) = default;
};

using Action = std::variant<Start, Ask, Kill, Tell, Forget, TryAgain, Reply, Report, Booted, Ended>;
using Decision = std::vector<Action>;

// A sentence where these cannot be: a name that is empty or stands twice, a period of zero.
std::optional<std::string> complaint(const SupervisorFlags& flags, const std::vector<ChildRules>& children);

class Machine {
 public:
  // Children are numbered from 0 in the order given, which is the order of starting.
  Machine(SupervisorFlags flags, std::vector<ChildRules> children);

  Decision decide(Event event, SteadyTime now);

  std::optional<SteadyTime> deadline() const;           // when it wants its next Tick; nullopt: never
  std::optional<RunId> find(std::string_view name) const;   // only while it runs
  std::vector<ChildInfo> which_children() const;        // in the order of starting
  ChildrenCount count_children() const;
  bool ended() const { return ended_; }
  const SupervisorFlags& flags() const { return flags_; }

 private:
  using State = ChildInfo::State;
  struct Child {
    ChildId id = 0;
    ChildRules rules;
    State state = State::stopped;
    RunId run = 0;                 // the latest
    bool alive = false;            // false as soon as the run has ended, though that may wait in the mailbox
    std::string trouble;           // why it is being restarted
    bool permanent() const { return rules.restart == RestartType::permanent; }
    bool temporary() const { return rules.restart == RestartType::temporary; }
  };
  // What is being done: first `to_stop` is ended from the back, then `to_start` started from the front, one by one.
  // Meanwhile nothing is removed but what the job itself has ended.
  struct Job {
    enum class Kind : std::uint8_t { boot, restart, start_child, restart_child, terminate_child, end };
    Kind kind{};
    std::deque<Child*> to_stop, to_start;
    Request request = 0;
    Ended ended{};
  };
  // The one run that the job waits for.
  struct Pending {
    Child* child = nullptr;
    bool starting = false;
    bool asked = false, killed = false;
    SteadyTime until = SteadyTime::max();
  };

  // What arrives: it belongs to what is pending, or waits in the mailbox.
  void hear(Event event, SteadyTime now, Decision& out);
  void heard(Down& down, Decision& out);
  void stop(SteadyTime now, Decision& out);
  void tick(SteadyTime now, Decision& out);
  // What the mailbox says, when nothing is pending.
  void serve(const Boot&, SteadyTime now, Decision& out);
  void serve(const Down& down, SteadyTime now, Decision& out);
  void serve(const Again& again, SteadyTime now, Decision& out);
  void serve(StartChild& request, SteadyTime now, Decision& out);
  void serve(const TerminateChild& request, SteadyTime now, Decision& out);
  void serve(const RestartChild& request, SteadyTime now, Decision& out);
  void serve(const DeleteChild& request, SteadyTime now, Decision& out);
  template <class T>
  void serve(const T&, SteadyTime, Decision&) {}

  void restart(Child& child, SteadyTime now, Decision& out);
  void advance(SteadyTime now, Decision& out);
  void finish(Decision& out);
  void end(Ended ended);
  void refuse(const Event& event, Decision& out);

  void begin_stop(Child& child, SteadyTime now, Decision& out);
  void ask(SteadyTime now, Decision& out);
  void kill(SteadyTime now, Decision& out);
  void stopped(Child& child, const Exit& exit, bool asked, bool killed, Decision& out);
  void abandon(Decision& out);

  void begin_start(Child& child, Decision& out);
  void start_succeeded(bool ignored, Decision& out);
  void start_failed(const Exit& exit, Decision& out);

  void remove_or_keep(Child& child, Decision& out);             // OTP's del_child
  void forget(const Child& child, Decision& out);
  std::deque<Child*> all();
  Child* by_run(RunId run);
  Child* by_id(ChildId id);
  Child* by_name(std::string_view name);

  SupervisorFlags flags_;
  std::list<Child> children_;      // in the order of starting
  Restarts restarts_;
  RunId last_run_ = 0;
  std::optional<Job> job_;
  std::optional<Pending> pending_;
  std::deque<Event> mailbox_;
  bool stop_wanted_ = false;
  bool ended_ = false;
};

}  // namespace beckon::core::supervision::ordered
