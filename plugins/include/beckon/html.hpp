// Spans written as the few HTML tags that chat services take in a message. For authors of sinks; header-only, any
// thread. Source: core.telegram.org/bots/api, "HTML style"; spec.matrix.org, "m.room.message msgtypes".
#pragma once

#include <beckon/excerpt.hpp>
#include <beckon/plain.hpp>
#include <beckon/text.hpp>
#include <beckon/weburl.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace beckon {

// Every tag is closed where it was opened, none stands within another but <code> in <pre>, and nothing from the forge
// is one. No "@" in a text names anybody.
class Html : public Dialect {
 public:
  std::string span(const Span& span, std::string_view text, const Around&) const override {
    switch (span.kind) {
      case SpanKind::strong:
      case SpanKind::mention: return tagged("b", text);
      case SpanKind::emphasis: return tagged("i", text);
      case SpanKind::strikethrough: return tagged("del", text);
      case SpanKind::code: return tagged("code", text);
      case SpanKind::link: return link(text, span.url);
      case SpanKind::image: return link(image_label(text), span.url);
      default: return escape(text);
    }
  }

  std::string code_block(std::string_view code, std::string_view language) const override {
    const auto is_part = [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
    };
    if (language.empty() || language.size() > 20 || !std::all_of(language.begin(), language.end(), is_part))
      return "<pre>" + escape(code) + "</pre>";
    return "<pre><code class=\"language-" + std::string(language) + "\">" + escape(code) + "</code></pre>";
  }

  std::string quote(std::uint32_t depth) const override {
    std::string marks;
    for (std::uint32_t i = 0; i < depth; ++i) marks += "&gt;";
    return marks + " ";
  }

  static std::string escape(std::string_view clean) {
    std::string out;
    out.reserve(clean.size() + clean.size() / 8);
    for (const char c : clean) {
      if (c == '&') out += "&amp;";
      else if (c == '<') out += "&lt;";
      else if (c == '>') out += "&gt;";
      else if (c == '"') out += "&quot;";
      else if (c == '@') out += "@\u200C";
      else out += c;
    }
    return out;
  }

 private:
  static std::string tagged(std::string_view tag, std::string_view text) {
    return "<" + std::string(tag) + ">" + escape(text) + "</" + std::string(tag) + ">";
  }

  static std::string link(std::string_view label, std::string_view url) {
    const std::string safe = weburl::safe(url);
    if (safe.empty()) return escape(label);
    std::string address;
    for (const char c : safe) address += c == '&' ? std::string("&amp;") : std::string(1, c);
    return "<a href=\"" + address + "\">" + escape(weburl::honest_label(label, url)) + "</a>";
  }
};

}  // namespace beckon
