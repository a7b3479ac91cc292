// A request's target, taken apart. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace beckon::core {

struct RequestTarget {
  std::vector<std::string> path;                                // decoded segments
  std::vector<std::pair<std::string, std::string>> query;      // decoded
};

// nullopt: no origin form, or a "%" that is none.
std::optional<RequestTarget> parse_target(std::string_view target);

}  // namespace beckon::core
