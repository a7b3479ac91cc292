// A request's target, taken apart and put together. Pure.
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
// The other way: a name as one segment of a path, or as a value in a query.
std::string percent_encoded(std::string_view text);

}  // namespace beckon::core
