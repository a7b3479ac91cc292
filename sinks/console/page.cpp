#include "page.hpp"

#include "layout.hpp"

#include <beckon/excerpt.hpp>
#include <beckon/text.hpp>
#include <beckon/weburl.hpp>
#include <beckon/wording.hpp>

#include <algorithm>
#include <string_view>

namespace beckon::console {
namespace {

constexpr std::size_t longest_notice = 16'384;  // bytes that are looked at
constexpr std::size_t excerpt_alone = 1'200;
constexpr std::size_t excerpt_in_digest = 400;
constexpr std::size_t longest_shown_link = 100;

class Terminal final : public Dialect {
 public:
  explicit Terminal(bool colour) : colour_(colour) {}

  std::string span(const Span& span, std::string_view text, const Around&) const override {
    switch (span.kind) {
      case SpanKind::strong: return styled(text, sgr::bold, colour_);
      case SpanKind::emphasis: return styled(text, sgr::italic, colour_);
      case SpanKind::strikethrough: return colour_ ? styled(text, sgr::strike, true) : "~" + std::string(text) + "~";
      case SpanKind::mention: return styled(text, sgr::mention, colour_);
      case SpanKind::code: return colour_ ? styled(text, sgr::cyan, true) : "`" + std::string(text) + "`";
      case SpanKind::link: return link(text, span.url);
      case SpanKind::image: return text.empty() ? "[image]" : "[image: " + std::string(text) + "]";
      default: return std::string(text);
    }
  }

  std::string code_block(std::string_view code, std::string_view) const override {
    std::string block;
    while (!code.empty()) {
      const std::string_view line = code.substr(0, code.find('\n'));
      code.remove_prefix(std::min(line.size() + 1, code.size()));
      block += (block.empty() ? "    " : "\n    ") + styled(line, sgr::cyan, colour_);
    }
    return block;
  }

  std::string quote(std::uint32_t) const override { return styled("> ", sgr::dim, colour_); }

  std::size_t measure(std::string_view written) const override { return shown_units(written); }

 private:
  std::string link(std::string_view label, std::string_view url) const {
    const std::string safe = weburl::safe(url, longest_shown_link);
    const std::string shown = weburl::honest_label(label, safe.empty() ? label : std::string_view(safe));
    const std::string underlined = styled(shown, sgr::underline, colour_);
    const bool says_it = safe.empty() || shown.find("://") != std::string::npos;
    return says_it ? underlined : underlined + styled(" (" + safe + ")", sgr::dim, colour_);
  }

  const bool colour_;
};

std::string time(const Mention& mention, std::int64_t now_ms, const Look& look) {
  const std::int64_t then_ms = wording::time_ms(mention);
  const std::string ago = when::ago(then_ms, now_ms);
  return ago.empty() ? look.clock(then_ms) : ago + ", " + look.clock(then_ms);
}

std::string told(const Mention& mention, std::int64_t now_ms, std::size_t excerpt_limit, const Look& look) {
  const bool colour = look.colour;
  const std::string title = wording::title(mention, 250);
  std::string head = styled(wording::thread(mention), sgr::repository, colour);
  if (!title.empty()) head += "  " + styled(title, sgr::bold, colour);

  std::string place = wording::place(mention);
  place.resize(place.rfind(' '));
  std::string line = styled(wording::author(mention), sgr::green, colour) + " mentioned " +
                     styled(wording::whom(mention), sgr::mention, colour) + " in " + place;
  std::string aside = " · " + time(mention, now_ms, look);
  for (const std::string& remark : wording::remarks(mention)) aside += remark[0] == '(' ? " " + remark : " · " + remark;
  line += styled(aside, sgr::dim, colour);

  std::string page = wrapped(head, "", look.width) + wrapped(line, "  ", look.width);
  const std::string words = excerpt(mention, Terminal(colour), excerpt_limit);
  if (!words.empty()) page += wrapped(words, styled("  │ ", sgr::dim, colour), look.width);
  const std::string url = weburl::safe(mention.post.url);
  // Not wrapped: a terminal finds addresses only on one line.
  if (!url.empty()) page += "  " + styled(url, sgr::underline, colour) + "\n";
  return page + "\n";
}

}  // namespace

std::string page(const Delivery& delivery, const Look& wanted) {
  Look look = wanted;
  if (delivery.form == Form::plain) look.colour = false;
  std::string page;
  const std::string notice = text::clean(text::clip(delivery.notice, longest_notice));
  if (!notice.empty() || delivery.mentions.empty()) {
    const std::string_view said =
        notice.empty() ? std::string_view("This is a test of Beckon.") : std::string_view(notice);
    page += wrapped(styled(said, sgr::yellow, look.colour), styled("! ", sgr::yellow, look.colour), look.width) + "\n";
  }
  const std::size_t count = delivery.mentions.size();
  const std::size_t excerpt_limit = count > 1 ? excerpt_in_digest : excerpt_alone;
  for (const std::size_t index : wording::by_time(delivery.mentions, count)) {
    page += told(delivery.mentions[index], delivery.now_ms, excerpt_limit, look);
  }
  if (delivery.more_owed > 0) page += styled(wording::more(delivery.more_owed), sgr::dim, look.colour) + "\n\n";
  return page;
}

}  // namespace beckon::console
