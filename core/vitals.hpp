// What the daemon tells of itself while it runs: its metrics, whether all of it is up, and the live half of the status.
// Daemon's thread.
#pragma once

#include "base/result.hpp"
#include "base/task.hpp"
#include "control/live.hpp"
#include "metrics/metrics.hpp"
#include "outbox/outbox.hpp"
#include "plan.hpp"

#include <memory>
#include <optional>
#include <string>

namespace beckon::core {

class Tree;
class Subscribers;
class Pollers;
class LivePage;
class Peers;

// Whom it asks. All of them outlive the vitals.
struct DaemonParts {
  Outbox& outbox;
  const Tree& tree;
  const Subscribers& subscribers;
  const Pollers& pollers;
  const LivePage& page;
  const Peers& peers;
};

class Vitals {
 public:
  // `patience`: how long the outbox may take for an answer.
  explicit Vitals(Executor executor, Milliseconds patience = 5s);

  // Where everybody counts.
  Metrics& metrics() { return *metrics_; }
  // The forges and sinks of this plan are counted from now on.
  void keep(const Plan& plan);

  // For Prometheus. What the outbox does not answer in time is left out.
  task<std::string> text(DaemonParts parts);
  // The Error says what is not up.
  task<Result<void>> ready(DaemonParts parts) const;
  LiveDaemon live(DaemonParts parts) const;

 private:
  task<std::optional<Tally>> tally(Outbox& outbox);

  Executor executor_;
  Milliseconds patience_;
  std::unique_ptr<Metrics> metrics_;
  std::map<std::string, std::string> plugins_;   // by sink
  // A tally looks at every subscription, so it is not taken with each scrape.
  std::optional<Tally> tally_;
  SteadyTime tally_expires_{};
};

}  // namespace beckon::core
