#include "mention/parse.hpp"

#include <cmark-gfm-core-extensions.h>

#include <array>
#include <mutex>

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

}  // namespace

MarkdownTree parse_markdown(std::string_view markdown) {
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
