// How many of something there were in the last hour, minute by minute. Pure: the caller brings the clock.
#pragma once

#include "base/time.hpp"

#include <array>
#include <cstddef>

namespace beckon::core {

class LastHour {
 public:
  void add(SteadyTime now, std::size_t count) {
    Minute& minute = minutes_[minute_of(now) % minutes_.size()];
    if (minute.number != minute_of(now)) minute = {minute_of(now), 0};
    minute.count += count;
  }
  // The present minute and the 59 before it.
  std::size_t count(SteadyTime now) const {
    std::size_t sum = 0;
    for (const Minute& minute : minutes_)
      if (minute_of(now) - minute.number < minutes_.size()) sum += minute.count;
    return sum;
  }

 private:
  struct Minute {
    std::size_t number = 0;
    std::size_t count = 0;
  };
  static std::size_t minute_of(SteadyTime now) {
    return static_cast<std::size_t>(std::chrono::floor<std::chrono::minutes>(now.time_since_epoch()).count());
  }
  std::array<Minute, 60> minutes_{};
};

}  // namespace beckon::core
