#include "html.hpp"

#include <beckon/text.hpp>
#include <beckon/weburl.hpp>

#include <algorithm>
#include <vector>

namespace beckon::email {
namespace {

// Markup and addresses may be long although what a reader sees is short.
constexpr std::size_t longest_html(std::size_t limit) { return 4'096 + 8 * limit; }

constexpr std::string_view code_block_style =
    "<pre style=\"background:#f6f8fa;padding:8px;white-space:pre-wrap\"><code>";
constexpr std::string_view quote_style =
    "<blockquote style=\"margin:0 0 0 4px;padding-left:10px;border-left:3px solid #d0d7de;color:#57606a\">";

std::string element(std::string_view name, std::string_view text) {
  return std::string("<").append(name).append(">").append(escape_html(text)).append("</").append(name).append(">");
}

// Keeps a stack of what is open, so that all of it is closed again wherever the text ends.
class HtmlWriter {
 public:
  explicit HtmlWriter(std::size_t limit) : left_(limit), longest_(longest_html(limit)) {}

  // False when the room is used up.
  bool write(const Span& span) {
    if (out_.size() > longest_) return false;
    switch (span.kind) {
      case SpanKind::paragraph:
        if (!at_item_start_) open_block("<p>", "</p>");
        return true;
      case SpanKind::quote:
        to_quote(std::clamp(span.depth, 1u, 3u));
        push("<p>", "</p>");
        return true;
      case SpanKind::heading: open_block("<p><strong>", "</strong></p>"); return true;
      case SpanKind::list_item: open_item(std::clamp(span.depth, 1u, 6u), span.text); return true;
      case SpanKind::rule:
        close_to(0);
        out_ += "<hr>";
        return true;
      case SpanKind::code_block: {
        close_to(0);
        push(code_block_style, "</code></pre>");
        std::string_view code = span.text;
        while (!code.empty() && code.back() == '\n') code.remove_suffix(1);
        const bool whole = show(code, [](std::string_view text) { return escape_html(text); });
        close_to(0);
        return whole;
      }
      case SpanKind::line_break:
        begin_inline();
        out_ += "<br>";
        return true;
      default: return inline_span(span);
    }
  }

  std::string finish(bool whole) {
    if (!whole) {
      begin_inline();
      out_ += text::ellipsis;
    }
    close_to(0);
    return std::move(out_);
  }

 private:
  void push(std::string_view open, std::string_view close) {
    out_ += open;
    open_.push_back(close);
    at_item_start_ = false;
  }
  void close_to(std::size_t count) {
    while (open_.size() > count) {
      out_ += open_.back();
      open_.pop_back();
    }
    at_item_start_ = false;
  }
  void open_block(std::string_view open, std::string_view close) {
    close_to(0);
    push(open, close);
  }
  void begin_inline() {
    if (open_.empty()) push("<p>", "</p>");
    at_item_start_ = false;
  }

  void to_quote(std::size_t depth) {
    std::size_t quotes = 0;
    while (quotes < open_.size() && open_[quotes] == "</blockquote>") ++quotes;
    close_to(std::min(quotes, depth));
    while (open_.size() < depth) push(quote_style, "</blockquote>");
  }

  // Lists stand on the stack as list, item, list, item...
  void open_item(std::size_t depth, std::string_view marker) {
    const bool numbered = !marker.empty() && marker.find_first_not_of("0123456789") == marker.size() - 1 &&
                          (marker.back() == '.' || marker.back() == ')') && marker.size() <= 10;
    const std::string_view close = numbered ? "</ol>" : "</ul>";
    const auto is_list = [](std::string_view closer) { return closer == "</ol>" || closer == "</ul>"; };
    if (!open_.empty() && !is_list(open_.front())) close_to(0);
    std::size_t kept = 2 * depth - 1;  // the list of that depth, without its item
    close_to(kept);
    if (open_.size() == kept && open_.back() != close) close_to(kept - 1);
    while (open_.size() < kept) {
      push(numbered ? "<ol>" : "<ul>", close);
      if (open_.size() < kept) push("<li>", "</li>");
    }
    push(numbered ? "<li value=\"" + std::string(marker.substr(0, marker.size() - 1)) + "\">" : "<li>", "</li>");
    at_item_start_ = true;
    // Boxes and footnotes keep their marker as text.
    if (!numbered && !marker.empty() && marker != "•") out_ += escape_html(text::clean_line(text::clip(marker, 32))) + " ";
  }

  bool inline_span(const Span& span) {
    const std::string url = text::clean_line(text::clip(span.url, 4'096));
    begin_inline();
    switch (span.kind) {
      case SpanKind::strong:
      case SpanKind::mention: return show(span.text, [](std::string_view text) { return element("strong", text); });
      case SpanKind::emphasis: return show(span.text, [](std::string_view text) { return element("em", text); });
      case SpanKind::strikethrough: return show(span.text, [](std::string_view text) { return element("s", text); });
      case SpanKind::code: return show(span.text, [](std::string_view text) { return element("code", text); });
      case SpanKind::link:
        return show(span.text, [&](std::string_view text) { return html_link(url, weburl::honest_label(text, url)); });
      case SpanKind::image: {
        const std::string label = span.text.empty() ? "[image]" : "[image: " + std::string(text::clip(span.text, 4'096)) + "]";
        return show(label, [&](std::string_view text) { return html_link(url, text); });
      }
      default: return show(span.text, [](std::string_view text) { return escape_html(text); });
    }
  }

  // As much of the text as there is room for.
  template <class Write>
  bool show(std::string_view raw, const Write& write) {
    const std::string_view looked_at = text::clip(raw, 4 * left_);
    const std::string clean = text::clean(looked_at);
    const std::string_view some = text::prefix(clean, left_);
    left_ -= std::min(left_, text::utf16_units(some));
    if (!some.empty()) out_ += write(some);
    return some.size() == clean.size() && looked_at.size() == raw.size();
  }

  std::size_t left_;
  const std::size_t longest_;
  std::string out_;
  std::vector<std::string_view> open_;  // what closes each
  bool at_item_start_ = false;
};

}  // namespace

std::string escape_html(std::string_view clean) {
  std::string out;
  out.reserve(clean.size() + clean.size() / 8);
  for (const char c : clean) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\'': out += "&#39;"; break;
      default: out += c;
    }
  }
  return out;
}

std::string html_link(std::string_view url, std::string_view label) {
  const std::string safe = escape_html(weburl::safe(url));
  if (safe.empty()) return escape_html(label);
  return "<a href=\"" + safe + "\">" + escape_html(label) + "</a>";
}

std::string html_excerpt(const Mention& mention, std::size_t limit) {
  HtmlWriter writer(limit);
  const std::vector<Span> bare = {{SpanKind::text, 0, mention.markdown, {}}};
  for (const Span& span : mention.spans.empty() ? bare : mention.spans) {
    if (!writer.write(span)) return writer.finish(false);
  }
  return writer.finish(!mention.truncated);
}

}  // namespace beckon::email
