#include "base/backoff.hpp"

#include <algorithm>
#include <cmath>

namespace beckon::core {

Milliseconds backoff_delay(const Backoff& backoff, unsigned failures, double dice) {
  if (failures == 0) return Milliseconds{0};
  // 2^40 times the smallest first wait is beyond every cap; the clamp keeps the product finite.
  const double grown = static_cast<double>(backoff.first.count()) * std::exp2(std::min(failures - 1, 40u));
  const double capped = std::min(grown, static_cast<double>(backoff.cap.count()));
  const double jittered = capped * (0.75 + std::clamp(dice, 0.0, 1.0) / 2);
  return std::min(backoff.cap, Milliseconds{static_cast<std::int64_t>(jittered)});
}

}  // namespace beckon::core
