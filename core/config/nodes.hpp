// The one door to toml++: only reader*.cpp include this.
#pragma once

#include "config/config.hpp"

#include <toml++/toml.h>

#include <string_view>

namespace beckon::core {

inline Place place_of(const toml::source_region& region) {
  return {static_cast<std::uint32_t>(region.begin.line), static_cast<std::uint32_t>(region.begin.column)};
}

inline bool stands_before(Place a, Place b) { return a.line != b.line ? a.line < b.line : a.column < b.column; }

// For "expected ..., found ...".
inline std::string_view what(const toml::node& node) {
  switch (node.type()) {
    case toml::node_type::string: return "a string";
    case toml::node_type::integer: return "an integer";
    case toml::node_type::floating_point: return "a number with a fraction";
    case toml::node_type::boolean: return "true or false";
    case toml::node_type::array: return "a list";
    case toml::node_type::table: return "a table";
    default: return "a date or time";
  }
}

}  // namespace beckon::core
