// What every sink that we ship keeps to, through its C table and nothing else: the shared contract, and more.
#include "plugins/loader.hpp"
#include "sinks/contract.hpp"
#include "sinks/hostile.hpp"

#include <gmock/gmock.h>

namespace {

using namespace beckon;
using namespace beckon::testing;

class SharedContract : public ::testing::TestWithParam<Shared> {};

TEST_P(SharedContract, IsKept) {
  for (const Finding& finding : findings_of(GetParam())) ADD_FAILURE() << finding.sentence << "; " << finding.way_out;
}

INSTANTIATE_TEST_SUITE_P(Shipped, SharedContract, ::testing::ValuesIn(all_shared()), [](const auto& info) {
  return info.param.contract.name + std::to_string(info.index) + "_" + std::string(info.param.check->name);
});

TEST_P(SinkContract, TheLoaderTakesItsTable) {
  const auto checked = plugins::check_table(table(), "test.so");
  const auto* refusal = std::get_if<plugins::Refusal>(&checked);
  EXPECT_FALSE(refusal) << refusal->sentence;
  EXPECT_EQ(view(table()->name), contract().name);
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

// Else `beckon check` finds nothing, and the daemon does not start.
TEST_P(SinkContract, WhatItDoesNotOpenWithIsComplainedOfBefore) {
  for (std::size_t i = 0; i < table()->option_count; ++i) {
    const beckon_option& option = *table()->options[i];
    if ((option.flags & BECKON_TARGET) || (option.type != BECKON_STRING && option.type != BECKON_INT)) continue;
    for (const std::string text : {"two words", "a\r\nX: y", "", " ", "-1", "999999999", "\xff", "ä"}) {
      SampleValues settings = contract().settings;
      settings[std::string(view(option.name))] = text;
      if (Instance(table(), settings).is_open()) continue;
      ASSERT_TRUE(table()->check) << view(option.name);
      EXPECT_FALSE(check(table(), settings, contract().target).empty()) << view(option.name) << " = " << text;
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

INSTANTIATE_TEST_SUITE_P(Shipped, SinkContract, ::testing::ValuesIn(all_sinks()), test_name);

}  // namespace
