// What the daemon counts of itself, in the text that Prometheus reads (format 0.0.4). Names and labels are chosen once:
//
//   beckon_polls_total{forge,result}          polls of a repository, by how they went
//   beckon_mentions_total{forge}              mentions written to the log, of anybody, history included
//   beckon_detection_seconds                  histogram: from a post's updated_at to its being found
//   beckon_deliveries_total{sink,outcome}     delivery attempts, by what the sink said of them
//   beckon_delivery_seconds{sink}             histogram: how long the attempts took that were sent
//   beckon_outbox_pending{sink}               what is owed
//   beckon_subscriptions{state}
//   beckon_restarts_total{child}              of supervised children, by their kind
//   beckon_forge_quota_remaining{forge}
//   beckon_build_info{version}  process_*
//
// Labels are names from the configuration and words from this program, never a repository, a user or a text from outside.
// Daemon's thread.
#pragma once

#include "base/time.hpp"
#include "metrics/process.hpp"
#include "model/outcome.hpp"
#include "model/poll_result.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace beckon::core {

// How things stand when somebody asks.
struct Gauges {
  std::map<std::string, std::size_t> pending;           // by sink
  std::map<std::string, std::size_t> subscriptions;     // by state
  std::map<std::string, std::int64_t> quota_remaining;  // by forge; none where the forge has not told yet
  std::optional<ProcessFacts> process;
};

// Attempts through one sink since the start.
using OutcomeCounts = std::map<OutcomeKind, std::size_t>;

class Metrics {
 public:
  virtual ~Metrics() = default;

  // The forges and sinks of the configuration: their series begin at zero, so that a first failure is seen as one; those of
  // others end, and what is still counted of them is dropped.
  virtual void keep(const std::vector<std::string>& forges, const std::vector<std::string>& sinks) = 0;
  // A kind of child that may be restarted begins at zero.
  virtual void expect(std::string_view child) = 0;

  virtual void polled(const std::string& forge, PollResult result) = 0;
  virtual void mentioned(const std::string& forge, std::size_t mentions) = 0;
  virtual void detected(Milliseconds after) = 0;
  // `took`: absent where nothing was sent.
  virtual void attempted(const std::string& sink, OutcomeKind outcome, std::optional<Milliseconds> took) = 0;
  virtual void restarted(std::string_view child) = 0;

  virtual OutcomeCounts outcomes(const std::string& sink) const = 0;
  virtual std::size_t delivered_last_hour(const std::string& sink) const = 0;   // deliveries, not attempts
  virtual std::size_t restarts(std::string_view child) const = 0;
  virtual std::string text(const Gauges& now) = 0;
};

std::unique_ptr<Metrics> make_metrics(std::string_view version);

}  // namespace beckon::core
