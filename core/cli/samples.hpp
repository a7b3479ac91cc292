// What `beckon try-sink` and `beckon send-test` deliver: mentions as a forge would have them.
#pragma once

#include "model/delivery.hpp"

#include <string>
#include <vector>

namespace beckon::core::cli {

struct SampleOf {
  std::string title;      // "a mention"
  Delivery delivery;
};

// A mention rich and plain, a digest where the sink takes one, a notice, and a probe where it handles one.
std::vector<SampleOf> preview_samples(const OptionValues& target, std::size_t max_batch, bool handles_probe);
// The one that is really sent. `command`: which of the two sends it.
Delivery test_sample(const OptionValues& target, const std::string& command);

}  // namespace beckon::core::cli
