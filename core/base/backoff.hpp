// Exponential backoff with jitter, as a pure function: the caller brings the randomness.
#pragma once

#include "base/time.hpp"

namespace beckon::core {

struct Backoff {
  Milliseconds first{1s};
  Milliseconds cap{1h};
};

// The wait before attempt `failures + 1`: first * 2^(failures-1), at most `cap`, then scaled by 0.75 + dice/2 with dice
// in [0, 1). `failures` of 0 waits nothing. Never above `cap`.
Milliseconds backoff_delay(const Backoff& backoff, unsigned failures, double dice);

}  // namespace beckon::core
