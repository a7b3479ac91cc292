// Text without any marks, for a medium that shows what it gets. For authors of sinks; header-only, any thread.
#pragma once

#include <beckon/excerpt.hpp>
#include <beckon/text.hpp>
#include <beckon/weburl.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace beckon {

// "image: a cat"
inline std::string image_label(std::string_view description) {
  return description.empty() ? "image" : "image: " + std::string(description);
}

// Links show where they lead: "the docs (https://...)". No "@" names anybody.
class PlainText : public Dialect {
 public:
  std::string span(const Span& span, std::string_view text, const Around&) const override {
    const bool is_link = span.kind == SpanKind::link || span.kind == SpanKind::image;
    const std::string label = span.kind == SpanKind::image ? image_label(text) : std::string(text);
    const std::string url = is_link ? weburl::safe(span.url) : std::string();
    if (url.empty()) return text::unmentioned(label);
    return label == span.url ? url : text::unmentioned(label) + " (" + url + ")";
  }
  std::string code_block(std::string_view code, std::string_view) const override { return text::unmentioned(code); }
  std::string quote(std::uint32_t depth) const override { return std::string(depth, '>') + " "; }
};

}  // namespace beckon
