#include "mention/reader.hpp"

#include "mention/html.hpp"
#include "mention/parse.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace beckon::core {
namespace {

struct FreeIterator { void operator()(cmark_iter* iterator) const { cmark_iter_free(iterator); } };

std::string_view view(const char* text) { return text ? std::string_view(text) : std::string_view(); }

bool is_block(cmark_node* node) {
  return (cmark_node_get_type(node) & CMARK_NODE_TYPE_MASK) == CMARK_NODE_TYPE_BLOCK;
}

std::string note_mark(std::string_view number) {
  std::string mark(1, '[');
  return mark.append(number).append(1, ']');
}

class Walk {
 public:
  Walk(Names& names, SpanBuilder* spans) : names_(names), spans_(spans) {}

  void run(cmark_node* root) {
    const std::unique_ptr<cmark_iter, FreeIterator> iterator(cmark_iter_new(root));
    for (auto event = cmark_iter_next(iterator.get()); event != CMARK_EVENT_DONE;
         event = cmark_iter_next(iterator.get())) {
      step(cmark_iter_get_node(iterator.get()), event == CMARK_EVENT_ENTER);
    }
  }

 private:
  // A quote, or an item of a list. Kept for the kind that the paragraphs inside take.
  struct Container {
    bool quote = false;
    bool fresh = false;  // an item that has no block yet: its first paragraph is the item's own line
  };
  struct List {
    bool ordered = false;
    std::uint32_t number = 0;
  };

  void step(cmark_node* node, bool enter) {
    const auto type = cmark_node_get_type(node);
    // cmark splits text at every character that might have been markup; a name is judged on the joined run.
    if (type == CMARK_NODE_TEXT) return add_to_run(view(cmark_node_get_literal(node)));
    flush();
    if (!is_block(node)) {
      inline_node(node, type, enter);
    } else if (type == CMARK_NODE_HTML_BLOCK) {
      html_block(view(cmark_node_get_literal(node)));
    } else {
      if (enter) ++depth_;
      if (spans_) block(node, type, enter);
      if (!enter || type == CMARK_NODE_CODE_BLOCK || type == CMARK_NODE_THEMATIC_BREAK) html_.leave(depth_--);
    }
  }

  // ---- text

  void add_to_run(std::string_view text) {
    if (run_.empty()) {
      run_ = text;  // the usual run is one node: no copy
      return;
    }
    if (run_.data() != joined_.data()) joined_ = run_;
    joined_.append(text);
    run_ = joined_;
  }

  void flush() {
    if (run_.empty()) return;
    const auto run = std::exchange(run_, {});
    if (html_.hides()) return;
    if (searched()) {
      read_run(run, style(), names_, spans_, as_it_is);
    } else if (spans_) {
      spans_->inline_text(style(), run);
    }
  }

  bool searched() const { return captures_ == 0 && !html_.shields(); }

  SpanKind style() const {
    if (html_.is_code()) return SpanKind::code;
    if (strikethrough_ > 0) return SpanKind::strikethrough;
    if (strong_ > 0) return SpanKind::strong;
    return emphasis_ > 0 ? SpanKind::emphasis : SpanKind::text;
  }

  void html_text(std::string_view raw) {
    if (html_.hides()) return;
    const auto shown = [this](std::string_view text) { return trimmed(decoded(text)); };
    if (searched()) {
      read_run(with_team_slashes(raw), style(), names_, spans_, shown);
    } else if (spans_) {
      spans_->inline_text(style(), shown(raw));
    }
  }

  std::string trimmed(std::string text) const {
    if (spans_->at_line_start() && text.starts_with(' ')) text.erase(0, 1);
    return text;
  }

  void html(std::string_view literal) {
    HtmlReader reader(html_, literal, depth_);
    while (const auto piece = reader.next()) {
      if (!piece->line_break) {
        html_text(piece->text);
      } else if (spans_ && !html_.hides()) {
        spans_->line_break();
      }
    }
  }

  void html_block(std::string_view literal) {
    if (spans_) open_flow();
    html(literal);
  }

  // ---- inline nodes

  void inline_node(cmark_node* node, cmark_node_type type, bool enter) {
    const int step = enter ? 1 : -1;
    if (type == CMARK_NODE_HTML_INLINE) {
      html(view(cmark_node_get_literal(node)));
    } else if (type == CMARK_NODE_LINK || type == CMARK_NODE_IMAGE) {
      capture(node, type == CMARK_NODE_LINK ? SpanKind::link : SpanKind::image, enter);
    } else if (type == CMARK_NODE_STRONG) {
      strong_ += step;
    } else if (type == CMARK_NODE_EMPH) {
      emphasis_ += step;
    } else if (type == CMARK_NODE_SOFTBREAK || type == CMARK_NODE_LINEBREAK) {
      // GitHub shows a line end in a comment as a line end.
      if (spans_ && !html_.hides()) spans_->line_break();
    } else if (type == CMARK_NODE_CODE) {
      if (spans_ && !html_.hides()) spans_->inline_text(SpanKind::code, view(cmark_node_get_literal(node)));
    } else if (type == CMARK_NODE_FOOTNOTE_REFERENCE) {
      if (!spans_ || !enter || html_.hides()) return;
      spans_->inline_text(style(), note_mark(view(cmark_node_get_literal(node))));
    } else if (gfm_kind(node) == GfmKind::strikethrough) {
      strikethrough_ += step;
    }
  }

  void capture(cmark_node* node, SpanKind kind, bool enter) {
    captures_ += enter ? 1 : -1;
    if (!spans_) return;
    if (enter) {
      spans_->begin_capture(kind, view(cmark_node_get_url(node)));
    } else {
      spans_->end_capture();
    }
  }

  // ---- blocks, only for spans

  std::uint32_t nesting() const { return static_cast<std::uint32_t>(containers_.size()); }

  void open_flow() {
    if (!containers_.empty() && std::exchange(containers_.back().fresh, false)) return;
    const bool quote = !containers_.empty() && containers_.back().quote;
    spans_->flow(quote ? SpanKind::quote : SpanKind::paragraph, nesting());
  }

  void open_block(SpanKind kind, std::uint32_t depth, std::string_view text = {}, std::string_view url = {}) {
    if (!containers_.empty()) containers_.back().fresh = false;
    if (!html_.hides()) spans_->open(kind, depth, std::string(text), std::string(url));
  }

  void block(cmark_node* node, cmark_node_type type, bool enter) {
    if (type == CMARK_NODE_PARAGRAPH) {
      if (enter) open_flow();
    } else if (type == CMARK_NODE_HEADING) {
      if (enter) open_block(SpanKind::heading, static_cast<std::uint32_t>(cmark_node_get_heading_level(node)));
    } else if (type == CMARK_NODE_THEMATIC_BREAK) {
      open_block(SpanKind::rule, nesting());
    } else if (type == CMARK_NODE_CODE_BLOCK) {
      const auto info = view(cmark_node_get_fence_info(node));
      open_block(SpanKind::code_block, nesting(), view(cmark_node_get_literal(node)),
                 info.substr(0, info.find_first_of(" \t")));
    } else if (type == CMARK_NODE_BLOCK_QUOTE) {
      if (enter && !containers_.empty()) containers_.back().fresh = false;
      nest(enter, Container{.quote = true});
    } else if (type == CMARK_NODE_LIST) {
      if (enter) {
        lists_.push_back({cmark_node_get_list_type(node) == CMARK_ORDERED_LIST,
                          static_cast<std::uint32_t>(cmark_node_get_list_start(node))});
      } else {
        lists_.pop_back();
      }
    } else if (type == CMARK_NODE_ITEM) {
      item(marker(node, enter), enter);
    } else if (type == CMARK_NODE_FOOTNOTE_DEFINITION) {
      if (enter) ++footnotes_;
      item(note_mark(std::to_string(footnotes_)), enter);
    } else {
      table(gfm_kind(node), enter);
    }
  }

  void nest(bool enter, Container container) {
    if (enter) {
      containers_.push_back(container);
    } else {
      containers_.pop_back();
    }
  }

  void item(const std::string& marker, bool enter) {
    if (enter) open_block(SpanKind::list_item, nesting() + 1, marker);
    nest(enter, Container{.fresh = true});
  }

  std::string marker(cmark_node* node, bool enter) {
    if (!enter || lists_.empty()) return {};
    if (gfm_kind(node) == GfmKind::task) return is_checked(node) ? "☑" : "☐";
    return lists_.back().ordered ? std::to_string(lists_.back().number++) + "." : "•";
  }

  void table(GfmKind kind, bool enter) {
    if (!enter) {
      if (kind == GfmKind::row) spans_->line_break();
    } else if (kind == GfmKind::table) {
      open_flow();
    } else if (kind == GfmKind::row) {
      first_cell_ = true;
    } else if (kind == GfmKind::cell && !std::exchange(first_cell_, false) && !html_.hides()) {
      spans_->next_cell();
    }
  }

  Names& names_;
  SpanBuilder* spans_;
  OpenHtml html_;
  std::string_view run_;
  std::string joined_;
  std::uint32_t depth_ = 0;
  int captures_ = 0, strong_ = 0, emphasis_ = 0, strikethrough_ = 0;
  std::vector<Container> containers_;
  std::vector<List> lists_;
  std::uint32_t footnotes_ = 0;
  bool first_cell_ = false;
};

}  // namespace

void read_parsed(std::string_view markdown, Names& names, SpanBuilder* spans) {
  const auto tree = parse_markdown(markdown);
  Walk(names, spans).run(tree.get());
}

}  // namespace beckon::core
