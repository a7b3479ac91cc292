#include <beckon/excerpt.hpp>

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace {

using namespace beckon;

// Every "&" takes five, so that a limit before escaping and one after it differ.
class Marked final : public Dialect {
 public:
  std::string span(const Span& span, std::string_view text, const Around& around) const override {
    std::string escaped;
    for (const char c : text) escaped += c == '&' ? "&amp;" : std::string(1, c);
    switch (span.kind) {
      case SpanKind::strong: return around.after_markup ? escaped : "*" + escaped + "*";
      case SpanKind::link: return "<" + std::string(span.url) + "|" + escaped + ">";
      case SpanKind::image: return "[" + escaped + "]";
      default: return escaped;
    }
  }
  std::string code_block(std::string_view code, std::string_view language) const override {
    return "{" + std::string(language) + "\n" + std::string(code) + "\n}";
  }
  std::string quote(std::uint32_t depth) const override { return std::string(depth, '>') + " "; }
};

std::string shown(const std::vector<Span>& spans, std::size_t limit = 1'000) { return excerpt(spans, Marked(), limit); }

Span text_span(std::string_view text) { return {SpanKind::text, 0, text, {}}; }
Span block(SpanKind kind, std::uint32_t depth = 0, std::string_view text = {}) { return {kind, depth, text, {}}; }

TEST(Excerpt, BlocksStandApartAndListItemsTogether) {
  EXPECT_EQ(shown({block(SpanKind::heading, 1), text_span("Plan"), block(SpanKind::paragraph), text_span("We do:"),
                   block(SpanKind::list_item, 1, "•"), text_span("one"), block(SpanKind::list_item, 2, "3."),
                   block(SpanKind::paragraph), text_span("two"), block(SpanKind::quote, 2), text_span("said"),
                   block(SpanKind::paragraph), text_span("end")}),
            "*Plan*\nWe do:\n\n• one\n  3. two\n\n>> said\n\nend");
}

TEST(Excerpt, LinesOfAQuotationAreAllQuoted) {
  EXPECT_EQ(shown({block(SpanKind::quote, 1), text_span("a"), block(SpanKind::line_break), text_span("b")}),
            "> a\n> b");
}

TEST(Excerpt, CodeBlocksKeepTheirLines) {
  EXPECT_EQ(shown({{SpanKind::code_block, 0, "int a;\nint b;\n", "cpp"}, text_span("x")}),
            "{cpp\nint a;\nint b;\n}\nx");
}

TEST(Excerpt, TableCellsAreDivided) {
  EXPECT_EQ(shown({block(SpanKind::paragraph), block(SpanKind::table_cell), text_span("a"), block(SpanKind::table_cell),
                   text_span("b"), block(SpanKind::line_break), block(SpanKind::table_cell, 0, "c")}),
            "a | b\nc");
}

TEST(Excerpt, CellsAreDividedOnceWhereTheHostGivesTheBarItself) {
  const Span bar = block(SpanKind::table_cell, 1, " | ");
  EXPECT_EQ(shown({block(SpanKind::paragraph), text_span("a"), bar, text_span("b"), block(SpanKind::line_break), bar,
                   text_span("d"), bar}),
            "a | b\n| d | ");
}

TEST(Excerpt, MarkersOfListsAreTheKnownOnes) {
  EXPECT_EQ(shown({block(SpanKind::list_item, 1, "☑"), text_span("done"), block(SpanKind::list_item, 1, "☐"),
                   text_span("open"), block(SpanKind::list_item, 1, "[1]"), text_span("note"),
                   block(SpanKind::list_item, 1, "<!channel>"), text_span("x")}),
            "☑ done\n☐ open\n[1] note\n• x");
}

TEST(Excerpt, NeighboursOfOneKindAreOne) {
  const Span bold{SpanKind::strong, 0, "a", {}};
  EXPECT_EQ(shown({bold, bold}), "*aa*");
}

TEST(Excerpt, TheLimitCountsWhatIsWritten) {
  const std::vector<Span> spans = {text_span("a&&b")};
  EXPECT_EQ(shown(spans, 13), "a&amp;&amp;b");
  EXPECT_EQ(shown(spans, 12), "a&amp;&amp;…");  // one is kept for the ellipsis
  EXPECT_EQ(shown(spans, 11), "a&amp;…");
  EXPECT_EQ(shown(spans, 2), "a…");
  EXPECT_EQ(shown(spans, 1), "…");
  EXPECT_EQ(shown(spans, 0), "");
}

TEST(Excerpt, ACutLeavesLinksAndMarkersWhole) {
  const Span link{SpanKind::link, 0, "the documentation", "https://x"};
  for (std::size_t limit = 0; limit < 40; ++limit) {
    const std::string cut = shown({text_span("see "), link, {SpanKind::strong, 0, "now & then", {}}}, limit);
    EXPECT_LE(text::utf16_units(cut), limit);
    EXPECT_EQ(std::count(cut.begin(), cut.end(), '<'), std::count(cut.begin(), cut.end(), '>')) << cut;
    EXPECT_EQ(std::count(cut.begin(), cut.end(), '*') % 2, 0) << cut;
    EXPECT_EQ(std::count(cut.begin(), cut.end(), '&'), std::count(cut.begin(), cut.end(), ';')) << cut;
  }
}

TEST(Excerpt, NamesAreNeverCut) {
  EXPECT_EQ(shown({text_span("ask "), {SpanKind::mention, 0, "@octocat", {}}}, 10), "ask …");
}

TEST(Excerpt, ACutFallsBetweenWordsWhereOneIsNear) {
  EXPECT_EQ(shown({text_span("the quick brown fox")}, 14), "the quick…");
  EXPECT_EQ(shown({text_span(std::string(50, 'x'))}, 10), std::string(9, 'x') + "…");
}

TEST(Excerpt, OfAMentionWithoutSpansItIsItsMarkdown) {
  Mention mention{};
  mention.markdown = "hi **there**";
  EXPECT_EQ(excerpt(mention, Marked(), 100), "hi **there**");
  mention.spans = {text_span("hi")};
  mention.truncated = true;
  EXPECT_EQ(excerpt(mention, Marked(), 100), "hi…");
}

TEST(Excerpt, NothingShownIsEmpty) {
  EXPECT_EQ(shown({}), "");
  EXPECT_EQ(shown({block(SpanKind::paragraph), text_span(" \u200B ")}), "");
  EXPECT_EQ(shown({block(SpanKind::paragraph), {SpanKind::image, 0, "", "https://x"}}), "[]");
}

}  // namespace
