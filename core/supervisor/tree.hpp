// Erlang/OTP's static supervisor on Asio coroutines: children in an order, each started when the one before it has
// started, ended in reverse one by one. The decisions are `supervisor/ordered_machine.hpp`, pure; this is the shell.
// Daemon's thread; no child and no callback runs within a call to it.
//
// A tree that needs more restarts than its flags allow stops its children and ends itself, with a reason. As in OTP
// that is an exit of kind shutdown: as a permanent child of another tree it is reported and restarted there, as a
// transient one it is not. A child that was asked to end and returns has ended as asked. Deviations: ordered_machine.hpp.
#pragma once

#include "base/result.hpp"
#include "base/task.hpp"
#include "supervisor/child.hpp"
#include "supervisor/child_rules.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace beckon::core {

class Supervisor;

using ChildBody = std::function<task<Farewell>()>;

struct TreeChild {
  ChildRules rules;
  // Prepares the child and answers what to run; an empty body: nothing (OTP's `ignore`). An error or an exception is a
  // failed start. Siblings after it and requests wait for it, so it sets itself a time limit. Both coroutines are
  // cancelled with `terminal`; one that cleans up asynchronously resets its cancellation state first.
  // Kept alive as long as what it made runs. What an abandoned child refers to must live until that ends, or until the
  // io_context is destroyed.
  std::function<task<Result<ChildBody>>()> start;
};

// What a monitor hears, once. `no_process`: the child did not run when it was to be monitored.
struct ChildDown {
  enum class Why : std::uint8_t { normal, shutdown, failed, no_process } why{};
  std::string reason;
};
using MonitorId = std::uint64_t;

class Tree {
 public:
  // Asks whatever still runs to end, and waits for nothing: call stop() first, or destroy the io_context first.
  virtual ~Tree() = default;

  // Once. On failure all that had started has ended again, and the error names the child and its reason.
  virtual task<Result<void>> start() = 0;
  // Returns when the tree has ended: why it gave up, or an empty text after a stop.
  virtual task<std::string> wait() = 0;
  // Ends it; all DOWNs have been told when it returns. Cancelling it gives up the waiting, not the stopping.
  virtual task<void> stop() = 0;

  // Each is served when what is under way is done; the error is a sentence. Cancelling gives up the waiting only.
  virtual task<Result<void>> start_child(TreeChild child) = 0;            // becomes the last in order
  virtual task<Result<void>> terminate_child(std::string name) = 0;       // its spec is kept, unless temporary
  virtual task<Result<void>> restart_child(std::string name) = 0;         // of one that is stopped
  virtual task<Result<void>> delete_child(std::string name) = 0;          // of one that is stopped

  virtual std::vector<ChildInfo> which_children() const = 0;              // in the order of starting
  virtual ChildrenCount count_children() const = 0;
  virtual bool runs(std::string_view name) const = 0;

  // Hears of the end of what runs now under this name, not of its successors. The name is free by then.
  virtual MonitorId monitor(std::string_view name, std::function<void(ChildDown)> hear) = 0;
  virtual void demonitor(MonitorId id) = 0;                               // nothing is heard after this
};

// Hears the name of each child whose end makes it start anew; those that are restarted with it are not told.
using HearRestart = std::function<void(std::string_view child)>;

// `name` is for the log. `restarted` is called on the daemon's thread, within a call; may be empty.
std::unique_ptr<Tree> make_tree(Executor executor, std::string name, SupervisorFlags flags,
                                std::vector<TreeChild> children, HearRestart restarted = {});

// Supervisors as children. `current` is told where the running one is, from before its start to after its end
// (nullptr); it may be empty, and may be called when the io_context is destroyed. `rules.type` is set to supervisor.
// Both start anew, with what they are given here, at every restart.
TreeChild tree_child(ChildRules rules, SupervisorFlags flags, std::vector<TreeChild> children,
                     std::function<void(Tree*)> current = {});
TreeChild dynamic_child(ChildRules rules, std::function<std::unique_ptr<Supervisor>()> make,
                        std::function<void(Supervisor*)> current = {});

}  // namespace beckon::core
