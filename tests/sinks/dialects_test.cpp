#include "sinks/readings.hpp"

#include <beckon/excerpt.hpp>
#include <beckon/html.hpp>
#include <beckon/markdown.hpp>
#include <beckon/plain.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace {

using namespace beckon;
using namespace beckon::testing;

Span text_span(std::string_view text) { return {SpanKind::text, 0, text, {}}; }
Span strong(std::string_view text) { return {SpanKind::strong, 0, text, {}}; }

std::string markdown(const std::vector<Span>& spans, std::size_t limit = 1'000) { return excerpt(spans, Markdown(), limit); }
std::string html(const std::vector<Span>& spans, std::size_t limit = 1'000) { return excerpt(spans, Html(), limit); }
std::string plain(const std::vector<Span>& spans, std::size_t limit = 1'000) { return excerpt(spans, PlainText(), limit); }

TEST(Markdown, EveryKindOfSpanIsWritten) {
  EXPECT_EQ(markdown({strong("bold"),
                      text_span(" "),
                      {SpanKind::emphasis, 0, "it", {}},
                      text_span(" "),
                      {SpanKind::strikethrough, 0, "no", {}},
                      text_span(" "),
                      {SpanKind::code, 0, "a<b", {}},
                      text_span(" "),
                      {SpanKind::link, 0, "docs", "https://x/(1)"},
                      text_span(" "),
                      {SpanKind::image, 0, "cat", "https://x/c.png"}}),
            "**bold** *it* ~~no~~ `a<b` [docs](https://x/%281%29) [image: cat](https://x/c.png)");
}

TEST(Markdown, NothingInATextIsMarkup) {
  EXPECT_EQ(markdown({text_span("*a* _b_ `c` ~d~ [e](f) #g |h| $i$ \\ <b> &amp; a > b")}),
            "\\*a\\* \\_b\\_ \\`c\\` \\~d\\~ \\[e\\](f) \\#g \\|h\\| \\$i\\$ \\\\ &lt;b&gt; &amp;amp; a &gt; b");
}

TEST(Markdown, MarkersOfBlocksAreEscapedWhereALineBegins) {
  for (const char* text : {"- a", "+ a", "=== a", "--- a"}) EXPECT_EQ(markdown({text_span(text)}), "\\" + std::string(text));
  EXPECT_EQ(markdown({text_span("12. a")}), "12\\. a");
  EXPECT_EQ(markdown({text_span("1) a")}), "1\\) a");
  EXPECT_EQ(markdown({text_span("12 a. - b")}), "12 a. - b");
  EXPECT_EQ(markdown({text_span("a"), {SpanKind::line_break, 0, {}, {}}, text_span("- b")}), "a  \n\\- b");
}

TEST(Markdown, CellsMakeNoTableOfTheirOwn) {
  const Span bar{SpanKind::table_cell, 1, " | ", {}}, end{SpanKind::line_break, 0, {}, {}};
  for (const char* cell : {"---", ":-:", "-"}) {
    for (const bool first_is_empty : {false, true}) {
      std::vector<Span> spans = {text_span("a"),  bar, text_span("b"), end, text_span(cell), bar,
                                 text_span(cell), end, text_span("c")};
      if (first_is_empty) spans.insert(spans.begin() + 4, bar);
      EXPECT_THAT(markdown_complaints(markdown(spans)), ::testing::IsEmpty()) << markdown(spans);
    }
  }
}

TEST(Markdown, AnExclamationMarkMakesNoImageOfALink) {
  EXPECT_EQ(markdown({text_span("wow!"), {SpanKind::link, 0, "x", "https://x"}}), "wow\\![x](https://x)");
}

TEST(Markdown, AnAddressInATextIsNoLink) { EXPECT_EQ(markdown({text_span("https://x")}), "https\\://x"); }

TEST(Markdown, MarkersThatWouldNotBeReadAsSuchAreLeftOut) {
  EXPECT_EQ(markdown({text_span("a"), strong("(b)"), text_span("c")}), "a(b)c");
  EXPECT_EQ(markdown({text_span("a"), strong("b"), text_span("c")}), "a**b**c");
  EXPECT_EQ(markdown({text_span("("), strong("(b)"), text_span(")")}), "(**(b)**)");
  EXPECT_EQ(markdown({strong("a"), {SpanKind::emphasis, 0, "b", {}}}), "**a**b");
  EXPECT_EQ(markdown({text_span("a"), strong(" b "), text_span("c")}), "a **b** c");
}

TEST(Markdown, CodeIsHeldByBackticksThatDoNotOccurInIt) {
  EXPECT_EQ(markdown({{SpanKind::code, 0, "a`b", {}}}), "`` a`b ``");
  EXPECT_EQ(markdown({{SpanKind::code, 0, "a``b", {}}}), "a\\`\\`b");
  EXPECT_EQ(markdown({{SpanKind::code_block, 0, "x\n```\ny\n", "cpp"}}), "```cpp\nx\n'''\ny\n```");
  EXPECT_EQ(markdown({{SpanKind::code_block, 0, "x", "a b`c"}}), "```\nx\n```");
}

TEST(Markdown, WhatFollowsACutCodeBlockIsNoCode) {
  const std::string code = "one\ntwo\nthree\nfour";
  for (std::size_t limit = 0; limit < 40; ++limit) {
    const std::string cut = markdown({{SpanKind::code_block, 0, code, {}}, text_span("end")}, limit);
    EXPECT_LE(text::utf16_units(cut), limit);
    EXPECT_TRUE(cut.empty() || cut == "…" || cut.find("\n```") != std::string::npos) << cut;
    EXPECT_EQ(cut.find("```…"), std::string::npos) << cut;
  }
  EXPECT_EQ(markdown({{SpanKind::code_block, 0, code, {}}}, 17), "```\none…\n```");
}

TEST(Markdown, ALinkLeadsWhereItSays) {
  EXPECT_EQ(markdown({{SpanKind::link, 0, "https://github.com", "https://evil.example"}}),
            "[https\\://evil.example](https://evil.example)");
  EXPECT_EQ(markdown({{SpanKind::link, 0, "a](b", "javascript:x"}}), "a\\](b");
}

TEST(Markdown, NobodyIsCalled) { EXPECT_THAT(called_names(markdown({text_span("@all @here")})), ::testing::IsEmpty()); }

TEST(Markdown, InItsPlainFormOnlyLinksAreMarked) {
  EXPECT_EQ(excerpt({strong("a*"),
                     text_span(" "),
                     {SpanKind::code, 0, "b", {}},
                     text_span(" "),
                     {SpanKind::link, 0, "c", "https://c"},
                     {SpanKind::code_block, 0, "- d\n  e", {}}},
                    Markdown(true), 1'000),
            "a\\* b [c](https://c)\n\n\\- d  \ne");
}

// Whatever stands beside whatever, cmark-gfm finds no more in it than there is.
TEST(Markdown, NoTwoSpansMakeMarkupTogether) {
  const std::vector<std::string> texts = {"-",   "#",     "1.",  "[a]:", "<b>", "!",  "](x)", "```",
                                          "~~~", "    a", "|-|", "&lt;", "*",   "_a", ">"};
  const SpanKind kinds[] = {SpanKind::text, SpanKind::strong, SpanKind::emphasis, SpanKind::code, SpanKind::link, SpanKind::image,
                            SpanKind::line_break, SpanKind::quote, SpanKind::list_item, SpanKind::code_block};
  for (const std::string& first : texts) {
    for (const std::string& second : texts) {
      for (const SpanKind kind : kinds) {
        const std::string all =
            markdown({text_span(first), {kind, 1, second, "https://x"}, text_span(first), {kind, 1, first, "https://x"}});
        EXPECT_THAT(markdown_complaints(all), ::testing::IsEmpty()) << all;
      }
    }
  }
}

TEST(Html, EveryKindOfSpanIsWritten) {
  EXPECT_EQ(html({strong("bold"), text_span(" & "), {SpanKind::emphasis, 0, "<it>", {}}, text_span(" "),
                  {SpanKind::strikethrough, 0, "no", {}}, text_span(" "), {SpanKind::code, 0, "a<b", {}}, text_span(" "),
                  {SpanKind::link, 0, "docs", "https://x/?a=1&b=\"2"}}),
            "<b>bold</b> &amp; <i>&lt;it&gt;</i> <del>no</del> <code>a&lt;b</code> "
            "<a href=\"https://x/?a=1&amp;b=%222\">docs</a>");
}

TEST(Html, CodeKnowsItsLanguage) {
  EXPECT_EQ(html({{SpanKind::code_block, 0, "a<b>\n", "cpp"}}), "<pre><code class=\"language-cpp\">a&lt;b&gt;</code></pre>");
  EXPECT_EQ(html({{SpanKind::code_block, 0, "a", "\"onload"}}), "<pre>a</pre>");
}

TEST(Html, ACutLeavesTagsAndEntitiesWhole) {
  for (std::size_t limit = 0; limit < 120; ++limit) {
    const std::string cut = html({text_span("see & "), {SpanKind::link, 0, "the docs", "https://x"}, strong("now & then"),
                                  {SpanKind::code_block, 0, "a && b\nc", {}}, text_span("end")}, limit);
    EXPECT_LE(text::utf16_units(cut), limit);
    EXPECT_THAT(html_complaints(cut, {"a", "b", "pre"}), ::testing::IsEmpty()) << cut;
  }
}

TEST(PlainTextDialect, LinksSayWhereTheyLead) {
  EXPECT_EQ(plain({{SpanKind::link, 0, "docs", "https://x/a b"}, text_span(" "), {SpanKind::link, 0, "https://y", "https://y"},
                   text_span(" "), {SpanKind::link, 0, "bad", "javascript:x"}, text_span(" *"), {SpanKind::image, 0, "", {}}}),
            "docs (https://x/a%20b) https://y bad *image");
}

}  // namespace
