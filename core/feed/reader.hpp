// Reads the sources of one feed from their cursors to their ends, committing page by page. One source's failure leaves
// the others; it is written to its cursor and logged when it changes.
#pragma once

#include "base/log.hpp"
#include "base/task.hpp"
#include "feed/feed.hpp"
#include "feed/health.hpp"
#include "feed/progress.hpp"
#include "feed/walk.hpp"
#include "forge/forge.hpp"
#include "outbox/outbox.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace beckon::core {

// What one poll has come to so far.
struct Poll {
  PollReport report;
  bool stopped = false;                        // nothing more is asked in this poll; `report.error` may be older
  std::string stopped_by;
  bool refused = false;                        // the forge will not let the repository be read
  bool rate_limited = false;                   // it stopped because the forge asked to wait
  std::size_t sources_read = 0;                // to their end, or as far as one poll goes
  std::string sources_refused;                 // why the first of those that may not be read may not; empty: all may
  std::optional<Milliseconds> retry_after;     // the forge's word
  double charged = 0;                          // requests that cost quota
  std::size_t new_posts = 0;
  bool repository_doubtful = false;            // it may have moved or gone
  bool renamed = false;                        // its posts carry another name than the one we know

  // Where not one source may be read, the repository may not.
  bool is_refused() const { return refused || (!stopped && sources_read == 0 && !sources_refused.empty()); }
  PollResult result() const;
  void fail(std::string_view sentence);
  void stop(std::string_view sentence);
};

class SourceReader {
 public:
  // All three outlive the reader.
  SourceReader(Forge& forge, Outbox& outbox, FeedListener& listener)
      : forge_(forge), outbox_(outbox), listener_(listener) {}

  // Heads first, then the walks through history. `poll` belongs to the caller, who waits for the end.
  task<void> read(Poll& poll, Feed feed, bool has_issues);

  // Whatever was refused may be read again: no source rests any longer.
  void forgive() { health_.clear(); }
  // The feed is another one from now on.
  void forget() {
    health_.clear();
    unread_reviews_.clear();
    begun_.clear();
    strange_home_.clear();
    progress_.forget();
    show_progress();
  }

 private:
  struct Reviews;
  struct Begun {
    Walk walk;
    ForgeTime from{};              // its watermark when it began
    SteadyTime since = std::chrono::steady_clock::now();
    std::size_t pages = 0;
  };

  task<void> read_in_turn(Poll& poll);
  task<void> read_source(Poll& poll, Cursor cursor);
  task<void> read_reviews(Poll& poll);
  task<void> read_review(Poll& poll, DueReview due, Cursor& cursor, Reviews& reviews);
  task<void> commit(Poll& poll, PageCommit page);
  task<void> source_failed(Poll& poll, Cursor cursor, ForgeError error);
  task<void> note_missing_issues(Poll& poll);
  task<void> save_error(Poll& poll, Cursor cursor, std::string error);
  void source_works(const Cursor& cursor);
  bool rests(Poll& poll, const Cursor& cursor);
  Begun take_up(const Cursor& cursor);
  void expect_all();
  void note_progress(const Begun& begun, const Cursor& cursor, const Page& page, bool finished);
  void note_reviews(const Reviews& reviews);
  void show_progress();
  std::size_t pages_in_one_poll() const;
  void count(Poll& poll, const Page& page);
  void note_name(Poll& poll, const Page& page);
  const std::string& name() const { return feed_.repository.full_name; }
  std::optional<Cursor> head(SourceKind source) const;

  Forge& forge_;
  Outbox& outbox_;
  FeedListener& listener_;
  Feed feed_;                                  // of the present poll
  bool has_issues_ = true;
  bool review_comments_read_ = false;          // in the present poll
  std::set<std::int64_t> unread_reviews_;      // pull requests whose reviews could not be read by the poll before
  std::map<std::pair<SourceKind, std::int64_t>, Begun> begun_;   // what polls have broken off, by source and walk
  std::string strange_home_;                   // the repository's address in posts when it last was another one
  ReadingProgress progress_;
  std::optional<FeedProgress> shown_;          // the last that the listener has heard
  std::optional<SteadyTime> last_line_;        // of the log, about a reading that is not over
  SourceHealth health_;
  std::set<std::string> told_unreadable_;
};

}  // namespace beckon::core
