#include "forge/json_text.hpp"

#include <algorithm>
#include <optional>

namespace beckon::core {
namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";

// The length of the valid UTF-8 sequence at `at`, or 0. Overlong forms, surrogates and values above U+10FFFF are
// invalid.
std::size_t sequence_length(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) -> unsigned {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u;
  };
  const auto continues = [&](std::size_t i) { return (byte(i) & 0xC0u) == 0x80u; };
  const unsigned lead = byte(at);
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return continues(at + 1) ? 2 : 0;
  if (lead >= 0xE0 && lead <= 0xEF) {
    const unsigned second = byte(at + 1);
    if (lead == 0xE0 && second < 0xA0) return 0;
    if (lead == 0xED && second > 0x9F) return 0;
    return continues(at + 1) && continues(at + 2) ? 3 : 0;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    const unsigned second = byte(at + 1);
    if (lead == 0xF0 && second < 0x90) return 0;
    if (lead == 0xF4 && second > 0x8F) return 0;
    return continues(at + 1) && continues(at + 2) && continues(at + 3) ? 4 : 0;
  }
  return 0;
}

// The value of `\uXXXX` at `at`, if that is what stands there.
std::optional<unsigned> escape_at(std::string_view text, std::size_t at) {
  if (at + 6 > text.size() || text[at] != '\\' || text[at + 1] != 'u') return std::nullopt;
  unsigned value = 0;
  for (std::size_t i = at + 2; i < at + 6; ++i) {
    const char c = text[i];
    if (c >= '0' && c <= '9') value = value * 16 + static_cast<unsigned>(c - '0');
    else if (c >= 'a' && c <= 'f') value = value * 16 + static_cast<unsigned>(c - 'a' + 10);
    else if (c >= 'A' && c <= 'F') value = value * 16 + static_cast<unsigned>(c - 'A' + 10);
    else return std::nullopt;
  }
  return value;
}

bool is_high(unsigned value) { return value >= 0xD800 && value <= 0xDBFF; }
bool is_low(unsigned value) { return value >= 0xDC00 && value <= 0xDFFF; }

struct Piece {
  std::size_t length = 1;
  bool good = true;
};

Piece piece_at(std::string_view text, std::size_t at) {
  if (text[at] == '\\') {
    const auto value = escape_at(text, at);
    if (!value) return {.length = at + 1 < text.size() && static_cast<unsigned char>(text[at + 1]) < 0x80 ? 2u : 1u};
    if (is_high(*value)) {
      const auto low = escape_at(text, at + 6);
      if (low && is_low(*low)) return {.length = 12};
      return {.length = 6, .good = false};
    }
    return {.length = 6, .good = *value != 0 && !is_low(*value)};
  }
  if (text[at] == '\0') return {.good = false};
  const std::size_t length = sequence_length(text, at);
  return length == 0 ? Piece{.good = false} : Piece{.length = length};
}

}  // namespace

std::string repair_json_text(std::string text) {
  std::string repaired;
  std::size_t copied = 0;
  for (std::size_t at = 0; at < text.size();) {
    const auto byte = static_cast<unsigned char>(text[at]);
    if (byte - 1u < 0x7Fu && byte != '\\') {  // most of it
      ++at;
      continue;
    }
    const Piece piece = piece_at(text, at);
    if (!piece.good) {
      repaired.append(text, copied, at - copied);
      repaired.append(replacement);
      copied = at + piece.length;
    }
    at += piece.length;
  }
  if (copied == 0) return text;
  repaired.append(text, copied);
  return repaired;
}

bool nests_deeper_than(std::string_view json, std::size_t limit) {
  std::size_t depth = 0;
  bool in_string = false;
  for (std::size_t at = 0; at < json.size(); ++at) {
    const char c = json[at];
    if (in_string) {
      if (c == '\\') ++at;
      else if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '[' || c == '{') {
      if (++depth > limit) return true;
    } else if ((c == ']' || c == '}') && depth > 0) {
      --depth;
    }
  }
  return false;
}

std::string one_line(std::string_view text, std::size_t limit) {
  std::string line;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = sequence_length(text, at);
    if (line.size() + std::max<std::size_t>(length, 1) > limit) break;
    const auto byte = static_cast<unsigned char>(text[at]);
    if (length == 0 || byte < 0x20 || byte == 0x7F) line += ' ';
    else line.append(text.substr(at, length));
    at += std::max<std::size_t>(length, 1);
  }
  return line;
}

}  // namespace beckon::core
