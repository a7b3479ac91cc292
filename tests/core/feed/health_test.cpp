#include "feed/health.hpp"

#include <gtest/gtest.h>

namespace beckon::core {
namespace {

const SteadyTime start{std::chrono::hours(1)};

Cursor cursor_of(SourceKind source, std::int64_t walk = 0) {
  Cursor cursor;
  cursor.source = source;
  cursor.walk = walk;
  return cursor;
}

ForgeError error_of(ForgeFailure failure, std::string message = "why") { return {failure, std::move(message), {}}; }

TEST(SourceHealth, AFailureIsNewsOnceUntilItChangesOrEnds) {
  SourceHealth health;
  const Cursor comments = cursor_of(SourceKind::comments);
  EXPECT_TRUE(health.failed(comments, error_of(ForgeFailure::unavailable, "502"), start).news);
  EXPECT_FALSE(health.failed(comments, error_of(ForgeFailure::unavailable, "502"), start).news);
  EXPECT_TRUE(health.failed(comments, error_of(ForgeFailure::unavailable, "503"), start).news);
  EXPECT_TRUE(health.works(comments));
  EXPECT_FALSE(health.works(comments));
  EXPECT_TRUE(health.failed(comments, error_of(ForgeFailure::unavailable, "503"), start).news);
}

TEST(SourceHealth, SourcesAndWalksAreKeptApart) {
  SourceHealth health;
  health.failed(cursor_of(SourceKind::comments), error_of(ForgeFailure::forbidden), start);
  EXPECT_TRUE(health.rests(cursor_of(SourceKind::comments), start).has_value());
  EXPECT_FALSE(health.rests(cursor_of(SourceKind::comments, 1), start).has_value());
  EXPECT_FALSE(health.rests(cursor_of(SourceKind::bodies), start).has_value());
}

TEST(SourceHealth, RefusalsRestLongerEachTimeUpToAnHour) {
  SourceHealth health;
  const Cursor comments = cursor_of(SourceKind::comments);
  EXPECT_EQ(health.failed(comments, error_of(ForgeFailure::not_found), start).rests, 5min);
  EXPECT_TRUE(health.rests(comments, start + 4min).has_value());
  EXPECT_FALSE(health.rests(comments, start + 5min).has_value());
  EXPECT_EQ(health.failed(comments, error_of(ForgeFailure::not_found), start).rests, 10min);
  for (int i = 0; i < 10; ++i) health.failed(comments, error_of(ForgeFailure::not_found), start);
  EXPECT_EQ(health.failed(comments, error_of(ForgeFailure::not_found), start).rests, 1h);
}

TEST(SourceHealth, TroubleOfTheServerDoesNotRest) {
  SourceHealth health;
  EXPECT_FALSE(
      health.failed(cursor_of(SourceKind::comments), error_of(ForgeFailure::unavailable), start).rests.has_value());
}

TEST(SourceHealth, WhatIsSwitchedOffIsNoFailure) {
  SourceHealth health;
  const Cursor bodies = cursor_of(SourceKind::bodies);
  EXPECT_FALSE(health.failed(bodies, error_of(ForgeFailure::disabled), start).counts);
  EXPECT_FALSE(health.rests(bodies, start)->counts);
}

TEST(SourceHealth, OnlyWhatTheOthersWouldMeetTooEndsAPoll) {
  EXPECT_TRUE(concerns_all(ForgeFailure::transport));
  EXPECT_TRUE(concerns_all(ForgeFailure::rate_limited));
  EXPECT_TRUE(concerns_all(ForgeFailure::unauthorized));
  EXPECT_FALSE(concerns_all(ForgeFailure::not_found));
  EXPECT_FALSE(concerns_all(ForgeFailure::unavailable));
}

}  // namespace
}  // namespace beckon::core
