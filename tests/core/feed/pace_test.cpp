#include "feed/pace.hpp"

#include <gtest/gtest.h>

namespace beckon::core {
namespace {

PaceFacts anonymous(double cost) {
  PaceFacts facts;
  facts.quota.limit = 60;
  facts.quota.remaining = 60;
  facts.quota.reset_after = 1h;
  facts.cost = cost;
  return facts;
}

TEST(Pace, IsTheIntervalWithATenthOfJitter) {
  PaceFacts facts;
  facts.interval = 60s;
  facts.dice = 0;
  EXPECT_EQ(next_poll(facts).delay, 54s);
  facts.dice = 0.5;
  EXPECT_EQ(next_poll(facts).delay, 60s);
  facts.dice = 0.999999;
  EXPECT_LE(next_poll(facts).delay, 66s);
}

TEST(Pace, FreeAnswersNeedNoQuota) {
  PaceFacts facts = anonymous(0);
  EXPECT_FALSE(next_poll(facts).stretched);
  EXPECT_EQ(next_poll(facts).delay, 60s);
}

TEST(Pace, WithoutATokenAnHoursRequestsStayUnderSixty) {
  for (const double cost : {3.0, 4.0, 10.0}) {
    const Pace pace = next_poll(anonymous(cost));
    EXPECT_TRUE(pace.stretched);
    const double an_hour = 3600.0 / std::chrono::duration<double>(pace.interval).count() * cost;
    EXPECT_LE(an_hour, 48.1) << cost;
    EXPECT_GT(an_hour, 40) << cost;
  }
}

TEST(Pace, FeedsOnOneCredentialShareItsQuota) {
  PaceFacts facts = anonymous(4);
  const Milliseconds alone = next_poll(facts).interval;
  facts.feeds = 3;
  EXPECT_NEAR(static_cast<double>(next_poll(facts).interval.count()), 3.0 * static_cast<double>(alone.count()), 2);
}

TEST(Pace, WhatOthersHaveSpentIsNotOurs) {
  PaceFacts facts;
  facts.quota.limit = 5000;
  facts.quota.remaining = 10;
  facts.quota.reset_after = 30min;
  facts.cost = 2;
  const Pace pace = next_poll(facts);
  EXPECT_TRUE(pace.stretched);
  EXPECT_EQ(pace.interval, 7min + 30s);
}

TEST(Pace, NothingLeftWaitsForTheReset) {
  PaceFacts facts = anonymous(4);
  facts.quota.remaining = 0;
  facts.quota.reset_after = 40min;
  EXPECT_EQ(next_poll(facts).interval, 40min);
}

TEST(Pace, QuietFeedsGiveWayWhenTheQuotaIsShortAndOnlyThen) {
  PaceFacts facts = anonymous(4);
  const Milliseconds busy = next_poll(facts).interval;
  facts.quiet = 2h;
  EXPECT_EQ(next_poll(facts).interval, 2 * busy);
  facts.quota = {};
  EXPECT_EQ(next_poll(facts).interval, facts.interval);
}

TEST(Pace, AStretchEndsAtTwoHours) {
  PaceFacts facts = anonymous(4);
  facts.feeds = 1000;
  EXPECT_EQ(next_poll(facts).interval, 2h);
}

TEST(Pace, FailuresBackOffFromSecondsToAQuarterOfAnHour) {
  PaceFacts facts;
  facts.failures = 1;
  EXPECT_EQ(next_poll(facts).delay, 5s);
  facts.failures = 3;
  EXPECT_EQ(next_poll(facts).delay, 20s);
  facts.failures = 50;
  EXPECT_EQ(next_poll(facts).delay, 15min);
}

TEST(Pace, NeverComesBackBeforeTheForgeSaid) {
  PaceFacts facts;
  facts.failures = 1;
  facts.retry_after = 10min;
  for (const double dice : {0.0, 0.3, 0.99}) {
    facts.dice = dice;
    EXPECT_GE(next_poll(facts).delay, 10min);
    EXPECT_LE(next_poll(facts).delay, 10min + 30s);
  }
}

TEST(Pace, FirstPollsOfManyFeedsAreSpreadOverTheInterval) {
  EXPECT_EQ(first_poll(0, 1, 60s), 0ms);
  EXPECT_EQ(first_poll(7, 1000, 60s), 0ms);
  EXPECT_GT(first_poll(500, 1000, 60s), first_poll(400, 1000, 60s));
  EXPECT_LT(first_poll(999, 1000, 60s), 60s);
}

TEST(Pace, GoesOnSoonWhereThereIsMoreAndTheQuotaBearsIt) {
  PaceFacts facts;
  facts.more = true;
  facts.charged = 30;
  EXPECT_EQ(next_poll(facts).delay, 1s);
  facts.quota.limit = 5000;
  facts.quota.remaining = 4900;
  facts.quota.reset_after = 1h;
  facts.cost = 3;
  const Pace pace = next_poll(facts);
  EXPECT_FALSE(pace.stretched);
  EXPECT_GT(pace.interval, 20s);
  EXPECT_LT(pace.interval, 40s);
  facts.feeds = 10;
  EXPECT_EQ(next_poll(facts).interval, 60s) << "never later than the heads are due";
}

TEST(Pace, SaysThatTheQuotaIsUsedUpAndUntilWhen) {
  PaceFacts facts;
  facts.quota = {5000, 0, 40min};
  facts.cost = 2;
  const WallTime now = from_unix_ms(1'700'000'000'000);
  EXPECT_EQ(explain_stretch(next_poll(facts), facts, true, now, "github"),
            "the quota of the token of [forges.github] is used up until 22:53 UTC, and the forge is asked again then: "
            "others use it too, or used it before");
  facts.quota.remaining = 10;
  EXPECT_EQ(explain_stretch(next_poll(facts), facts, true, now, "github"),
            "of the requests of the token of [forges.github] only 10 of 5000 are left until 22:53 UTC, so it is polled "
            "every 10m instead of 60s: others use it too, or used it before");
  facts.quota = {60, 0, 40min};
  EXPECT_EQ(explain_stretch(next_poll(facts), facts, false, now, "github"),
            "the quota of requests without a token is used up until 22:53 UTC, and the forge is asked again then: set "
            "`token` in [forges.github]");
}

TEST(Pace, SaysRoundTimes) {
  PaceFacts facts = anonymous(4.175);
  const std::string sentence = explain_stretch(next_poll(facts), facts, false, WallTime{}, "github");
  EXPECT_NE(sentence.find("polled about every 5m instead of 60s"), std::string::npos) << sentence;
}

TEST(Pace, SaysHowOftenAndTheWayOut) {
  const PaceFacts facts = anonymous(4);
  const std::string sentence = explain_stretch(next_poll(facts), facts, false, WallTime{}, "github");
  EXPECT_NE(sentence.find("60 requests an hour"), std::string::npos) << sentence;
  EXPECT_NE(sentence.find("polled every 5m instead of"), std::string::npos) << sentence;
  EXPECT_NE(sentence.find("`token` in [forges.github]"), std::string::npos) << sentence;
}

}  // namespace
}  // namespace beckon::core
