#include "viewed_feeds.hpp"

#include "base/log.hpp"

#include <spdlog/fmt/fmt.h>

#include <utility>

namespace beckon::core {

void conclude(ViewedFeed& view, const PollReport& report) {
  view.error = report.failed ? report.error : std::string();
  if (!report.failed && !report.more) view.complete = true;
}

void note_pause(ViewedFeed& view, Milliseconds until_next) {
  view.live.last_poll = wall_now();
  view.live.next_poll = *view.live.last_poll + until_next;
}

struct ViewedFeeds::Station final : FeedListener {
  Station(ViewedFeeds& feeds, RepositoryKey key, Source source) : feeds(feeds), key(std::move(key)), source(std::move(source)) {
    poller = make_feed(*this->source.forge, feeds.outbox_, *this, this->source.options);
  }

  task<Result<FeedRole>> opened(Feed feed, std::optional<ForgeTime>) override {
    view.row = feed.id;
    auto noting = feeds.outbox_.note_visit(feed.id);
    const auto noted = co_await std::move(noting);
    if (!noted) co_return noted.error();
    feeds.hearing_.changed(key);
    // Under another name the plan reads the same repository.
    role = feeds.hearing_.is_read(feed.id) ? FeedRole::rests : FeedRole::reads;
    co_return role;
  }
  void committed(std::int64_t feed, const PageCommitted& page) override {
    feeds.metrics_.mentioned(source.forge->credential(), page.new_mentions);
    for (const std::chrono::seconds age : page.found_after) feeds.metrics_.detected(age);
    if (!page.names.empty()) feeds.hearing_.found(feed, page.names);
  }
  void polled(std::int64_t) override {}
  void noticed(std::int64_t) override {}
  void progressed(std::optional<FeedProgress> progress) override {
    view.live.progress = progress;
    feeds.hearing_.changed(key);
  }
  void concluded(const PollReport& report) override {
    feeds.metrics_.polled(source.forge->credential(), report.result);
    conclude(view, report);
  }
  void waits(Milliseconds until_next) override {
    note_pause(view, until_next);
    if (role == FeedRole::rests) view.complete = true;   // whoever reads it has
    feeds.hearing_.changed(key);
  }

  ViewedFeeds& feeds;
  RepositoryKey key;
  Source source;
  ViewedFeed view;
  FeedRole role = FeedRole::reads;
  std::unique_ptr<FeedPoller> poller;
};

std::unique_ptr<Supervisor> ViewedFeeds::make_feeds() {
  ChildSpec feed;
  feed.kind = "viewed feed";
  feed.restarted = [this] { metrics_.restarted("viewed feed"); };
  feed.run = [this](ChildId id) { return run(stations_.at(id)); };
  feed.title = [this](ChildId id) {
    const auto found = stations_.find(id);
    return found == stations_.end() ? fmt::format("{}", id) : found->second->source.options.repository;
  };
  return make_supervisor(executor_, std::move(feed), [this](ChildEnd end) {
    if (end.why != ChildEnd::Why::set_aside) {
      stations_.erase(end.id);
      return;
    }
    const auto station = stations_.at(end.id);
    station->view.error = "it is not polled any more after failing again and again; the daemon's log says why";
    hearing_.changed(station->key);
  });
}

void ViewedFeeds::supervised_by(Supervisor* feeds) {
  feeds_ = feeds;
  if (!feeds_) return;
  for (const auto& [key, id] : by_key_) feeds_->start_child(id, false);
}

task<Farewell> ViewedFeeds::run(std::shared_ptr<Station> station) {
  auto running = station->poller->run();
  co_await std::move(running);
  co_return Farewell();
}

void ViewedFeeds::begin(const RepositoryKey& key, Source source) {
  if (by_key_.contains(key)) return;
  const ChildId id = next_++;
  stations_.emplace(id, std::make_shared<Station>(*this, key, std::move(source)));
  by_key_.emplace(key, id);
  if (feeds_) feeds_->start_child(id, false);
}

void ViewedFeeds::end(const RepositoryKey& key) {
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) return;
  const ChildId id = found->second;
  by_key_.erase(found);
  if (feeds_ && feeds_->state(id)) {
    const bool listed = feeds_->state(id) != ChildState::set_aside;
    feeds_->terminate_child(id);
    if (listed) return;   // its end is told, and forgets it
  }
  stations_.erase(id);
}

const ViewedFeed* ViewedFeeds::at(const RepositoryKey& key) const {
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) return nullptr;
  const auto station = stations_.find(found->second);
  return station == stations_.end() ? nullptr : &station->second->view;
}

std::map<std::int64_t, LiveFeed> ViewedFeeds::live() const {
  std::map<std::int64_t, LiveFeed> all;
  for (const auto& [key, id] : by_key_) {
    const auto station = stations_.find(id);
    if (station == stations_.end() || station->second->view.row == 0) continue;
    LiveFeed live = station->second->view.live;
    const Quota quota = station->second->source.forge->quota();
    if (quota.limit > 0) live.quota_left = quota.remaining;
    all[station->second->view.row] = live;
  }
  return all;
}

}  // namespace beckon::core
