// Discord's Markdown: the usual markers, a backslash as escape, and control sequences in angle brackets.
#pragma once

#include <beckon/excerpt.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace beckon::discord {

// Text in which nothing is a marker, a mention, a link or a custom emoji.
std::string escape(std::string_view clean);

// The same, at most `units` long when escaped, with "…" when something had to go.
std::string escape(std::string_view clean, std::size_t units);

class Markdown final : public Dialect {
 public:
  std::string span(const Span& span, std::string_view text, const Around& around) const override;
  std::string code_block(std::string_view code, std::string_view language) const override;
  std::string quote(std::uint32_t depth) const override;
};

// Escaped text and nothing else, for the plain form.
class PlainText final : public Dialect {
 public:
  std::string span(const Span& span, std::string_view text, const Around& around) const override;
  std::string code_block(std::string_view code, std::string_view language) const override;
  std::string quote(std::uint32_t depth) const override;
};

}  // namespace beckon::discord
