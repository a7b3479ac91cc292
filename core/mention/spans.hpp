// Builds the flat list of model/delivery.hpp while a document is read in order.
//  - paragraph and quote open lazily: a block of which nothing shows leaves no span.
//  - Of nested inline styles one survives: a link, else strikethrough (it turns the sense), strong, emphasis.
//  - A table is one paragraph: rows are parted by line_break, cells by a table_cell whose text is a plain separator.
//  - line_break never begins or ends a block, and never comes twice in a row.
#pragma once

#include "model/delivery.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace beckon::core {

class SpanBuilder {
 public:
  // A block that stands even when empty: list_item, heading, rule, code_block.
  void open(SpanKind kind, std::uint32_t depth, std::string text = {}, std::string url = {});
  // paragraph or quote: opens with its first inline span.
  void flow(SpanKind kind, std::uint32_t depth);
  void inline_text(SpanKind style, std::string_view text);
  void mention(std::string_view name_with_at);
  void line_break();
  void next_cell();
  // Between begin and end all text is gathered into one link or image; inner ones only give their text to the
  // outermost.
  void begin_capture(SpanKind kind, std::string_view url);
  void end_capture();
  // Nothing visible yet in this block or line: white space may be dropped.
  bool at_line_start() const { return at_start_ || break_due_; }
  std::vector<Span> take();

 private:
  struct Capture {
    SpanKind kind;
    std::string url;
    std::string text;
    std::uint32_t inner = 0;
    bool image = false;
  };
  void push(SpanKind kind, std::string text, std::string url = {});

  std::vector<Span> spans_;
  std::optional<Span> flow_;
  std::optional<Capture> capture_;
  std::uint32_t depth_ = 0;
  bool at_start_ = true;
  bool break_due_ = false;
  bool joins_ = false;  // the last span is text that more of its kind may be added to
};

}  // namespace beckon::core
