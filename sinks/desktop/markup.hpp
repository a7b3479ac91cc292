// The markup of a notification's body: the few tags that the specification allows, always closed, everything else escaped. A
// server drops what is not well-formed, or the whole notification. Source: Desktop Notifications 1.2, "Markup".
#pragma once

#include <beckon/excerpt.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace beckon::desktop {

// How a body is written: as it is, for servers that know no markup; escaped and without any tag; with tags; with links too.
enum class Body { text, escaped, markup, hyperlinks };

// Clean text as it stands in such a body.
std::string escape(std::string_view clean, Body body);

// The same, at most `units` long when escaped, with "…" at the end when something had to go.
std::string escape(std::string_view clean, Body body, std::size_t units);

// Text that is escaped already, in bold or italics; empty stays empty.
std::string bold(std::string_view escaped, Body body);
std::string italic(std::string_view escaped, Body body);

// `label` leading to `url`, which may be unsafe; the label alone where there are no links.
std::string link(std::string_view url, std::string_view label, Body body);

class Markup final : public Dialect {
 public:
  explicit Markup(Body body) : body_(body) {}
  std::string span(const Span& span, std::string_view text, const Around& around) const override;
  std::string code_block(std::string_view code, std::string_view language) const override;
  std::string quote(std::uint32_t depth) const override;

 private:
  const Body body_;
};

}  // namespace beckon::desktop
