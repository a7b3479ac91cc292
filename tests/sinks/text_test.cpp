#include <beckon/text.hpp>
#include <beckon/weburl.hpp>
#include <beckon/when.hpp>

#include <gtest/gtest.h>

#include <string>

namespace {

using namespace beckon;

std::string repeated(std::string_view what, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += what;
  return out;
}

TEST(CleanText, KeepsWhatPeopleWrite) {
  const std::string said = "Grüße, 世界 👩‍👩‍👧 ‘ok’\n\tnext";
  EXPECT_EQ(text::clean(said), said);
}

TEST(CleanText, ReplacesEveryKindOfInvalidUtf8) {
  EXPECT_EQ(text::clean("a\xC3"), "a\uFFFD");
  EXPECT_EQ(text::clean("\xC0\xAF"), "\uFFFD\uFFFD");                  // overlong
  EXPECT_EQ(text::clean("\xED\xA0\x80"), "\uFFFD\uFFFD\uFFFD");        // a surrogate
  EXPECT_EQ(text::clean("\xF4\x90\x80\x80"), "\uFFFD\uFFFD\uFFFD\uFFFD");  // beyond U+10FFFF
  EXPECT_EQ(text::clean("\xE2\x82z"), "\uFFFD\uFFFDz");
  EXPECT_EQ(text::clean("\xFF\xFE"), "\uFFFD\uFFFD");
}

TEST(CleanText, AnyTwoBytesBecomeValidUtf8) {
  for (int a = 0; a < 256; ++a) {
    for (int b = 0; b < 256; ++b) {
      const std::string raw = {static_cast<char>(a), static_cast<char>(b), 'z'};
      const std::string once = text::clean(raw);
      EXPECT_EQ(text::clean(once), once);
      EXPECT_EQ(once.back(), 'z');
    }
  }
}

TEST(CleanText, DropsControlsDirectionMarksAndZeroWidthCharacters) {
  EXPECT_EQ(text::clean("a\x1b[31mb\x07\x7f"), "a[31mb");
  EXPECT_EQ(text::clean("a\u202Eb\u2066c\u200Fd\u061Ce"), "abcde");
  EXPECT_EQ(text::clean("@\u200Beveryone\uFEFF\u2060"), "@everyone");
  EXPECT_EQ(text::clean(std::string("a\0b", 3)), "ab");
  EXPECT_EQ(text::clean("a\u0085b\u009B"), "ab");
}

TEST(CleanText, AllLineEndsBecomeLineFeeds) {
  EXPECT_EQ(text::clean("a\r\nb\rc\u2028d\u2029e\n"), "a\nb\nc\nd\ne\n");
  EXPECT_EQ(text::clean_line("  a \r\n\t b  "), "a b");
  EXPECT_EQ(text::clean_line(" \n\t"), "");
}

TEST(CutText, LengthsAreUtf16Units) {
  EXPECT_EQ(text::utf16_units("aé世"), 3u);
  EXPECT_EQ(text::utf16_units("👍"), 2u);
}

TEST(CutText, LeavesWhatFitsAndMarksWhatDoesNot) {
  EXPECT_EQ(text::cut("hello", 5), "hello");
  EXPECT_EQ(text::cut("hello!", 5), "hell…");
  EXPECT_EQ(text::cut("hell o", 6), "hell o");
  EXPECT_EQ(text::cut("hell oh", 6), "hell…");
  EXPECT_EQ(text::cut("hello", 0), "");
}

TEST(CutText, NeverDividesACharacterThatPeopleSeeAsOne) {
  const std::string family = "👩‍👩‍👧";  // 8 units
  EXPECT_EQ(text::prefix("ab" + family, 9), "ab");
  EXPECT_EQ(text::prefix("ab" + family, 10), "ab" + family);
  EXPECT_EQ(text::prefix("e\u0301x", 1), "e");            // nothing shorter is there: between code points then
  EXPECT_EQ(text::prefix("xe\u0301", 2), "x");
  EXPECT_EQ(text::prefix("👍🏽", 2), "👍");
}

TEST(FitText, TheLimitHoldsForWhatIsWritten) {
  const auto escape = [](std::string_view some) {
    std::string out;
    for (const char c : some) out += c == '&' ? "&amp;" : std::string(1, c);
    return out;
  };
  EXPECT_EQ(text::fit("a&b", 7, escape), "a&amp;b");
  EXPECT_EQ(text::fit("a&b", 6, escape), "a…");
  EXPECT_EQ(text::fit("a&b&c", 8, escape), "a&amp;b…");
  EXPECT_EQ(text::fit("&", 1, escape), "…");
  EXPECT_EQ(text::fit("&", 0, escape), "");
  EXPECT_EQ(text::utf16_units(text::fit(repeated("&", 70'000), 3'000, escape)), 2'996u);
}

TEST(WebUrl, OnlyWebAddressesAreAddresses) {
  EXPECT_TRUE(weburl::is_web("https://x"));
  EXPECT_TRUE(weburl::is_web("HTTP://x"));
  for (const char* other : {"", "https://", "javascript:alert(1)", "/relative", "mailto:a@b", "data:text/html,x"}) {
    EXPECT_FALSE(weburl::is_web(other)) << other;
    EXPECT_EQ(weburl::safe(other), "");
  }
}

TEST(WebUrl, NothingInAnAddressEndsALink) {
  EXPECT_EQ(weburl::safe("https://x/a>b|c) d\"\n<!channel>"), "https://x/a%3Eb%7Cc%29%20d%22%0A%3C!channel%3E");
  EXPECT_EQ(weburl::safe("https://x/é"), "https://x/%C3%A9");
  EXPECT_EQ(weburl::safe("https://x/?a=1&b=%20#c"), "https://x/?a=1&b=%20#c");
  EXPECT_EQ(weburl::safe("https://x/" + repeated("a", 3'000)), "");
}

TEST(WebUrl, ALabelThatNamesAnotherAddressIsNotShown) {
  EXPECT_EQ(weburl::honest_label("docs", "https://evil.example/"), "docs");
  EXPECT_EQ(weburl::honest_label("https://github.com", "https://evil.example/"), "https://evil.example/");
  EXPECT_EQ(weburl::honest_label("https://github.com", "https://github.com.evil.example/"),
            "https://github.com.evil.example/");
  EXPECT_EQ(weburl::honest_label("https://github.com", "https://github.com/"), "https://github.com");
  EXPECT_EQ(weburl::honest_label("www.github.com", "http://www.github.com"), "www.github.com");
  EXPECT_EQ(weburl::honest_label("www.github.com", "http://www.evil.example"), "http://www.evil.example");
  EXPECT_EQ(weburl::honest_label("", "https://x/"), "https://x/");
}

TEST(WebUrl, AQueryIsChangedAndTheRestStays) {
  weburl::Parts parts = weburl::split("https://x/y?a=1&wait=false&b&wait=no#fragment");
  weburl::set(parts, "wait", "true");
  EXPECT_EQ(weburl::join(parts), "https://x/y?a=1&b&wait=true");
  EXPECT_EQ(weburl::get(parts, "a"), "1");
  weburl::set(parts, "a", {});
  EXPECT_EQ(weburl::join(parts), "https://x/y?b&wait=true");
  EXPECT_EQ(weburl::join(weburl::split("https://x/y")), "https://x/y");
  EXPECT_EQ(weburl::join(weburl::split("https://x/y?&&")), "https://x/y");
}

TEST(When, TimesAreWritten) {
  EXPECT_EQ(when::iso8601(1'790'000'000'123), "2026-09-21T14:13:20Z");
  EXPECT_EQ(when::minute_utc(0), "1970-01-01 00:00 UTC");
}

TEST(When, AbsurdTimesAreTheNearestThatCanBeWritten) {
  EXPECT_EQ(when::iso8601(-5), "1970-01-01T00:00:00Z");
  EXPECT_EQ(when::iso8601(INT64_MAX), "9999-12-31T23:59:59Z");
  EXPECT_EQ(when::iso8601(INT64_MIN), "1970-01-01T00:00:00Z");
}

TEST(When, AgoSpeaksOfThirtyDaysAtMost) {
  const std::int64_t now = 1'790'000'000'000;
  EXPECT_EQ(when::ago(now + 30'000, now), "just now");
  EXPECT_EQ(when::ago(now - 59'000, now), "just now");
  EXPECT_EQ(when::ago(now - 60'000, now), "1 minute ago");
  EXPECT_EQ(when::ago(now - 7'200'000, now), "2 hours ago");
  EXPECT_EQ(when::ago(now - 30 * 86'400'000ll, now), "30 days ago");
  EXPECT_EQ(when::ago(now - 31 * 86'400'000ll, now), "");
  EXPECT_EQ(when::ago(now + 3'600'000, now), "");
}

}  // namespace
