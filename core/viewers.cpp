#include "viewers.hpp"

#include "base/log.hpp"
#include "config/values.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <utility>

namespace beckon::core {
namespace {

constexpr std::size_t at_once = 50;            // mentions in one message
constexpr std::size_t there_already = 100;     // how many of those that are there a new tab is shown
constexpr std::size_t most_rendered = 500;
constexpr std::uint16_t refused_code = 1008;
constexpr std::uint16_t come_again_code = 1013;

bool is_own(const OwedMention& owed) { return lower(owed.mention.post.author.login) == owed.mention.name; }

}  // namespace

struct Viewers::Viewer {
  ViewerId id = 0;
  WatchWish wish;
  RepositoryKey key;
  WebSocket* socket = nullptr;       // nullptr: the tab is gone
  bool proved = false;
  bool seated = false;               // counted among those of its repository
  std::int64_t feed = 0;             // where `position` counts
  std::optional<std::int64_t> position;
  WebMessage told;                   // of how its feed stands

  void tell(WebMessage message) {
    if (socket) socket->send(std::move(message));
  }
};

Viewers::Viewers(Executor executor, Needs needs)
    : executor_(executor),
      needs_(std::move(needs)),
      proofs_(executor, needs_.ask, needs_.proof_lasts),
      feeds_(executor, needs_.outbox, needs_.metrics,
             {[this](const RepositoryKey& key) { changed(key); },
              [this](std::int64_t feed, const std::vector<std::string>& names) { found(feed, names); },
              [this](std::int64_t feed) { return needs_.is_planned(feed); }}) {}

// ---- coming and going -----------------------------------------------------------------------------------------------------

std::unique_ptr<Supervisor> Viewers::make_viewers() {
  ChildSpec viewer;
  viewer.kind = "viewer";
  viewer.restarted = [this] { needs_.metrics.restarted("viewer"); };
  viewer.run = [this](ChildId id) { return run(by_id_.at(id)); };
  viewer.title = [this](ChildId id) {
    const auto found = by_id_.find(id);
    return found == by_id_.end() ? fmt::format("{}", id)
                                 : fmt::format("{} of {} {}", id, found->second->wish.repository, found->second->wish.login);
  };
  return make_supervisor(executor_, std::move(viewer), [this](ChildEnd end) { ended(end); });
}

void Viewers::supervised_by(Supervisor* viewers) {
  viewers_ = viewers;
  if (!viewers_) return;
  for (const auto& [id, viewer] : by_id_) viewers_->start_child(id, false);
}

ViewerId Viewers::join(WatchWish wish, WebSocket& socket) {
  const ViewerId id = next_++;
  auto viewer = std::make_shared<Viewer>();
  viewer->id = id;
  viewer->key = {wish.forge, lower(wish.repository)};
  viewer->position = wish.after;
  viewer->wish = std::move(wish);
  viewer->socket = &socket;
  viewer->tell(watching_message(viewer->wish.repository, viewer->wish.login, fmt::format("(viewer {})", id)));
  by_id_.emplace(id, std::move(viewer));
  if (viewers_) viewers_->start_child(id, false);
  return id;
}

// The connection is over: its DOWN, in Erlang's words.
void Viewers::leave(ViewerId id) {
  const auto found = by_id_.find(id);
  if (found == by_id_.end()) return;
  const std::shared_ptr<Viewer> viewer = found->second;
  viewer->socket = nullptr;
  unseat(*viewer);
  if (viewers_ && viewers_->state(id)) {
    const bool listed = viewers_->state(id) != ChildState::set_aside;
    viewers_->terminate_child(id);
    if (listed) return;   // its end is told, and forgets it
  }
  by_id_.erase(id);
}

void Viewers::ended(const ChildEnd& end) {
  const auto found = by_id_.find(end.id);
  if (found == by_id_.end()) return;
  Viewer& viewer = *found->second;
  if (end.why == ChildEnd::Why::set_aside) {
    refuse(viewer, "the daemon fails at this again and again; its log says why");
    return;
  }
  unseat(viewer);
  // Of one that ends by itself the tab may still be there, and hears that it is over; it comes again when it likes.
  if (viewer.socket) viewer.socket->close(come_again_code, "the daemon has ended this");
  by_id_.erase(found);
}

void Viewers::refuse(Viewer& viewer, const std::string& sentence) {
  viewer.tell(refused_message(sentence));
  if (viewer.socket) viewer.socket->close(refused_code, sentence);
}

// It comes again by itself, and has missed nothing then.
void Viewers::put_off(Viewer& viewer, const std::string& sentence) {
  ViewedFeed unknown;
  unknown.error = sentence;
  viewer.tell(feed_message(unknown));
  if (viewer.socket) viewer.socket->close(come_again_code, sentence);
}

// ---- a syncer --------------------------------------------------------------------------------------------------------------

task<Farewell> Viewers::run(std::shared_ptr<Viewer> viewer) {
  auto letting = let_in(viewer);
  const bool in = co_await std::move(letting);
  if (!in) co_return Farewell();
  auto reading = read_on(viewer);
  co_return co_await std::move(reading);
}

// False: the tab is told why not.
task<bool> Viewers::let_in(std::shared_ptr<Viewer> viewer) {
  if (!viewer->proved) {
    auto proving = proofs_.prove(viewer->wish.forge, viewer->wish.repository, viewer->wish.viewer.token);
    const auto refused = co_await std::move(proving);
    if (refused && refused->may_pass) {
      put_off(*viewer, refused->sentence);
      co_return false;
    }
    if (refused) {
      refuse(*viewer, refused->sentence);
      co_return false;
    }
    viewer->proved = true;
  }
  co_return seat(*viewer);
}

bool Viewers::seat(Viewer& viewer) {
  if (!viewer.socket) return false;
  if (!std::exchange(viewer.seated, true)) by_repository_[viewer.key].emplace(viewer.id, &viewer);
  if (feed_of(viewer.key)) return true;
  if (feeds_.count() >= needs_.most_repositories()) {
    refuse(viewer, fmt::format("{} repositories beyond the configured ones are watched here already, which is the most: try again later",
                               feeds_.count()));
    return false;
  }
  ViewedFeeds::Source source = needs_.source(viewer.wish.forge, viewer.wish.repository, feeds_.count());
  if (!source.forge) {
    refuse(viewer, fmt::format("there is no forge called {} here", in_quotes(viewer.wish.forge)));
    return false;
  }
  feeds_.begin(viewer.key, std::move(source));
  return true;
}

void Viewers::unseat(Viewer& viewer) {
  if (!std::exchange(viewer.seated, false)) return;
  const auto found = by_repository_.find(viewer.key);
  found->second.erase(viewer.id);
  if (!found->second.empty()) return;
  by_repository_.erase(found);
  feeds_.end(viewer.key);
}

// Behind its place to the end of the log. Parked then, until there is more.
task<Farewell> Viewers::read_on(std::shared_ptr<Viewer> viewer) {
  Farewell idle;
  idle.kind = Farewell::Kind::idle;
  for (;;) {
    const ViewedFeed* feed = feed_of(viewer->key);
    if (!feed) co_return idle;   // it is let go at this moment
    WebMessage news = feed_message(*feed);
    if (!viewer->told || *news != *viewer->told) viewer->tell(viewer->told = news);
    if (feed->row == 0) co_return idle;
    const std::int64_t row = feed->row;
    // A place in the log of another feed is none in this one.
    if (viewer->feed != 0 && viewer->feed != row) viewer->position.reset();
    viewer->feed = row;
    if (!viewer->position) {
      // A configured feed begins with its subscriptions, and those may have wanted less.
      auto reaching = needs_.outbox.reach_back(row, needs_.history());
      const auto reached = co_await std::move(reaching);
      if (!reached) throw std::runtime_error(reached.error().message);
    }
    auto reading = needs_.outbox.read_log(row, viewer->wish.login, viewer->position, viewer->position ? at_once : there_already);
    auto slice = co_await std::move(reading);
    if (!slice) throw std::runtime_error(slice.error().message);   // let it crash: the supervisor tries again
    const bool first = !viewer->position;
    viewer->position = slice->position;
    std::vector<WebMessage> mentions;
    for (const OwedMention& owed : slice->mentions)
      if (!is_own(owed)) mentions.push_back(rendered(owed));
    if (first || !mentions.empty()) viewer->tell(mentions_message(mentions, slice->position, slice->more));
    if (first || !slice->more) co_return idle;
  }
}

WebMessage Viewers::rendered(const OwedMention& owed) {
  auto& message = rendered_[owed.seq];
  if (!message) message = std::make_shared<const std::string>(mention_json(owed));
  const WebMessage kept = message;
  if (rendered_.size() > most_rendered) rendered_.erase(rendered_.begin());
  return kept;
}

// ---- the feeds --------------------------------------------------------------------------------------------------------------

const ViewedFeed* Viewers::feed_of(const RepositoryKey& key) const {
  if (const ViewedFeed* planned = needs_.planned(key)) return planned;
  return feeds_.at(key);
}

void Viewers::found(std::int64_t feed, const std::vector<std::string>& names) {
  if (!viewers_) return;
  for (const auto& [id, viewer] : by_id_)
    if (viewer->feed == feed && std::find(names.begin(), names.end(), viewer->wish.login) != names.end()) viewers_->wake(id);
}

void Viewers::changed(const RepositoryKey& key) {
  const auto watched = by_repository_.find(key);
  const ViewedFeed* feed = feed_of(key);
  if (watched == by_repository_.end() || !feed) return;
  const WebMessage news = feed_message(*feed);
  for (const auto& [id, viewer] : watched->second) {
    if (viewer->feed != feed->row && viewers_) viewers_->wake(id);   // now it can read
    if (viewer->told && *viewer->told == *news) continue;
    viewer->tell(viewer->told = news);
  }
}

void Viewers::follow() {
  for (const auto& [key, viewers] : by_repository_) {
    if (needs_.planned(key)) feeds_.end(key);
    for (const auto& [id, viewer] : viewers)
      if (viewers_) viewers_->wake(id);
  }
  // Whoever watches what the plan has let go needs a feed of its own.
  const auto watched = by_repository_;
  for (const auto& [key, viewers] : watched)
    if (!feed_of(key)) seat(*viewers.begin()->second);
}

task<Farewell> Viewers::look_after() {
  for (int minute = 1;; ++minute) {
    co_await sleep_for(1min);
    auto looking = look_again(minute % 60 == 0);
    co_await std::move(looking);
  }
}

// Whose proof is still good is let through at once.
task<void> Viewers::look_again(bool note_visits) {
  proofs_.forget_old(std::chrono::steady_clock::now());
  for (const auto& [id, viewer] : by_id_) {
    viewer->proved = false;
    if (viewers_) viewers_->wake(id);
  }
  std::vector<std::int64_t> rows;
  for (const auto& [key, viewers] : by_repository_)
    if (const ViewedFeed* feed = feed_of(key); note_visits && feed && feed->row != 0 && feeds_.has(key)) rows.push_back(feed->row);
  for (const std::int64_t row : rows) {
    auto noting = needs_.outbox.note_visit(row);
    const auto noted = co_await std::move(noting);
    if (!noted) log::warn("web", "that a repository is watched could not be noted: {}", noted.error().message);
  }
}

std::vector<SubscriptionStatus> Viewers::list() const {
  std::vector<SubscriptionStatus> all;
  for (const auto& [id, viewer] : by_id_) {
    if (!viewer->socket) continue;
    SubscriptionStatus& one = all.emplace_back();
    one.name = fmt::format("(viewer {})", id);
    one.repository = viewer->wish.repository;
    one.login = viewer->wish.login;
    one.sink = "web";
    one.is_viewer = true;
    one.feed = viewer->feed;
    one.state = SubscriptionState::active;
  }
  return all;
}

}  // namespace beckon::core
