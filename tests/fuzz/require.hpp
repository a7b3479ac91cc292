// What the fuzzers hold their targets to. An invariant that fails ends the fuzzer as a crash does: with the input kept.
#pragma once

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

namespace beckon::fuzz {

// `what` says what holds.
inline void require(bool holds, std::string_view what, std::string_view seen = {}) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %.*s\n", static_cast<int>(what.size()), what.data());
  if (!seen.empty()) std::fprintf(stderr, "seen: %.*s\n", static_cast<int>(seen.size()), seen.data());
  std::abort();
}

inline bool holds_control(std::string_view text) {
  for (const unsigned char c : text)
    if (c < 0x20 || c == 0x7f) return true;
  return false;
}

// Written apart from those of core, which are under test themselves: decodes, then looks at the value.
inline bool is_utf8(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const auto lead = static_cast<unsigned char>(text[at]);
    const std::size_t length = lead < 0x80 ? 1 : lead >> 5 == 6 ? 2 : lead >> 4 == 14 ? 3 : lead >> 3 == 30 ? 4 : 0;
    if (length == 0 || at + length > text.size()) return false;
    char32_t value = length == 1 ? lead : lead & (0x7fu >> length);
    for (std::size_t i = 1; i < length; ++i) {
      const auto byte = static_cast<unsigned char>(text[at + i]);
      if (byte >> 6 != 2) return false;
      value = value << 6 | (byte & 0x3f);
    }
    constexpr char32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    if (value < least[length] || value > 0x10ffff || (value >= 0xd800 && value < 0xe000)) return false;
    at += length;
  }
  return true;
}

// A sentence for people: on one line, and nothing in it that a terminal obeys.
inline void require_sentence(std::string_view text, std::string_view whose) {
  require(!text.empty(), std::string(whose) + " says something");
  require(is_utf8(text), std::string(whose) + " is UTF-8", text);
  require(!holds_control(text), std::string(whose) + " holds no control character", text);
}

}  // namespace beckon::fuzz
