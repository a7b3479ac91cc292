// How far a long reading has come, and how much of it is left. Pure.
//
// After each page the feed asks for page 1 of a later `since`, so the forge's own count of pages (`rel="last"`) is a count
// of what is left, and falls. Where it gives none, what is left is reckoned from the time that has been covered.
#pragma once

#include "base/time.hpp"
#include "model/post.hpp"
#include "model/progress.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>

namespace beckon::core {

// Of one source, after a page that was not its last.
struct PagesRead {
  std::size_t count = 0;
  std::optional<std::size_t> following;   // by the forge's own count, up to the present
  ForgeTime begin{};                      // where the reading began, how far it has come,
  ForgeTime position{};
  ForgeTime now{};                        // and the present, by the forge's clock
  std::optional<ForgeTime> end;           // it ends there, before the present
};
// Unset where there is no count, and less than a hundredth of the time has been covered.
std::optional<std::size_t> estimate_left(const PagesRead& read);

// All sources of a feed together.
class ReadingProgress {
 public:
  using Part = std::pair<SourceKind, std::int64_t>;   // a source and its walk

  // What is going to be asked: until then nobody knows how much is left. Of others only what was read remains.
  void expect(const std::set<Part>& parts);
  void read(Part part, std::optional<std::size_t> left);   // one more page, and there are more
  void finish(Part part, std::size_t pages);               // its last ones, if any; another look at it counts no more
  void abandon(Part part) { parts_.erase(part); }          // it will not be read to its end
  void forget() { parts_.clear(); }
  // Nothing while no source is in the middle of its pages.
  std::optional<FeedProgress> total() const;

 private:
  enum class State { expected, under_way, finished };
  struct Pages {
    State state = State::expected;
    std::size_t done = 0;
    std::optional<std::size_t> left;
  };
  std::map<Part, Pages> parts_;
};

// Whether the log is to have a line about a reading: the first after 50 pages or 5 s, the others 5 s apart.
bool line_is_due(std::size_t pages, SteadyTime begun, std::optional<SteadyTime> last_line, SteadyTime now);

}  // namespace beckon::core
