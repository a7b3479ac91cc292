// How often one client may ask: a token bucket for each, as many clients as fit. Pure: the caller brings the clock.
#pragma once

#include "base/time.hpp"

#include <cstddef>
#include <string>
#include <unordered_map>

namespace beckon::core {

struct Rate {
  double burst = 0;          // at once
  double a_second = 0;       // in the long run
};

class Rates {
 public:
  explicit Rates(Rate rate, std::size_t most_clients = 10'000) : rate_(rate), most_clients_(most_clients) {}
  // Takes one; zero, or how long to wait until there is one.
  Milliseconds take(const std::string& client, SteadyTime now);

 private:
  struct Bucket {
    double left = 0;
    SteadyTime at{};
  };
  void drop_full(SteadyTime now);

  Rate rate_;
  std::size_t most_clients_;
  std::unordered_map<std::string, Bucket> buckets_;
};

}  // namespace beckon::core
