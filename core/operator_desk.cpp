#include "operator_desk.hpp"

#include "base/log.hpp"
#include "control/routes.hpp"
#include "net/unix_socket.hpp"

#include <set>
#include <utility>

namespace beckon::core {
namespace {

class DaemonHouse final : public LiveHouse {
 public:
  explicit DaemonHouse(DeskNeeds needs) : needs_(std::move(needs)) {}

  void awaken(const std::vector<Awake>& awake) override {
    Supervisor* syncers = needs_.syncers();
    if (!syncers) return;   // whoever is owed something starts with it
    for (const Awake& one : awake) {
      if (!needs_.is_ours(one.id)) continue;
      if (syncers->start_child(one.id, !one.owed)) continue;
      if (one.owed) syncers->wake(one.id);
      revived_.insert(one.id);
    }
  }
  bool restart(std::int64_t subscription) override {
    Supervisor* syncers = needs_.syncers();
    if (!syncers || syncers->state(subscription) != ChildState::set_aside) return false;
    syncers->terminate_child(subscription);
    set_aside_.erase(subscription);
    return syncers->start_child(subscription, false);
  }
  std::map<std::int64_t, std::string> set_aside() const override { return set_aside_; }
  std::map<std::int64_t, LiveFeed> feeds() const override { return needs_.feeds(); }
  std::vector<SubscriptionStatus> viewers() const override { return needs_.viewers(); }
  SinkPlugins sinks() const override { return needs_.sinks(); }
  task<Result<FeedbackReport>> feedback(std::string message) override { return needs_.feedback(std::move(message)); }
  LiveDaemon live() const override { return needs_.live(); }
  task<Result<std::string>> metrics() override { return needs_.metrics(); }
  task<Result<void>> ready() override { return needs_.ready(); }

  void ended(const ChildEnd& end) {
    if (end.why == ChildEnd::Why::set_aside) set_aside_[end.id] = end.reason;
    else set_aside_.erase(end.id);
    // It had heard of its tombstone, and was on its way out, when that was taken away.
    Supervisor* syncers = needs_.syncers();
    if (revived_.erase(end.id) && end.why == ChildEnd::Why::gone && syncers) syncers->start_child(end.id, false);
  }

 private:
  DeskNeeds needs_;
  std::map<std::int64_t, std::string> set_aside_;
  std::set<std::int64_t> revived_;   // and still there at the time
};

// Kept by the handler too, so that a request under way when the desk closes finds it still there.
struct Counter {
  explicit Counter(DeskNeeds needs) : house(needs), operations(make_operations(needs.outbox, house, needs.planning)) {}
  DaemonHouse house;
  std::unique_ptr<Operations> operations;
};

task<HttpResponse> serve(std::shared_ptr<Counter> counter, HttpRequest request) {
  auto answering = answer_operator(*counter->operations, std::move(request), Caller::own_user);
  co_return co_await std::move(answering);
}

class Desk final : public OperatorDesk {
 public:
  Desk(Executor executor, const std::filesystem::path& state, DeskNeeds needs)
      : counter_(std::make_shared<Counter>(std::move(needs))) {
    const auto path = operator_socket(state);
    if (!path) return;
    auto handler = [counter = counter_](HttpRequest request) { return serve(counter, std::move(request)); };
    auto server = serve_http_at(executor, std::move(handler), *path);
    if (server) server_ = std::move(*server);
    else log::warn("daemon", "`beckon status` and its like cannot talk to this daemon: {}", server.error().message);
  }

  void ended(const ChildEnd& end) override { counter_->house.ended(end); }
  Operations& operations() override { return *counter_->operations; }

 private:
  std::shared_ptr<Counter> counter_;
  std::unique_ptr<HttpServer> server_;
};

}  // namespace

std::optional<std::filesystem::path> operator_socket(const std::filesystem::path& state) {
  if (state == ":memory:") return std::nullopt;
  std::error_code unknown;
  const auto real = std::filesystem::weakly_canonical(state, unknown);
  return (unknown ? state : real).string() + ".sock";
}

SinkPlugins sink_plugins(const std::vector<SinkConfig>& sinks) {
  SinkPlugins plugins;
  for (const SinkConfig& sink : sinks) plugins[sink.name] = sink.plugin;
  return plugins;
}

SinkPlugins sink_plugins(const Plan& plan) {
  SinkPlugins plugins;
  for (const PlannedSink& sink : plan.sinks) plugins[sink.config.name] = sink.config.plugin;
  return plugins;
}

std::unique_ptr<OperatorDesk> open_operator_desk(Executor executor, const std::filesystem::path& state, DeskNeeds needs) {
  return std::make_unique<Desk>(executor, state, std::move(needs));
}

}  // namespace beckon::core
