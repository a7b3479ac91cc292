#include "sinks/console/zone.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>
#include <string>

#include <unistd.h>

namespace {

using beckon::console::Zone;

constexpr std::int64_t november_ms = 1'795'608'000'000;  // 2026-11-25 12:00 UTC
constexpr std::int64_t july_ms = 1'784'030'400'000;      // 2026-07-14 12:00 UTC

std::string number(std::int64_t value, int size) {
  std::string bytes;
  while (size-- > 0) bytes += static_cast<char>(value >> (8 * size));
  return bytes;
}

std::string header(int times, int types, int characters) {
  return "TZif2" + std::string(15, '\0') + number(0, 4) + number(0, 4) + number(0, 4) + number(times, 4) +
         number(types, 4) + number(characters, 4);
}

// Local mean time until the second of 2001, then "ABC", one hour ahead, and `rule` behind that.
std::string file(const std::string& rule) {
  const std::string types = number(1234, 4) + number(0, 1) + number(0, 1) + number(3600, 4) + number(0, 1) + number(4, 1);
  const std::string names("LMT\0ABC\0", 8);
  return header(0, 0, 0) + header(1, 2, 8) + number(978'307'200, 8) + number(1, 1) + types + names + "\n" + rule + "\n";
}

std::string minute(const std::string& rule, std::int64_t ms) {
  const auto zone = Zone::parse(file(rule));
  return zone ? zone->minute(ms) : "no zone";
}

TEST(ConsoleZone, TransitionsAreTakenFromTheFile) {
  EXPECT_EQ(minute("", 0), "1970-01-01 00:20 LMT");
  EXPECT_EQ(minute("", 978'307'199'000), "2001-01-01 00:20 LMT");
  EXPECT_EQ(minute("", 978'307'200'000), "2001-01-01 01:00 ABC");
  EXPECT_EQ(minute("", november_ms), "2026-11-25 13:00 ABC");
}

TEST(ConsoleZone, TheRuleHoldsBehindTheLastTransition) {
  const std::string berlin = "CET-1CEST,M3.5.0,M10.5.0/3";
  EXPECT_EQ(minute(berlin, november_ms), "2026-11-25 13:00 CET");
  EXPECT_EQ(minute(berlin, july_ms), "2026-07-14 14:00 CEST");
  EXPECT_EQ(minute(berlin, 1'774'745'999'000), "2026-03-29 01:59 CET");
  EXPECT_EQ(minute(berlin, 1'774'746'000'000), "2026-03-29 03:00 CEST");
  EXPECT_EQ(minute(berlin, 1'792'889'999'000), "2026-10-25 02:59 CEST");
  EXPECT_EQ(minute(berlin, 1'792'890'000'000), "2026-10-25 02:00 CET");
}

TEST(ConsoleZone, RulesOfEveryForm) {
  EXPECT_EQ(minute("<+0545>-5:45", november_ms), "2026-11-25 17:45 +0545");
  EXPECT_EQ(minute("NZST-12NZDT,M9.5.0,M4.1.0/3", november_ms), "2026-11-26 01:00 NZDT");
  EXPECT_EQ(minute("NZST-12NZDT,M9.5.0,M4.1.0/3", july_ms), "2026-07-15 00:00 NZST");
  EXPECT_EQ(minute("IST-1GMT0,M10.5.0,M3.5.0/1", november_ms), "2026-11-25 12:00 GMT");
  EXPECT_EQ(minute("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", july_ms), "2026-07-14 11:00 -01");
}

TEST(ConsoleZone, ARuleThatCannotBeReadLeavesTheLastTransition) {
  for (const char* rule : {"x", "CET", "CET-1CEST", "CET-1CEST,J60,J300", "CET-1CEST,M3.5.0", "CET-1CEST,M13.5.0,M10.5.0",
                           "CET-1CEST,M3.5.0,M10.5.0/3,M1", "<+05-5", "99999999999999999999"})
    EXPECT_EQ(minute(rule, november_ms), "2026-11-25 13:00 ABC") << rule;
}

TEST(ConsoleZone, WhatIsNoZoneFileIsRefused) {
  const std::string whole = file("CET-1CEST,M3.5.0,M10.5.0/3");
  ASSERT_TRUE(Zone::parse(whole));
  for (std::size_t size = 0; size < whole.find("\nCET"); ++size) EXPECT_FALSE(Zone::parse(whole.substr(0, size))) << size;
  std::string bad = file("");
  bad[44 + 44 + 8] = 9;  // a transition to a kind that there is not
  EXPECT_FALSE(Zone::parse(bad));
  bad = file("");
  bad[bad.find("ABC")] = '\x1b';  // a name that would speak to the terminal
  EXPECT_FALSE(Zone::parse(bad));
  EXPECT_FALSE(Zone::parse(header(0, 0, 0) + std::string("TZif2") + std::string(39, '\xff')));
}

// The system's database holds what no test file does; the C library is the judge.
TEST(ConsoleZone, AgreesWithTheCLibrary) {
  const char* old = std::getenv("TZ");
  const std::string before = old ? old : "";
  for (const char* name : {"Europe/Berlin", "Europe/Dublin", "America/New_York", "America/Sao_Paulo", "America/Nuuk",
                           "Australia/Lord_Howe", "Pacific/Auckland", "Asia/Kathmandu", "Africa/Casablanca", "Asia/Gaza"}) {
    if (access((std::string("/usr/share/zoneinfo/") + name).c_str(), R_OK) != 0) continue;
    const Zone zone = Zone::named(name);
    setenv("TZ", name, 1);
    tzset();
    for (std::int64_t second = 200'000; second < 4'200'000'000; second += 1'000'003) {
      const std::time_t time = static_cast<std::time_t>(second);
      std::tm parts{};
      char text[64];
      localtime_r(&time, &parts);
      std::strftime(text, sizeof text, "%Y-%m-%d %H:%M %Z", &parts);
      ASSERT_EQ(zone.minute(second * 1000), text) << name << " " << second;
    }
  }
  old ? setenv("TZ", before.c_str(), 1) : unsetenv("TZ");
  tzset();
}

}  // namespace
