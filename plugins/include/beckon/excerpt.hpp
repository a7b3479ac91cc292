// From the spans of a mention to an excerpt in a sink's own medium: a sink says in a Dialect how its medium writes one
// span; `excerpt` arranges blocks, keeps the limit, and cuts. The limit is applied to what the dialect has written, so
// after escaping, and a cut falls between spans or inside a span's text before it is escaped: never inside an entity, a
// link or a pair of markers. For authors of sinks; header-only, any thread.
#pragma once

#include <beckon/sink.hpp>
#include <beckon/text.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace beckon {

// What stands beside a span on its line: a character, or 0 at an end of the line.
struct Around {
  char32_t before = 0;
  char32_t after = 0;
  bool after_markup = false;  // the span before it was written with markers
};

class Dialect {
 public:
  virtual ~Dialect() = default;
  // One inline span, showing `text` of it (clean, on one line, not empty). Escapes.
  virtual std::string span(const Span& span, std::string_view text, const Around& around) const = 0;
  // Whole lines; `code` is clean.
  virtual std::string code_block(std::string_view code, std::string_view language) const = 0;
  // What each line of a quotation begins with.
  virtual std::string quote(std::uint32_t depth) const = 0;
  // What ends a line (1) or a block (2) before the next one begins.
  virtual std::string gap(int feeds) const { return std::string(static_cast<std::size_t>(feeds), '\n'); }
  virtual std::size_t measure(std::string_view written) const { return text::utf16_units(written); }
};

namespace detail __attribute__((visibility("hidden"))) {

struct ExcerptPart {
  SpanKind kind;
  std::uint32_t depth;
  std::string text;
  std::string url;
};

inline bool opens_block(SpanKind kind) noexcept {
  return kind == SpanKind::paragraph || kind == SpanKind::quote || kind == SpanKind::list_item ||
         kind == SpanKind::heading || kind == SpanKind::rule || kind == SpanKind::code_block;
}

inline bool is_inline(SpanKind kind) noexcept {
  return !opens_block(kind) && kind != SpanKind::line_break && kind != SpanKind::table_cell;
}

// Cleaned, with neighbours of one kind made one, so that no medium sees "**a****b**".
// No more than `enough` bytes of text are looked at; `whole` tells whether that was all.
inline std::vector<ExcerptPart> excerpt_parts(const std::vector<Span>& spans, std::size_t enough, bool& whole) {
  const auto is_gap = [](char c) { return c == '\n' || c == '\t'; };
  std::vector<ExcerptPart> parts;
  whole = true;
  for (const Span& span : spans) {
    if (!whole) break;
    const std::string_view looked_at = text::clip(span.text, enough);
    whole = looked_at.size() == span.text.size();
    enough -= looked_at.size();
    ExcerptPart part{span.kind, span.depth, text::clean(looked_at), text::clean_line(text::clip(span.url, 4'096))};
    if (span.kind != SpanKind::code_block) std::replace_if(part.text.begin(), part.text.end(), is_gap, ' ');
    if (is_inline(span.kind) && part.text.empty() && span.kind != SpanKind::image) continue;
    const bool goes_on = !parts.empty() && parts.back().kind == span.kind && parts.back().url == part.url;
    if (goes_on && is_inline(span.kind) && span.kind != SpanKind::mention && span.kind != SpanKind::image) {
      parts.back().text += part.text;
    } else {
      parts.push_back(std::move(part));
    }
  }
  return parts;
}

// "•", "☑", "☐", "3.", "[3]": markers are written as they are, so nothing else may be one.
inline std::string list_marker(std::string_view text) {
  if (text == "☑" || text == "☐") return std::string(text);
  const bool plain = !text.empty() && text.size() <= 12 &&
                     text.find_first_not_of("0123456789.)[]") == std::string_view::npos;
  return plain ? std::string(text) : "•";
}

class ExcerptWriter {
 public:
  ExcerptWriter(const Dialect& dialect, std::size_t limit)
      : dialect_(dialect), limit_(limit), for_the_end_(dialect.measure(text::ellipsis)) {}

  // False when the excerpt ends here.
  bool write(const ExcerptPart& part, const ExcerptPart* next) {
    switch (part.kind) {
      case SpanKind::paragraph:
        if (!marker_.empty() && !line_open_) return true;  // the first paragraph of a list item
        return open_block(part.kind, 0, 0, {});
      case SpanKind::quote: return open_block(part.kind, std::clamp(part.depth, 1u, 3u), 0, {});
      case SpanKind::heading: return open_block(part.kind, 0, 0, {});
      case SpanKind::list_item:
        return open_block(part.kind, 0, std::min(part.depth, 6u), list_marker(part.text));
      case SpanKind::rule: return open_block(part.kind, 0, 0, {}) && add("———");
      case SpanKind::code_block: return code_block(part);
      case SpanKind::line_break:
        if (line_open_) new_line(1);
        return true;
      case SpanKind::table_cell: return table_cell(part, next);
      default: return inline_part(part, next);
    }
  }

  std::string finish(bool whole) {
    // Behind a code block "…" needs a line of its own, or it would belong to the mark that closes the block.
    const std::string end = (after_code_ ? dialect_.gap(1) : std::string()).append(text::ellipsis);
    if (!whole && !shows_its_end_ && used_ + dialect_.measure(end) <= limit_) out_ += end;
    return std::move(out_);
  }

 private:
  bool open_block(SpanKind kind, std::uint32_t quote, std::uint32_t indent, std::string marker) {
    const bool close = (kind == SpanKind::list_item && block_ == SpanKind::list_item) || block_ == SpanKind::heading;
    if (!out_.empty()) new_line(close ? 1 : 2);
    block_ = kind;
    quote_ = quote;
    indent_ = indent > 1 ? (indent - 1) * 2 : 0;
    marker_ = std::move(marker);
    return true;
  }

  void new_line(int feeds) {
    feeds_ = std::max(feeds_, feeds);
    line_open_ = false;
    after_markup_ = false;
    before_ = 0;
  }

  // The feeds that are due, and what the line begins with.
  std::string lead() const {
    if (line_open_) return {};
    std::string lead = out_.empty() || feeds_ == 0 ? std::string() : dialect_.gap(feeds_);
    if (quote_) lead += dialect_.quote(quote_);
    lead.append(indent_, ' ');
    if (!marker_.empty()) lead.append(marker_).append(" ");
    return lead;
  }

  bool fits(std::string_view written) const { return used_ + dialect_.measure(written) + for_the_end_ <= limit_; }

  void append(std::string_view written) {
    used_ += dialect_.measure(written);
    out_ += written;
    if (!line_open_ && !marker_.empty()) {
      indent_ += 2;
      marker_.clear();
    }
    line_open_ = true;
    after_code_ = false;
    feeds_ = 0;
  }

  bool add(std::string_view written) {
    const std::string piece = lead().append(written);
    if (!fits(piece)) return false;
    append(piece);
    return true;
  }

  // The host parts cells by spans whose text is a bar; one with a text of its own is a cell itself.
  bool table_cell(const ExcerptPart& part, const ExcerptPart* next) {
    ExcerptPart cell = part;
    cell.kind = SpanKind::text;
    cell.text.erase(0, std::min(part.text.find_first_not_of(" |"), part.text.size()));
    while (!cell.text.empty() && (cell.text.back() == ' ' || cell.text.back() == '|')) cell.text.pop_back();
    const bool first_is_empty = !line_open_ && !part.text.empty() && cell.text.empty();
    if (line_open_ && !add(" | ")) return false;
    if (first_is_empty && !add("| ")) return false;
    return cell.text.empty() || inline_part(cell, next);
  }

  bool inline_part(const ExcerptPart& part, const ExcerptPart* next) {
    std::string_view shown = part.text;
    while (!line_open_ && part.kind == SpanKind::text && !shown.empty() && shown.front() == ' ') shown.remove_prefix(1);
    if (shown.empty() && part.kind != SpanKind::image) return true;
    const Span span{block_ == SpanKind::heading && part.kind == SpanKind::text ? SpanKind::strong : part.kind,
                    part.depth, part.text, part.url};
    std::size_t first = 0;
    Around around{before_, next && is_inline(next->kind) && !next->text.empty() ? text::next(next->text, first) : 0,
                  after_markup_};
    const auto written = [&](std::string_view some) { return lead().append(dialect_.span(span, some, around)); };
    // Nothing is written shorter than it is: what is longer than all the room need not be tried.
    const std::string_view candidate = text::prefix(shown, limit_);
    if (candidate.size() == shown.size()) {
      const std::string piece = written(shown);
      if (fits(piece)) {
        append(piece);
        remember(span.kind, shown);
        return true;
      }
    }
    if (part.kind == SpanKind::mention || part.kind == SpanKind::image) return false;
    around.after = U'…';
    const std::string_view some = longest(candidate, written);
    if (!some.empty()) append(written(some));
    return false;
  }

  bool code_block(const ExcerptPart& part) {
    open_block(part.kind, 0, 0, {});
    std::string_view code = part.text;
    while (!code.empty() && (code.back() == '\n' || code.back() == ' ')) code.remove_suffix(1);
    if (code.empty()) return true;
    const auto written = [&](std::string_view some) {
      std::string shown(some);
      if (some.size() < code.size()) shown += text::ellipsis;
      return lead().append(dialect_.code_block(shown, part.url));
    };
    const std::string_view candidate = text::prefix(code, limit_);
    const std::string_view some = longest(candidate, written);
    if (some.empty()) return false;
    append(written(some));
    after_code_ = true;
    shows_its_end_ = some.size() < code.size();
    if (shows_its_end_) return false;
    new_line(1);
    return true;
  }

  // The longest beginning of `all` that fits when written, ending at a word where one is near.
  template <class Written>
  std::string_view longest(std::string_view all, const Written& written) const {
    if (fits(written(all))) return all;
    std::size_t fitting = 0, failing = text::utf16_units(all);
    while (fitting + 1 < failing) {
      const std::size_t middle = fitting + (failing - fitting) / 2;
      const std::string_view some = text::prefix(all, middle);
      (!some.empty() && fits(written(some)) ? fitting : failing) = middle;
    }
    std::string_view some = text::prefix(all, fitting);
    const std::size_t space = some.find_last_of(" \n");
    if (space != std::string_view::npos && space > 0 && some.size() - space <= 24) some = some.substr(0, space);
    while (!some.empty() && (some.back() == ' ' || some.back() == '\n')) some.remove_suffix(1);
    return !some.empty() && fits(written(some)) ? some : std::string_view();
  }

  void remember(SpanKind kind, std::string_view shown) {
    for (std::size_t at = 0; at < shown.size();) before_ = text::next(shown, at);
    after_markup_ = kind != SpanKind::text;
  }

  const Dialect& dialect_;
  const std::size_t limit_;
  const std::size_t for_the_end_;  // kept for "…"
  std::string out_;
  std::size_t used_ = 0;
  SpanKind block_ = SpanKind::paragraph;
  std::uint32_t quote_ = 0;
  std::uint32_t indent_ = 0;
  std::string marker_;
  int feeds_ = 0;
  bool line_open_ = false;
  bool after_markup_ = false;
  bool after_code_ = false;
  bool shows_its_end_ = false;
  char32_t before_ = 0;
};

}  // namespace detail

// The beginning of what the spans say, of at most `limit` as the dialect measures; "…" at the end when there is more.
// Empty when the spans show nothing.
inline std::string excerpt(const std::vector<Span>& spans, const Dialect& dialect, std::size_t limit) {
  bool whole = false;
  const std::vector<detail::ExcerptPart> parts = detail::excerpt_parts(spans, 16 * limit + 1'024, whole);
  detail::ExcerptWriter writer(dialect, limit);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (!writer.write(parts[i], i + 1 < parts.size() ? &parts[i + 1] : nullptr)) return writer.finish(false);
  }
  return writer.finish(whole);
}

// The same of a mention: where the host gave no spans its Markdown is shown as it is, and a text that the host had to
// cut short ends with "…" too.
inline std::string excerpt(const Mention& mention, const Dialect& dialect, std::size_t limit) {
  if (mention.spans.empty()) return excerpt({{SpanKind::text, 0, mention.markdown, {}}}, dialect, limit);
  std::vector<Span> spans = mention.spans;
  if (mention.truncated) spans.push_back({SpanKind::text, 0, text::ellipsis, {}});
  return excerpt(spans, dialect, limit);
}

}  // namespace beckon
