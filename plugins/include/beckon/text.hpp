// Text from the network, made fit for a message: valid UTF-8, no control or direction characters, cut where a reader
// would cut. For authors of sinks; header-only, no state, any thread. Lengths are UTF-16 units, which are never fewer
// than characters, so a text that fits by them fits by whichever of the two a service counts.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace beckon::text {

inline constexpr char32_t replacement = 0xFFFD;

// The character at `at`, which moves past it. A byte that begins no valid sequence (overlong, surrogate, beyond
// U+10FFFF, cut off) is one U+FFFD.
inline char32_t next(std::string_view s, std::size_t& at) noexcept {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(s[i]); };
  const unsigned char lead = byte(at++);
  if (lead < 0x80) return lead;
  const int follow = lead >= 0xC2 && lead < 0xE0   ? 1
                     : lead >= 0xE0 && lead < 0xF0 ? 2
                     : lead >= 0xF0 && lead < 0xF5 ? 3
                                                   : 0;
  if (follow == 0 || s.size() - at < static_cast<std::size_t>(follow)) return replacement;
  char32_t c = lead & (0x3Fu >> follow);
  for (int i = 0; i < follow; ++i) {
    const unsigned char b = byte(at + i);
    if ((b & 0xC0) != 0x80) return replacement;
    c = (c << 6) | (b & 0x3Fu);
  }
  const bool overlong = (follow == 2 && c < 0x800) || (follow == 3 && c < 0x10000);
  if (overlong || (c >= 0xD800 && c <= 0xDFFF) || c > 0x10FFFF) return replacement;
  at += static_cast<std::size_t>(follow);
  return c;
}

inline void append(std::string& out, char32_t c) {
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += static_cast<char>(0xC0 | (c >> 6));
    out += static_cast<char>(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    out += static_cast<char>(0xE0 | (c >> 12));
    out += static_cast<char>(0x80 | ((c >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (c & 0x3F));
  } else {
    out += static_cast<char>(0xF0 | (c >> 18));
    out += static_cast<char>(0x80 | ((c >> 12) & 0x3F));
    out += static_cast<char>(0x80 | ((c >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (c & 0x3F));
  }
}

// Characters that change how a text reads without being seen: C0 and C1 controls (so every terminal escape), direction
// marks and overrides, zero-width and other invisible separators. The joiners stay: emoji and several scripts need
// them.
inline bool is_unseen(char32_t c) noexcept {
  return (c < 0x20 && c != '\n' && c != '\t') || (c >= 0x7F && c < 0xA0) || c == 0xAD || c == 0x61C || c == 0x180E ||
         c == 0x200B || c == 0x200E || c == 0x200F || (c >= 0x202A && c <= 0x202E) || (c >= 0x2060 && c <= 0x206F) ||
         c == 0xFEFF || (c >= 0xFFF9 && c <= 0xFFFB) || (c & 0xFFFE) == 0xFFFE || (c >= 0xFDD0 && c <= 0xFDEF);
}

// The beginning of at most `bytes`, ending where a character ends: so that the work on a text is bounded by what is
// shown.
inline std::string_view clip(std::string_view raw, std::size_t bytes) noexcept {
  if (raw.size() <= bytes) return raw;
  std::size_t end = bytes;
  while (end > 0 && bytes - end < 3 && (static_cast<unsigned char>(raw[end]) & 0xC0) == 0x80) --end;
  return raw.substr(0, end);
}

// Valid UTF-8 without unseen characters; CR, CRLF, U+2028 and U+2029 become line feeds. Never longer than three times
// `raw`.
inline std::string clean(std::string_view raw) {
  std::string out;
  out.reserve(raw.size());
  for (std::size_t at = 0; at < raw.size();) {
    const char32_t c = next(raw, at);
    if (c == '\r') {
      if (at == raw.size() || raw[at] != '\n') out += '\n';
    } else if (c == 0x2028 || c == 0x2029) {
      out += '\n';
    } else if (!is_unseen(c)) {
      append(out, c);
    }
  }
  return out;
}

// As `clean`, on one line: each run of white space is one space, none at the ends.
inline std::string clean_line(std::string_view raw) {
  std::string out;
  bool space = false;
  for (const char c : clean(raw)) {
    if (c == ' ' || c == '\n' || c == '\t') {
      space = !out.empty();
      continue;
    }
    if (space) out += ' ';
    space = false;
    out += c;
  }
  return out;
}

inline std::size_t utf16_units(std::string_view s) noexcept {
  std::size_t units = 0;
  for (std::size_t at = 0; at < s.size();) units += next(s, at) > 0xFFFF ? 2 : 1;
  return units;
}

// Does this character belong to the one before it: combining marks, variation selectors, skin tones, joiners, tags?
inline bool is_attached(char32_t c) noexcept {
  return (c >= 0x300 && c <= 0x36F) || (c >= 0x1AB0 && c <= 0x1AFF) || (c >= 0x20D0 && c <= 0x20FF) ||
         (c >= 0xFE00 && c <= 0xFE0F) || c == 0x200C || c == 0x200D || (c >= 0x1F3FB && c <= 0x1F3FF) ||
         (c >= 0xE0020 && c <= 0xE007F) || (c >= 0xE0100 && c <= 0xE01EF);
}

// The longest beginning of at most `units` that ends between two characters as people see them; where one such
// character is longer than all the room, between two code points.
inline std::string_view prefix(std::string_view s, std::size_t units) noexcept {
  std::size_t used = 0, seen_end = 0, end = 0;
  bool joined = false;  // the previous code point was a joiner
  for (std::size_t at = 0; at < s.size();) {
    const std::size_t begin = at;
    const char32_t c = next(s, at);
    const bool may_cut_before = !is_attached(c) && !joined;
    if (may_cut_before) seen_end = begin;
    used += c > 0xFFFF ? 2 : 1;
    if (used > units) return s.substr(0, seen_end ? seen_end : end);
    end = at;
    joined = c == 0x200D;
  }
  return s;
}

// Each "@" with a zero-width non-joiner behind it: it reads the same, and names nobody to any service.
inline std::string unmentioned(std::string_view clean) {
  std::string out;
  out.reserve(clean.size());
  for (const char c : clean) {
    out += c;
    if (c == '@') out += "\u200C";
  }
  return out;
}

inline constexpr std::string_view ellipsis = "…";

// At most `units`, with "…" at the end when something had to go.
inline std::string cut(std::string_view s, std::size_t units) {
  if (utf16_units(s) <= units) return std::string(s);
  if (units == 0) return {};
  std::string_view kept = prefix(s, units - 1);
  while (!kept.empty() && kept.back() == ' ') kept.remove_suffix(1);
  return std::string(kept).append(ellipsis);
}

// `s` as `escape` writes it, at most `units` long then, with "…" at the end when something had to go. Nothing may be
// written shorter than it is.
template <class Escape>
std::string fit(std::string_view s, std::size_t units, const Escape& escape) {
  const std::string_view candidate = prefix(s, units);
  if (candidate.size() == s.size()) {
    std::string whole = escape(s);
    if (utf16_units(whole) <= units) return whole;
  }
  std::size_t fitting = 0, failing = utf16_units(candidate) + 1;
  while (fitting + 1 < failing) {
    const std::size_t middle = fitting + (failing - fitting) / 2;
    (utf16_units(escape(prefix(candidate, middle))) + 1 <= units ? fitting : failing) = middle;
  }
  std::string_view kept = prefix(candidate, fitting);
  while (!kept.empty() && kept.back() == ' ') kept.remove_suffix(1);
  return units == 0 ? std::string() : escape(kept).append(ellipsis);
}

}  // namespace beckon::text
