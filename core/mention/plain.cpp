#include "mention/ascii.hpp"
#include "mention/lines.hpp"
#include "mention/reader.hpp"

#include <cmark-gfm.h>
#include <cmark-gfm/utf8.h>

#include <algorithm>
#include <string>

namespace beckon::core {
namespace {

std::string valid_utf8(std::string_view text) {
  cmark_strbuf buffer{};
  cmark_strbuf_init(cmark_get_default_mem_allocator(), &buffer, 0);
  cmark_utf8proc_check(&buffer, reinterpret_cast<const unsigned char*>(text.data()),
                       static_cast<bufsize_t>(text.size()));
  std::string valid(reinterpret_cast<const char*>(buffer.ptr), static_cast<std::size_t>(buffer.size));
  cmark_strbuf_free(&buffer);
  std::replace(valid.begin(), valid.end(), '\0', ' ');
  return valid;
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
      read_run(valid_utf8(line), SpanKind::text, names, spans, as_it_is);
      spans->line_break();
    }
  }
}

}  // namespace beckon::core
