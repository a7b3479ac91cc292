// What every sink that we ship keeps to, through its C table and nothing else.
#include "plugins/loader.hpp"
#include "sinks/contract.hpp"
#include "sinks/hostile.hpp"

#include <gmock/gmock.h>

namespace {

using namespace beckon;
using namespace beckon::testing;

TEST_P(SinkContract, TheLoaderTakesItsTable) {
  const auto checked = plugins::check_table(table(), "test.so");
  const auto* refusal = std::get_if<plugins::Refusal>(&checked);
  EXPECT_FALSE(refusal) << refusal->sentence;
  EXPECT_EQ(view(table()->name), contract().name);
  EXPECT_FALSE(view(table()->about).empty());
  for (std::size_t i = 0; i < table()->option_count; ++i) EXPECT_FALSE(view(table()->options[i]->doc).empty());
}

TEST_P(SinkContract, HostileTextNeitherBreaksNorNotifies) {
  const Instance sink(table(), contract().settings);
  for (const std::string& text : hostile_texts()) {
    for (const SpanKind kind : all_kinds) {
      for (const Form form : {Form::rich, Form::plain}) {
        SampleDelivery sample = delivery();
        sample.form = form;
        sample.mentions = {hostile_mention(text, kind)};
        const Said said = say(sink, sample);
        ASSERT_EQ(said.emitted.count, 1);
        ASSERT_EQ(text::clean(said.visible), said.visible);
        EXPECT_THAT(contract().complaints(said.visible), ::testing::ElementsAre())
            << text.substr(0, 40) << " as " << static_cast<unsigned>(kind);
        EXPECT_GE(said.covered, 1u);
      }
    }
  }
}

TEST_P(SinkContract, ADigestOfHostileTextsKeepsTheLimits) {
  const Instance sink(table(), contract().settings);
  for (const std::size_t count : {2u, 7u, 10u, 11u, 64u}) {
    for (const Form form : {Form::rich, Form::plain}) {
      for (const std::string& text :
           {std::string("&<>*_`"), repeated("&", 9'000), repeated("*", 9'000), repeated("😀", 9'000)}) {
        SampleDelivery sample = delivery();
        sample.form = form;
        sample.more_owed = 4'000'000'000u;
        sample.notice = text;
        sample.mentions.assign(count, hostile_mention(text, SpanKind::link));
        const Said said = say(sink, sample);
        EXPECT_THAT(contract().complaints(said.visible), ::testing::ElementsAre())
            << count << " × " << text.substr(0, 10);
        EXPECT_GE(said.covered, 1u);
        EXPECT_LE(said.covered, count);
      }
    }
  }
}

TEST_P(SinkContract, EachMentionOfADigestShowsItsOwnAddress) {
  const Instance sink(table(), contract().settings);
  for (const Form form : {Form::rich, Form::plain}) {
    SampleDelivery sample = delivery();
    sample.form = form;
    sample.mentions.assign(5, SampleMention{});
    for (std::size_t i = 0; i < 5; ++i) sample.mentions[i].url = "https://github.example/post-" + std::to_string(i);
    const Said said = say(sink, sample);
    for (std::size_t i = 0; i < said.covered; ++i)
      EXPECT_THAT(said.visible, ::testing::HasSubstr(sample.mentions[i].url));
    for (const char* part : {"alice", "octo-org/hello", "Closing the socket hangs", "knows why"}) {
      EXPECT_THAT(said.visible, ::testing::HasSubstr(part)) << static_cast<int>(form);
    }
  }
}

TEST_P(SinkContract, AnEditedMentionSaysSo) {
  const Instance sink(table(), contract().settings);
  for (const Form form : {Form::rich, Form::plain}) {
    SampleDelivery sample = delivery();
    sample.form = form;
    EXPECT_THAT(say(sink, sample).visible, ::testing::Not(::testing::HasSubstr(contract().edited)));
    sample.mentions[0].edited = true;
    EXPECT_THAT(say(sink, sample).visible, ::testing::HasSubstr(contract().edited));
  }
}

TEST_P(SinkContract, NoticesAndTestsShowTheirTextWithAndWithoutMentions) {
  const Instance sink(table(), contract().settings);
  for (const Purpose purpose : {Purpose::notice, Purpose::test}) {
    for (const Form form : {Form::rich, Form::plain}) {
      SampleDelivery sample = delivery(purpose);
      sample.form = form;
      EXPECT_THAT(say(sink, sample).visible, ::testing::HasSubstr("something to know"));
      sample.mentions = {SampleMention{}};
      EXPECT_THAT(say(sink, sample).visible, ::testing::HasSubstr("something to know"));
      sample.notice.clear();
      sample.mentions.clear();
      const Said empty = say(sink, sample);
      EXPECT_FALSE(empty.visible.empty());
      EXPECT_THAT(contract().complaints(empty.visible), ::testing::ElementsAre());
    }
  }
}

TEST_P(SinkContract, AProbeShowsNothingToAnybody) {
  if (!contract().is_worker) {
    ASSERT_EQ(table()->handles_probe != 0, contract().probes);
    if (!contract().probes) return;
  }
  const Instance sink(table(), contract().settings);
  const Said said = say(sink, delivery(Purpose::probe));
  EXPECT_EQ(said.emitted.count, 1);
  if (contract().is_worker) {
    EXPECT_EQ(said.visible, "");
  } else {
    EXPECT_EQ(said.visible.find("alice"), std::string::npos);
    EXPECT_THAT(contract().complaints(said.visible), ::testing::ElementsAre());
  }
}

TEST_P(SinkContract, AMentionDeliveryWithoutMentionsAndAPurposeOfTomorrowAreRejected) {
  const Instance sink(table(), contract().settings);
  SampleDelivery sample = delivery();
  sample.mentions.clear();
  expect_valid(say(sink, sample).emitted, "no mentions");
  EXPECT_EQ(say(sink, sample).emitted.outcome->kind, std::uint32_t{BECKON_REJECTED});
  EXPECT_EQ(say(sink, delivery(static_cast<Purpose>(77))).emitted.outcome->kind, std::uint32_t{BECKON_REJECTED});
}

TEST_P(SinkContract, TheSameDeliveryIsSaidInTheSameWay) {
  const Instance sink(table(), contract().settings);
  const SampleDelivery sample = delivery();
  EXPECT_EQ(say(sink, sample).visible, say(sink, sample).visible);
}

TEST_P(SinkContract, SettingsOfAnyKindOpenTheSinkOrAreComplainedOf) {
  for (const std::string& text : hostile_texts()) {
    SampleValues settings, target;
    for (std::size_t i = 0; i < table()->option_count; ++i) {
      const beckon_option& option = *table()->options[i];
      ((option.flags & BECKON_TARGET) ? target : settings)[std::string(view(option.name))] = text;
    }
    const Instance sink(table(), settings);
    EXPECT_TRUE(sink.is_open() || !sink.complaints().empty());
    for (const auto& [option, sentence] : check(table(), settings, target)) {
      EXPECT_FALSE(sentence.empty());
      if (text.size() > 40) {
        EXPECT_EQ(sentence.find(text), std::string::npos) << option;
      }
    }
    if (!sink.is_open()) continue;
    SampleDelivery sample = delivery();
    sample.target = target;
    EXPECT_EQ(say(sink, sample).emitted.count, 1);
  }
}

INSTANTIATE_TEST_SUITE_P(Shipped, SinkContract, ::testing::ValuesIn(all_sinks()), test_name);

}  // namespace
