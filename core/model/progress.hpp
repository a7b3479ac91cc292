// How far a feed has come where there is more to read than one page.
#pragma once

#include <cstddef>
#include <optional>

namespace beckon::core {

struct FeedProgress {
  std::size_t pages_done = 0;
  std::optional<std::size_t> pages_left;   // an estimate; unset: it cannot be told yet

  friend bool operator==(const FeedProgress&, const FeedProgress&) = default;
};

}  // namespace beckon::core
