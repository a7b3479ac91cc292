// Lines as Markdown knows them: ended by LF, CR LF or CR.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace beckon::core {

// Removes the first line with its end from `text`, and returns it without.
inline std::string_view take_line(std::string_view& text) {
  std::size_t end = 0;
  while (end < text.size() && text[end] != '\n' && text[end] != '\r') ++end;
  const auto line = text.substr(0, end);
  const bool pair = text.substr(end).starts_with("\r\n");
  text.remove_prefix(std::min(pair ? end + 2 : end + 1, text.size()));
  return line;
}

}  // namespace beckon::core
