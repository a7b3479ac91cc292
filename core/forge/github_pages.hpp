// Lists that know no `since`: read page after page, newest change first, until far enough back. Pure.
//
// Nothing is lost to those who write meanwhile: a change moves its element to the front, so that the others move towards
// pages still to come, and what was moved away itself is newer than all that was read, for the next poll. (Only an element
// that vanishes altogether can hide a neighbour, until that changes again.)
#pragma once

#include "forge/forge.hpp"

#include <cstddef>
#include <deque>

namespace beckon::core {

class PageStack {
 public:
  // Of the way back to `since` only the oldest `most_kept` pages are kept: `whole` then says that there is more, and who
  // goes on asks from where it ends.
  PageStack(ForgeTime since, std::size_t most_kept) : since_(since), most_kept_(most_kept) {}

  bool take(Page page);   // false: read far enough
  Page whole() &&;        // oldest change first; ETag and date are the first page's

 private:
  ForgeTime since_;
  std::size_t most_kept_;
  std::deque<Page> kept_;
  Page whole_;
  bool begun_ = false;
};

}  // namespace beckon::core
