#include "feed/progress.hpp"

#include <algorithm>
#include <cmath>

namespace beckon::core {
namespace {

constexpr std::size_t told_after = 50;   // pages
constexpr auto told_every = std::chrono::seconds(5);
constexpr double least_covered = 0.01;

std::size_t rounded_up(double pages) { return static_cast<std::size_t>(std::max(1.0, std::ceil(pages))); }

double seconds(ForgeTime from, ForgeTime to) { return static_cast<double>((to - from).count()); }

}  // namespace

std::optional<std::size_t> estimate_left(const PagesRead& read) {
  const ForgeTime end = std::min(read.end.value_or(read.now), read.now);
  if (read.following && end >= read.now) return read.following;
  if (read.following) {   // of which those after the end are not read
    const double whole = seconds(read.position, read.now);
    const double share = whole <= 0 ? 1 : std::clamp(seconds(read.position, end) / whole, 0.0, 1.0);
    return rounded_up(static_cast<double>(*read.following) * share);
  }
  const double covered = seconds(read.begin, read.position), whole = seconds(read.begin, end);
  if (covered <= 0 || covered < whole * least_covered) return std::nullopt;
  return rounded_up(static_cast<double>(read.count) * std::max(0.0, whole - covered) / covered);
}

void ReadingProgress::expect(const std::set<Part>& parts) {
  std::erase_if(parts_, [&](const auto& known) { return known.second.state != State::finished && !parts.contains(known.first); });
  for (const Part& part : parts) parts_.try_emplace(part);
}

void ReadingProgress::read(Part part, std::optional<std::size_t> left) {
  Pages& pages = parts_[part];
  pages.state = State::under_way;
  ++pages.done;
  pages.left = left;
}

void ReadingProgress::finish(Part part, std::size_t more) {
  Pages& pages = parts_[part];
  if (pages.state != State::finished) pages.done += more;
  pages.state = State::finished;
  pages.left = 0;
}

std::optional<FeedProgress> ReadingProgress::total() const {
  FeedProgress total;
  total.pages_left = 0;
  bool under_way = false;
  for (const auto& [part, pages] : parts_) {
    under_way = under_way || pages.state == State::under_way;
    total.pages_done += pages.done;
    if (total.pages_left && pages.left) *total.pages_left += *pages.left;
    else total.pages_left.reset();
  }
  return under_way ? std::optional(total) : std::nullopt;
}

bool line_is_due(std::size_t pages, SteadyTime begun, std::optional<SteadyTime> last_line, SteadyTime now) {
  if (last_line) return now - *last_line >= told_every;
  return pages >= told_after || now - begun >= told_every;
}

}  // namespace beckon::core
