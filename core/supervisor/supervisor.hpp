// Erlang/OTP's dynamic supervisor on Asio coroutines: transient children, intensity for each child, names, orderly
// shutdown. Rules after supervisor.erl; the decisions are `supervisor/machine.hpp`, pure; this is the shell.
//
// Deviation from OTP, on purpose: intensity is counted per child. A child past it is *set aside*, loudly, and the rest
// goes on; in OTP it would take the supervisor and every sibling with it. Times are exact, OTP truncates to seconds. A spec
// is not checked. There is no brutal kill: with a limit of zero a child is asked, and broken in the next turn.
// Addition to OTP: a child that returns `Farewell::idle` is *parked*: listed, without a coroutine, until `wake`.
// A child that ignores its cancellation cannot be killed: it is *abandoned*, its name and id are free again, what it
// returns later is ignored. What it refers to must live until it ends or the io_context is destroyed.
#pragma once

#include "base/task.hpp"
#include "supervisor/child.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace beckon::core {

// One spec is shared by all children of a supervisor.
struct ChildSpec {
  std::string kind;                       // "syncer": for the log
  unsigned intensity = 5;                 // restarts allowed within `period`, per child
  Milliseconds period{60s};
  Milliseconds shutdown{5s};              // from being asked to being abandoned; Milliseconds::max(): without limit
  // The child; an exception is a crash. Called from the event loop, never from within a call to the supervisor.
  // Cancelled with `terminal`; one that cleans up asynchronously resets its cancellation state first.
  std::function<task<Farewell>(ChildId)> run;
  // For the log and for `find`; unique. Asked again whenever a name is needed (names are not stored), so it answers the
  // same until the child's end is told, during stop() until that returns. May be empty: then children have no names.
  std::function<std::string(ChildId)> name;
  // What the log calls a child instead; need not be unique, and may change. May be empty.
  std::function<std::string(ChildId)> title;
  // Hears of each crash after which a child starts anew, on the daemon's thread, within a call. May be empty.
  std::function<void()> restarted;
};

class Supervisor {
 public:
  // Every child must have ended: call stop() first, or destroy the io_context first. `ended` is not called after this.
  virtual ~Supervisor() = default;
  // Adds a child; `parked` ones run only after a wake. Refused (false) are an id that is there already, a name that
  // another child has (logged), and everything once stop() has begun.
  virtual bool start_child(ChildId id, bool parked) = 0;
  // Runs a parked child; a running one that returns `idle` after this runs once more, so that no wake is lost.
  // Returns false for a child that is set aside, asked to end, or unknown.
  virtual bool wake(ChildId id) = 0;
  // Asks one child to end and forgets it: told as `shutdown`, whatever it says in its last moments.
  virtual void terminate_child(ChildId id) = 0;
  virtual std::optional<ChildId> find(std::string_view name) const = 0;
  virtual std::optional<ChildState> state(ChildId id) const = 0;
  virtual ChildCounts counts() const = 0;
  // Asks all children together, waits for them up to the spec's limit, abandons the rest. Afterwards nothing starts.
  // All ends have been told when it returns. Cancelling it gives up the waiting, not the stopping; await another one.
  virtual task<void> stop() = 0;
};

// `ended` hears of every child that is no longer supervised, on the daemon's thread, never from within a call.
std::unique_ptr<Supervisor> make_supervisor(Executor executor, ChildSpec spec, std::function<void(ChildEnd)> ended);

}  // namespace beckon::core
