// Times of a delivery in words. For authors of sinks; header-only, any thread, no locale, no environment.
#pragma once

#include <cstdint>
#include <cstdio>
#include <ctime>
#include <string>

namespace beckon::when {

// Years 1970 to 9999; what lies outside is taken as the nearest end.
inline std::int64_t unix_seconds(std::int64_t ms) noexcept {
  constexpr std::int64_t end_of_9999 = 253'402'300'799;
  return ms < 0 ? 0 : ms / 1000 > end_of_9999 ? end_of_9999 : ms / 1000;
}

// `pattern` as in strftime, in UTC; only numeric conversions are free of the locale.
inline std::string utc(std::int64_t ms, const char* pattern) {
  const std::time_t seconds = static_cast<std::time_t>(unix_seconds(ms));
  std::tm parts{};
  char buffer[64];
  gmtime_r(&seconds, &parts);
  return std::string(buffer, std::strftime(buffer, sizeof buffer, pattern, &parts));
}

inline std::string iso8601(std::int64_t ms) { return utc(ms, "%Y-%m-%dT%H:%M:%SZ"); }

inline std::string minute_utc(std::int64_t ms) { return utc(ms, "%Y-%m-%d %H:%M UTC"); }

// "just now", "3 minutes ago", "2 days ago"; empty for what is older than thirty days or more than a minute ahead.
inline std::string ago(std::int64_t then_ms, std::int64_t now_ms) {
  const std::int64_t seconds = unix_seconds(now_ms) - unix_seconds(then_ms);
  const auto say = [](std::int64_t n, const char* unit) {
    return std::to_string(n) + ' ' + unit + (n == 1 ? " ago" : "s ago");
  };
  if (seconds < -60) return {};
  if (seconds < 60) return "just now";
  if (seconds < 3600) return say(seconds / 60, "minute");
  if (seconds < 86'400) return say(seconds / 3600, "hour");
  if (seconds <= 30 * 86'400) return say(seconds / 86'400, "day");
  return {};
}

}  // namespace beckon::when
