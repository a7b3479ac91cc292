// The composition root: from a plan to a running house. Member order in the .cpp is lifetime order.
#pragma once

#include "base/task.hpp"
#include "plan.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace beckon::core {

struct DaemonReport {
  std::size_t told = 0;            // mentions delivered in this run
  std::size_t owed = 0;            // active subscriptions that are owed something
  std::size_t dead = 0;
  bool counted = true;             // false: the state file could not be asked what is owed
  std::size_t failed_polls = 0;    // repositories that could not be read to the end
  bool in_time = true;             // `once` finished before its deadline
};

class Daemon {
 public:
  virtual ~Daemon() = default;
  // Polls and delivers until `stop`. `up` is called once, when the tree is up, the operator is served, and the page is open if there
  // is one. Fails with a sentence when the tree of supervisors gives up: let the process end then, and whoever watches over it
  // start it anew.
  virtual task<Result<void>> run(std::function<void()> up) = 0;
  // Every feed once through all its pages, then everything that is due, within `deadline`.
  virtual task<DaemonReport> once(Milliseconds deadline) = 0;
  // Takes over what the files of the plan say now, while `run` runs: only what has changed is stopped, started or changed.
  // What is wrong with them is logged; then nothing has changed, and it is false. The state file stays what it was.
  virtual task<bool> reload() = 0;
  // No new polls; attempts under way get `patience` for their answers and are settled; everything else stays owed.
  // Returns when all children have ended.
  virtual task<void> stop(Milliseconds patience) = 0;
  // Where the page is, "http://127.0.0.1:7171"; empty while there is none.
  virtual std::string page() const = 0;
  // Subscriptions that are still supervised.
  virtual std::size_t subscriptions() const = 0;
  // How many of them are owed something; nullopt: the state file could not be asked.
  virtual task<std::optional<std::size_t>> owed() = 0;
};

// Opens the outbox, the sinks and the clients. Fails with a sentence. `page`: where it is to be if the plan says nothing of one.
Result<std::unique_ptr<Daemon>> make_daemon(Executor executor, std::shared_ptr<const Plan> plan, std::optional<ListenAddress> page = {});

}  // namespace beckon::core
