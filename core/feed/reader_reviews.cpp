// Reviews have no list of their own: those of each pull request that has changed are asked for, one after the other.
#include "feed/reader.hpp"

#include "feed/scan.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace beckon::core {
namespace {

constexpr std::size_t reviews_at_a_time = 50;
constexpr std::size_t reviews_in_one_poll = 100;
constexpr unsigned most_failed_reviews = 3;
constexpr std::size_t most_counted = 10'000;

}  // namespace

// One pull request after the other, each tried once a poll; those that failed before come last, so that they cannot keep
// the others back poll after poll.
struct SourceReader::Reviews {
  std::set<std::int64_t> tried;
  std::set<std::int64_t> last;
  std::optional<std::size_t> due;              // at first; unset: very many
  SteadyTime begun = std::chrono::steady_clock::now();
  unsigned failed = 0;
  bool given_up = false;
  bool broken_off = false;                     // the next poll goes on
  std::optional<ForgeError> failure;
};

task<void> SourceReader::read_reviews(Poll& poll) {
  const auto found = head(SourceKind::reviews);
  if (!found || rests(poll, *found)) co_return;
  Cursor cursor = *found;
  Reviews reviews;
  reviews.last = std::move(unread_reviews_);
  unread_reviews_.clear();
  bool at_last = reviews.last.empty();
  while (!reviews.given_up) {
    const std::size_t limit = reviews_at_a_time + reviews.tried.size() + reviews.last.size();
    const auto due = co_await outbox_.due_reviews(feed_.id, limit);
    if (!due) co_return poll.stop(due.error().message);
    if (reviews.tried.empty() && due->size() == limit) {
      const auto all = co_await outbox_.due_reviews(feed_.id, most_counted);
      if (all && all->size() < most_counted) reviews.due = all->size();
    } else if (reviews.tried.empty()) {
      reviews.due = due->size();
    }
    bool any = false;
    for (const DueReview& review : *due) {
      if (reviews.given_up || (!at_last && reviews.last.contains(review.pull_request))) continue;
      if (reviews.tried.contains(review.pull_request)) continue;
      if (reviews.tried.size() == reviews_in_one_poll) {
        reviews.broken_off = true;
        break;
      }
      reviews.tried.insert(review.pull_request);
      any = true;
      co_await read_review(poll, review, cursor, reviews);
      if (poll.stopped) co_return;
      note_reviews(reviews);
    }
    if (reviews.broken_off || (!any && std::exchange(at_last, true))) break;
  }
  if (reviews.broken_off) poll.report.more = true;
  else progress_.finish({SourceKind::reviews, 0}, 0);
  show_progress();
  if (reviews.given_up || reviews.broken_off) unread_reviews_.merge(reviews.last);
  if (reviews.failure) {
    ForgeError error = std::move(*reviews.failure);
    co_await source_failed(poll, std::move(cursor), std::move(error));
    co_return;
  }
  if (!cursor.error.empty()) co_await save_error(poll, cursor, std::string());
  if (!poll.stopped) source_works(cursor);
}

// Of a few there is nothing to tell.
void SourceReader::note_reviews(const Reviews& reviews) {
  if (reviews.due && *reviews.due <= reviews_at_a_time) return;
  std::optional<std::size_t> left;
  if (reviews.due) left = *reviews.due - std::min(*reviews.due, reviews.tried.size());
  progress_.read({SourceKind::reviews, 0}, left);
  show_progress();
  const SteadyTime now = std::chrono::steady_clock::now();
  if (!line_is_due(reviews.tried.size(), reviews.begun, last_line_, now)) return;
  last_line_ = now;
  log::info("feed", "{}: the reviews of {} pull requests have been read; {}", name(), reviews.tried.size(),
            left ? fmt::format("{} more are due", *left) : "there are more");
}

task<void> SourceReader::read_review(Poll& poll, DueReview due, Cursor& cursor, Reviews& reviews) {
  auto page = co_await forge_.reviews(feed_.repository, due.pull_request);
  // Who may read review comments may read reviews: then it is the pull request that is gone.
  const bool gone = !page && page.error().failure == ForgeFailure::not_found && review_comments_read_;
  if (!page && !gone) {
    // One pull request that cannot be read must not keep the others back; a refusal will meet them too.
    const ForgeFailure failure = page.error().failure;
    if (!concerns_all(failure)) unread_reviews_.insert(due.pull_request);
    reviews.given_up = concerns_all(failure) || lasts(failure) || ++reviews.failed == most_failed_reviews;
    if (!reviews.failure || reviews.given_up) reviews.failure = page.error();
    co_return;
  }
  reviews.last.erase(due.pull_request);
  cursor.error.clear();
  cursor.retry_at.reset();
  cursor.watermark = std::max(cursor.watermark, due.updated);
  PageCommit commit;
  commit.feed = feed_.id;
  commit.cursor = cursor;
  ForgeTime state = due.updated;
  if (page) {
    count(poll, *page);
    commit.date = page->date;
    // A second that is not over may bring another review that moves nothing: read it again at the next poll.
    if (page->date <= due.updated) state -= 1s;
    commit.posts = co_await scan(std::move(page->posts));
  }
  commit.reviews_read = std::pair(due.pull_request, state);
  co_await this->commit(poll, std::move(commit));
}

}  // namespace beckon::core
