#include "subscribers.hpp"

#include "base/log.hpp"

#include <spdlog/fmt/fmt.h>

#include <charconv>

namespace beckon::core {
namespace {

// Keeps the plan, whose name the job bears, as long as the syncer runs.
task<Farewell> run_with_plan(std::shared_ptr<const Plan>, SyncerRoom& room, SyncerJob job) {
  auto running = run_syncer(room, std::move(job));
  co_return co_await std::move(running);
}

task<Farewell> let_go_already() { co_return Farewell(); }

bool same_way(const SyncerJob& a, const SyncerJob& b) {
  return a.endpoint_row == b.endpoint_row && a.endpoint->sink == b.endpoint->sink && *a.endpoint->target == *b.endpoint->target;
}

}  // namespace

Subscribers::Subscribers(Executor executor, Outbox& outbox, Pacer& pacer, Metrics& metrics, std::shared_ptr<const Plan> plan,
                         const Peers& peers)
    : executor_(executor),
      outbox_(outbox),
      metrics_(metrics),
      plan_(std::move(plan)),
      roster_(*plan_),
      room_{outbox, pacer},
      holds_(executor, [this](std::int64_t row) { wake_row(row); }) {
  room_.buried = [this](const std::vector<std::int64_t>& ended, const std::string&) { ended_elsewhere(ended); };
  room_.delivered = [this](std::size_t mentions) { told_ += mentions; };
  room_.attempted = [this](const std::string& sink, OutcomeKind outcome, std::optional<Milliseconds> took) {
    metrics_.attempted(sink, outcome, took);
  };
  room_.held = [this](std::int64_t row, std::int64_t endpoint, const Held& held) { holds_.wait(row, endpoint, held); };
  room_.released = [this](std::int64_t endpoint, const std::string& sink) {
    if (endpoint != 0) holds_.release_endpoint(endpoint);
    if (!sink.empty()) holds_.release_sink(sink);
  };
  room_.alerted = [this] {
    if (plan_->alerts) wake_row(jobs_.back().subscription);
  };
  make_jobs(peers);
}

void Subscribers::make_jobs(const Peers& peers) {
  std::unordered_map<const PlannedEndpoint*, std::shared_ptr<const Endpoint>> endpoints;
  const auto open = [&](const std::shared_ptr<const PlannedEndpoint>& planned) {
    auto& endpoint = endpoints[planned.get()];
    if (!endpoint) endpoint = std::make_shared<const Endpoint>(Endpoint{peers.sink(planned->sink->config.name), planned->target});
    return endpoint;
  };
  jobs_.clear();
  jobs_.reserve(plan_->subscriptions.size() + 1);
  for (const PlannedSubscription& subscription : plan_->subscriptions)
    jobs_.push_back({0, 0, subscription.name, open(subscription.endpoint)});
  if (plan_->alerts) jobs_.push_back({0, 0, alerts_name, open(plan_->alerts)});
}

// ---- syncers --------------------------------------------------------------------------------------------------------

std::unique_ptr<Supervisor> Subscribers::make_syncers() {
  ChildSpec syncer;
  syncer.kind = "syncer";
  syncer.shutdown = 35s;   // longer than any patience with an attempt under way
  syncer.run = [this](ChildId row) { return run(row); };
  syncer.restarted = [this] { metrics_.restarted("syncer"); };
  syncer.title = [this](ChildId row) {
    const auto found = by_row_.find(row);
    if (found != by_row_.end()) return std::string(jobs_[found->second].name);
    const auto old = before_.find(row);
    return old != before_.end() ? std::string(old->second.name) : fmt::format("{}", row);
  };
  return make_supervisor(executor_, std::move(syncer), [this](ChildEnd end) { ended(std::move(end)); });
}

void Subscribers::supervised_by(Supervisor* syncers) {
  syncers_ = syncers;
  successors_.clear();
  if (syncers_ && plan_->alerts && jobs_.back().subscription != 0) syncers_->start_child(jobs_.back().subscription, false);
}

task<Farewell> Subscribers::run(std::int64_t row) {
  const auto found = by_row_.find(row);
  if (found != by_row_.end()) return run_with_plan(plan_, room_, jobs_[found->second]);
  const auto old = before_.find(row);
  if (old != before_.end()) return run_with_plan(plan_before_, room_, old->second);
  return let_go_already();
}

void Subscribers::ended(ChildEnd end) {
  if (on_end) on_end(end);
  if (successors_.erase(end.id) && syncers_) syncers_->start_child(end.id, false);
  if (end.why == ChildEnd::Why::set_aside) tell_set_aside(end);
  if (end.why == ChildEnd::Why::gone) log::debug("daemon", "syncer {} was let go: {}", end.id, end.reason);
}

// The supervisor has told the log.
void Subscribers::tell_set_aside(const ChildEnd& end) {
  const auto found = by_row_.find(end.id);
  if (found == by_row_.end() || !plan_->alerts || found->second == plan_->subscriptions.size()) return;
  send_alert(fmt::format("set_aside:{}:{}", end.id, unix_ms(wall_now())),
             fmt::format("\"{}\" is set aside after failing again and again: {}. What it is owed is kept; a restart, or `beckon "
                         "revive`, gives it another chance. Please report this: it is a bug.",
                         jobs_[found->second].name, end.reason));
}

std::size_t Subscribers::count() const {
  if (!syncers_) return 0;
  const ChildCounts counts = syncers_->counts();
  return counts.running + counts.parked + counts.set_aside;
}

void Subscribers::wake_row(std::int64_t row) {
  if (syncers_ && row != 0) syncers_->wake(row);
}

void Subscribers::wake(std::int64_t feed, const std::vector<std::string>& names) {
  for (const std::uint32_t member : roster_.watchers(feed, names)) wake_row(jobs_[member].subscription);
}

void Subscribers::wake_all(std::int64_t feed) {
  for (const std::uint32_t member : roster_.members(feed)) wake_row(jobs_[member].subscription);
}

// ---- enrolment ------------------------------------------------------------------------------------------------------

Wanted Subscribers::wanted(const PlannedSubscription& subscription) const {
  const PlannedSink& sink = *subscription.endpoint->sink;
  return {subscription.name, subscription.login, sink.config.name,
          endpoint_identity(*sink.table, sink.options.settings, *subscription.endpoint->target),
          std::chrono::ceil<std::chrono::seconds>(subscription.backfill), subscription.filter};
}

task<Result<Subscribers::Enrolment>> Subscribers::enroll(std::size_t watched, Feed feed, std::optional<ForgeTime> now) {
  const std::vector<std::uint32_t> members = roster_.opened(watched, feed.id);
  std::vector<Wanted> all;
  all.reserve(members.size());
  for (const std::uint32_t member : members) all.push_back(wanted(plan_->subscriptions[member]));
  const std::uint64_t generation = generation_;
  auto asking = outbox_.enroll(feed.id, std::move(all), now);
  const auto enrolled = co_await std::move(asking);
  if (!enrolled)
    co_return fail(fmt::format("the subscriptions of {} could not be enrolled: {}", feed.repository.full_name,
                               enrolled.error().message));
  if (generation != generation_) co_return fail("the configuration has changed in the meantime");
  Enrolment done;
  std::vector<std::uint32_t> listening;
  for (std::size_t i = 0; i < members.size(); ++i) {
    if ((*enrolled)[i].id == 0) done.complete = false;
    if (start(members[i], (*enrolled)[i])) listening.push_back(members[i]);
  }
  roster_.watch(feed.id, listening);
  const std::size_t reader = roster_.reader(feed.id);
  done.role = reader == watched ? FeedRole::reads : FeedRole::rests;
  if (done.role == FeedRole::rests && resting_.insert(watched).second)
    log::info("daemon", "{} and {} are one repository; it is read once", roster_.watched()[watched].repository->name,
              roster_.watched()[reader].repository->name);
  co_return done;
}

// False for a subscription that is not enrolled yet.
bool Subscribers::start(std::uint32_t member, const Enrolled& enrolled) {
  if (enrolled.id == 0) return false;
  SyncerJob& job = jobs_[member];
  const std::int64_t earlier = std::exchange(job.subscription, enrolled.id);
  const bool known = earlier != 0, replaced = known && earlier != enrolled.id;
  job.endpoint_row = enrolled.endpoint;
  by_row_[enrolled.id] = member;
  // The repository's name has passed to another: a syncer for the old one is still there.
  if (replaced && syncers_) syncers_->terminate_child(earlier);
  const auto old = before_.extract(enrolled.id);
  if (enrolled.state == SubscriptionState::gone) {
    if (!known && !old)
      log::warn("daemon", "\"{}\" stays away: its subscriber is gone ({}); change its target to bring it back, or `beckon revive`", job.name,
                enrolled.reason);
    if (old && syncers_) syncers_->terminate_child(enrolled.id);
    return true;   // it hears of names, without a syncer, for the day when it is revived
  }
  if (!syncers_) return true;
  if (old && !same_way(old.mapped(), job)) {
    // What is under way to the old endpoint comes to its end first.
    syncers_->terminate_child(enrolled.id);
    if (syncers_->state(enrolled.id)) successors_.insert(enrolled.id);
  }
  const auto state = syncers_->state(enrolled.id);
  if (state == ChildState::stopping) successors_.insert(enrolled.id);   // by this plan or the one before: it comes back
  if (successors_.contains(enrolled.id)) return true;
  if (old && state == ChildState::set_aside) syncers_->terminate_child(enrolled.id);   // another chance
  if (!syncers_->start_child(enrolled.id, !enrolled.owed) && enrolled.owed) syncers_->wake(enrolled.id);
  return true;
}

// ---- another plan -----------------------------------------------------------------------------------------------------

void Subscribers::take(std::shared_ptr<const Plan> plan, const Peers& peers) {
  for (const auto& [row, member] : by_row_) before_.insert_or_assign(row, jobs_[member]);
  by_row_.clear();
  plan_before_ = std::exchange(plan_, std::move(plan));
  roster_ = Roster(*plan_);
  resting_.clear();
  ++generation_;
  make_jobs(peers);
}

void Subscribers::let_go() {
  for (const auto& [row, job] : before_) {
    successors_.erase(row);
    if (syncers_) syncers_->terminate_child(row);
  }
  before_.clear();
  plan_before_.reset();
  holds_.release_all();
}

// ---- alerts and reports -------------------------------------------------------------------------------------------------

task<void> Subscribers::open_alerts() {
  if (!plan_->alerts) co_return;
  const PlannedSink& sink = *plan_->alerts->sink;
  Wanted wanted;
  wanted.name = alerts_name;
  wanted.login = "*";
  wanted.sink = sink.config.name;
  wanted.endpoint = endpoint_identity(*sink.table, sink.options.settings, *plan_->alerts->target);
  const std::uint64_t generation = generation_;
  auto asking = outbox_.open_alerts(std::move(wanted));
  const auto enrolled = co_await std::move(asking);
  if (!enrolled) log::error("daemon", "alerts cannot be opened: {}", enrolled.error().message);
  else if (generation == generation_) start(static_cast<std::uint32_t>(jobs_.size() - 1), *enrolled);
}

void Subscribers::send_alert(std::string key, std::string text) {
  auto telling = alert(std::move(key), std::move(text));
  ++alerts_under_way_;
  asio::co_spawn(executor_, std::move(telling), [this](std::exception_ptr failure) {
    --alerts_under_way_;
    if (failure) log::error("daemon", "an alert could not be stored");
  });
}

task<void> Subscribers::alert(std::string key, std::string text) {
  auto asking = outbox_.alert(std::move(key), std::move(text));
  const auto logged = co_await std::move(asking);
  if (logged && *logged) room_.alerted();
}

void Subscribers::ended_elsewhere(const std::vector<std::int64_t>& rows) {
  for (const std::int64_t row : rows) wake_row(row);   // each hears `gone` from its next claim
  room_.alerted();
}

// Only the exact word counts; the syncer's own next delivery decides the rest.
task<void> Subscribers::hear(std::string subscription, Outcome outcome) {
  log::warn("daemon", "a sink reports subscription {}: {} ({})", subscription, to_string(outcome.kind), outcome.reason);
  std::int64_t row = 0;
  std::from_chars(subscription.data(), subscription.data() + subscription.size(), row);
  const auto known = by_row_.find(row);
  if (known == by_row_.end() || outcome.kind != OutcomeKind::gone || outcome.certainty != Certainty::exact) co_return;
  if (outcome.scope == Scope::subscription) {
    auto ending = outbox_.end_subscription(row, outcome.code, outcome.reason);
    const auto ended = co_await std::move(ending);
    if (!ended) log::error("daemon", "that could not be stored: {}", ended.error().message);
    wake_row(row);
    co_return;
  }
  auto burying = outbox_.bury_endpoint(jobs_[known->second].endpoint_row, outcome.code, outcome.reason);
  const auto ended = co_await std::move(burying);
  if (ended) ended_elsewhere(*ended);
  else log::error("daemon", "that could not be stored: {}", ended.error().message);
}

}  // namespace beckon::core
