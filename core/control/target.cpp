#include "control/target.hpp"

namespace beckon::core {
namespace {

int hex(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool decode(std::string_view text, bool plus_is_space, std::string& into) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus_is_space) {
      into += ' ';
    } else if (text[i] != '%') {
      into += text[i];
    } else {
      if (i + 2 >= text.size() || hex(text[i + 1]) < 0 || hex(text[i + 2]) < 0) return false;
      into += static_cast<char>(hex(text[i + 1]) * 16 + hex(text[i + 2]));
      i += 2;
    }
  }
  return true;
}

// The part before `mark`; `text` keeps what is behind it.
std::string_view take_until(std::string_view& text, char mark) {
  const auto end = text.find(mark);
  const std::string_view part = text.substr(0, end);
  text = end == text.npos ? std::string_view() : text.substr(end + 1);
  return part;
}

}  // namespace

std::optional<RequestTarget> parse_target(std::string_view target) {
  RequestTarget parsed;
  if (!target.starts_with('/')) return std::nullopt;
  std::string_view path = take_until(target, '?');
  path.remove_prefix(1);
  for (bool more = true; more;) {
    more = path.find('/') != path.npos;
    if (!decode(take_until(path, '/'), false, parsed.path.emplace_back())) return std::nullopt;
  }
  while (!target.empty()) {
    std::string_view value = take_until(target, '&');
    const std::string_view key = take_until(value, '=');
    auto& [name, text] = parsed.query.emplace_back();
    if (!decode(key, true, name) || !decode(value, true, text)) return std::nullopt;
  }
  return parsed;
}

std::string percent_encoded(std::string_view text) {
  constexpr char digits[] = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("-._~").find(c) != std::string_view::npos;
    if (plain) {
      encoded += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    encoded += {'%', digits[byte >> 4], digits[byte & 15]};
  }
  return encoded;
}

}  // namespace beckon::core
