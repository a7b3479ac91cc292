#include "pollers.hpp"

#include "base/log.hpp"
#include "config/values.hpp"
#include "feed/pace.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>

namespace beckon::core {
namespace {

constexpr Milliseconds expiry_is_near = 7 * 24h;

FeedOptions options_of(const Watched& watched) {
  FeedOptions options;
  options.repository = watched.repository->name;
  options.interval = watched.interval;
  options.backfill = std::chrono::ceil<std::chrono::seconds>(watched.backfill);
  options.feeds = watched.sharing;
  options.first_poll = first_poll(watched.place, watched.sharing, watched.interval);
  return options;
}

// How many share the credential, and who begins when, may change without a feed noticing.
bool same(const FeedOptions& a, const FeedOptions& b) {
  return a.repository == b.repository && a.interval == b.interval && a.backfill == b.backfill;
}

}  // namespace

// The daemon's ear at one feed.
struct Pollers::Ear final : FeedListener {
  Ear(Pollers& pollers, std::size_t watched, Key key) : pollers(pollers), watched(watched), key(std::move(key)) {}

  task<Result<FeedRole>> opened(Feed feed, std::optional<ForgeTime> now) override {
    view.row = feed.id;
    auto enrolling = pollers.subscribers_.enroll(watched, std::move(feed), now);
    const auto enrolled = co_await std::move(enrolling);
    if (!enrolled) co_return enrolled.error();
    role = enrolled->role;
    if (pollers.on_changed) pollers.on_changed(key);
    co_return role;
  }
  // What one poll finds goes out together, so that a digest is one; but a long walk keeps nobody waiting.
  void committed(std::int64_t feed, const PageCommitted& page) override {
    pollers.metrics_.mentioned(forge->credential(), page.new_mentions);
    for (const std::chrono::seconds age : page.found_after) pollers.metrics_.detected(age);
    if (page.names.empty()) return;
    if (names.empty()) since = std::chrono::steady_clock::now();
    names.insert(names.end(), page.names.begin(), page.names.end());
    if (std::chrono::steady_clock::now() - since > 2s) polled(feed);
  }
  void polled(std::int64_t feed) override {
    const auto found = std::exchange(names, {});
    pollers.subscribers_.wake(feed, found);
    if (pollers.on_found && !found.empty()) pollers.on_found(feed, found);
    pollers.watch_credential(*forge);
  }
  void concluded(const PollReport& report) override {
    pollers.metrics_.polled(forge->credential(), report.result);
    conclude(view, report);
  }
  void noticed(std::int64_t feed) override { pollers.subscribers_.wake_all(feed); }
  void progressed(std::optional<FeedProgress> progress) override {
    view.live.progress = progress;
    if (pollers.on_changed) pollers.on_changed(key);
  }
  void waits(Milliseconds until_next) override {
    note_pause(view, until_next);
    if (pollers.on_changed) pollers.on_changed(key);
  }

  Pollers& pollers;
  std::size_t watched;             // in the roster of today
  Key key;
  std::shared_ptr<Forge> forge;
  FeedRole role = FeedRole::reads;
  ViewedFeed view;
  std::vector<std::string> names;
  SteadyTime since{};
};

struct Pollers::Station {
  Station(Pollers& pollers, std::size_t watched, Key key) : ear(pollers, watched, std::move(key)) {}
  Ear ear;
  FeedOptions options;
  std::string title;
  std::unique_ptr<FeedPoller> poller;
};

Pollers::Pollers(Executor executor, Outbox& outbox, Metrics& metrics, Subscribers& subscribers)
    : executor_(executor), outbox_(outbox), metrics_(metrics), subscribers_(subscribers) {}

Pollers::~Pollers() = default;

std::shared_ptr<Pollers::Station> Pollers::build(std::size_t index, const Peers& peers) {
  const Watched& watched = subscribers_.roster().watched()[index];
  const Key key(watched.repository->forge, lower(watched.repository->name));
  auto station = std::make_shared<Station>(*this, index, key);
  station->ear.forge = peers.forge(watched.repository->forge);
  station->options = options_of(watched);
  station->options.wanted_at = std::chrono::steady_clock::now();
  station->title = fmt::format("{} through {}", watched.repository->name, watched.repository->forge);
  station->poller = make_feed(*station->ear.forge, outbox_, station->ear, station->options);
  return station;
}

std::unique_ptr<Supervisor> Pollers::make_feeds() {
  ChildSpec feed;
  feed.kind = "feed";
  feed.run = [this](ChildId id) { return run(stations_.at(id)); };
  feed.restarted = [this] { metrics_.restarted("feed"); };
  feed.title = [this](ChildId id) { return stations_.at(id)->title; };
  return make_supervisor(executor_, std::move(feed), [this](ChildEnd end) {
    if (end.why == ChildEnd::Why::set_aside) tell_set_aside(end);
    else stations_.erase(end.id);
    if (const auto next = successors_.extract(end.id); next && feeds_) feeds_->start_child(next.mapped(), false);
    if (!once_until_) return;
    --open_;
    if (end.why != ChildEnd::Why::done) ++failed_;
  });
}

void Pollers::supervised_by(Supervisor* feeds, const Peers& peers) {
  feeds_ = feeds;
  by_key_.clear();
  successors_.clear();
  if (!feeds_) return;
  const auto& watched = subscribers_.roster().watched();
  open_ = watched.size();
  for (std::size_t i = 0; i < watched.size(); ++i)
    start({watched[i].repository->forge, lower(watched[i].repository->name)}, build(i, peers));
}

void Pollers::start(const Key& key, std::shared_ptr<Station> station) {
  const ChildId id = next_++;
  const auto before = by_key_.find(key);
  stations_.emplace(id, std::move(station));
  if (before != by_key_.end() && feeds_->state(before->second) == ChildState::stopping) successors_[before->second] = id;
  else feeds_->start_child(id, false);
  by_key_[key] = id;
}

task<Farewell> Pollers::run(std::shared_ptr<Station> station) {
  Farewell done;
  if (!once_until_) {
    auto running = station->poller->run();
    co_await std::move(running);
    co_return done;
  }
  for (;;) {
    auto polling = station->poller->poll();
    const PollReport report = co_await std::move(polling);
    if (report.more && !report.retry_after) continue;
    if (!report.failed) co_return done;
    if (!report.retry_after || wall_now() + *report.retry_after > *once_until_) break;
    co_await sleep_for(*report.retry_after);
  }
  ++failed_;
  co_return done;
}

std::map<std::int64_t, LiveFeed> Pollers::live() const {
  std::map<std::int64_t, LiveFeed> all;
  for (const auto& [key, id] : by_key_) {
    const auto station = stations_.find(id);
    if (station == stations_.end()) continue;
    const Ear& ear = station->second->ear;
    const std::int64_t row = subscribers_.roster().watched()[ear.watched].feed;
    // Of two names for one repository one rests, and looks less often.
    if (row == 0 || all[row].last_poll > ear.view.live.last_poll) continue;
    all[row] = ear.view.live;
    const Quota quota = ear.forge->quota();
    if (quota.limit > 0) all[row].quota_left = quota.remaining;
  }
  return all;
}

const ViewedFeed* Pollers::view(const RepositoryKey& key) const {
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) return nullptr;
  const auto station = stations_.find(found->second);
  return station == stations_.end() ? nullptr : &station->second->ear.view;
}

bool Pollers::reads(std::int64_t feed) const {
  const auto& watched = subscribers_.roster().watched();
  return std::any_of(watched.begin(), watched.end(), [feed](const Watched& one) { return one.feed == feed; });
}

std::vector<FeedName> Pollers::names(const Peers& peers) const {
  std::vector<FeedName> names;
  for (const Watched& watched : subscribers_.roster().watched()) {
    const auto forge = peers.forge(watched.repository->forge);
    names.push_back({forge->origin(), forge->credential(), watched.repository->name});
  }
  return names;
}

task<void> Pollers::follow(const Peers& peers) {
  const auto& watched = subscribers_.roster().watched();
  std::map<Key, std::size_t> wanted;
  for (std::size_t i = 0; i < watched.size(); ++i)
    wanted.emplace(Key(watched[i].repository->forge, lower(watched[i].repository->name)), i);
  // In one turn, so that no ear hears with an index of the roster before.
  std::vector<Key> anew;
  std::vector<std::shared_ptr<Station>> kept(watched.size());
  for (auto at = by_key_.begin(); at != by_key_.end();) {
    const auto [key, id] = *at++;
    const auto station = stations_.find(id);
    const auto place = wanted.find(key);
    const bool runs = station != stations_.end() && feeds_ && feeds_->state(id) == ChildState::running;
    if (place != wanted.end() && runs && station->second->ear.forge == peers.forge(key.first) &&
        same(station->second->options, options_of(watched[place->second]))) {
      station->second->ear.watched = place->second;
      kept[place->second] = station->second;
      wanted.erase(place);
      continue;
    }
    if (feeds_) feeds_->terminate_child(id);
    if (place == wanted.end()) by_key_.erase(key);
  }
  if (feeds_)
    for (const auto& [key, index] : wanted) start(key, build(index, peers));
  // Those that go on have had their enrolment; what of it is new must be known now, and what is not enrolled by the end of
  // this is let go.
  for (std::size_t i = 0; i < watched.size(); ++i) {
    auto enrolling = enroll_again(i, peers, kept[i]);
    const bool as_before = co_await std::move(enrolling);
    if (kept[i] && !as_before) anew.push_back({watched[i].repository->forge, lower(watched[i].repository->name)});
  }
  for (const Key& key : anew) restart(key, peers);
}

void Pollers::restart(const Key& key, const Peers& peers) {
  const auto at = by_key_.find(key);
  if (!feeds_ || at == by_key_.end()) return;
  const std::size_t index = stations_.at(at->second)->ear.watched;
  feeds_->terminate_child(at->second);
  start(key, build(index, peers));
}

// What the outbox knows already. False: the feed has to ask the forge, or has another role.
task<bool> Pollers::enroll_again(std::size_t index, const Peers& peers, std::shared_ptr<Station> station) {
  const Watched& watched = subscribers_.roster().watched()[index];
  const auto forge = peers.forge(watched.repository->forge);
  auto finding = outbox_.find_feed(forge->origin(), forge->credential(), watched.repository->name);
  auto feed = co_await std::move(finding);
  if (!feed || !feed->has_value()) co_return false;
  auto enrolling = subscribers_.enroll(index, std::move(**feed), std::nullopt);
  const auto enrolled = co_await std::move(enrolling);
  if (!enrolled) log::warn("daemon", "{}; its feed tries again", enrolled.error().message);
  co_return enrolled && enrolled->complete && station && enrolled->role == station->ear.role;
}

// A token that ends is told of in time, once in each run to the log, and once at all to the operator.
void Pollers::watch_credential(const Forge& forge) {
  const auto ends = forge.expires();
  if (!ends || *ends - wall_now() > expiry_is_near || !expiring_.insert(forge.credential()).second) return;
  const std::string when = format_iso_time(std::chrono::floor<std::chrono::seconds>(*ends));
  std::string text = fmt::format("The token of [forges.{}] ends at {}: make a new one in time; until then nothing is missed.",
                                 forge.credential(), when);
  log::warn("daemon", "{}", text);
  subscribers_.send_alert(fmt::format("expires:{}:{}", forge.credential(), when), std::move(text));
}

// The supervisor has told the log.
void Pollers::tell_set_aside(const ChildEnd& end) {
  const std::string& title = stations_.at(end.id)->title;
  subscribers_.send_alert(fmt::format("feed:{}:{}", title, unix_ms(wall_now())),
                          fmt::format("{} is not polled any more after failing again and again: {}. A restart, or a reload, gives it "
                                      "another chance. Please report this: it is a bug.", title, end.reason));
}

}  // namespace beckon::core
