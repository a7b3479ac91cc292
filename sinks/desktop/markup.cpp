#include "markup.hpp"

#include <beckon/text.hpp>
#include <beckon/weburl.hpp>

namespace beckon::desktop {
namespace {

std::string tagged(std::string_view escaped, std::string_view tag, Body body) {
  if (escaped.empty() || body < Body::markup) return std::string(escaped);
  return std::string("<").append(tag).append(">").append(escaped).append("</").append(tag).append(">");
}

std::string image_label(std::string_view description) {
  return description.empty() ? "[image]" : "[image: " + std::string(description) + "]";
}

}  // namespace

std::string escape(std::string_view clean, Body body) {
  if (body == Body::text) return std::string(clean);
  std::string out;
  out.reserve(clean.size());
  for (const char c : clean) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      default: out += c;
    }
  }
  return out;
}

std::string escape(std::string_view clean, Body body, std::size_t units) {
  return text::fit(clean, units, [body](std::string_view some) { return escape(some, body); });
}

std::string bold(std::string_view escaped, Body body) { return tagged(escaped, "b", body); }

std::string italic(std::string_view escaped, Body body) { return tagged(escaped, "i", body); }

std::string link(std::string_view url, std::string_view label, Body body) {
  const std::string safe = body == Body::hyperlinks ? weburl::safe(url) : std::string();
  if (safe.empty()) return escape(label, body);
  return "<a href=\"" + escape(safe, body) + "\">" + escape(label, body) + "</a>";
}

std::string Markup::span(const Span& span, std::string_view text, const Around&) const {
  switch (span.kind) {
    case SpanKind::strong:
    case SpanKind::mention: return bold(escape(text, body_), body_);
    case SpanKind::emphasis: return italic(escape(text, body_), body_);
    // The specification has no tag for it, and without a mark it would say the contrary.
    case SpanKind::strikethrough: return "~" + escape(text, body_) + "~";
    case SpanKind::link: return link(span.url, weburl::honest_label(text, span.url), body_);
    case SpanKind::image: return link(span.url, image_label(text), body_);
    default: return escape(text, body_);
  }
}

std::string Markup::code_block(std::string_view code, std::string_view) const { return escape(code, body_); }

std::string Markup::quote(std::uint32_t) const { return escape("> ", body_); }

}  // namespace beckon::desktop
