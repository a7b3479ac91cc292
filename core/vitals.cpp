#include "vitals.hpp"

#include "peers.hpp"
#include "live_page.hpp"
#include "pollers.hpp"
#include "subscribers.hpp"
#include "supervisor/tree.hpp"

#include <boost/asio/redirect_error.hpp>
#include <spdlog/fmt/fmt.h>

#include <unistd.h>

#include <algorithm>
#include <exception>

namespace beckon::core {
namespace {

constexpr Milliseconds tally_lasts = 1s;       // at least
constexpr int tally_share = 20;                // and this many times as long as it took

// Everything that the tree restarts, by its name or, of many, by its kind.
constexpr const char* restarted_children[] = {"outbox", "syncers", "syncer", "feeds", "feed", "operator", "plugin",
                                              "viewed feeds", "viewed feed", "viewers", "viewer", "access", "web"};

template <class Answer>
struct Question {
  Question(Executor executor, Milliseconds patience) : timer(executor, patience) {}
  Timer timer;
  bool heard = false;
  std::optional<Answer> answer;
};

// The answer, or nothing when it is late; then it is dropped when it comes. A request to the store cannot be called back.
template <class Answer>
task<std::optional<Answer>> in_time(Executor executor, Milliseconds patience, task<Answer> asking) {
  const auto question = std::make_shared<Question<Answer>>(executor, patience);
  auto heard = [question](std::exception_ptr failure, Answer answer) {
    question->heard = true;
    if (!failure) question->answer = std::move(answer);
    question->timer.cancel();
  };
  asio::co_spawn(executor, std::move(asking), std::move(heard));
  if (question->heard) co_return std::move(question->answer);
  boost::system::error_code ignored;
  auto waiting = question->timer.async_wait(asio::redirect_error(use_task, ignored));
  co_await std::move(waiting);
  co_return std::move(question->answer);
}

std::string_view word(ChildInfo::State state) {
  switch (state) {
    case ChildInfo::State::stopped: return "stopped";
    case ChildInfo::State::starting: return "starting";
    case ChildInfo::State::running: return "running";
    case ChildInfo::State::stopping: return "stopping";
    case ChildInfo::State::restarting: break;
  }
  return "restarting";
}

std::string_view word(SubscriptionState state) {
  switch (state) {
    case SubscriptionState::active: return "active";
    case SubscriptionState::gone: return "gone";
    case SubscriptionState::paused: break;
  }
  return "paused";
}

}  // namespace

Vitals::Vitals(Executor executor, Milliseconds patience)
    : executor_(executor), patience_(patience), metrics_(make_metrics(BECKON_VERSION)) {
  for (const char* child : restarted_children) metrics_->expect(child);
}

void Vitals::keep(const Plan& plan) {
  std::vector<std::string> forges, sinks;
  plugins_.clear();
  for (const ForgeConfig& forge : plan.forges) forges.push_back(forge.name);
  for (const PlannedSink& sink : plan.sinks) {
    sinks.push_back(sink.config.name);
    plugins_[sink.config.name] = sink.config.plugin;
  }
  metrics_->keep(forges, sinks);
  tally_.reset();
}

task<std::optional<Tally>> Vitals::tally(Outbox& outbox) {
  const SteadyTime begun = std::chrono::steady_clock::now();
  if (tally_ && begun < tally_expires_) co_return tally_;
  auto asking = in_time(executor_, patience_, outbox.tally());
  auto answer = co_await std::move(asking);
  if (!answer || !*answer) co_return std::nullopt;
  const SteadyTime now = std::chrono::steady_clock::now();
  tally_ = std::move(**answer);
  tally_expires_ = now + std::max<SteadyTime::duration>(tally_lasts, tally_share * (now - begun));
  co_return tally_;
}

task<std::string> Vitals::text(DaemonParts parts) {
  Gauges gauges;
  auto tallying = tally(parts.outbox);
  const auto tally = co_await std::move(tallying);
  if (tally) {
    for (const auto& [sink, plugin] : plugins_) gauges.pending[sink] = 0;
    for (const auto& [sink, owed] : tally->owed)
      if (plugins_.contains(sink)) gauges.pending[sink] = owed;
    for (const SubscriptionState state : {SubscriptionState::active, SubscriptionState::gone, SubscriptionState::paused})
      gauges.subscriptions[std::string(word(state))] = 0;
    for (const auto& [state, count] : tally->subscriptions) gauges.subscriptions[std::string(word(state))] = count;
    const Supervisor* syncers = parts.subscribers.syncers();
    const std::size_t aside = syncers ? syncers->counts().set_aside : 0;
    gauges.subscriptions["set_aside"] = aside;
    gauges.subscriptions["active"] -= std::min(aside, gauges.subscriptions["active"]);
  }
  for (const auto& [name, forge] : parts.peers.forges()) {
    const Quota quota = forge->quota();
    if (quota.limit > 0) gauges.quota_remaining[name] = quota.remaining;
  }
  gauges.process = read_process(::getpid());
  co_return metrics_->text(gauges);
}

task<Result<void>> Vitals::ready(DaemonParts parts) const {
  const auto children = parts.tree.which_children();
  for (const ChildInfo& child : children)
    if (child.state != ChildInfo::State::running)
      co_return fail(fmt::format("\"{}\" is {}", child.name, word(child.state)));
  // The cheapest question that there is; its answer is of no interest.
  auto asking = in_time(executor_, patience_, parts.outbox.held("", ""));
  const auto answer = co_await std::move(asking);
  if (!answer) co_return fail(fmt::format("the state file does not answer within {}", format_duration(patience_)));
  if (!*answer) co_return fail(answer->error().message);
  co_return Result<void>();
}

LiveDaemon Vitals::live(DaemonParts parts) const {
  LiveDaemon live;
  const WallTime now = wall_now();
  for (const auto& [name, forge] : parts.peers.forges()) {
    LiveForge& one = live.forges.emplace_back();
    one.name = name;
    const Quota quota = forge->quota();
    if (quota.limit > 0) {
      one.quota_limit = quota.limit;
      one.quota_left = quota.remaining;
      if (quota.reset_after) one.quota_resets = now + *quota.reset_after;
    }
    one.token_ends = forge->expires();
  }
  for (const auto& [sink, process] : parts.peers.processes()) {
    LiveHost& host = live.hosts.emplace_back();
    host.sink = sink;
    if (const auto plugin = plugins_.find(sink); plugin != plugins_.end()) host.plugin = plugin->second;
    host.state = to_string(process.state);
    host.reason = process.reason;
    host.pid = process.pid;
    host.started = process.started;
    host.restarts = process.restarts;
    if (!process.pid) continue;
    if (const auto facts = read_process(static_cast<pid_t>(*process.pid))) host.memory_bytes = facts->resident_bytes;
  }
  for (const auto& [sink, plugin] : plugins_) live.deliveries[sink] = {metrics_->outcomes(sink), metrics_->delivered_last_hour(sink)};

  const auto counts = [this](const Supervisor* supervisor, const char* kind) {
    const ChildCounts now = supervisor ? supervisor->counts() : ChildCounts();
    return LiveCounts{now.running, now.parked, now.set_aside, now.stopping, metrics_->restarts(kind)};
  };
  LiveChild root{"daemon", true, "running", 0, {}, std::nullopt};
  for (const ChildInfo& info : parts.tree.which_children()) {
    LiveChild& child = root.children.emplace_back();
    child.name = info.name;
    child.is_supervisor = info.type == ChildType::supervisor;
    child.state = word(info.state);
    child.restarts = metrics_->restarts(info.name);
    if (info.name == "syncers") child.counts = counts(parts.subscribers.syncers(), "syncer");
    if (info.name == "viewed feeds") child.counts = counts(parts.page.feeds_supervisor(), "viewed feed");
    if (info.name == "viewers") child.counts = counts(parts.page.viewers_supervisor(), "viewer");
    if (info.name == "feeds") child.counts = counts(parts.pollers.feeds(), "feed");
  }
  live.tree = std::move(root);
  return live;
}

}  // namespace beckon::core
