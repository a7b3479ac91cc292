#include "mention/mention.hpp"

#include <gmock/gmock.h>

#include <map>

namespace beckon::core {
namespace {

// One line a span: "kind depth text url", so that a failure shows the whole document.
std::string shown(std::string_view markdown) {
  static const std::map<SpanKind, std::string> kinds{
      {SpanKind::text, "text"}, {SpanKind::strong, "strong"}, {SpanKind::emphasis, "emphasis"},
      {SpanKind::strikethrough, "strike"}, {SpanKind::code, "code"}, {SpanKind::code_block, "code_block"},
      {SpanKind::link, "link"}, {SpanKind::mention, "mention"}, {SpanKind::quote, "quote"},
      {SpanKind::list_item, "item"},
      {SpanKind::heading, "heading"}, {SpanKind::image, "image"}, {SpanKind::line_break, "break"},
      {SpanKind::paragraph, "paragraph"}, {SpanKind::table_cell, "cell"}, {SpanKind::rule, "rule"}};
  std::string lines;
  for (const auto& span : read_markdown(markdown).spans) {
    lines += kinds.at(span.kind) + " " + std::to_string(span.depth);
    if (!span.text.empty()) lines += " {" + span.text + "}";
    if (!span.url.empty()) lines += " " + span.url;
    lines += "\n";
  }
  return lines;
}

TEST(Spans, AParagraphHoldsItsInlines) {
  EXPECT_EQ(shown("Hi @Octocat, *see* `x` **now**\n\nbye"),
            "paragraph 0\ntext 0 {Hi }\nmention 0 {@Octocat}\ntext 0 {, }\nemphasis 0 {see}\ntext 0 { }\ncode 0 {x}\n"
            "text 0 { }\nstrong 0 {now}\nparagraph 0\ntext 0 {bye}\n");
}

TEST(Spans, NothingMakesNothing) {
  EXPECT_EQ(shown(""), "");
  EXPECT_EQ(shown("<!-- only a template -->\n\n<div></div>\n\n[](x)"), "");
}

TEST(Spans, MentionsKeepTheirCaseInAnyStyle) {
  EXPECT_EQ(shown("**to @Octo/Cats!**"), "paragraph 0\nstrong 0 {to }\nmention 0 {@Octo/Cats}\nstrong 0 {!}\n");
}

TEST(Spans, OfNestedStylesTheWeightiestSurvives) {
  EXPECT_EQ(shown("*a **b** ~~c **d**~~*"),
            "paragraph 0\nemphasis 0 {a }\nstrong 0 {b}\nemphasis 0 { }\nstrike 0 {c d}\n");
  EXPECT_EQ(shown("**[a *b* `c`](u)**"), "paragraph 0\nlink 0 {a b c} u\n");
}

TEST(Spans, LinksAndImages) {
  EXPECT_EQ(shown("[a\n@b](u) ![pic](p.png) <https://x.y>"),
            "paragraph 0\nlink 0 {a @b} u\ntext 0 { }\nimage 0 {pic} p.png\ntext 0 { }\n"
            "link 0 {https://x.y} https://x.y\n");
  EXPECT_EQ(shown("[![badge](b.svg)](u) [![](c.svg)](v)"), "paragraph 0\nlink 0 {badge} u\ntext 0 { }\nlink 0 {v} v\n");
}

TEST(Spans, LineEndsAreBreaks) {
  EXPECT_EQ(shown("a\nb  \nc"), "paragraph 0\ntext 0 {a}\nbreak 0\ntext 0 {b}\nbreak 0\ntext 0 {c}\n");
}

TEST(Spans, QuotesOpenWithEachParagraphAtTheirDepth) {
  EXPECT_EQ(shown("> a\n>\n> b\n>> c\n\nd"),
            "quote 1\ntext 1 {a}\nquote 1\ntext 1 {b}\nquote 2\ntext 2 {c}\nparagraph 0\ntext 0 {d}\n");
}

TEST(Spans, ListsCarryMarkersAndDepth) {
  EXPECT_EQ(shown("3. a\n4. b\n   - c\n\n     d\n   - [x] e\n   - [ ] f"),
            "item 1 {3.}\ntext 1 {a}\nitem 1 {4.}\ntext 1 {b}\nitem 2 {•}\ntext 2 {c}\nparagraph 2\ntext 2 {d}\n"
            "item 2 {☑}\ntext 2 {e}\nitem 2 {☐}\ntext 2 {f}\n");
  EXPECT_EQ(shown("- > q"), "item 1 {•}\nquote 2\ntext 2 {q}\n");
  EXPECT_EQ(shown("> - i\n>\n> p"), "item 2 {•}\ntext 2 {i}\nquote 1\ntext 1 {p}\n");
}

TEST(Spans, HeadingsRulesAndCode) {
  EXPECT_EQ(shown("## A\n\n---\n\n```cpp  hl\nx < y\n```\n\n    z"),
            "heading 2\ntext 2 {A}\nrule 0\ncode_block 0 {x < y\n} cpp\ncode_block 0 {z\n}\n");
}

TEST(Spans, TablesAreRowsOfOneParagraph) {
  EXPECT_EQ(shown("| a | b |\n|---|---|\n| @c |"),
            "paragraph 0\ntext 0 {a}\ncell 0 { | }\ntext 0 {b}\nbreak 0\nmention 0 {@c}\ncell 0 { | }\n");
}

TEST(Spans, FootnotesFollowAsItems) {
  EXPECT_EQ(shown("a[^n]\n\n[^n]: b"), "paragraph 0\ntext 0 {a[1]}\nitem 1 {[1]}\ntext 1 {b}\n");
}

// cmark-gfm would show what lies in memory that it has freed.
TEST(Spans, ABracketWhoseCaretIsDisguisedIsNoFootnote) {
  for (const std::string caret : {"&Hat;", "&#94;", "&#0094;", "&#x5e;", "&#X005E;", "\\^"}) {
    const auto spans = read_markdown("[" + caret + "abcdefghijklmnopqrstuvwxyz] end").spans;
    ASSERT_EQ(spans.size(), 2u) << caret;
    EXPECT_EQ(spans[1].text, "[^abcdefghijklmnopqrstuvwxyz] end") << caret;
  }
}

TEST(Spans, ABracketThatGoesOverALineIsNoFootnote) {
  EXPECT_EQ(shown("a [^b\nccccc] \\[^d\ne] [f\n^g]"),
            "paragraph 0\ntext 0 {a [^b}\nbreak 0\ntext 0 {ccccc] [^d}\nbreak 0\ntext 0 {e] [f}\nbreak 0\ntext 0 {^g]}\n");
}

TEST(Spans, WhatTheParserCutsInACharacterIsMended) {
  EXPECT_EQ(shown("[^\u00fc\u00fc\u00fc`]`\nb\u00fc]"), "paragraph 0\ntext 0 {[^\uFFFD]}\n");
}

TEST(Spans, OfHtmlOnlyTheTextRemains) {
  EXPECT_EQ(shown("<details>\n<summary>More &amp; more</summary>\n\ntext\n\n</details>"),
            "paragraph 0\ntext 0 {More & more}\nparagraph 0\ntext 0 {text}\n");
  EXPECT_EQ(shown("a <b>b</b><br>c <code>@d</code> <a href='u'>@e</a> <!-- f -->"),
            "paragraph 0\ntext 0 {a b}\nbreak 0\ntext 0 {c }\ncode 0 {@d}\ntext 0 { @e }\n");
  EXPECT_EQ(shown("<script>\nalert(1)\n</script>\n<style>x</style>"), "");
}

TEST(Spans, BrokenBytesBecomeValidUtf8) {
  EXPECT_EQ(shown(std::string_view("a\xff\0b @c", 7)), "paragraph 0\ntext 0 {a\uFFFD\uFFFDb }\nmention 0 {@c}\n");
}

}  // namespace
}  // namespace beckon::core
