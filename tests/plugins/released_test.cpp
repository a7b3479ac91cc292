// Whoever built a sink against a version that was released can go on with it (released/README.md).
#include "plugins/contract/instance.hpp"
#include "plugins/contract/try_out.hpp"
#include "plugins/loader.hpp"
extern "C" {
#include "plugins/released/rows.h"
extern const layout_row rows_1_0[];
extern const layout_row rows_1_0_today[];
}

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace beckon::plugins {
namespace {

using namespace contract;
using ::testing::IsEmpty;
using ::testing::StartsWith;

const std::string library = BECKON_RELEASED_SINKS "/1.0.so";

TEST(Released, EveryMemberIsWhereItWas) {
  std::size_t compared = 0;
  for (const layout_row *then = rows_1_0, *today = rows_1_0_today; then->what; ++then, ++today, ++compared) {
    ASSERT_STREQ(then->what, today->what);
    if (std::string(then->what).starts_with("sizeof ")) {
      EXPECT_GE(today->value, then->value) << then->what << " became smaller";
    } else {
      EXPECT_EQ(today->value, then->value) << then->what << " has moved";
    }
    EXPECT_EQ(today->width, then->width) << then->what << " is another type";
  }
  EXPECT_GT(compared, 200u);
}

TEST(Released, ItsSinkIsLoadedOpenedAndUsedInThisProcess) {
  const auto opened = open_plugin(library);
  ASSERT_TRUE(std::holds_alternative<Plugin>(opened)) << std::get<Refusal>(opened).sentence;
  const beckon_sink_table* table = std::get<Plugin>(opened).table;
  EXPECT_EQ(table->minor, 0u);
  EXPECT_EQ(table->size, 152u);
  const Instance sink(table, SampleValues{{"greeting", "hello"}});
  ASSERT_TRUE(sink.is_open());
  SampleDelivery sample;
  sample.target = {{"url", "https://service.example/hook"}};
  sample.mentions.assign(3, SampleMention{});
  const Emitted rendered = sink.render(sample);
  ASSERT_TRUE(rendered.request);
  EXPECT_EQ(rendered.request->url, "https://service.example/hook");
  EXPECT_EQ(rendered.request->headers.at(0).value, "3");
  EXPECT_EQ(rendered.request->body, "hello");
  EXPECT_EQ(sink.interpret(sample, {200, "", {}}).outcome->kind, std::uint32_t{BECKON_DELIVERED});
  EXPECT_EQ(sink.interpret(sample, {503, "", {{"retry-after", "7"}}}).outcome->retry_after_ms, 7'000);
  const Complaints complaints = check(table, SampleValues{{"greeting", "bye"}}, sample.target);
  ASSERT_EQ(complaints.size(), 1u);
  EXPECT_EQ(complaints[0].first, "greeting");
}

TEST(Released, ItsSinkKeepsTheContractInAProcessOfItsOwn) {
  const auto described = describe_plugin(library);
  ASSERT_TRUE(std::holds_alternative<Plugin>(described));
  EXPECT_EQ(std::get<Plugin>(described).table->minor, 0u);
  const CValues settings(SampleValues{{"greeting", "hello"}}), target(SampleValues{{"url", "https://service.example/hooks/secret"}});
  TryOut how;
  how.library = library;
  std::size_t tried = 0;
  how.on_each = [&](const Tried& each) {
    ++tried;
    for (const Finding& finding : each.findings)
      EXPECT_EQ(finding.weight, Weight::advice) << each.check->name << ": " << finding.sentence;
  };
  const auto why = try_out(how, *settings.get(), *target.get());
  EXPECT_FALSE(why) << *why;
  EXPECT_EQ(tried, all_checks().size());
}

}  // namespace
}  // namespace beckon::plugins
