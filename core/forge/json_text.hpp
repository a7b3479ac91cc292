// Makes hostile JSON text fit for the parser, which otherwise gives up a whole page for one bad byte. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace beckon::core {

// Invalid UTF-8, lone surrogate escapes and NUL become U+FFFD. Text that needs no repair is returned as it came.
std::string repair_json_text(std::string text);

// True when arrays and objects nest deeper than `limit`. Brackets inside strings do not count.
bool nests_deeper_than(std::string_view json, std::size_t limit);

// The first `limit` bytes at most, cut at a character, with control characters turned into spaces: for sentences.
std::string one_line(std::string_view text, std::size_t limit);

}  // namespace beckon::core
