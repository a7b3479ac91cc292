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
    for (const Awake& one : awake) {
      if (!needs_.is_ours(one.id)) continue;
      if (needs_.syncers.start_child(one.id, !one.owed)) continue;
      if (one.owed) needs_.syncers.wake(one.id);
      revived_.insert(one.id);
    }
  }
  bool restart(std::int64_t subscription) override {
    if (needs_.syncers.state(subscription) != ChildState::set_aside) return false;
    needs_.syncers.terminate_child(subscription);
    set_aside_.erase(subscription);
    return needs_.syncers.start_child(subscription, false);
  }
  std::map<std::int64_t, std::string> set_aside() const override { return set_aside_; }
  std::map<std::int64_t, LiveFeed> feeds() const override {
    std::map<std::int64_t, LiveFeed> all;
    for (const auto& [watched, live] : polls_) {
      const std::int64_t row = needs_.feed_row(watched);
      if (row == 0) continue;
      // Of two names for one repository one rests, and looks less often.
      LiveFeed& feed = all[row];
      if (feed.last_poll > live.last_poll) continue;
      feed = live;
      feed.quota_left = needs_.quota_left(watched);
    }
    return all;
  }

  void ended(const ChildEnd& end) {
    if (end.why == ChildEnd::Why::set_aside) set_aside_[end.id] = end.reason;
    else set_aside_.erase(end.id);
    // It had heard of its tombstone, and was on its way out, when that was taken away.
    if (revived_.erase(end.id) && end.why == ChildEnd::Why::gone) needs_.syncers.start_child(end.id, false);
  }
  void polled(std::size_t watched, Milliseconds until_next) {
    const WallTime now = wall_now();
    polls_[watched] = {now, now + until_next, std::nullopt};
  }

 private:
  DeskNeeds needs_;
  std::map<std::int64_t, std::string> set_aside_;
  std::set<std::int64_t> revived_;   // and still there at the time
  std::map<std::size_t, LiveFeed> polls_;
};

// Kept by the handler too, so that a request under way when the desk closes finds it still there.
struct Counter {
  Counter(DeskNeeds needs, SinkPlugins plugins)
      : house(needs), operations(make_operations(needs.outbox, &house, std::move(plugins))) {}
  DaemonHouse house;
  std::unique_ptr<Operations> operations;
};

task<HttpResponse> serve(std::shared_ptr<Counter> counter, HttpRequest request) {
  auto answering = answer_operator(*counter->operations, std::move(request));
  co_return co_await std::move(answering);
}

class Desk final : public OperatorDesk {
 public:
  Desk(Executor executor, const std::filesystem::path& state, SinkPlugins plugins, DeskNeeds needs)
      : counter_(std::make_shared<Counter>(std::move(needs), std::move(plugins))) {
    const auto path = operator_socket(state);
    if (!path) return;
    auto handler = [counter = counter_](HttpRequest request) { return serve(counter, std::move(request)); };
    auto server = serve_http_at(executor, std::move(handler), *path);
    if (server) server_ = std::move(*server);
    else log::warn("daemon", "`beckon status` and its like cannot talk to this daemon: {}", server.error().message);
  }

  void ended(const ChildEnd& end) override { counter_->house.ended(end); }
  void polled(std::size_t watched, Milliseconds until_next) override { counter_->house.polled(watched, until_next); }

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

std::unique_ptr<OperatorDesk> open_operator_desk(Executor executor, const std::filesystem::path& state, SinkPlugins plugins,
                                                 DeskNeeds needs) {
  return std::make_unique<Desk>(executor, state, std::move(plugins), std::move(needs));
}

}  // namespace beckon::core
