#include "mention/mention.hpp"

#include "mention/hostile.hpp"
#include "mention/names.hpp"
#include "mention/reader.hpp"

#include <gmock/gmock.h>

#include <atomic>
#include <ctime>
#include <random>
#include <thread>

namespace beckon::core {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

struct Case {
  const char* what;
  std::string markdown;
  std::vector<std::string> names;
};

void expect_all(const std::vector<Case>& cases) {
  for (const auto& one : cases) {
    EXPECT_EQ(find_mentions(one.markdown), one.names) << one.what << ": " << one.markdown;
    EXPECT_EQ(read_markdown(one.markdown).names, one.names) << one.what << " (spans): " << one.markdown;
  }
}

TEST(Names, BoundariesAreThoseOfHtmlPipeline) {
  expect_all({
      {"alone", "@octocat", {"octocat"}},
      {"one letter", "@a", {"a"}},
      {"letter before", "mail@octocat", {}},
      {"digit before", "0@octocat", {}},
      {"underscore before", "x_@octocat", {}},
      {"dot, slash, hyphen, at, hash before", ".@a /@b -@c @@d #@e", {"a", "b", "c", "d", "e"}},
      {"letter that is not ASCII before", "ñ@octocat", {"octocat"}},
      {"letter that is not ASCII behind", "@octocatñ", {"octocat"}},
      {"sentence marks", "@a, @b; @c: @d! @e? (@f) [@g] \"@h\"", {"a", "b", "c", "d", "e", "f", "g", "h"}},
      {"end of sentence", "ask @octocat.", {"octocat"}},
      {"end of line", "ask @octocat.\nnow", {"octocat"}},
      {"ellipsis", "@octocat...", {"octocat"}},
      {"two dots and a word", "@octocat..now", {"octocat"}},
      {"domain", "we need a @github.com address", {}},
      {"file", "@user.name", {}},
      {"e-mail", "octo@example.com", {}},
      {"hyphen first", "@-octocat", {}},
      {"nothing behind", "@ @", {}},
      {"at behind", "@octocat@", {"octocat"}},
      {"app bot", "@dependabot[bot]", {"dependabot"}},
  });
}

TEST(Names, HalfOpenCodeIsNoMention) {
  EXPECT_THAT(find_mentions("see `@octocat"), IsEmpty());
  EXPECT_THAT(find_mentions("see @octocat`"), IsEmpty());
  EXPECT_THAT(find_mentions("see @octo/cats`"), IsEmpty());
}

TEST(Names, EnterpriseAndLegacyLogins) {
  expect_all({
      {"enterprise", "@mona-cat_octo please", {"mona-cat_octo"}},
      {"enterprise set-up user", "@octo_admin.", {"octo_admin"}},
      {"underscore last", "@octo_", {}},
      {"two underscores", "@snake_case_name", {}},
      {"doubled underscore", "@octo__admin", {}},
      {"enterprise in emphasis", "_@mona-cat_octo_ *@mona-dog_octo*", {"mona-cat_octo", "mona-dog_octo"}},
      {"trailing hyphen", "@w- and", {"w-"}},
      {"double hyphens", "@D--a--s-h", {"d--a--s-h"}},
      {"longer than any login", "@" + std::string(300, 'a'), {}},
  });
}

TEST(Names, Teams) {
  expect_all({
      {"team", "@octo-org/the-cats: look", {"octo-org/the-cats"}},
      {"team with underscore", "@octo/the_cats", {"octo/the_cats"}},
      {"team and a dash", "@octo/cats- @octo/dogs--", {"octo/cats", "octo/dogs"}},
      {"team and path", "@octo/cats/more", {"octo/cats"}},
      {"team at end of sentence", "@octo/cats.", {"octo/cats"}},
      {"two joined", "@octo/cats/@octo/dogs", {"octo/cats", "octo/dogs"}},
      {"slash and nothing", "@octo/ @octo/-a @octo//b", {}},
      {"enterprise login is no organisation", "@mona_octo/cats", {}},
      {"letter before", "a@octo/cats", {}},
  });
}

TEST(Names, AreDistinctLowerCaseInOrderOfAppearance) {
  EXPECT_THAT(find_mentions("@Bob @alice @BOB @Octo/Cats @bob @octo/cats"), ElementsAre("bob", "alice", "octo/cats"));
}

TEST(Context, CodeIsNotSearched) {
  expect_all({
      {"inline code", "`@a`", {}},
      {"several backticks", "``x ` @a``", {}},
      {"backslash before the closing tick", "`@a\\`", {}},
      {"two codes", "`@a` and `@b`", {}},
      {"code, then a mention", "`@a` @b", {"b"}},
      {"code over a line end", "`x\n@a`", {}},
      {"a blank line ends what might be code", "a ` b\n\n@c ` d", {"c"}},
      {"fence", "```\n@a\n```", {}},
      {"fence with info", "```cpp title  \n@a\n```\n@b", {"b"}},
      {"fence of tildes", "~~~\n@a\n~~~", {}},
      {"fence of four around three", "````\n```\n@a\n```\n````", {}},
      {"unclosed fence", "@b\n```\n@a", {"b"}},
      {"fence in a list", "- x\n  ```\n  @a\n  ```\n  @b", {"b"}},
      {"fence in a quote ends with it", "> ```\n> @a\n\n@b", {"b"}},
      {"three ticks closed on their line", "```@a``` @b", {"b"}},
      {"indented", "    @a", {}},
      {"tab", "\t@a", {}},
      {"indented after a paragraph is text", "x\n    @a", {"a"}},
  });
}

TEST(Context, LinksAndImagesAreNotSearched) {
  expect_all({
      {"link text", "[@a](https://x.y)", {}},
      {"link destination", "[x](https://x.y/@a)", {}},
      {"reference link", "[@a][1]\n\n[1]: https://x.y/@b", {}},
      {"shortcut reference", "[@a]\n\n[@a]: https://x.y", {}},
      {"no reference: text", "[@a]", {"a"}},
      {"image", "![@a](x.png)", {}},
      {"emphasis in a link", "[x *@a* y](z)", {}},
      {"autolink", "<https://x.y/@a>", {}},
      {"bare link", "https://x.y/@a/post and @b", {"b"}},
      {"www", "www.x.y/@a", {}},
      {"e-mail", "octo@example.com <octo@example.com>", {}},
      {"handle of another network", "@octo@social.example", {}},
      {"after a link", "[x](y)@a", {"a"}},
  });
}

TEST(Context, BlocksAndStylesAreSearched) {
  expect_all({
      {"emphasis", "*@a* **@b** ~~@c~~ ***@d***", {"a", "b", "c", "d"}},
      {"underscore emphasis", "_@a_ __@b__", {"a", "b"}},
      {"team in emphasis", "*@octo/cats*", {"octo/cats"}},
      {"emphasis ends a run", "x*@a* @*b* @c*d*", {"a", "c"}},
      {"heading", "# @a\n\n@b\n===", {"a", "b"}},
      {"quote", "> @a\n> > @b\nlazy @c", {"a", "b", "c"}},
      {"lists", "- @a\n- [ ] @b\n\n1. @c", {"a", "b", "c"}},
      {"table", "| @a | x |\n|---|---|\n| y | @b |", {"a", "b"}},
      {"footnote", "x[^1] @a\n\n[^1]: @b", {"a", "b"}},
      {"no footnote, over a line's end", "[^x\n@octocat]", {"octocat"}},
      {"no footnote, its mark an entity", "[&Hat;abcdefghijklmnop @octocat]", {"octocat"}},
      {"the same in a quote, after more", "> longer than what follows [^x\r\n> @octocat [y] @mona]", {"octocat", "mona"}},
      {"two of them", "[^x\n@a] [^y\n@b-c]", {"a", "b-c"}},
      {"backslash", "\\@a", {"a"}},
      {"entities", "&#64;a &#x40;b &commat;c @&#100;", {"a", "b", "c", "d"}},
      {"escaped underscore", "@mona\\_octo", {"mona_octo"}},
      {"entity in a domain", "@x&#46;com", {}},
      {"line ends", "@a\r\n@b\r@c  \n@d\\\n@e", {"a", "b", "c", "d", "e"}},
  });
}

TEST(Context, HtmlIsReadAsItIsRendered) {
  expect_all({
      {"paragraph", "<p>@a</p>", {"a"}},
      {"details", "<details>\n<summary>@a</summary>\n\n@b\n\n</details>\n@c", {"a", "b", "c"}},
      {"comment", "<!-- @a -->", {}},
      {"comment over blank lines", "<!--\n@a\n\n@b\n-->\n@c", {"c"}},
      {"comment, next line", "<!-- @a -->\n@b", {"b"}},
      {"inline comment", "x <!-- @a --> @b", {"b"}},
      {"unclosed comment", "@b\n\n<!-- @a\n\n@c", {"b"}},
      {"comment opened in a block", "<div><!-- x\n\n@a\n\n</div> --> @b", {"b"}},
      {"empty comment", "<!--> @a", {"a"}},
      {"pre", "<pre>@a\n\n@b</pre> @c", {"c"}},
      {"pre over Markdown", "<div><pre>\n\n@a\n\n</pre></div>\n\n@b", {"b"}},
      {"inline code element", "<code>@a</code> @b <CODE>@c</CODE>", {"b"}},
      {"anchor", "<a href='x'>@a</a> @b", {"b"}},
      {"named anchor that closes itself", "<a name='x'/>@a", {"a"}},
      {"a second anchor ends the first", "<a>@a<a>@b</a> @c", {"c"}},
      {"style and script", "<style>@a</style>\n\n<script>if (x<y) '@b'</script>\n\n@c", {"c"}},
      {"script hides tags", "<script>\"</code><pre>\"</script>\n\n@c", {"c"}},
      {"left open, closed with its paragraph", "x <code>@a\n\n@b", {"b"}},
      {"left open, closed with its quote", "> <pre>\n> @a\n\n@b", {"b"}},
      {"closing what never opened", "</code></pre>@a", {"a"}},
      {"attribute", "<img alt='@a'> <b title=\"> @b\">@c</b>", {"c"}},
      {"attribute in a block", "<div title=\"> @b\" x>@c</div>", {"c"}},
      {"element ends a run", "x<b>@a</b>", {"a"}},
      {"kbd", "<kbd>@a</kbd>", {"a"}},
      {"less-than", "<p>1 < 2 @a</p>", {"a"}},
      {"slash of a team", "<p>@octo&#47;cats @octo&#47dogs</p>", {"octo/cats", "octo/dogs"}},
      {"entity in HTML", "<p>@&#x6b;neath</p>", {}},
  });
}

TEST(Prefilter, PassesWhateverMightBecomeAMention) {
  for (const char* text : {"@a", "_@a", "**x**@a", "@&#97;", "&#64;a", "&#0064;a", "&#X40;a", "&commat;a", "a @b"}) {
    EXPECT_TRUE(may_mention(text)) << text;
  }
  for (const char* text : {"", "no", "a@b.c", "@ a", "x@", "&amp;a", "&#65;a", "@(a)"}) {
    EXPECT_FALSE(may_mention(text)) << text;
  }
}

// Text put together at random from what the grammars care about: both readings, and the plain matcher's bounds, hold.
TEST(Property, RandomTextNamesTheSamePeopleInBothReadings) {
  const std::vector<std::string> pieces{
      "@", "a", "B", "9", "_", "-", "/", ".", " ", "\n", "\n\n", "`", "```", "*", "**", "~~", "~", "[", "](", ")",
      "![", "]", "<", ">", "</", "<!--", "-->", "<pre>", "</pre>", "<code>", "</code>", "<a>", "</a>", "<p>",
      "<br>", "<script>", "</script>", "<div\n", "\"", "'", "=", "&", ";", "&#64;", "&#47", "&commat;", "|",
      "|-|-|", "- ", "> ", "    ", "\t", "# ", "1. ", "[^1]", "[^1]: ", "[x]: ", "www.a.b", "http://", "@a", "@o/t",
      "@m_o", "\\", "\r\n", "ñ", std::string(1, '\0'), "\xff"};
  std::mt19937 random(20200616);
  for (int i = 0; i < 30'000; ++i) {
    std::string text;
    for (auto n = random() % 40; n > 0; --n) text += pieces[random() % pieces.size()];
    const auto document = read_markdown(text);
    ASSERT_EQ(find_mentions(text), document.names) << text;
    std::vector<std::string> spans;
    for (const auto& span : document.spans) if (span.kind == SpanKind::mention) spans.push_back(span.text);
    ASSERT_EQ(spans.empty(), document.names.empty()) << text;
    if (!document.names.empty()) { ASSERT_TRUE(may_mention(text)) << text; }
  }
}

TEST(Threads, ManyMayReadAtOnce) {
  // cmark keeps "~", "w" and ":" as special characters in a global table only while a parse runs.
  std::vector<std::thread> threads;
  std::atomic<int> wrong = 0;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 500; ++n) {
        if (find_mentions("~~@a~~ https://x.y/@b www.x.y/@c @d") != std::vector<std::string>{"a", "d"}) ++wrong;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

// ---- hostile text

std::string times(std::size_t n, std::string_view piece) {
  std::string text;
  text.reserve(n * piece.size());
  while (n-- > 0) text += piece;
  return text;
}

std::vector<std::string> hostile_texts(std::size_t size) {
  std::vector<std::string> texts;
  for (const char* piece :
       {">", "- ", "* ", "1) ", "> - ", "[", "![", "![l", "![[]()", "[a](", "[a](<b", "*", "*a ", "_a", "*_",
        "**a *b", "~a ", "~~a", "`", "@", "a@", "a@b.", "a@b.c ", "www.", "http://", "http://a.b<", "(www.",
        "mailto:", "<", "<a ", "<!--", "<!A", "<!X a", "<?", "<![CDATA[", "<a b=\"", "<x:", "&", "&a", "|", "|a|\n",
        "|-|\n", "a\n|-|-|\n", "a|a|a\n-|-\n", "\\", "\\|", "[^a]", "[^a]: ", "[^a]: x\n\n", "[a]: b 'c\n",
        "[a]: (c\n", "[a]:\n", "- a\n\n", "a\n=\n", "<div>\n\n", "<pre>", "<a>", "</a>", "<code></pre>", "\t", " ",
        "\n", "\xff", "\x80", "&#47", "]:", "@a ", "@a", "*@a*", "<b>@a</b>", "- [ ] @a\n", "\r", "-|-\r(~\n",
        "www._", "*[a](b)", "*~~[^a]", "* [^a]: ", "_~~[a](b)", "[^a]: *[a](b))* "}) {
    texts.push_back(times(size / std::string_view(piece).size(), piece) + " @octocat");
  }
  texts.push_back(std::string(size, '\0') + "@octocat");
  const auto half = size / 2;
  texts.push_back(times(half, ">") + "a\n" + times(half / 2, "a\n"));
  texts.push_back(times(half / 2, "- ") + "a" + times(half, "\n"));
  texts.push_back(times(500, "- ") + "a" + times(size, "\n"));
  texts.push_back(times(half, "[") + "a" + times(half, "]"));
  texts.push_back(times(half, "*") + "a" + times(half, "*"));
  texts.push_back("http://a" + times(size, ")"));
  texts.push_back("http://a" + times(half, "*)"));
  texts.push_back("[a]: " + times(half, "u") + "\n\n" + times(size / 6, "[a]"));
  texts.push_back("[a]: u \"" + times(half, "u") + "\"\n\n" + times(size / 6, "[a]"));
  texts.push_back(times(size / 6, "|a") + "\n" + times(size / 6, "|-") + "\n" + times(size / 6, "|a"));
  texts.push_back(times(size / 16, "|a") + "|\n" + times(size / 16, "|-") + "|\n" + times(size / 4, "a\n"));
  texts.push_back(times(half, "a\n") + "a|\n-|\n");
  texts.push_back(times(size / 6, "*~~") + times(size / 12, "[a](b)"));
  texts.push_back("<div>\n" + times(half, "a\n") + times(size / 8, "[^a]: > "));
  std::string staircase;
  for (std::size_t i = 0; staircase.size() < size; ++i) staircase += std::string(2 * (i % 600), ' ') + "- a\n";
  texts.push_back(staircase);
  return texts;
}

TEST(Hostile, NothingTakesLong) {
  // The parser alone needs up to half a minute for some of these. The limit leaves room for sanitizers.
  for (const auto& text : hostile_texts(100'000)) {
    const auto begin = std::clock();
    const auto document = read_markdown(text);
    const auto names = find_mentions(text);
    const double seconds = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
    EXPECT_LT(seconds, 2) << text.substr(0, 40) << "...";
    EXPECT_EQ(names, document.names) << text.substr(0, 40) << "...";
  }
}

TEST(Hostile, PlainReadingMissesNobody) {
  const auto text = times(50'000, ">") + "\n" + times(25'000, "a\n") + "\n`@in-code` asks @octocat\r\nand @hubot";
  ASSERT_TRUE(too_costly(text));
  EXPECT_THAT(find_mentions(text), ElementsAre("octocat", "hubot"));
  const auto spans = read_markdown(text).spans;
  EXPECT_EQ(spans.back().text, "@hubot");
}

// In the middle of a character that ends the line.
TEST(Hostile, PlainReadingMissesNobodyBehindBrokenCharacters) {
  for (const std::string broken : {"\xf0", "\xe2", "\xe2\x80", "\xff", "\xc3"}) {
    const auto text = times(20'000, "<!") + "\n\n" + broken + "@a\n" + broken + "@octocat";
    ASSERT_TRUE(too_costly(text));
    EXPECT_THAT(find_mentions(text), ElementsAre("a", "octocat"));
    EXPECT_THAT(read_markdown(text).names, ElementsAre("a", "octocat"));
  }
}

TEST(Hostile, LargeHonestTextIsParsed) {
  std::string log = "```\n";
  for (int i = 0; i < 700; ++i) {
    log += "[INFO]: 2020-06-16 12:00:0" + std::to_string(i % 10) + " <x> f(a, b(c)) | >>>> http://a.b/c @in-log\n";
  }
  EXPECT_FALSE(too_costly(log));
  EXPECT_THAT(find_mentions(log + "```\n@octocat"), ElementsAre("octocat"));
  std::string table = "|a|b|c|d|e|f|\n|-|-|-|-|-|-|\n";
  for (int i = 0; i < 2000; ++i) table += "| " + std::to_string(i) + " | x | y | z | @octocat | [u](http://a.b) |\n";
  EXPECT_FALSE(too_costly(table));
  std::string rule = times(40, "-") + "\n\n" + times(60, "- ") + "\n\n";
  EXPECT_FALSE(too_costly(times(200, rule)));
}

TEST(Hostile, NestingBelowTheLimitIsStillMarkdown) {
  const auto text = times(900, "> ") + "`@a` @b";
  EXPECT_FALSE(too_costly(text));
  EXPECT_THAT(find_mentions(text), ElementsAre("b"));
}

}  // namespace
}  // namespace beckon::core
