#include "markdown.hpp"

#include <beckon/text.hpp>
#include <beckon/weburl.hpp>

#include <algorithm>

namespace beckon::discord {
namespace {

constexpr std::string_view special = "\\*_~`|>#@<[]()";
constexpr std::size_t longest_url = 1'000;

// Blanks go outside of the markers. Where one marked span follows another at once, their markers would run together.
std::string marked(std::string_view text, std::string_view marker, const Around& around) {
  const std::size_t begin = text.find_first_not_of(' ');
  if (begin == std::string_view::npos) return std::string(text);
  const std::size_t end = text.find_last_not_of(' ') + 1;
  if (begin == 0 && around.after_markup) return escape(text);
  std::string out(text.substr(0, begin));
  out.append(marker).append(escape(text.substr(begin, end - begin))).append(marker);
  return out.append(text.substr(end));
}

// Nothing inside of backticks is escaped, so the backticks must be ones that do not occur inside.
std::string code(std::string_view text) {
  if (text.find('`') == std::string_view::npos) return "`" + std::string(text) + "`";
  if (text.find("``") == std::string_view::npos) return "`` " + std::string(text) + " ``";
  return escape(text);
}

std::string link(std::string_view label, std::string_view url) {
  const std::string safe = weburl::safe(url, longest_url);
  if (safe.empty()) return escape(label);
  const std::string shown = weburl::honest_label(label, url);
  // Discord shows a link whose label is an address as plain text: the bare address is the link then.
  return shown.find("://") != std::string::npos ? safe : "[" + escape(shown) + "](" + safe + ")";
}

std::string image_label(std::string_view description) {
  return description.empty() ? "image" : "image: " + std::string(description);
}

bool is_language(std::string_view name) {
  const auto is_part = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' || c == '-';
  };
  return !name.empty() && name.size() <= 20 && std::all_of(name.begin(), name.end(), is_part);
}

}  // namespace

std::string escape(std::string_view clean) {
  std::string out;
  out.reserve(clean.size());
  for (std::size_t i = 0; i < clean.size(); ++i) {
    // "\:" so that "https://..." in a text is not made a link of which the other escapes would become a part.
    const bool scheme = clean[i] == ':' && clean.substr(i, 3) == "://";
    if (scheme || special.find(clean[i]) != std::string_view::npos) out += '\\';
    out += clean[i];
  }
  return out;
}

std::string escape(std::string_view clean, std::size_t units) {
  return text::fit(clean, units, [](std::string_view some) { return escape(some); });
}

std::string Markdown::span(const Span& span, std::string_view text, const Around& around) const {
  switch (span.kind) {
    case SpanKind::strong:
    case SpanKind::mention: return marked(text, "**", around);
    case SpanKind::emphasis: return marked(text, "*", around);
    case SpanKind::strikethrough: return marked(text, "~~", around);
    case SpanKind::code: return code(text);
    case SpanKind::link: return link(text, span.url);
    case SpanKind::image: return link(image_label(text), span.url);
    default: return escape(text);
  }
}

std::string Markdown::code_block(std::string_view code, std::string_view language) const {
  std::string inner(code);
  for (std::size_t at = 0; (at = inner.find("```", at)) != std::string::npos;) inner.replace(at, 3, "'''");
  return "```" + std::string(is_language(language) ? language : std::string_view()) + "\n" + inner + "\n```";
}

std::string Markdown::quote(std::uint32_t) const { return "> "; }

std::string PlainText::span(const Span& span, std::string_view text, const Around&) const {
  return escape(span.kind == SpanKind::image ? image_label(text) : std::string(text));
}

std::string PlainText::code_block(std::string_view code, std::string_view) const { return escape(code); }

std::string PlainText::quote(std::uint32_t) const { return "\\> "; }

}  // namespace beckon::discord
