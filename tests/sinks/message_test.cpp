#include "sinks/rig.hpp"

#include <beckon/html.hpp>
#include <beckon/markdown.hpp>
#include <beckon/message.hpp>
#include <beckon/plain.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace {

using namespace beckon;
using namespace beckon::testing;
using ::testing::HasSubstr;

Message composed(const SampleDelivery& sample, const Dialect& dialect = PlainText(), std::size_t limit = 4'000,
                 std::size_t most = 10) {
  const CDelivery delivery(sample);
  return compose(delivery.view(), dialect, limit, most);
}

TEST(Compose, SaysWhoWhereWhatAndWhen) {
  EXPECT_EQ(composed({}).text,
            "alice mentioned @\u200Coctocat in a comment on octo-org/hello#12 "
            "(https://github.example/octo-org/hello/issues/12#issuecomment-7)\n"
            "Closing the socket hangs\n"
            "2026-09-21 14:10 UTC\n\n"
            "I think @\u200Coctocat knows why.");
  EXPECT_EQ(composed({}, Markdown()).text,
            "**alice** mentioned **@\u200Coctocat** in a comment on "
            "[octo-org/hello\\#12](https://github.example/octo-org/hello/issues/12#issuecomment-7)  \n"
            "**Closing the socket hangs**  \n"
            "2026-09-21 14:10 UTC\n\n"
            "I think **@\u200Coctocat** knows why.");
}

TEST(Compose, SaysWhatElseAReaderShouldKnow) {
  SampleDelivery sample;
  sample.mentions[0].edited = sample.mentions[0].is_bot = sample.mentions[0].is_private = true;
  EXPECT_THAT(composed(sample).text, HasSubstr("14:10 UTC · (edited) · bot · private repository\n"));
}

TEST(Compose, ADigestIsInOrderOfTimeBetweenItsSumAndWhatIsOwed) {
  SampleDelivery sample;
  sample.mentions.assign(3, SampleMention{});
  for (std::size_t i = 0; i < 3; ++i) sample.mentions[i].url = "https://x/" + std::to_string(i);
  sample.mentions[2].appeared_ms -= 1'000'000;
  sample.more_owed = 4;
  sample.notice = "one\ntwo";
  const Message message = composed(sample);
  EXPECT_EQ(message.covered, 3u);
  EXPECT_EQ(message.text.find("one\ntwo\n\n3 mentions of @"), 0u);
  EXPECT_LT(message.text.find("https://x/2"), message.text.find("https://x/0"));
  EXPECT_LT(message.text.find("https://x/0"), message.text.find("https://x/1"));
  EXPECT_THAT(message.text, ::testing::EndsWith("\n\n4 more mentions follow"));
}

TEST(Compose, CoversAtLeastOneAndNeverMoreThanFit) {
  for (const std::size_t limit : {1'000u, 2'000u, 4'000u, 20'000u}) {
    for (const std::size_t count : {1u, 2u, 10u, 30u}) {
      SampleDelivery sample;
      sample.notice = std::string(3'000, '&');
      sample.more_owed = 4'000'000'000u;
      sample.mentions.assign(count, SampleMention{});
      for (SampleMention& m : sample.mentions) {
        m.title = m.author = m.name = m.repository = std::string(500, '&');
        m.spans = {{SpanKind::text, std::string(9'000, '<')}};
      }
      const Message message = composed(sample, Html(), limit);
      EXPECT_LE(text::utf16_units(message.text), limit) << count;
      EXPECT_GE(message.covered, 1u);
      EXPECT_LE(message.covered, std::min<std::size_t>(count, 10));
    }
  }
}

TEST(Compose, ManyShortMentionsGoTogether) {
  SampleDelivery sample;
  sample.mentions.assign(12, SampleMention{});
  EXPECT_EQ(composed(sample).covered, 10u);
  EXPECT_EQ(composed(sample, PlainText(), 4'000, 3).covered, 3u);
  EXPECT_LT(composed(sample, PlainText(), 1'000).covered, 10u);
}

TEST(Compose, WithoutAnythingItIsATest) {
  SampleDelivery sample;
  sample.mentions.clear();
  EXPECT_EQ(composed(sample).text, "This is a test of Beckon.");
  EXPECT_EQ(composed(sample).covered, 0u);
}

TEST(Headline, NamesOneMentionOrTheirNumber) {
  SampleDelivery sample;
  EXPECT_EQ(headline(CDelivery(sample).view(), 1), "alice mentioned @octocat in octo-org/hello#12");
  sample.mentions.assign(2, SampleMention{});
  EXPECT_EQ(headline(CDelivery(sample).view(), 2), "2 mentions of @octocat");
  EXPECT_EQ(headline(CDelivery(sample).view(), 0), "Beckon");
}

}  // namespace
