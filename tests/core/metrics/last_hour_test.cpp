#include "metrics/last_hour.hpp"

#include <gtest/gtest.h>

namespace beckon::core {
namespace {

struct Hour : ::testing::Test {
  const SteadyTime start{1000h};
  LastHour hour;
};

TEST_F(Hour, WhatWasAnHourAgoCountsNoMore) {
  EXPECT_EQ(hour.count(start), 0u);
  hour.add(start, 2);
  hour.add(start + 59s, 1);
  hour.add(start + 30min, 5);
  EXPECT_EQ(hour.count(start + 59min + 59s), 8u);
  EXPECT_EQ(hour.count(start + 60min), 5u);
  EXPECT_EQ(hour.count(start + 90min), 0u);
  EXPECT_EQ(hour.count(start + 1000h), 0u);
}

TEST_F(Hour, AMinuteIsUsedAgainAnHourLater) {
  hour.add(start, 2);
  hour.add(start + 1h, 1);
  EXPECT_EQ(hour.count(start + 1h), 1u);
}

TEST_F(Hour, SoonAfterTheMachineHasStartedNothingIsMadeUp) {
  EXPECT_EQ(hour.count(SteadyTime(5s)), 0u);
  hour.add(SteadyTime(5s), 1);
  EXPECT_EQ(hour.count(SteadyTime(10s)), 1u);
}

}  // namespace
}  // namespace beckon::core
