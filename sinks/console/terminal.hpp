// The file descriptor behind the console sink.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace beckon::console {

enum class Colour { automatic, always, never };

// Automatic: on a terminal that is not dumb, unless NO_COLOR (no-color.org) is set.
bool wants_colour(Colour colour, int fd);

// The terminal's own width, else 100.
std::size_t width_of(int fd);

struct Written {
  std::size_t bytes = 0;
  int error = 0;           // errno; 0: all of it was written, or time was up
  bool complete = false;
};

// Writes everything before the deadline (wall clock, Unix ms); gives up early when `cancelled`. Raises no SIGPIPE.
Written write_all(int fd, std::string_view text, std::int64_t deadline_ms, const std::function<bool()>& cancelled);

}  // namespace beckon::console
