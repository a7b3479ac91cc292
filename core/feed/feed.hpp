// One repository with one credential, however many subscriptions watch it: polls every source from its cursor and
// commits page and cursor together. Decisions are `feed/walk.hpp` and `feed/pace.hpp`, pure.
#pragma once

#include "base/task.hpp"
#include "forge/forge.hpp"
#include "model/progress.hpp"
#include "model/poll_result.hpp"
#include "outbox/outbox.hpp"

#include <memory>
#include <optional>
#include <string>

namespace beckon::core {

struct FeedOptions {
  std::string repository;              // as configured, "owner/name"
  Milliseconds interval{60s};
  std::chrono::seconds backfill{0};    // the largest that a subscription of this feed asks for
  std::size_t feeds = 1;               // how many feeds share the forge's credential, this one included
  Milliseconds first_poll{0};          // `run` waits this long before it begins: see first_poll() in feed/pace.hpp
  std::optional<SteadyTime> wanted_at; // when its subscriptions were asked for; nullopt: when the forge first answers
};

struct PollReport {
  bool failed = false;                 // at least one source could not be read to its end
  std::string error;                   // the first failure's sentence
  PollResult result{};
  std::size_t new_mentions = 0;
  std::size_t known_posts = 0;         // posts in the log after a baseline (first poll)
  std::optional<Milliseconds> retry_after;  // the forge's word on when to ask again
  bool baseline = false;               // this was the feed's first complete poll
  bool more = false;                   // no failure: there is more to read than one poll does; the next goes on
};

// Two configured names may lead to one repository, of which one poller reads the feed.
enum class FeedRole { reads, rests };

// The daemon's side of a feed. Called on the daemon's thread.
class FeedListener {
 public:
  virtual ~FeedListener() = default;
  // The feed is known to the outbox; enrol its subscriptions. `now` is the forge's clock when they were asked for, in whole
  // seconds, absent while it was not reached. Called at once for a known feed, and again after the forge has answered. May add
  // walks. An Error ends the poll, and the next one calls again. A poller that rests only looks now and then whether its name
  // still leads there.
  virtual task<Result<FeedRole>> opened(Feed feed, std::optional<ForgeTime> now) = 0;
  virtual void committed(std::int64_t feed, const PageCommitted& page) = 0;
  // A poll has come to its end: what was committed in it can go out together.
  virtual void polled(std::int64_t feed) = 0;
  // How each poll went, whether or not it got as far as that. A poller that rests polls nothing.
  virtual void concluded(const PollReport&) {}
  // A notice for every subscription of the feed has been logged.
  virtual void noticed(std::int64_t feed) = 0;
  // Where reading takes more than a page: after each of them, and with nothing when all has been read.
  virtual void progressed(std::optional<FeedProgress>) {}
  // `run` has polled, however that went, and does so again in this time.
  virtual void waits(Milliseconds) {}
};

class FeedPoller {
 public:
  virtual ~FeedPoller() = default;
  // Everything from where it stands, once: through all pages and walks, up to a bound for each source, so that none
  // starves the others. Throws only when cancelled or for a bug.
  virtual task<PollReport> poll() = 0;
  // Polls until cancelled.
  virtual task<void> run() = 0;
};

// All three outlive the poller.
std::unique_ptr<FeedPoller> make_feed(Forge& forge, Outbox& outbox, FeedListener& listener, FeedOptions options);

}  // namespace beckon::core
