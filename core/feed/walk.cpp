#include "feed/walk.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace beckon::core {
namespace {

constexpr std::size_t most_passes = 20;

// How far a page that is not the last one has surely been read. Its largest time is not safe: a post edited between the
// forge's sorting and its answering shows a time that belongs behind everything still unread. The second largest is.
ForgeTime safe_position(const Page& page, ForgeTime otherwise) {
  std::vector<ForgeTime> times;
  for (const Post& post : page.posts) times.push_back(post.updated);
  if (times.size() < 2) return page.newest.value_or(otherwise);
  std::ranges::nth_element(times, times.end() - 2);
  return *(times.end() - 2);
}

bool includes(const std::set<std::int64_t>& all, const std::set<std::int64_t>& some) {
  return std::includes(all.begin(), all.end(), some.begin(), some.end());
}

}  // namespace

Walk::Walk(Cursor saved, WalkLimits limits) : cursor_(std::move(saved)), limits_(limits) {
  const bool head = cursor_.walk == 0;
  since_ = head ? cursor_.watermark - limits_.overlap : cursor_.watermark;
  if (cursor_.next_page.empty()) return;
  // Cut off inside a window: go on there; the pass that follows verifies what this one did not see.
  window_ = Window{};
  window_->second = cursor_.watermark;
  window_->page = cursor_.next_page;
  window_->whole = false;
}

PageRequest Walk::request() const {
  PageRequest request;
  request.source = cursor_.source;
  request.since = window_ ? window_->second : since_;
  if (window_) {
    request.page_url = window_->page;
  } else {
    request.etag = cursor_.etag;
    request.etag_key = cursor_.etag_key;
  }
  return request;
}

Walk::Step Walk::take(const Page& page) {
  ++pages_;
  if (page.not_modified) return finish(page);
  return window_ ? take_in_window(page) : take_plain(page);
}

Walk::Step Walk::take_plain(const Page& page) {
  if (!page.more) return finish(page);
  // An ETag of a page that is not the last would hide what comes after it.
  cursor_.etag.clear();
  cursor_.etag_key.clear();
  const ForgeTime position = safe_position(page, since_);
  if (position > since_) {
    if (reached_until(position)) return finish(page);
    if (page.date > ForgeTime{} && position > page.date + 24h)
      return stop("whole pages are dated days ahead of its own clock");
    since_ = position;
    raise(position, page);
    return {.cursor = cursor_};
  }
  if (page.next.empty()) return stop("its next page is on another host, and nothing else leads past this one");
  window_ = Window{};
  window_->second = since_;
  return take_in_window(page);
}

Walk::Step Walk::take_in_window(const Page& page) {
  Window& window = *window_;
  std::size_t beyond = 0;
  std::size_t fresh = 0;
  for (const Post& post : page.posts) {
    if (post.updated > window.second) ++beyond;
    else fresh += window.seen.insert(post.id).second ? 1 : 0;
  }
  // A single later post may be one that was edited while the forge answered: see `safe_position`.
  const bool passed = beyond > 1 || (beyond == 1 && page.posts.size() == 1);
  if (passed || !page.more) return leave_window(page);
  if (page.next.empty()) return stop("its next page is on another host, and nothing else leads past this one");
  if (fresh == 0 || page.next == window.page) return stop("its pages repeat themselves without an end");
  if (++window.pages >= limits_.window_pages)
    return stop(fmt::format("after {} pages of the one second {} there is still no end", window.pages,
                            format_iso_time(window.second)));
  window.page = page.next;
  if (window.second >= cursor_.watermark) cursor_.next_page = page.next;  // else it lies in the overlap, read before
  return {.cursor = cursor_};
}

// A pass has reached the window's end. Complete if every post that the pass before saw is still there.
Walk::Step Walk::leave_window(const Page& page) {
  Window& window = *window_;
  const bool one_page = window.whole && window.page.empty();
  if (!one_page && !(window.verifiable && includes(window.seen, window.before))) {
    if (++window.passes > most_passes)
      return stop(fmt::format("its pages of the second {} change from one reading to the next",
                              format_iso_time(window.second)));
    window.pages = 0;
    window.verifiable = window.whole;
    window.before = std::exchange(window.seen, {});
    window.page.clear();
    window.whole = true;
    cursor_.next_page.clear();
    return {.cursor = cursor_};
  }
  const ForgeTime after = window.second + 1s;
  const bool last = !page.more;
  window_.reset();
  cursor_.next_page.clear();
  raise(after, page);
  if (last || reached_until(after)) return finish(page);
  since_ = after;
  return {.cursor = cursor_};
}

Walk::Step Walk::finish(const Page& page) {
  window_.reset();
  cursor_.next_page.clear();
  if (!page.not_modified) {
    if (page.newest) raise(*page.newest, page);
    // Once many posts have changed within the overlap, each poll would read all their pages again until the next post.
    // Not so often that the URL moves where nothing does.
    const bool many = cursor_.walk == 0 && pages_ > 1 && !page.more;
    if (many && page.date > ForgeTime{}) raise(page.date - limits_.overlap, page);
    cursor_.etag = page.more ? std::string() : page.etag;
    cursor_.etag_key = page.more ? std::string() : page.etag_key;
  }
  return {.cursor = cursor_, .finished = true, .walk_finished = cursor_.walk != 0};
}

Walk::Step Walk::stop(std::string error) {
  window_.reset();
  cursor_.next_page.clear();
  return {.cursor = cursor_, .finished = true, .error = std::move(error)};
}

// Never past the forge's own clock: a post dated into the future must not hide those written before then.
void Walk::raise(ForgeTime to, const Page& page) {
  if (page.date > ForgeTime{}) to = std::min(to, page.date);
  cursor_.watermark = std::max(cursor_.watermark, to);
}

bool Walk::reached_until(ForgeTime position) const {
  return cursor_.walk != 0 && cursor_.until && position >= *cursor_.until;
}

}  // namespace beckon::core
