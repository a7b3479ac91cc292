#include "base/backoff.hpp"
#include "base/log.hpp"
#include "base/redaction.hpp"
#include "base/time.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>

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

TEST(Duration, InSentencesItIsRound) {
  EXPECT_EQ(format_about(0ms), "1s");
  EXPECT_EQ(format_about(89'600ms), "90s");
  EXPECT_EQ(format_about(313s), "about 5m");
  EXPECT_EQ(format_about(5min), "5m");
  EXPECT_EQ(format_about(1h), "1h");
  EXPECT_EQ(format_about(3h + 10min), "about 3h");
  EXPECT_EQ(format_about(71h), "about 3d");
  EXPECT_EQ(format_time_of_day(from_unix_ms(1'700'000'000'000)), "22:13 UTC");
}

// A folder as /etc, and the variable TZ; both as they were at the end.
struct ZoneSources : ::testing::Test {
  ZoneSources() {
    std::string name = (std::filesystem::temp_directory_path() / "beckon-etc-XXXXXX").string();
    etc = ::mkdtemp(name.data());
    if (const char* value = std::getenv("TZ")) before = value;
    ::unsetenv("TZ");
  }
  ~ZoneSources() override {
    std::filesystem::remove_all(etc);
    before ? ::setenv("TZ", before->c_str(), 1) : ::unsetenv("TZ");
  }
  std::filesystem::path etc;
  std::optional<std::string> before;
};

TEST_F(ZoneSources, TheNameIsWhereTheCLibraryLooks) {
  EXPECT_EQ(local_time_zone(etc), "UTC");
  std::ofstream(etc / "timezone") << "Asia/Kathmandu\n";
  EXPECT_EQ(local_time_zone(etc), "Asia/Kathmandu");
  std::filesystem::create_symlink("../usr/share/zoneinfo/Europe/Berlin", etc / "localtime");
  EXPECT_EQ(local_time_zone(etc), "Europe/Berlin");
  ::setenv("TZ", "America/New_York", 1);
  EXPECT_EQ(local_time_zone(etc), "America/New_York");
}

TEST_F(ZoneSources, WhatIsNoNameIsUtc) {
  std::filesystem::create_symlink("/usr/share/zoneinfo/Europe/Berlin", etc / "localtime");
  for (const auto& [value, name] : std::initializer_list<std::pair<const char*, const char*>>{
           {"", "UTC"}, {":Asia/Tokyo", "Asia/Tokyo"}, {"/usr/share/zoneinfo/Asia/Tokyo", "Asia/Tokyo"}, {"/etc/x", "UTC"},
           {"../x", "UTC"}, {"CET-1CEST,M3.5.0,M10.5.0", "UTC"}}) {
    ::setenv("TZ", value, 1);
    EXPECT_EQ(local_time_zone(etc), name) << value;
  }
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

}  // namespace
}  // namespace beckon::core
