// When a feed polls next. Pure: the caller brings clock and dice.
#pragma once

#include "forge/forge.hpp"

#include <cstddef>
#include <optional>
#include <string>

namespace beckon::core {

struct PaceFacts {
  Milliseconds interval{60s};                  // as configured
  Quota quota;
  std::size_t feeds = 1;                       // that share the credential
  double cost = 0;                             // requests a poll has lately been charged for
  Milliseconds quiet{0};                       // since something new was found
  unsigned failures = 0;                       // polls in a row that failed as a whole
  std::optional<Milliseconds> retry_after;     // the forge's word
  bool more = false;                           // the poll broke off: there is more to read
  double charged = 0;                          // requests that it was charged for
  double dice = 0.5;                           // in [0, 1)
};

struct Pace {
  Milliseconds delay{};
  bool stretched = false;                      // longer than configured, for the quota's sake
  bool spent = false;                          // and that because others have used it, or all of it is used
  Milliseconds interval{};                     // what it comes to, without dice
};

// After a poll. Never before `retry_after`; after failures with backoff; else the interval, stretched so that the quota
// lasts for all feeds (a fifth of it is left to the token's other uses), quiet feeds giving way first; ±10 % by the
// dice. Sooner than that where there is more to read and the quota bears it.
Pace next_poll(const PaceFacts& facts);

// Spreads the first polls of many feeds over the interval, so that they do not all knock at once. The first few start
// immediately.
Milliseconds first_poll(std::size_t index, std::size_t feeds, Milliseconds interval);

// Why polls are further apart than configured, and the way out. `now` is our clock.
std::string explain_stretch(const Pace& pace, const PaceFacts& facts, bool authenticated, WallTime now,
                            const std::string& credential, const std::string& variable = {});

}  // namespace beckon::core
