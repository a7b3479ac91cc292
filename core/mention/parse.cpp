#include "mention/parse.hpp"

#include "mention/ascii.hpp"

#include <cmark-gfm-core-extensions.h>

#include <algorithm>
#include <array>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace beckon::core {
namespace {

struct FreeParser { void operator()(cmark_parser* parser) const { cmark_parser_free(parser); } };

using Extensions = std::array<cmark_syntax_extension*, 4>;

const Extensions& extensions() {
  static const Extensions found = [] {
    cmark_gfm_core_extensions_ensure_registered();
    return Extensions{cmark_find_syntax_extension("table"), cmark_find_syntax_extension("strikethrough"),
                      cmark_find_syntax_extension("autolink"), cmark_find_syntax_extension("tasklist")};
  }();
  return found;
}

// "\^", "&Hat;", "&#94;", "&#x5E;", the numeric ones also with leading zeros.
bool starts_with_disguised_caret(std::string_view text) {
  if (text.starts_with("\\^")) return true;
  if (text.starts_with("&Hat;")) return true;
  if (!text.starts_with("&#")) return false;
  text.remove_prefix(2);
  const bool hex = text.starts_with('x') || text.starts_with('X');
  if (hex) text.remove_prefix(1);
  while (text.starts_with('0')) text.remove_prefix(1);
  return hex ? text.starts_with("5e;") || text.starts_with("5E;") : text.starts_with("94;");
}

// The brackets that cmark-gfm must not take for footnotes: a "[^" that is closed on a later line than its own, and a "[" whose
// "^" is written in another way. Blank lines close nothing. Code is not known here.
std::vector<std::size_t> broken_footnotes(std::string_view markdown) {
  struct Bracket { std::size_t at, line; };
  std::vector<std::size_t> found;
  std::vector<Bracket> open;
  std::size_t line = 0;
  bool blank = true;
  for (std::size_t at = 0; at < markdown.size(); ++at) {
    const char c = markdown[at];
    if (c == '\n' || c == '\r') {
      if (c == '\r' && markdown.substr(at).starts_with("\r\n")) ++at;
      if (std::exchange(blank, true)) open.clear();
      ++line;
      continue;
    }
    blank = blank && is_blank(c);
    if (c == '[') {
      if (starts_with_disguised_caret(markdown.substr(at + 1))) found.push_back(at);
      else open.push_back({at, line});
    } else if (c == ']' && !open.empty()) {
      const auto opened = open.back();
      open.pop_back();
      if (opened.line != line && markdown[opened.at + 1] == '^') found.push_back(opened.at);
    } else if (c == '\\' && at + 1 < markdown.size() && !is_space(markdown[at + 1])) {
      ++at;
    }
  }
  std::sort(found.begin(), found.end());
  return found;
}

// cmark-gfm takes a "[^label]" that goes over a line's end for a footnote all the same, and cuts the label wherever its
// columns tell it to: "[^a\n@octocat]" would mention "o". Of "[&Hat;a]" it takes the label from memory that it has freed
// already, and that of "[\^a]" it makes too long (0.29.0.gfm.6). Escaped they are the text that they are for everybody else.
std::string with_escaped(std::string_view markdown, const std::vector<std::size_t>& places) {
  std::string text;
  text.reserve(markdown.size() + places.size());
  std::size_t copied = 0;
  for (const auto place : places) {
    text.append(markdown.substr(copied, place - copied)).append(1, '\\');
    copied = place;
  }
  return text.append(markdown.substr(copied));
}

}  // namespace

MarkdownTree parse_markdown(std::string_view markdown) {
  std::string escaped;
  const auto holds = [markdown](std::string_view what) { return markdown.find(what) != std::string_view::npos; };
  if (holds("[^") || holds("[&") || holds("[\\^")) {
    if (const auto places = broken_footnotes(markdown); !places.empty()) markdown = escaped = with_escaped(markdown, places);
  }
  static std::mutex one_at_a_time;
  const std::lock_guard lock(one_at_a_time);
  const std::unique_ptr<cmark_parser, FreeParser> parser(
      cmark_parser_new(CMARK_OPT_FOOTNOTES | CMARK_OPT_VALIDATE_UTF8));
  for (auto* extension : extensions()) cmark_parser_attach_syntax_extension(parser.get(), extension);
  cmark_parser_feed(parser.get(), markdown.data(), markdown.size());
  return MarkdownTree(cmark_parser_finish(parser.get()));
}

GfmKind gfm_kind(cmark_node* node) {
  const std::string_view name = cmark_node_get_type_string(node);
  if (name == "strikethrough") return GfmKind::strikethrough;
  if (name == "table") return GfmKind::table;
  if (name == "table_row" || name == "table_header") return GfmKind::row;
  if (name == "table_cell") return GfmKind::cell;
  if (name == "tasklist") return GfmKind::task;
  return GfmKind::other;
}

bool is_checked(cmark_node* task) { return cmark_gfm_extensions_get_tasklist_item_checked(task); }

}  // namespace beckon::core
