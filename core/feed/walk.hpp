// How one source is read from its cursor to its end so that nothing is lost while people write and edit. Pure.
//
// Lists are asked for oldest change first. After each page comes page 1 of a later `since`, never page 2: an edit moves
// its post to the list's end and every later post one place forward, over the edge between two pages. Only where
// `since` makes no progress (a whole page changed in one second, the *window*) are the `next` links followed; the
// window is then read until a pass finds every post of the pass before still in it, for only a post that left can have
// moved others. The watermark to be saved never passes what has surely been read.
#pragma once

#include "forge/forge.hpp"
#include "outbox/outbox.hpp"

#include <cstdint>
#include <set>
#include <string>

namespace beckon::core {

struct WalkLimits {
  // A poll begins this much before the watermark: forges answer from replicas that may lag behind each other.
  std::chrono::seconds overlap{60};
  // No repository has that many pages of one second: a list that goes on has no end.
  std::size_t window_pages = 100;
};

class Walk {
 public:
  // `saved` is the cursor as it stands in the outbox; a head and a walk through history differ by `saved.walk`.
  explicit Walk(Cursor saved, WalkLimits limits = {});

  PageRequest request() const;

  struct Step {
    Cursor cursor;               // to be committed with the page's posts
    bool finished = false;       // no more to ask
    bool walk_finished = false;  // history has reached the head's coverage
    std::string error;           // finished, but not read to the end: why
  };
  Step take(const Page& page);

 private:
  struct Window {
    ForgeTime second{};
    std::string page;                // the link to ask; empty: page 1
    std::set<std::int64_t> seen;     // by this pass
    std::set<std::int64_t> before;   // by the pass before
    bool verifiable = false;         // there was a whole pass before
    bool whole = true;               // this pass began at page 1
    std::size_t pages = 0;           // of this pass
    std::size_t passes = 1;
  };

  Step take_plain(const Page& page);
  Step take_in_window(const Page& page);
  Step leave_window(const Page& page);
  Step finish(const Page& page);
  Step stop(std::string error);
  void raise(ForgeTime to, const Page& page);
  bool reached_until(ForgeTime position) const;

  Cursor cursor_;
  WalkLimits limits_;
  ForgeTime since_{};                // of the next request
  std::optional<Window> window_;
  std::size_t pages_ = 0;
};

}  // namespace beckon::core
