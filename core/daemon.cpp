#include "daemon.hpp"

#include "base/log.hpp"
#include "feed/feed.hpp"
#include "feed/pace.hpp"
#include "outbox/outbox.hpp"
#include "peers.hpp"
#include "roster.hpp"
#include "supervisor/supervisor.hpp"
#include "syncer/syncer.hpp"

#include <boost/asio/redirect_error.hpp>
#include <spdlog/fmt/fmt.h>

#include <malloc.h>

#include <set>
#include <unordered_map>

namespace beckon::core {
namespace {

// Reading the configuration and enrolling many needs several times what they keep, and the C library would hold on to it.
void give_memory_back() {
#ifdef __GLIBC__
  ::malloc_trim(0);
#endif
}

class House final : public Daemon {
 public:
  House(Executor executor, const Plan& plan)
      : executor_(executor), plan_(plan), roster_(plan), pacer_(make_pacer(executor)), idle_(executor), patience_(executor) {}

  Result<void> build() {
    auto outbox = open_outbox(executor_, plan_.state);
    if (!outbox) return outbox.error();
    outbox_ = std::move(*outbox);
    auto peers = Peers::open(executor_, plan_, [this](std::string who, Outcome what) { hear_report(who, what); });
    if (!peers) return peers.error();
    peers_ = std::move(*peers);
    room_ = std::make_unique<SyncerRoom>(SyncerRoom{*outbox_, *pacer_});
    room_->buried = [this](const std::vector<std::int64_t>& ended, const std::string&) {
      for (const std::int64_t id : ended) syncers_->wake(id);   // each hears `gone` from its next claim
    };
    room_->delivered = [this](std::size_t mentions) { told_ += mentions; };
    make_jobs();
    make_pollers();
    make_supervisors();
    return {};
  }

  task<void> run() override {
    auto keeping = keep_feeds();
    co_await std::move(keeping);
    if (room_->stopping) co_return;
    start_feeds(false);
    upkeep_.emplace(executor_);
    for (Milliseconds pause = 10s;; pause = 6h) {
      upkeep_->expires_after(pause);
      boost::system::error_code ignored;
      auto wait = upkeep_->async_wait(asio::redirect_error(use_task, ignored));
      co_await std::move(wait);
      if (room_->stopping) co_return;
      auto asking = outbox_->retain(wall_now());
      const auto kept = co_await std::move(asking);
      if (!kept) log::warn("outbox", "clearing out what nobody needs failed: {}", kept.error().message);
      give_memory_back();
    }
  }

  task<DaemonReport> once(Milliseconds deadline) override {
    DaemonReport report;
    auto keeping = keep_feeds();
    co_await std::move(keeping);
    const auto end = std::chrono::steady_clock::now() + deadline;
    room_->until = wall_now() + deadline;
    start_feeds(true);
    while (open_polls_ > 0 || syncers_->counts().running > 0) {
      if (std::chrono::steady_clock::now() >= end) {
        report.in_time = false;
        break;
      }
      idle_.expires_at(std::min(end, std::chrono::steady_clock::now() + 20ms));
      boost::system::error_code ignored;
      auto wait = idle_.async_wait(asio::redirect_error(use_task, ignored));
      co_await std::move(wait);
    }
    auto counting = outbox_->counts();
    const auto counts = co_await std::move(counting);
    report.told = told_;
    report.failed_polls = failed_polls_ + open_polls_;
    report.owed = counts ? counts->owed : 0;
    report.dead = counts ? counts->dead : 0;
    report.counted = counts.has_value();
    co_return report;
  }

  task<void> stop(Milliseconds patience) override {
    room_->stopping = true;
    if (upkeep_) upkeep_->cancel();
    patience_.expires_after(patience);
    patience_.async_wait([this](boost::system::error_code cancelled) {
      if (!cancelled) room_->cut_off();
    });
    auto feeds = feeds_->stop();
    co_await std::move(feeds);
    auto syncers = syncers_->stop();
    co_await std::move(syncers);
    patience_.cancel();
  }

  std::size_t subscriptions() const override {
    const ChildCounts counts = syncers_->counts();
    return counts.running + counts.parked + counts.set_aside;
  }

 private:
  // The daemon's ear at one feed.
  struct Ear final : FeedListener {
    Ear(House& house, std::size_t watched) : house(house), watched(watched) {}
    task<Result<FeedRole>> opened(Feed feed, std::optional<ForgeTime> now) override {
      return house.enroll(watched, std::move(feed), now);
    }
    // What one poll finds goes out together, so that a digest is one; but a long walk keeps nobody waiting.
    void committed(std::int64_t feed, const PageCommitted& page) override {
      if (page.names.empty()) return;
      if (names.empty()) since = std::chrono::steady_clock::now();
      names.insert(names.end(), page.names.begin(), page.names.end());
      if (std::chrono::steady_clock::now() - since > 2s) polled(feed);
    }
    void polled(std::int64_t feed) override { house.wake(feed, std::exchange(names, {})); }
    House& house;
    std::size_t watched;
    std::vector<std::string> names;
    SteadyTime since{};
  };

  void make_jobs() {
    std::unordered_map<const PlannedEndpoint*, std::shared_ptr<const Endpoint>> endpoints;
    jobs_.reserve(plan_.subscriptions.size());
    for (const PlannedSubscription& subscription : plan_.subscriptions) {
      auto& endpoint = endpoints[subscription.endpoint.get()];
      if (!endpoint) {
        Sink& sink = peers_->sink(subscription.endpoint->sink->config.name);
        endpoint = std::make_shared<const Endpoint>(Endpoint{&sink, subscription.endpoint->target});
      }
      jobs_.push_back({0, 0, subscription.name, endpoint});
    }
  }

  void make_pollers() {
    for (std::size_t i = 0; i < roster_.watched().size(); ++i) {
      const Watched& watched = roster_.watched()[i];
      ears_.push_back(std::make_unique<Ear>(*this, i));
      FeedOptions options;
      options.repository = watched.repository->name;
      options.interval = watched.interval;
      options.backfill = std::chrono::ceil<std::chrono::seconds>(watched.backfill);
      options.feeds = watched.sharing;
      options.first_poll = first_poll(watched.place, watched.sharing, watched.interval);
      pollers_.push_back(make_feed(peers_->forge(watched.repository->forge), *outbox_, *ears_.back(), std::move(options)));
    }
  }

  void make_supervisors() {
    ChildSpec syncer;
    syncer.kind = "syncer";
    syncer.shutdown = 35s;   // longer than any patience with an attempt under way
    syncer.run = [this](ChildId id) { return run_syncer(*room_, jobs_[by_row_.at(id)]); };
    syncer.name = [this](ChildId id) { return std::string(jobs_[by_row_.at(id)].name); };
    syncers_ = make_supervisor(executor_, std::move(syncer), [this](ChildEnd end) {
      if (const auto next = successors_.extract(end.id)) syncers_->start_child(next.mapped(), false);
      if (end.why == ChildEnd::Why::gone) log::debug("daemon", "syncer {} was let go: {}", end.id, end.reason);
    });
    ChildSpec feed;
    feed.kind = "feed";
    feed.run = [this](ChildId id) { return run_feed(static_cast<std::size_t>(id)); };
    feed.name = [this](ChildId id) {
      const Watched& watched = roster_.watched()[static_cast<std::size_t>(id)];
      return fmt::format("{} through {}", watched.repository->name, watched.repository->forge);
    };
    feeds_ = make_supervisor(executor_, std::move(feed), [this](ChildEnd end) {
      if (!once_) return;
      --open_polls_;
      if (end.why != ChildEnd::Why::done) ++failed_polls_;
    });
  }

  // What was taken out of the configuration with its repository is heard of nowhere else.
  task<void> keep_feeds() {
    std::vector<FeedName> names;
    for (const Watched& watched : roster_.watched()) {
      const Forge& forge = peers_->forge(watched.repository->forge);
      names.push_back({forge.origin(), forge.credential(), watched.repository->name});
    }
    auto asking = outbox_->keep_feeds(std::move(names));
    const auto kept = co_await std::move(asking);
    if (!kept) log::warn("outbox", "what is no longer watched could not be marked: {}", kept.error().message);
  }

  void start_feeds(bool once) {
    once_ = once;
    open_polls_ = pollers_.size();
    for (std::size_t i = 0; i < pollers_.size(); ++i) feeds_->start_child(static_cast<ChildId>(i), false);
  }

  task<Farewell> run_feed(std::size_t index) {
    Farewell done;
    if (once_) {
      for (;;) {
        auto polling = pollers_[index]->poll();
        const PollReport report = co_await std::move(polling);
        if (report.more && !report.retry_after) continue;
        if (!report.failed) co_return done;
        if (!report.retry_after || wall_now() + *report.retry_after > room_->until) break;
        co_await sleep_for(*report.retry_after);
      }
      ++failed_polls_;
      co_return done;
    }
    auto running = pollers_[index]->run();
    co_await std::move(running);
    co_return done;
  }

  task<Result<FeedRole>> enroll(std::size_t index, Feed feed, std::optional<ForgeTime> now) {
    const std::vector<std::uint32_t> members = roster_.opened(index, feed.id);
    std::vector<Wanted> wanted;
    wanted.reserve(members.size());
    for (const std::uint32_t member : members) {
      const PlannedSubscription& subscription = plan_.subscriptions[member];
      const PlannedSink& sink = *subscription.endpoint->sink;
      wanted.push_back({subscription.name, subscription.login, sink.config.name,
                        endpoint_identity(*sink.table, sink.options.settings, *subscription.endpoint->target),
                        std::chrono::ceil<std::chrono::seconds>(subscription.backfill),
                        subscription.filter});
    }
    auto asking = outbox_->enroll(feed.id, std::move(wanted), now);
    const auto enrolled = co_await std::move(asking);
    if (!enrolled)
      co_return fail(fmt::format("the subscriptions of {} could not be enrolled: {}", feed.repository.full_name,
                                 enrolled.error().message));
    std::vector<std::uint32_t> listening;
    for (std::size_t i = 0; i < members.size(); ++i)
      if (start_syncer(members[i], (*enrolled)[i])) listening.push_back(members[i]);
    roster_.watch(feed.id, listening);
    const std::size_t reader = roster_.reader(feed.id);
    if (reader == index) co_return FeedRole::reads;
    if (resting_.insert(index).second)
      log::info("daemon", "{} and {} are one repository; it is read once", roster_.watched()[index].repository->name,
                roster_.watched()[reader].repository->name);
    co_return FeedRole::rests;
  }

  // False for a subscription that is not to be told anything.
  bool start_syncer(std::uint32_t member, const Enrolled& enrolled) {
    if (enrolled.id == 0) return false;
    SyncerJob& job = jobs_[member];
    const std::int64_t before = std::exchange(job.subscription, enrolled.id);
    const bool known = before != 0, replaced = known && before != enrolled.id;
    job.endpoint_row = enrolled.endpoint;
    by_row_[enrolled.id] = member;
    // The repository's name has passed to another: a syncer of this name is still there, for the old one.
    if (replaced) syncers_->terminate_child(before);
    if (enrolled.state == SubscriptionState::gone) {
      if (!known) log::warn("daemon", "\"{}\" stays away: its subscriber is gone ({}); change its target to bring it back", job.name, enrolled.reason);
      return false;
    }
    if (replaced && syncers_->state(before)) {
      successors_[before] = enrolled.id;
      return true;
    }
    if (!syncers_->start_child(enrolled.id, !enrolled.owed) && enrolled.owed) syncers_->wake(enrolled.id);
    return true;
  }

  void wake(std::int64_t feed, const std::vector<std::string>& names) {
    for (const std::uint32_t member : roster_.watchers(feed, names)) syncers_->wake(jobs_[member].subscription);
  }

  // Only the exact word counts; the syncer's own next delivery decides the rest.
  void hear_report(const std::string& who, const Outcome& what) {
    log::warn("daemon", "a sink reports subscription {}: {} ({})", who, to_string(what.kind), what.reason);
    if (what.kind != OutcomeKind::gone || what.certainty != Certainty::exact) return;
    for (const SyncerJob& job : jobs_)
      if (std::to_string(job.subscription) == who) {
        auto bury = [this, row = job.endpoint_row, what]() -> task<void> {
          auto asking = outbox_->bury_endpoint(row, what.code, what.reason);
          const auto ended = co_await std::move(asking);
          if (ended) room_->buried(*ended, what.reason);
        };
        asio::co_spawn(executor_, std::move(bury), [](std::exception_ptr failure) {
          if (failure) log::error("daemon", "a reported end could not be stored");
        });
        return;
      }
  }

  Executor executor_;
  const Plan& plan_;
  Roster roster_;
  std::unique_ptr<Pacer> pacer_;
  std::optional<Peers> peers_;
  std::unique_ptr<Outbox> outbox_;
  std::unique_ptr<SyncerRoom> room_;
  std::vector<SyncerJob> jobs_;                                        // as the plan's subscriptions
  std::unordered_map<std::int64_t, std::uint32_t> by_row_;             // the outbox's row → job
  std::unordered_map<std::int64_t, std::int64_t> successors_;          // of syncers that have been asked to end
  std::set<std::size_t> resting_;                                      // names of which it has been told that they rest
  std::vector<std::unique_ptr<Ear>> ears_;
  std::vector<std::unique_ptr<FeedPoller>> pollers_;
  std::unique_ptr<Supervisor> syncers_;
  std::unique_ptr<Supervisor> feeds_;
  std::optional<Timer> upkeep_;
  Timer idle_;
  Timer patience_;
  bool once_ = false;
  std::size_t failed_polls_ = 0;
  std::size_t open_polls_ = 0;
  std::size_t told_ = 0;
};

}  // namespace

Result<std::unique_ptr<Daemon>> make_daemon(Executor executor, const Plan& plan) {
  auto house = std::make_unique<House>(executor, plan);
  if (auto built = house->build(); !built) return built.error();
  return std::unique_ptr<Daemon>(std::move(house));
}

}  // namespace beckon::core
