#include "metrics/metrics.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace beckon::core {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

struct MetricsText : ::testing::Test {
  MetricsText() { metrics->keep({"github"}, {"team"}); }
  std::string text() { return metrics->text(gauges); }

  Gauges gauges;
  std::unique_ptr<Metrics> metrics = make_metrics("1.2.3");
};

TEST_F(MetricsText, EverySeriesOfTheConfigurationIsThereFromTheStart) {
  metrics->expect("syncer");
  const std::string said = text();
  for (const char* line : {"beckon_polls_total{forge=\"github\",result=\"ok\"} 0\n", "beckon_mentions_total{forge=\"github\"} 0\n",
                           "beckon_delivery_seconds_count{sink=\"team\"} 0\n", "beckon_detection_seconds_count 0\n",
                           "beckon_restarts_total{child=\"syncer\"} 0\n", "beckon_build_info{version=\"1.2.3\"} 1\n"})
    EXPECT_THAT(said, HasSubstr(line));
  for (const PollResult result : all_poll_results) EXPECT_THAT(said, HasSubstr("result=\"" + std::string(to_string(result)) + "\"} 0\n"));
  for (const char* outcome : {"delivered", "retry", "rejected", "misconfigured", "gone"})
    EXPECT_THAT(said, HasSubstr("outcome=\"" + std::string(outcome) + "\""));
}

TEST_F(MetricsText, WhatIsCountedIsSaid) {
  metrics->polled("github", PollResult::rate_limited);
  metrics->mentioned("github", 3);
  metrics->detected(20s);
  metrics->attempted("team", OutcomeKind::delivered, 300ms);
  metrics->attempted("team", OutcomeKind::delivered, std::nullopt);
  metrics->attempted("team", OutcomeKind::gone, 2s);
  metrics->restarted("viewer");
  const std::string said = text();
  EXPECT_THAT(said, HasSubstr("beckon_polls_total{forge=\"github\",result=\"rate_limited\"} 1\n"));
  EXPECT_THAT(said, HasSubstr("beckon_mentions_total{forge=\"github\"} 3\n"));
  EXPECT_THAT(said, HasSubstr("beckon_detection_seconds_bucket{le=\"15\"} 0\n"));
  EXPECT_THAT(said, HasSubstr("beckon_detection_seconds_bucket{le=\"30\"} 1\n"));
  EXPECT_THAT(said, HasSubstr("beckon_delivery_seconds_count{sink=\"team\"} 2\n")) << "nothing was sent of the third";
  EXPECT_THAT(said, HasSubstr("beckon_delivery_seconds_sum{sink=\"team\"} 2.3"));
  EXPECT_THAT(said, HasSubstr("beckon_restarts_total{child=\"viewer\"} 1\n"));
  EXPECT_EQ(metrics->outcomes("team")[OutcomeKind::delivered], 2u);
  EXPECT_EQ(metrics->outcomes("team")[OutcomeKind::gone], 1u);
  EXPECT_EQ(metrics->delivered_last_hour("team"), 2u);
  EXPECT_EQ(metrics->restarts("viewer"), 1u);
  EXPECT_EQ(metrics->restarts("nobody"), 0u);
}

TEST_F(MetricsText, AClockThatIsBehindTheForgesDetectsAtOnce) {
  metrics->detected(-3s);
  EXPECT_THAT(text(), HasSubstr("beckon_detection_seconds_sum 0\n"));
}

TEST_F(MetricsText, WhoLeavesTheConfigurationLeavesNoSeries) {
  metrics->attempted("team", OutcomeKind::delivered, 1s);
  metrics->keep({"github", "ghe"}, {"mail"});
  metrics->attempted("team", OutcomeKind::delivered, 1s);   // was under way
  metrics->polled("gitlab", PollResult::ok);
  const std::string said = text();
  EXPECT_THAT(said, Not(HasSubstr("team")));
  EXPECT_THAT(said, Not(HasSubstr("gitlab")));
  EXPECT_THAT(said, HasSubstr("beckon_delivery_seconds_count{sink=\"mail\"} 0\n"));
  EXPECT_THAT(said, HasSubstr("beckon_mentions_total{forge=\"ghe\"} 0\n"));
}

TEST_F(MetricsText, WhoStaysInTheConfigurationKeepsItsCounts) {
  metrics->attempted("team", OutcomeKind::retry, 1s);
  metrics->keep({"github"}, {"team", "mail"});
  EXPECT_EQ(metrics->outcomes("team")[OutcomeKind::retry], 1u);
}

TEST_F(MetricsText, GaugesAreOfNowAlone) {
  gauges.pending = {{"team", 4}, {"old", 1}};
  gauges.subscriptions = {{"active", 2}};
  gauges.quota_remaining = {{"github", 4990}};
  text();
  gauges.pending = {{"team", 5}};
  const std::string said = text();
  EXPECT_THAT(said, HasSubstr("beckon_outbox_pending{sink=\"team\"} 5\n"));
  EXPECT_THAT(said, Not(HasSubstr("old")));
  EXPECT_THAT(said, HasSubstr("beckon_subscriptions{state=\"active\"} 2\n"));
  EXPECT_THAT(said, HasSubstr("beckon_forge_quota_remaining{forge=\"github\"} 4990\n"));
}

// A sink may be called anything that TOML lets through.
TEST_F(MetricsText, NamesAreEscaped) {
  metrics->keep({}, {"a\"b\\c\nd"});
  EXPECT_THAT(text(), HasSubstr("beckon_delivery_seconds_count{sink=\"a\\\"b\\\\c\\nd\"} 0\n"));
}

TEST_F(MetricsText, TheProcessCountsOnlyUpwards) {
  gauges.process = ProcessFacts{1 << 20, 5.5, from_unix_ms(1'700'000'000'000), 12};
  EXPECT_THAT(text(), HasSubstr("process_cpu_seconds_total 5.5\n"));
  gauges.process->cpu_seconds = 5.25;
  const std::string said = text();
  EXPECT_THAT(said, HasSubstr("process_cpu_seconds_total 5.5\n"));
  EXPECT_THAT(said, HasSubstr("process_resident_memory_bytes 1048576\n"));
  EXPECT_THAT(said, HasSubstr("process_open_fds 12\n"));
}

}  // namespace
}  // namespace beckon::core
