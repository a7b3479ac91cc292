#include "cli/page.hpp"

#include "base/log.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>

namespace beckon::core::cli {
namespace {

constexpr std::size_t columns = 80;

bool begins_character(char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }

// Characters, which is close enough to cells.
std::size_t width_of(std::string_view text) { return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), begins_character)); }

// The bytes of the first `most` characters.
std::size_t bytes_of(std::string_view text, std::size_t most) {
  std::size_t at = 0;
  for (; at < text.size(); ++at)
    if (begins_character(text[at]) && most-- == 0) break;
  return at;
}

// The bytes of the first line of at most `most` characters: broken at a blank where one is near.
std::size_t piece(std::string_view text, std::size_t most) {
  const std::size_t size = bytes_of(text, most);
  if (size == text.size()) return size;
  const std::size_t blank = text.substr(0, size + 1).rfind(' ');
  return blank != std::string_view::npos && blank > size / 2 ? blank : size;
}

}  // namespace

std::string wrapped(std::string_view text, std::string_view first, std::size_t indent) {
  const std::string shown = log::printable(text);
  std::string out, line(first);
  bool fresh = true;
  for (std::string_view rest = shown; !rest.empty();) {
    const std::size_t end = std::min(rest.find(' '), rest.size());
    const std::string_view word = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (!fresh && width_of(line) + 1 + width_of(word) > columns) {
      out += line + '\n';
      line.assign(indent, ' ');
      fresh = true;
    }
    if (!fresh) line += ' ';
    line += word;
    fresh = false;
  }
  return out + line + '\n';
}

std::string block(std::string_view text, std::size_t indent, std::size_t most) {
  std::string out;
  std::size_t lines = 0, left_out = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string line = log::printable(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    // What goes on stands further in than where it began.
    const std::size_t own = indent + std::min(line.find_first_not_of(' '), line.size());
    bool begins = true;
    std::string_view rest = line;
    do {
      const std::size_t margin = begins ? indent : std::min(own + 2, columns / 2);
      const std::size_t size = piece(rest, columns - margin);
      if (lines++ < most) out += (size == 0 ? std::string() : std::string(margin, ' ')) + std::string(rest.substr(0, size)) + '\n';
      else ++left_out;
      rest.remove_prefix(size);
      while (!rest.empty() && rest.front() == ' ') rest.remove_prefix(1);
      begins = false;
    } while (!rest.empty());
  }
  if (left_out > 0) out += fmt::format("{}... and {} more lines\n", std::string(indent, ' '), left_out);
  return out;
}

}  // namespace beckon::core::cli
