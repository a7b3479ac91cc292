#include "mrkdwn.hpp"

#include <beckon/text.hpp>
#include <beckon/weburl.hpp>

#include <algorithm>

namespace beckon::slack {
namespace {

constexpr std::size_t longest_url = 1500;

std::string_view entity(char c) {
  switch (c) {
    case '&': return "&amp;";
    case '<': return "&lt;";
    case '>': return "&gt;";
    default: return {};
  }
}

// Slack takes markers for markers only where no letter or digit touches them from outside.
bool is_word(char32_t c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' || c > 0x2E7F ||
         (c >= 0xC0 && c <= 0x1FFF);
}

// Blanks go outside of the markers; inside, the marker itself must not occur. Else the text stays unmarked.
std::string marked(std::string_view text, char marker, const Around& around) {
  const std::size_t begin = text.find_first_not_of(' ');
  if (begin == std::string_view::npos) return std::string(text);
  const std::size_t end = text.find_last_not_of(' ') + 1;
  const std::string_view inner = text.substr(begin, end - begin);
  const bool touched = (begin == 0 && (is_word(around.before) || around.after_markup)) ||
                       (end == text.size() && is_word(around.after));
  if (touched || inner.find(marker) != std::string_view::npos) return escape(text);
  std::string out(text.substr(0, begin));
  out.append(1, marker).append(escape(inner)).append(1, marker);
  return out.append(text.substr(end));
}

std::string image_label(std::string_view description) {
  return description.empty() ? "[image]" : "[image: " + std::string(description) + "]";
}

}  // namespace

std::string escape(std::string_view clean) {
  std::string out;
  out.reserve(clean.size());
  for (const char c : clean) {
    const std::string_view written = entity(c);
    if (written.empty()) out += c;
    else out += written;
  }
  return out;
}

std::string escape(std::string_view clean, std::size_t units) {
  return text::fit(clean, units, [](std::string_view some) { return escape(some); });
}

std::string address(std::string_view url) {
  const std::string safe = escape(weburl::safe(url, longest_url));
  return safe.empty() || safe.size() > longest_url ? std::string() : "<" + safe + ">";
}

std::string link(std::string_view url, std::string_view label, std::size_t units) {
  std::string link = address(url);
  if (link.empty()) return escape(label, units);
  link.back() = '|';
  return link.append(escape(label, units)).append(">");
}

std::string Mrkdwn::span(const Span& span, std::string_view text, const Around& around) const {
  switch (span.kind) {
    case SpanKind::strong:
    case SpanKind::mention: return marked(text, '*', around);
    case SpanKind::emphasis: return marked(text, '_', around);
    case SpanKind::strikethrough: return marked(text, '~', around);
    case SpanKind::code: return marked(text, '`', around);
    case SpanKind::image:
    case SpanKind::link: {
      const std::string label = span.kind == SpanKind::image ? image_label(text) : weburl::honest_label(text, span.url);
      return link(span.url, label, std::string::npos);
    }
    default: return escape(text);
  }
}

std::string Mrkdwn::code_block(std::string_view code, std::string_view) const {
  std::string fenced = escape(code);
  for (std::size_t at = 0; (at = fenced.find("```", at)) != std::string::npos;) fenced.replace(at, 3, "'''");
  return "```\n" + fenced + "\n```";
}

std::string Mrkdwn::quote(std::uint32_t) const { return "> "; }

std::string PlainText::span(const Span& span, std::string_view text, const Around&) const {
  return escape(span.kind == SpanKind::image ? image_label(text) : std::string(text));
}

std::string PlainText::code_block(std::string_view code, std::string_view) const { return escape(code); }

std::string PlainText::quote(std::uint32_t) const { return "&gt; "; }

}  // namespace beckon::slack
