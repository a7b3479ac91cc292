// Spans written as Markdown that CommonMark, GFM and the smaller kinds of it read alike. For authors of sinks;
// header-only, any thread. Source: spec.commonmark.org, "Backslash escapes" and "Emphasis"; github.github.com/gfm.
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

// Everything from the forge is text in it: no HTML, no images that load by themselves, no "@" that names anybody.
// `plain`: without markers, but for links.
class Markdown : public Dialect {
 public:
  explicit Markdown(bool plain = false) : plain_(plain) {}

  std::string span(const Span& span, std::string_view text, const Around& around) const override {
    const bool at_start = around.before == 0;
    if (span.kind == SpanKind::link) return link(text, span.url, at_start);
    if (span.kind == SpanKind::image) return link(image_label(text), span.url, at_start);
    if (plain_) return escape(text, at_start);
    switch (span.kind) {
      case SpanKind::strong:
      case SpanKind::mention: return marked(text, "**", around);
      case SpanKind::emphasis: return marked(text, "*", around);
      case SpanKind::strikethrough: return marked(text, "~~", around);
      case SpanKind::code: return code(text, at_start);
      default: return escape(text, at_start);
    }
  }

  std::string code_block(std::string_view code, std::string_view language) const override {
    if (plain_) return lines(code);
    std::string inner(code);
    for (std::size_t at = 0; (at = inner.find("```", at)) != std::string::npos;) inner.replace(at, 3, "'''");
    return "```" + std::string(is_language(language) ? language : std::string_view()) + "\n" + inner + "\n```";
  }

  std::string quote(std::uint32_t depth) const override { return std::string(depth, '>') + " "; }

  // A single line feed is only a blank in Markdown; two blanks before it make it a line's end.
  std::string gap(int feeds) const override { return feeds == 1 ? "  \n" : "\n\n"; }

  // `at_start` of a line, more is a marker.
  static std::string escape(std::string_view clean, bool at_start) {
    std::string out;
    out.reserve(clean.size() + clean.size() / 8);
    const std::size_t number = at_start ? std::min(clean.find_first_not_of("0123456789"), clean.size()) : 0;
    for (std::size_t i = 0; i < clean.size(); ++i) {
      const char c = clean[i];
      const bool scheme = c == ':' && clean.substr(i, 3) == "://";
      const bool before_image = c == '!' && (i + 1 == clean.size() || clean[i + 1] == '[');
      const bool list = at_start && (i == 0 ? is_one_of(c, "-+=:") : i == number && is_one_of(c, ".)"));
      if (c == '&') out += "&amp;";
      else if (c == '<') out += "&lt;";
      else if (c == '>') out += "&gt;";
      else if (c == '@') out += "@\u200C";
      else if (is_one_of(c, "\\`*_~[]#|$") || scheme || before_image || list) out.append(1, '\\').append(1, c);
      else out += c;
    }
    return out;
  }

  // Escaped, each line a line.
  std::string lines(std::string_view clean) const {
    std::string out;
    while (!clean.empty()) {
      const std::string_view line = clean.substr(0, clean.find('\n'));
      const std::size_t text = std::min(line.find_first_not_of(' '), line.size());
      if (!out.empty()) out += gap(1);
      out += escape(line.substr(text), true);
      clean.remove_prefix(line.size() < clean.size() ? line.size() + 1 : clean.size());
    }
    return out;
  }

 private:
  static bool is_one_of(char c, std::string_view set) { return set.find(c) != std::string_view::npos; }

  // A letter, a digit, or anything that is not ASCII.
  static bool is_word(char32_t c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c > 0x7F;
  }

  // Blanks go outside of the markers. Markers between a letter and a punctuation mark are none, nor are those of two
  // spans that touch: then the text stays unmarked.
  static std::string marked(std::string_view text, std::string_view marker, const Around& around) {
    const std::size_t begin = text.find_first_not_of(' ');
    if (begin == std::string_view::npos) return around.before ? std::string(text) : std::string();
    const std::size_t end = text.find_last_not_of(' ') + 1;
    const std::string_view inner = text.substr(begin, end - begin);
    const auto edge = [](char c) { return is_word(static_cast<unsigned char>(c)); };
    const bool dead = (begin == 0 && (around.after_markup || (is_word(around.before) && !edge(inner.front())))) ||
                      (end == text.size() && is_word(around.after) && !edge(inner.back()));
    if (dead) return escape(text, around.before == 0);
    std::string out(around.before ? text.substr(0, begin) : std::string_view());
    out.append(marker).append(escape(inner, false)).append(marker);
    return out.append(text.substr(end));
  }

  // Nothing inside of backticks is escaped, so the backticks must be ones that do not occur inside.
  static std::string code(std::string_view text, bool at_start) {
    if (text.find('`') == std::string_view::npos) return "`" + std::string(text) + "`";
    if (text.find("``") == std::string_view::npos) return "`` " + std::string(text) + " ``";
    return escape(text, at_start);
  }

  static std::string link(std::string_view label, std::string_view url, bool at_start) {
    const std::string safe = weburl::safe(url);
    if (safe.empty()) return escape(label, at_start);
    return "[" + escape(weburl::honest_label(label, url), false) + "](" + safe + ")";
  }

  static bool is_language(std::string_view name) {
    const auto is_part = [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' || c == '-';
    };
    return !name.empty() && name.size() <= 20 && std::all_of(name.begin(), name.end(), is_part);
  }

  bool plain_;
};

}  // namespace beckon
