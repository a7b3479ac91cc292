#include "web/rates.hpp"

#include <algorithm>
#include <cmath>

namespace beckon::core {

// Whoever has not asked for long is like one who never has.
void Rates::drop_full(SteadyTime now) {
  std::erase_if(buckets_, [&](const auto& entry) {
    const std::chrono::duration<double> rested = now - entry.second.at;
    return entry.second.left + rested.count() * rate_.a_second >= rate_.burst;
  });
}

Milliseconds Rates::take(const std::string& client, SteadyTime now) {
  if (buckets_.size() >= most_clients_ && !buckets_.contains(client)) drop_full(now);
  // More clients at work than are counted: the rest share one bucket.
  const bool crowded = buckets_.size() >= most_clients_ && !buckets_.contains(client);
  auto [at, is_new] = buckets_.try_emplace(crowded ? std::string() : client, Bucket{rate_.burst, now});
  Bucket& bucket = at->second;
  const std::chrono::duration<double> rested = now - bucket.at;
  bucket.left = std::min(rate_.burst, bucket.left + std::max(0.0, rested.count()) * rate_.a_second);
  bucket.at = now;
  if (bucket.left >= 1) {
    bucket.left -= 1;
    return 0ms;
  }
  return Milliseconds(static_cast<std::int64_t>(std::ceil((1 - bucket.left) / rate_.a_second * 1000)));
}

}  // namespace beckon::core
