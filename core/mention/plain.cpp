#include "mention/ascii.hpp"
#include "mention/lines.hpp"
#include "mention/reader.hpp"

#include <algorithm>
#include <string>

namespace beckon::core {
namespace {

// A span holds no NUL. What else is no UTF-8 is mended where the spans are taken: cmark-gfm's own cure swallows an "@a" behind
// half a character at a line's end, and with it the mention.
std::string without_nul(std::string_view text) {
  std::string clean(text);
  std::replace(clean.begin(), clean.end(), '\0', ' ');
  return clean;
}

}  // namespace

void read_plain(std::string_view text, Names& names, SpanBuilder* spans) {
  if (spans) spans->flow(SpanKind::paragraph, 0);
  while (!text.empty()) {
    auto line = take_line(text);
    while (!line.empty() && is_space(line.back())) line.remove_suffix(1);
    if (!spans) {
      read_run(line, SpanKind::text, names, nullptr, as_it_is);
    } else if (line.empty()) {
      spans->flow(SpanKind::paragraph, 0);
    } else {
      read_run(without_nul(line), SpanKind::text, names, spans, as_it_is);
      spans->line_break();
    }
  }
}

}  // namespace beckon::core
