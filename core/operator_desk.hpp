// Where a running daemon takes its operator's orders: the socket beside the state file, and what only the daemon knows and
// does for them.
#pragma once

#include "control/operations.hpp"
#include "plan.hpp"
#include "supervisor/supervisor.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace beckon::core {

// Beside the state file itself: a link to it is no second one. nullopt of one in memory, which nobody else can mean.
std::optional<std::filesystem::path> operator_socket(const std::filesystem::path& state);
SinkPlugins sink_plugins(const std::vector<SinkConfig>& sinks);
SinkPlugins sink_plugins(const Plan& plan);

// What the daemon lends; all of it outlives the desk.
struct DeskNeeds {
  Outbox& outbox;
  std::function<Supervisor*()> syncers;                            // nullptr while it is down
  std::function<bool(std::int64_t subscription)> is_ours;          // a syncer of that id could be started
  std::function<std::map<std::int64_t, LiveFeed>()> feeds;
  std::function<std::vector<SubscriptionStatus>()> viewers;
  std::function<SinkPlugins()> sinks;
  std::function<task<Result<FeedbackReport>>(std::string message)> feedback;
  std::function<LiveDaemon()> live;
  std::function<task<Result<std::string>>()> metrics;
  std::function<task<Result<void>>()> ready;
  Planning* planning = nullptr;                                    // nullptr: what is watched stays what it is
};

class OperatorDesk {
 public:
  virtual ~OperatorDesk() = default;               // nobody is served any more
  virtual void ended(const ChildEnd& end) = 0;     // of a syncer
  virtual Operations& operations() = 0;            // the same that the socket serves
};

// A socket that cannot be opened costs the operator his commands, not the daemon its life: it is logged.
std::unique_ptr<OperatorDesk> open_operator_desk(Executor executor, const std::filesystem::path& state, DeskNeeds needs);

}  // namespace beckon::core
