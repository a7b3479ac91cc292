// What an operator may ask for, however it is asked: over the socket of a running daemon, or of the state file where none
// runs. On the daemon's thread.
#pragma once

#include "base/task.hpp"
#include "control/live.hpp"
#include "control/planning.hpp"
#include "model/progress.hpp"
#include "outbox/outbox.hpp"

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace beckon::core {

// Of one feed, by its row in the outbox.
struct LiveFeed {
  std::optional<WallTime> last_poll;
  std::optional<WallTime> next_poll;
  std::optional<std::int64_t> quota_left;   // requests of its credential
  std::optional<FeedProgress> progress;     // while it is in the middle of many pages
};

// The plugin of each configured sink.
using SinkPlugins = std::map<std::string, std::string>;

// What a message that came back was about.
struct FeedbackReport {
  bool understood = false;     // a sink found a delivery in it; the rest says of which, and what came of it
  std::string sink;
  std::string delivery;
  OutcomeKind outcome{};
  LateChange change;
};

// What only a running daemon knows and does.
class LiveHouse {
 public:
  virtual ~LiveHouse() = default;
  // Their syncers are there from now on, and run where something is owed.
  virtual void awaken(const std::vector<Awake>& awake) = 0;
  // One that was set aside starts anew. False: it was not.
  virtual bool restart(std::int64_t subscription) = 0;
  // With the crash that was one too many.
  virtual std::map<std::int64_t, std::string> set_aside() const = 0;
  virtual std::map<std::int64_t, LiveFeed> feeds() const = 0;
  // Who watches from a tab, as subscriptions: they own no row, and end with their tabs.
  virtual std::vector<SubscriptionStatus> viewers() const = 0;
  // As configured today.
  virtual SinkPlugins sinks() const = 0;
  virtual task<Result<FeedbackReport>> feedback(std::string message) = 0;
  virtual LiveDaemon live() const { return {}; }
  // See Operations.
  virtual task<Result<std::string>> metrics() { co_return fail("this daemon counts nothing"); }
  virtual task<Result<void>> ready() { co_return Result<void>(); }
};

struct StatusReport {
  bool running = false;
  OutboxStatus stored;
  std::map<std::int64_t, std::string> set_aside;
  std::map<std::int64_t, LiveFeed> feeds;
  SinkPlugins plugins;
  LiveDaemon live;
  std::set<std::string, std::less<>> added;   // names of subscriptions that the configuration does not have
};

// Names are those of subscriptions. An Error is the store's trouble, a sentence.
class Operations {
 public:
  virtual ~Operations() = default;
  virtual task<Result<StatusReport>> status() = 0;
  // Of the plan: see control/planning.hpp.
  virtual task<Result<PlanChange>> add(std::string entry) = 0;
  virtual task<Result<PlanChange>> remove(std::string name) = 0;
  virtual task<Result<SubscriptionChange>> pause(std::string name) = 0;
  virtual task<Result<SubscriptionChange>> resume(std::string name) = 0;
  virtual task<Result<SubscriptionChange>> revive(std::string name) = 0;
  virtual task<Result<DeadLetters>> dead_letters(Listing listing) = 0;
  virtual task<Result<DeadChange>> retry_dead(DeadChoice choice) = 0;
  virtual task<Result<DeadChange>> drop_dead(DeadChoice choice) = 0;
  virtual task<Result<History>> history(Listing listing) = 0;
  // Of all that are stored or planned; some may stand there twice.
  virtual task<Result<std::vector<std::string>>> names() = 0;
  // Needs the sinks, so nullopt where no daemon runs. An Error may be a sink's, that cannot be asked now.
  virtual task<Result<std::optional<FeedbackReport>>> feedback(std::string message) = 0;
  // For Prometheus. Needs a daemon.
  virtual task<Result<std::string>> metrics() { co_return fail(no_daemon); }
  // Whether all of the daemon is up and its state file answers; the Error says what is not.
  virtual task<Result<void>> ready() { co_return fail(no_daemon); }

 protected:
  static constexpr const char* no_daemon = "no daemon is running with this state file";
};

// All outlive the operations. Without `planning` nothing can be added, and what is stored is all there is.
std::unique_ptr<Operations> make_operations(Outbox& outbox, LiveHouse& house, Planning* planning = nullptr);

// Of a state file that no daemon has: looks are taken beside whoever has it, changes take its lock for a moment.
std::unique_ptr<Operations> make_file_operations(Executor executor, std::filesystem::path state, SinkPlugins plugins,
                                                 Planning* planning = nullptr);

}  // namespace beckon::core
