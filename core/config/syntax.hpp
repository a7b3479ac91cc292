// What a person has to know of a text that is no TOML. Knows the parser's own words, which are for programmers.
#pragma once

#include "config/config.hpp"

#include <optional>
#include <string_view>

namespace beckon::core {

// What must be refused before the parser sees it: bytes that are not UTF-8, and dotted keys so deep that freeing the
// tree would exhaust the stack (toml++ 3.3 has no limit for them).
std::optional<ConfigError> check_text(std::string_view text);

// `description` as toml++ 3.3 gives it. The sentence repeats no value of the file.
ConfigError explain_syntax(std::string_view text, Place place, std::string_view description);

// Line `number` (from 1) of `text`, without its end.
std::string_view line_of(std::string_view text, std::uint32_t number);

}  // namespace beckon::core
