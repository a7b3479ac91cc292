// GitHub's own Markdown parser, cmark-gfm, with what GitHub switches on: tables, strikethrough, bare links, task
// lists and footnotes.
#pragma once

#include <cmark-gfm.h>

#include <memory>
#include <string_view>

namespace beckon::core {

struct FreeNode { void operator()(cmark_node* node) const { cmark_node_free(node); } };
using MarkdownTree = std::unique_ptr<cmark_node, FreeNode>;

// Any thread; one parse at a time, because cmark-gfm keeps its extensions' special characters in a global table
// meanwhile. Broken UTF-8 and NUL become U+FFFD. Ask too_costly first.
MarkdownTree parse_markdown(std::string_view markdown);

// The extensions' node types have no public names.
enum class GfmKind { other, strikethrough, table, row, cell, task };
GfmKind gfm_kind(cmark_node* node);
bool is_checked(cmark_node* task);

}  // namespace beckon::core
