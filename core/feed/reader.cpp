#include "feed/reader.hpp"

#include "feed/scan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

namespace beckon::core {
namespace {

constexpr std::size_t most_pages_in_one_poll = 30;   // of one source
constexpr std::size_t fewest_pages_in_one_poll = 3;
constexpr std::size_t most_told = 1000;
constexpr std::array heads = {SourceKind::bodies, SourceKind::pull_requests, SourceKind::comments,
                              SourceKind::review_comments};

std::string_view words(SourceKind source) {
  switch (source) {
    case SourceKind::bodies: return "issues and pull requests";
    case SourceKind::comments: return "comments";
    case SourceKind::review_comments: return "review comments";
    case SourceKind::reviews: return "reviews";
    case SourceKind::pull_requests: return "pull requests";
  }
  return "posts";
}

}  // namespace

void Poll::fail(std::string_view sentence) {
  if (!report.failed) report.error = sentence;
  report.failed = true;
}

void Poll::stop(std::string_view sentence) {
  fail(sentence);
  stopped = true;
  stopped_by = sentence;
}

PollResult Poll::result() const {
  if (!report.failed) return PollResult::ok;
  if (is_refused()) return PollResult::refused;
  return rate_limited ? PollResult::rate_limited : PollResult::failed;
}

task<void> SourceReader::read(Poll& poll, Feed feed, bool has_issues) {
  feed_ = std::move(feed);
  if (has_issues_ != has_issues) begun_.clear();
  has_issues_ = has_issues;
  review_comments_read_ = false;
  expect_all();
  co_await read_in_turn(poll);
  if (!progress_.total()) {
    progress_.forget();
    last_line_.reset();
  }
  show_progress();
}

task<void> SourceReader::read_in_turn(Poll& poll) {
  if (!has_issues_) co_await note_missing_issues(poll);
  for (const SourceKind source : heads) {
    auto cursor = head(source);
    if (!cursor || poll.stopped || source == (has_issues_ ? SourceKind::pull_requests : SourceKind::bodies)) continue;
    // What was read while issues were still open need not be read again. The other way round it must: who opens issues
    // again may write one before we hear of it, so the cursor of all bodies stays where it was.
    if (source == SourceKind::pull_requests)
      if (const auto bodies = head(SourceKind::bodies)) cursor->watermark = std::max(cursor->watermark, bodies->watermark);
    co_await read_source(poll, std::move(*cursor));
  }
  if (poll.stopped) co_return;
  co_await read_reviews(poll);
  bool walked = false;
  for (const Cursor& cursor : feed_.cursors) {
    if (poll.stopped) co_return;
    if (cursor.walk == 0 || cursor.source == SourceKind::reviews) continue;
    co_await read_source(poll, cursor);
    walked = true;
  }
  // Older pull requests that a walk has brought.
  if (walked && !poll.stopped) co_await read_reviews(poll);
}

task<void> SourceReader::read_source(Poll& poll, Cursor cursor) {
  if (rests(poll, cursor)) co_return;
  Begun begun = take_up(cursor);
  Walk& walk = begun.walk;
  for (std::size_t pages = 1;; ++pages) {
    PageRequest request = walk.request();
    if (!has_issues_ && request.source == SourceKind::bodies) request.source = SourceKind::pull_requests;
    auto page = co_await forge_.page(feed_.repository, std::move(request));
    if (!page) {
      ForgeError error = page.error();
      if (!cursor.next_page.empty() && !concerns_all(error.failure)) {
        // A link that was kept may lead nowhere any more. The next poll begins its window anew.
        cursor.next_page.clear();
        cursor.error.clear();  // so that the cursor is saved whatever its error was
      }
      co_await source_failed(poll, std::move(cursor), std::move(error));
      co_return;
    }
    count(poll, *page);
    const std::string error_before = cursor.error;
    const Walk::Step step = walk.take(*page);
    cursor = step.cursor;
    cursor.error.clear();
    cursor.retry_at.reset();
    if (!page->not_modified) {
      PageCommit commit;
      commit.feed = feed_.id;
      commit.cursor = cursor;
      commit.date = page->date;
      commit.walk_finished = step.walk_finished;
      commit.posts = co_await scan(std::move(page->posts));
      commit.threads = std::move(page->threads);
      co_await this->commit(poll, std::move(commit));
    } else if (!error_before.empty()) {
      co_await save_error(poll, cursor, std::string());
    }
    if (poll.stopped) co_return;
    if (!step.error.empty()) {
      ForgeError error;
      error.failure = ForgeFailure::endless;
      error.message =
          fmt::format("the {} of {} cannot be read to their end: {}", words(cursor.source), name(), step.error);
      co_await source_failed(poll, std::move(cursor), std::move(error));
      co_return;
    }
    ++begun.pages;
    note_progress(begun, cursor, *page, step.finished);
    if (step.finished) break;
    if (pages == pages_in_one_poll()) {
      begun_.insert_or_assign(std::pair(cursor.source, cursor.walk), std::move(begun));
      poll.report.more = true;
      ++poll.sources_read;
      co_return;
    }
  }
  source_works(cursor);
  ++poll.sources_read;
  if (cursor.source == SourceKind::review_comments) review_comments_read_ = true;
}

// A walk that the poll before broke off goes on where it stood: it knows what it has seen of a second with many pages.
SourceReader::Begun SourceReader::take_up(const Cursor& cursor) {
  const auto found = begun_.extract(std::pair(cursor.source, cursor.walk));
  if (found) return std::move(found.mapped());
  return Begun{Walk(cursor), cursor.watermark};
}

// Reviews are left out until they have been counted: there is no telling before.
void SourceReader::expect_all() {
  std::set<ReadingProgress::Part> parts;
  for (const Cursor& cursor : feed_.cursors)
    if (cursor.source != SourceKind::reviews &&
        (cursor.walk != 0 || cursor.source != (has_issues_ ? SourceKind::pull_requests : SourceKind::bodies)))
      parts.emplace(cursor.source, cursor.walk);
  progress_.expect(parts);
}

void SourceReader::note_progress(const Begun& begun, const Cursor& cursor, const Page& page, bool finished) {
  const ReadingProgress::Part part(cursor.source, cursor.walk);
  if (finished) {
    progress_.finish(part, page.not_modified ? 0 : 1);
    return show_progress();
  }
  const auto left = estimate_left({begun.pages, page.pages_left, begun.from, cursor.watermark, page.date, cursor.until});
  progress_.read(part, left);
  show_progress();
  const SteadyTime now = std::chrono::steady_clock::now();
  if (!line_is_due(begun.pages, begun.since, last_line_, now)) return;
  last_line_ = now;
  log::info("feed", "{}: {} pages of the {} have been read, up to {}; {}", name(), begun.pages, words(cursor.source),
            format_iso_time(cursor.watermark),
            left ? fmt::format("about {} more", *left) : "there are more");
}

void SourceReader::show_progress() {
  const auto total = progress_.total();
  if (total == shown_) return;
  shown_ = total;
  listener_.progressed(total);
}

// A long way must not use up what the heads need of a small quota.
std::size_t SourceReader::pages_in_one_poll() const {
  const auto limit = static_cast<std::size_t>(std::max<std::int64_t>(forge_.quota().limit, 0));
  if (limit == 0) return most_pages_in_one_poll;
  return std::clamp(limit / 150, fewest_pages_in_one_poll, most_pages_in_one_poll);
}

task<void> SourceReader::commit(Poll& poll, PageCommit page) {
  const auto committed = co_await outbox_.commit_page(std::move(page));
  if (!committed) co_return poll.stop(committed.error().message);
  poll.report.new_mentions += committed->new_mentions;
  poll.new_posts += committed->new_posts;
  listener_.committed(feed_.id, *committed);
}

// ---- failures -------------------------------------------------------------------------------------------------------

// A source that lately was refused for good is left alone for a while.
bool SourceReader::rests(Poll& poll, const Cursor& cursor) {
  const auto rest = health_.rests(cursor, std::chrono::steady_clock::now());
  if (rest) progress_.abandon({cursor.source, cursor.walk});
  if (rest && rest->counts) {
    poll.fail(rest->error);
    if (poll.sources_refused.empty()) poll.sources_refused = rest->error;
  }
  return rest.has_value();
}

task<void> SourceReader::source_failed(Poll& poll, Cursor cursor, ForgeError error) {
  if (error.retry_after) poll.retry_after = std::max(poll.retry_after.value_or(0ms), *error.retry_after);
  const bool of_issues = cursor.source == SourceKind::bodies || cursor.source == SourceKind::comments;
  if (error.failure == ForgeFailure::not_found && of_issues && !has_issues_) {
    error.failure = ForgeFailure::disabled;
    error.message = fmt::format("issues are switched off in {}", name());
  }
  if (concerns_all(error.failure)) {
    poll.refused = error.failure == ForgeFailure::unauthorized;
    poll.rate_limited = error.failure == ForgeFailure::rate_limited;
    poll.stop(error.message);
  } else {
    progress_.abandon({cursor.source, cursor.walk});
    const auto failed = health_.failed(cursor, error, std::chrono::steady_clock::now());
    if (failed.counts) poll.fail(error.message);
    if (failed.counts && is_refusal(error.failure) && poll.sources_refused.empty()) poll.sources_refused = error.message;
    if (failed.rests) cursor.retry_at = wall_now() + *failed.rests;
    if (failed.news)
      log::emit(failed.counts ? LogLevel::warn : LogLevel::info, "feed", "{}: {}", name(), error.message);
    // The repository itself may have gone, moved or changed.
    if (error.failure == ForgeFailure::not_found || error.failure == ForgeFailure::disabled)
      poll.repository_doubtful = true;
  }
  if (cursor.error != error.message) co_await save_error(poll, std::move(cursor), std::move(error.message));
}

// No failure: the repository is as its owner wants it, and the source is not even asked.
task<void> SourceReader::note_missing_issues(Poll& poll) {
  auto bodies = head(SourceKind::bodies);
  std::string sentence = fmt::format("issues are switched off in {}: only its pull requests are read", name());
  if (!bodies || bodies->error == sentence) co_return;
  log::info("feed", "{}: {}", name(), sentence);
  co_await save_error(poll, std::move(*bodies), std::move(sentence));
}

task<void> SourceReader::save_error(Poll& poll, Cursor cursor, std::string error) {
  cursor.error = std::move(error);
  if (cursor.error.empty()) cursor.retry_at.reset();
  const auto saved = co_await outbox_.save_cursor(feed_.id, std::move(cursor));
  if (!saved) poll.stop(saved.error().message);
}

void SourceReader::source_works(const Cursor& cursor) {
  if (health_.works(cursor)) log::info("feed", "{}: the {} can be read again", name(), words(cursor.source));
}

void SourceReader::count(Poll& poll, const Page& page) {
  if (!page.not_modified || !forge_.authenticated()) poll.charged += 1;
  if (page.moved) poll.repository_doubtful = true;
  note_name(poll, page);
  for (const std::string& sentence : page.unreadable)
    if (told_unreadable_.size() < most_told && told_unreadable_.insert(sentence).second)
      log::warn("feed", "{}: {}", name(), sentence);
}

// Posts link to where they stand, under today's name of the repository.
void SourceReader::note_name(Poll& poll, const Page& page) {
  const std::string& home = feed_.repository.url;
  if (home.empty() || page.posts.empty()) return;
  const std::string& link = page.posts.front().url;
  const bool ours = link.size() > home.size() && link[home.size()] == '/' &&
                    std::equal(home.begin(), home.end(), link.begin(), [](unsigned char a, unsigned char b) {
                      return std::tolower(a) == std::tolower(b);
                    });
  if (link.empty() || ours) return;
  // "https://github.com/owner/name": asked about once, for on some hosts the two addresses may never agree.
  std::size_t end = 0;
  for (int slashes = 0; end < link.size() && (link[end] != '/' || ++slashes < 5);) ++end;
  if (strange_home_ == link.substr(0, end)) return;
  strange_home_ = link.substr(0, end);
  poll.renamed = true;
}

std::optional<Cursor> SourceReader::head(SourceKind source) const {
  for (const Cursor& cursor : feed_.cursors)
    if (cursor.source == source && cursor.walk == 0) return cursor;
  return std::nullopt;
}

}  // namespace beckon::core
