// What it means when a delivery comes back after it was taken: a mail that bounced. Pure.
#pragma once

#include "model/outcome.hpp"

#include <cstdint>

namespace beckon::core {

// How often in a row an endpoint's deliveries came back with a reason that may pass.
struct LateWords {
  std::uint32_t count = 0;
  WallTime since{};
  WallTime last{};
};

struct LateVerdict {
  enum class End : std::uint8_t { none, subscription, endpoint };
  bool undelivered = false;      // what was in it has not arrived: it goes to the dead letters
  End end = End::none;
  LateWords words;               // of the endpoint, from now on
};

// Nothing good is ever heard this way, and whoever relays for us takes everything, so neither a delivery nor a probe can
// answer for the recipient:
//  - delivered: nothing.
//  - retry, rejected, misconfigured: this delivery is lost, the subscriber is not. Whoever relayed it has given it up, after
//    days perhaps, so people decide whether it is told again.
//  - gone, exact: the endpoint ends. Of the subscription alone: it took leave itself, and what it was sent has arrived.
//  - gone, maybe: counted; six times in a row, over three days at least, count as exact. Two quiet weeks, and the count
//    begins anew.
LateVerdict judge_late(const Outcome& outcome, const LateWords& before, WallTime now);

}  // namespace beckon::core
