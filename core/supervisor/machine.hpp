// The supervisor's decisions: OTP's rules without a clock, a coroutine or a log. An event and the time go in, actions
// come out; the shell (supervisor.cpp) carries them out in order and reports what happened as the next event.
//
// A child is known by its id, one execution of it by its run.
#pragma once

#include "base/time.hpp"
#include "supervisor/exit.hpp"
#include "supervisor/intensity.hpp"

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

namespace beckon::core::supervision {

struct Limits {
  unsigned intensity = 5;
  Milliseconds period{60s};
  Milliseconds shutdown{5s};         // Milliseconds::max(): without limit
};

// ---- events ---------------------------------------------------------------------------------------------------------
struct Add { ChildId id; bool parked; };
struct Wake { ChildId id; };
struct Remove { ChildId id; };
struct Began { ChildId id; RunId run; };         // what a Start asked for is about to have its first turn
struct Down { ChildId id; RunId run; Exit exit; };
struct Stop {};
struct Tick {};            // `deadline()` has come

using Event = std::variant<Add, Wake, Remove, Began, Down, Stop, Tick>;

// ---- actions --------------------------------------------------------------------------------------------------------
struct Start { ChildId id; RunId run; };
struct Ask { RunId run; };           // cancel it; its Down will follow, or its deadline
struct Break { RunId run; };         // cancel it again, so that a clean-up that hangs is cut off; its Down is ignored
struct Forget { ChildId id; };       // it is listed no longer: its name is free
struct Tell { ChildEnd end; };
// A log line to write; `sentence` (report.hpp) words it.
struct Report {
  enum class Kind : std::uint8_t { crashed, set_aside, failed_stopping, abandoned };
  Kind kind{};
  ChildId id = 0;                    // the first, when it speaks of several `children`
  std::string reason;
  unsigned crashes = 0;              // within the period, this one included
  std::size_t children = 1;

  friend bool operator==(const Report&, const Report&) = default;
};
struct Stopped {};                   // every child has ended or was abandoned; no action follows, ever

using Action = std::variant<Start, Ask, Break, Forget, Tell, Report, Stopped>;

struct Decision {
  bool accepted = true;              // of Add and Wake
  std::vector<Action> actions;
};

class Machine {
 public:
  explicit Machine(Limits limits) : limits_(limits) {}

  Decision decide(Event event, SteadyTime now);

  // When the machine wants its next Tick; nullopt: never. It only moves forward while it is set: one timer serves all.
  std::optional<SteadyTime> deadline() const;
  std::optional<ChildState> state(ChildId id) const;
  ChildCounts counts() const;
  bool stopped() const { return phase_ == Phase::stopped; }
  const Limits& limits() const { return limits_; }

 private:
  enum class Phase : std::uint8_t { open, stopping, stopped };
  struct Child {
    RunId run = 0;                   // the latest
    Restarts restarts;
    ChildState state = ChildState::parked;
    bool woken = false;              // since the latest run began
  };
  using Children = std::unordered_map<ChildId, Child>;
  struct Asked {
    SteadyTime until;
    ChildId id;
    RunId run;
  };
  struct Group {
    ChildId first = 0;
    std::size_t children = 0;
  };

  void on(const Add& add, SteadyTime now, Decision& decision);
  void on(const Wake& wake, SteadyTime now, Decision& decision);
  void on(const Remove& remove, SteadyTime now, Decision& decision);
  void on(const Began& began, SteadyTime now, Decision& decision);
  void on(Down& down, SteadyTime now, Decision& decision);
  void on(const Stop& stop, SteadyTime now, Decision& decision);
  void on(const Tick& tick, SteadyTime now, Decision& decision);

  void move(Child& child, ChildState state);
  void start(Children::value_type& child, Decision& decision);
  void crash(Children::value_type& child, std::string reason, SteadyTime now, Decision& decision);
  Children::iterator ask_to_end(Children::iterator child, SteadyTime now, Decision& decision);
  Children::iterator forget(Children::iterator child, Decision& decision);
  Children::iterator end(Children::iterator child, ChildEnd::Why why, std::string reason, Decision& decision);
  void report_end(Report::Kind kind, ChildId id, const std::string& reason, Decision& decision);
  void finish_stop(Decision& decision);
  Children::iterator still_asked(const Asked& asked);

  Limits limits_;
  Phase phase_ = Phase::open;
  RunId last_run_ = 0;
  Children children_;
  std::array<std::size_t, 4> counts_{};                          // by ChildState
  std::deque<Asked> asked_;                                      // earliest first: all have the same limit
  std::map<std::pair<Report::Kind, std::string>, Group> held_;   // reports of a stop: one a reason, not one a child
};

}  // namespace beckon::core::supervision
