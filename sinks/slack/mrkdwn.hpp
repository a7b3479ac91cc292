// Slack's mrkdwn: which is not Markdown, and has no escape but `&amp;`, `&lt;` and `&gt;`. Source: docs.slack.dev,
// "Formatting message text".
#pragma once

#include <beckon/excerpt.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace beckon::slack {

// Text in which nothing is a control sequence: no <!channel>, no <@U1>, no <url|label>.
std::string escape(std::string_view clean);

// The same, at most `units` long when escaped, with "…" when something had to go.
std::string escape(std::string_view clean, std::size_t units);

// `<url|label>`; the label alone, escaped, when the address is no web address. The label is at most `units` long.
std::string link(std::string_view url, std::string_view label, std::size_t units);

// `<url>`; empty when it is no web address.
std::string address(std::string_view url);

class Mrkdwn final : public Dialect {
 public:
  std::string span(const Span& span, std::string_view text, const Around& around) const override;
  std::string code_block(std::string_view code, std::string_view language) const override;
  std::string quote(std::uint32_t depth) const override;
};

// No markers at all: for `text`, which notifications show, and for the plain form.
class PlainText final : public Dialect {
 public:
  std::string span(const Span& span, std::string_view text, const Around& around) const override;
  std::string code_block(std::string_view code, std::string_view language) const override;
  std::string quote(std::uint32_t depth) const override;
};

}  // namespace beckon::slack
