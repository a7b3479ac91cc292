#include "mention/spans.hpp"

#include <beckon/text.hpp>

#include <algorithm>
#include <utility>

namespace beckon::core {
namespace {

// cmark-gfm cuts the label of a footnote that goes over a line's end too short, in the middle of a character perhaps.
void mend(std::string& text) {
  if (std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; })) return;
  std::string whole;
  whole.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) text::append(whole, text::next(text, at));
  text = std::move(whole);
}

}  // namespace

void SpanBuilder::open(SpanKind kind, std::uint32_t depth, std::string text, std::string url) {
  flow_.reset();
  depth_ = depth;
  spans_.push_back({kind, depth, std::move(text), std::move(url)});
  at_start_ = true;
  break_due_ = joins_ = false;
}

void SpanBuilder::flow(SpanKind kind, std::uint32_t depth) {
  flow_ = Span{kind, depth, {}, {}};
  at_start_ = true;
  break_due_ = joins_ = false;
}

std::vector<Span> SpanBuilder::take() {
  for (auto& span : spans_) mend(span.text);
  return std::move(spans_);
}

void SpanBuilder::push(SpanKind kind, std::string text, std::string url) {
  if (flow_) {
    depth_ = flow_->depth;
    spans_.push_back(std::move(*flow_));
    flow_.reset();
  }
  if (std::exchange(break_due_, false)) spans_.push_back({SpanKind::line_break, depth_, {}, {}});
  spans_.push_back({kind, depth_, std::move(text), std::move(url)});
  at_start_ = joins_ = false;
}

void SpanBuilder::inline_text(SpanKind style, std::string_view text) {
  if (text.empty()) return;
  if (capture_) {
    capture_->text.append(text);
  } else if (joins_ && !break_due_ && spans_.back().kind == style) {
    spans_.back().text.append(text);
  } else {
    push(style, std::string(text));
    joins_ = style != SpanKind::code;
  }
}

void SpanBuilder::mention(std::string_view name_with_at) { push(SpanKind::mention, std::string(name_with_at)); }

void SpanBuilder::line_break() {
  if (capture_) {
    capture_->text += ' ';
  } else if (!at_start_) {
    break_due_ = true;
  }
}

void SpanBuilder::next_cell() { push(SpanKind::table_cell, " | "); }

void SpanBuilder::begin_capture(SpanKind kind, std::string_view url) {
  if (capture_) {
    ++capture_->inner;
    capture_->image |= kind == SpanKind::image;
  } else {
    capture_ = Capture{kind, std::string(url), {}, 0, false};
  }
}

void SpanBuilder::end_capture() {
  if (!capture_) return;
  if (capture_->inner > 0) {
    --capture_->inner;
    return;
  }
  Capture done = std::move(*capture_);
  capture_.reset();
  if (done.text.empty() && done.image) done.text = done.url;  // a linked picture without a description
  if (done.text.empty() && done.kind == SpanKind::link) return;
  push(done.kind, std::move(done.text), std::move(done.url));
}

}  // namespace beckon::core
