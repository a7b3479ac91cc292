#include "base/backoff.hpp"
#include "base/log.hpp"
#include "base/redaction.hpp"
#include "base/task.hpp"
#include "base/time.hpp"
#include "support/run.hpp"

#include <gtest/gtest.h>

namespace beckon::core {
namespace {

TEST(Time, IsoTimesRoundTrip) {
  const auto time = parse_iso_time("2020-07-06T16:28:08Z");
  ASSERT_TRUE(time);
  EXPECT_EQ(unix_s(*time), 1594052888);
  EXPECT_EQ(format_iso_time(*time), "2020-07-06T16:28:08Z");
  EXPECT_EQ(parse_iso_time("2020-07-06T16:28:08.123+00:00"), time);
}

TEST(Time, WhatIsNoIsoTimeIsRefused) {
  for (const char* text : {"", "2020-07-06", "2020-13-06T16:28:08Z", "2020-07-06T16:28:08", "2020-07-06T16:28:08+02:00",
                           "2020-07-06T16:28:08.Z", "yyyy-07-06T16:28:08Z"})
    EXPECT_FALSE(parse_iso_time(text)) << text;
}

TEST(Time, HttpDatesRoundTrip) {
  const auto time = parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT");
  ASSERT_TRUE(time);
  EXPECT_EQ(unix_s(*time), 784111777);
  EXPECT_EQ(format_http_date(*time), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_FALSE(parse_http_date("{{now}}"));
}

TEST(Duration, EveryUnitIsRead) {
  EXPECT_EQ(parse_duration("90s"), 90s);
  EXPECT_EQ(parse_duration("5m"), 5min);
  EXPECT_EQ(parse_duration("12h"), 12h);
  EXPECT_EQ(parse_duration("7d"), 7 * 24h);
  EXPECT_EQ(parse_duration("250ms"), 250ms);
  EXPECT_EQ(parse_duration("0s"), 0s);
}

TEST(Duration, AnythingElseIsRefused) {
  for (const char* text : {"", "s", "5", "-5s", "-0s", "5 s", "1.5h", "5S", "99999999999999999d", "5mm"})
    EXPECT_FALSE(parse_duration(text)) << text;
}

TEST(Duration, FormattingIsShortAndExact) {
  EXPECT_EQ(format_duration(60s), "60s");
  EXPECT_EQ(format_duration(90s), "90s");
  EXPECT_EQ(format_duration(5min), "5m");
  EXPECT_EQ(format_duration(1500ms), "1500ms");
  EXPECT_EQ(format_duration(0s), "0s");
  EXPECT_EQ(format_duration(7 * 24h), "7d");
}

TEST(BackoffDelay, DoublesUpToItsCap) {
  const Backoff backoff{1s, 1min};
  EXPECT_EQ(backoff_delay(backoff, 0, 0.5), 0s);
  EXPECT_EQ(backoff_delay(backoff, 1, 0.5), 1s);
  EXPECT_EQ(backoff_delay(backoff, 4, 0.5), 8s);
  EXPECT_EQ(backoff_delay(backoff, 1000, 0.5), 1min);
}

TEST(BackoffDelay, JitterStaysInItsBand) {
  const Backoff backoff{8s, 1h};
  EXPECT_EQ(backoff_delay(backoff, 1, 0.0), 6s);
  EXPECT_EQ(backoff_delay(backoff, 1, 1.0), 10s);
  EXPECT_LE(backoff_delay(backoff, 60, 1.0), 1h);
}

TEST(Redaction, KnownSecretsAreMaskedWholeAndInPieces) {
  remember_secret("https://hooks.example.com/services/T0AAAA/B0BBBB/s3cr3tpart");
  EXPECT_EQ(redact("POST https://hooks.example.com/services/T0AAAA/B0BBBB/s3cr3tpart failed"), "POST *** failed");
  EXPECT_EQ(redact("path /services/T0AAAA/B0BBBB/s3cr3tpart"), "path ***");
  EXPECT_EQ(redact("token s3cr3tpart!"), "token ***!");
}

TEST(Redaction, ShortValuesDoNotMaskWords) {
  remember_secret("cat");
  EXPECT_EQ(redact("concatenate"), "concatenate");
}

TEST(Log, ALineCanNeitherBeForgedNorLeak) {
  remember_secret("ghp_verysecret");
  std::string lines;
  log::capture(&lines);
  log::warn("feed", "{}", "bad\nerror feed: forged \x1b[31m ghp_verysecret");
  log::capture(nullptr);
  EXPECT_EQ(lines, "warn feed: bad\\nerror feed: forged \\x1b[31m ***\n");
}

TEST(LogOnChange, SaysAFailureOnceAndItsEndOnce) {
  LogOnChange news;
  EXPECT_TRUE(news.changed("down"));
  EXPECT_FALSE(news.changed("down"));
  EXPECT_TRUE(news.changed("still down, differently"));
  EXPECT_TRUE(news.clear());
  EXPECT_FALSE(news.clear());
}

task<int> answer_after(Milliseconds wait, bool bad) {
  co_await sleep_for(wait);
  if (bad) throw std::runtime_error("boom");
  co_return 42;
}

TEST(Within, ReturnsTheValueInTime) {
  asio::io_context context(1);
  const int value = testing::run(context, []() -> task<int> {
    auto work = answer_after(1ms, false);
    co_return co_await within(5s, std::move(work));
  });
  EXPECT_EQ(value, 42);
}

TEST(Within, AFailureIsReportedAtOnce) {
  asio::io_context context(1);
  const auto begun = std::chrono::steady_clock::now();
  EXPECT_THROW(testing::run(context, []() -> task<int> {
    auto work = answer_after(1ms, true);
    co_return co_await within(30s, std::move(work));
  }), std::runtime_error);
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 10s);
}

TEST(Within, TheLimitIsATimeout) {
  asio::io_context context(1);
  try {
    testing::run(context, []() -> task<int> {
      auto work = answer_after(1h, false);
      co_return co_await within(5ms, std::move(work));
    });
    FAIL() << "no timeout";
  } catch (const boost::system::system_error& error) {
    EXPECT_EQ(error.code(), asio::error::timed_out);
  }
}

}  // namespace
}  // namespace beckon::core
