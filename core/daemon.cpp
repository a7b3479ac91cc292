#include "daemon.hpp"

#include "base/log.hpp"
#include "feed/feed.hpp"
#include "forge/forge.hpp"
#include "net/http.hpp"
#include "outbox/outbox.hpp"
#include "sink/sink.hpp"
#include "supervisor/supervisor.hpp"
#include "syncer/syncer.hpp"

#include <boost/asio/redirect_error.hpp>
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <map>
#include <unordered_map>

namespace beckon::core {
namespace {

// Forges and sinks that go out the same way share one client and its connections.
class Clients {
 public:
  explicit Clients(Executor executor) : executor_(executor) {}

  Result<HttpClient*> client(const std::string& proxy, const std::string& ca_file, bool insecure) {
    auto& client = clients_[std::tuple(proxy, ca_file, insecure)];
    if (!client) {
      HttpClientOptions options;
      options.proxy = proxy;
      options.ca_file = ca_file;
      options.allow_plain_http = insecure;
      apply_proxy_environment(options);
      auto made = make_http_client(executor_, options);
      if (!made) return made.error();
      client = std::move(*made);
    }
    return client.get();
  }

 private:
  Executor executor_;
  std::map<std::tuple<std::string, std::string, bool>, std::unique_ptr<HttpClient>> clients_;
};

// A repository that is watched with one credential, and who watches it.
struct Seat {
  std::string forge;
  std::string repository;
  Milliseconds interval = Milliseconds::max();
  Milliseconds backfill{0};
  std::vector<std::uint32_t> subscriptions;   // indices into the plan's
  std::int64_t feed = 0;                      // the outbox's row, once it is known
};

std::uint64_t watch_key(std::int64_t feed, std::string_view login) {
  return std::hash<std::string_view>{}(login) * 1099511628211u ^ static_cast<std::uint64_t>(feed);
}

class House final : public Daemon {
 public:
  House(Executor executor, const Plan& plan)
      : executor_(executor), plan_(plan), clients_(executor), pacer_(make_pacer(executor)), idle_(executor) {}

  Result<void> build() {
    auto outbox = open_outbox(executor_, plan_.state);
    if (!outbox) return outbox.error();
    outbox_ = std::move(*outbox);
    if (auto opened = open_forges(); !opened) return opened.error();
    if (auto opened = open_sinks(); !opened) return opened.error();
    room_ = std::make_unique<SyncerRoom>(SyncerRoom{*outbox_, *pacer_});
    room_->buried = [this](const std::vector<std::int64_t>& ended, const std::string&) {
      for (const std::int64_t id : ended) syncers_->wake(id);   // each hears `gone` from its next claim
    };
    room_->delivered = [this](std::size_t mentions) { told_ += mentions; };
    take_seats();
    make_supervisors();
    return {};
  }

  task<void> run() override {
    start_feeds(false);
    upkeep_.emplace(executor_);
    for (;;) {
      upkeep_->expires_after(1h);
      boost::system::error_code ignored;
      auto wait = upkeep_->async_wait(asio::redirect_error(use_task, ignored));
      co_await std::move(wait);
      if (room_->stopping) co_return;
      auto asking = outbox_->retain(wall_now());
      const auto kept = co_await std::move(asking);
      if (!kept) log::warn("outbox", "clearing out what nobody needs failed: {}", kept.error().message);
    }
  }

  task<DaemonReport> once(Milliseconds deadline) override {
    DaemonReport report;
    start_feeds(true);
    const auto end = std::chrono::steady_clock::now() + deadline;
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
    report.poll_failed = poll_failed_ || !report.in_time || !counts;
    if (counts) {
      report.owed = counts->owed;
      report.dead = counts->dead;
    }
    co_return report;
  }

  task<void> stop() override {
    room_->stopping = true;
    if (upkeep_) upkeep_->cancel();
    auto feeds = feeds_->stop();
    co_await std::move(feeds);
    auto syncers = syncers_->stop();
    co_await std::move(syncers);
  }

  std::size_t subscriptions() const override {
    const ChildCounts counts = syncers_->counts();
    return counts.running + counts.parked + counts.set_aside;
  }

 private:
  // The daemon's ear at one feed.
  struct Ear final : FeedListener {
    Ear(House& house, std::size_t seat) : house(house), seat(seat) {}
    task<void> opened(Feed feed, std::optional<ForgeTime> now) override {
      return house.enroll(seat, std::move(feed), now);
    }
    void committed(std::int64_t feed, const PageCommitted& page) override { house.wake(feed, page.names); }
    House& house;
    std::size_t seat;
  };

  Result<void> open_forges() {
    for (const ForgeConfig& config : plan_.forges) {
      auto client = clients_.client(config.proxy, config.ca_file, config.insecure);
      if (!client) return fail(fmt::format("forge \"{}\": {}", config.name, client.error().message));
      GithubOptions options;
      options.name = config.name;
      options.api_url = config.api_url;
      if (!config.token.empty())
        options.token = [token = config.token]() -> task<Result<std::string>> {
          co_return Result<std::string>(boost::system::in_place_value, token);
        };
      forges_.emplace(config.name, make_github(**client, std::move(options)));
    }
    return {};
  }

  Result<void> open_sinks() {
    for (const PlannedSink& planned : plan_.sinks) {
      auto client = clients_.client(planned.config.proxy, planned.config.ca_file, planned.config.insecure);
      if (!client) return fail(fmt::format("sink \"{}\": {}", planned.config.name, client.error().message));
      SinkHost host{**client, executor_, [this](std::string who, Outcome what) { hear_report(who, what); }};
      auto sink = open_sink(planned.config.name, *planned.table, planned.options.settings, std::move(host));
      if (!sink) return sink.error();
      sinks_.emplace(planned.config.name, std::move(*sink));
    }
    return {};
  }

  void take_seats() {
    std::map<std::pair<std::string, std::string>, std::size_t> known;
    std::unordered_map<const PlannedEndpoint*, std::shared_ptr<const Endpoint>> endpoints;
    for (std::uint32_t i = 0; i < plan_.subscriptions.size(); ++i) {
      const PlannedSubscription& subscription = plan_.subscriptions[i];
      std::string repository = subscription.repository;
      std::transform(repository.begin(), repository.end(), repository.begin(),
                     [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
      const auto [at, fresh] = known.try_emplace({subscription.forge, repository}, seats_.size());
      if (fresh) seats_.push_back({subscription.forge, subscription.repository});
      Seat& seat = seats_[at->second];
      seat.interval = std::min(seat.interval, subscription.interval);
      seat.backfill = std::max(seat.backfill, subscription.backfill);
      seat.subscriptions.push_back(i);
      auto& endpoint = endpoints[subscription.endpoint.get()];
      if (!endpoint) {
        Sink* sink = sinks_.at(subscription.endpoint->sink->config.name).get();
        endpoint = std::make_shared<const Endpoint>(Endpoint{sink, subscription.endpoint->target});
      }
      jobs_.push_back({0, 0, subscription.name, endpoint});
    }
    for (std::size_t i = 0; i < seats_.size(); ++i) {
      Seat& seat = seats_[i];
      ears_.push_back(std::make_unique<Ear>(*this, i));
      FeedOptions options;
      options.repository = seat.repository;
      options.interval = seat.interval;
      options.backfill = std::chrono::ceil<std::chrono::seconds>(seat.backfill);
      pollers_.push_back(make_feed(*forges_.at(seat.forge), *outbox_, *ears_.back(), std::move(options)));
    }
  }

  void make_supervisors() {
    ChildSpec syncer;
    syncer.kind = "syncer";
    syncer.shutdown = 35s;   // a delivery under way gets its answer
    syncer.run = [this](ChildId id) { return run_syncer(*room_, jobs_[by_row_.at(id)]); };
    syncer.name = [this](ChildId id) { return jobs_[by_row_.at(id)].name; };
    syncers_ = make_supervisor(executor_, std::move(syncer), [](ChildEnd end) {
      if (end.why == ChildEnd::Why::gone) log::debug("daemon", "syncer {} was let go: {}", end.id, end.reason);
    });
    ChildSpec feed;
    feed.kind = "feed";
    feed.run = [this](ChildId id) { return run_feed(static_cast<std::size_t>(id)); };
    feed.name = [this](ChildId id) {
      const Seat& seat = seats_[static_cast<std::size_t>(id)];
      return fmt::format("{} through {}", seat.repository, seat.forge);
    };
    feeds_ = make_supervisor(executor_, std::move(feed), [this](ChildEnd end) {
      if (!once_) return;
      --open_polls_;
      if (end.why != ChildEnd::Why::done) poll_failed_ = true;
    });
  }

  void start_feeds(bool once) {
    once_ = once;
    open_polls_ = pollers_.size();
    for (std::size_t i = 0; i < pollers_.size(); ++i) feeds_->start_child(static_cast<ChildId>(i), false);
  }

  task<Farewell> run_feed(std::size_t index) {
    Farewell done;
    if (once_) {
      auto polling = pollers_[index]->poll();
      const PollReport report = co_await std::move(polling);
      if (report.failed) poll_failed_ = true;
      co_return done;
    }
    auto running = pollers_[index]->run();
    co_await std::move(running);
    co_return done;
  }

  task<void> enroll(std::size_t index, Feed feed, std::optional<ForgeTime> now) {
    seats_[index].feed = feed.id;
    // Two configured names may lead to one repository (a rename): they are enrolled together.
    std::vector<std::uint32_t> members;
    for (const Seat& seat : seats_)
      if (seat.feed == feed.id) members.insert(members.end(), seat.subscriptions.begin(), seat.subscriptions.end());
    std::vector<Wanted> wanted;
    wanted.reserve(members.size());
    for (const std::uint32_t member : members) {
      const PlannedSubscription& subscription = plan_.subscriptions[member];
      wanted.push_back({subscription.name, subscription.login, subscription.endpoint->sink->config.name,
                        subscription.endpoint->identity, std::chrono::ceil<std::chrono::seconds>(subscription.backfill),
                        subscription.filter});
    }
    auto asking = outbox_->enroll(feed.id, std::move(wanted), now);
    const auto enrolled = co_await std::move(asking);
    if (!enrolled) {
      log::error("daemon", "{}: its subscriptions could not be enrolled: {}", feed.repository.full_name, enrolled.error().message);
      poll_failed_ = true;
      co_return;
    }
    for (std::size_t i = 0; i < members.size(); ++i) seat_subscription(members[i], feed.id, (*enrolled)[i]);
    std::sort(watchers_.begin(), watchers_.end());
    watchers_.erase(std::unique(watchers_.begin(), watchers_.end()), watchers_.end());
  }

  void seat_subscription(std::uint32_t member, std::int64_t feed, const Enrolled& enrolled) {
    if (enrolled.id == 0) return;
    SyncerJob& job = jobs_[member];
    const bool known = job.subscription != 0;
    job.subscription = enrolled.id;
    job.endpoint_row = enrolled.endpoint;
    by_row_[enrolled.id] = member;
    if (enrolled.state == SubscriptionState::gone) {
      if (!known) log::warn("daemon", "\"{}\" stays away: its subscriber is gone ({}); change its target to bring it back", job.name, enrolled.reason);
      return;
    }
    watchers_.emplace_back(watch_key(feed, plan_.subscriptions[member].login), member);
    if (!syncers_->start_child(enrolled.id, !enrolled.owed) && enrolled.owed) syncers_->wake(enrolled.id);
  }

  void wake(std::int64_t feed, const std::vector<std::string>& names) {
    const auto wake_all = [&](std::string_view name) {
      const std::uint64_t key = watch_key(feed, name);
      for (auto at = std::lower_bound(watchers_.begin(), watchers_.end(), std::pair(key, 0u));
           at != watchers_.end() && at->first == key; ++at)
        syncers_->wake(jobs_[at->second].subscription);
    };
    for (const std::string& name : names) wake_all(name);
    if (!names.empty()) wake_all("*");
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
  Clients clients_;
  std::unique_ptr<Pacer> pacer_;
  std::map<std::string, std::unique_ptr<Forge>> forges_;
  std::map<std::string, std::unique_ptr<Sink>> sinks_;
  std::unique_ptr<Outbox> outbox_;
  std::unique_ptr<SyncerRoom> room_;
  std::vector<SyncerJob> jobs_;                                        // as the plan's subscriptions
  std::unordered_map<std::int64_t, std::uint32_t> by_row_;             // the outbox's row → job
  std::vector<std::pair<std::uint64_t, std::uint32_t>> watchers_;      // (feed, login) → job, sorted
  std::vector<Seat> seats_;
  std::vector<std::unique_ptr<Ear>> ears_;
  std::vector<std::unique_ptr<FeedPoller>> pollers_;
  std::unique_ptr<Supervisor> syncers_;
  std::unique_ptr<Supervisor> feeds_;
  std::optional<Timer> upkeep_;
  Timer idle_;
  bool once_ = false;
  bool poll_failed_ = false;
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
