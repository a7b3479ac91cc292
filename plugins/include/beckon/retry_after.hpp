// When a service wants to be asked again. For authors of webhook sinks; header-only, any thread, no locale.
// Read are what services really send: RFC 9110's seconds and its three forms of a date, and fractions of a second.
#pragma once

#include <beckon/sink.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <ctime>
#include <optional>
#include <string_view>

namespace beckon {

inline constexpr std::int64_t shortest_wait_ms = 1'000;
inline constexpr std::int64_t longest_wait_ms = 86'400'000;

// Between a second and a day: a service that says 0 means "not at once", and one that says a year is broken.
inline std::int64_t sane_wait_ms(double seconds) noexcept {
  if (!(seconds > 1.0)) return shortest_wait_ms;
  if (seconds >= 86'400.0) return longest_wait_ms;
  return static_cast<std::int64_t>(std::ceil(seconds * 1000.0));
}

// A number of seconds of 0 or more, with nothing before or behind it.
inline std::optional<double> read_seconds(std::string_view text) noexcept {
  if (text.empty() || text.front() < '0' || text.front() > '9') return std::nullopt;
  double seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds, std::chars_format::fixed);
  if (end != text.data() + text.size()) return std::nullopt;
  if (error == std::errc::result_out_of_range) return HUGE_VAL;
  if (error != std::errc() || !std::isfinite(seconds)) return std::nullopt;
  return seconds;
}

// "Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT" or "Sun Nov  6 08:49:37 1994", as Unix seconds.
inline std::optional<std::int64_t> read_http_date(std::string_view text) noexcept {
  constexpr std::array<std::string_view, 12> months = {"jan", "feb", "mar", "apr", "may", "jun",
                                                       "jul", "aug", "sep", "oct", "nov", "dec"};
  if (text.size() > 64) return std::nullopt;
  int month = -1, day = -1, year = -1, hour = -1, minute = -1, second = -1;
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at;
    if (is_digit(text[at])) {
      int number = 0;
      while (end < text.size() && is_digit(text[end]) && end - at < 4) number = number * 10 + (text[end++] - '0');
      const bool in_clock = end < text.size() && text[end] == ':';
      if (in_clock && hour < 0) hour = number;
      else if (hour >= 0 && minute < 0) minute = number;
      else if (minute >= 0 && second < 0) second = number;
      else if (day < 0) day = number;
      else if (year < 0) year = end - at == 2 ? number + (number < 70 ? 2000 : 1900) : number;
      else return std::nullopt;
      at = end;
    } else {
      while (end < text.size() && ((text[end] >= 'A' && text[end] <= 'Z') || (text[end] >= 'a' && text[end] <= 'z')))
        ++end;
      if (end - at == 3) {
        const std::array<char, 3> word = {lower(text[at]), lower(text[at + 1]), lower(text[at + 2])};
        const auto found = std::find(months.begin(), months.end(), std::string_view(word.data(), 3));
        if (found != months.end()) month = static_cast<int>(found - months.begin());
      }
      at = end == at ? at + 1 : end;
    }
  }
  const bool complete = month >= 0 && day >= 1 && day <= 31 && year >= 1970 && hour >= 0 && hour < 24 && minute >= 0 &&
                        minute < 60 && second >= 0 && second <= 60;
  if (!complete) return std::nullopt;
  std::tm parts{};
  parts.tm_year = year - 1900;
  parts.tm_mon = month;
  parts.tm_mday = day;
  parts.tm_hour = hour;
  parts.tm_min = minute;
  parts.tm_sec = second;
  return static_cast<std::int64_t>(timegm(&parts));
}

// The value of a Retry-After header as a wait; nothing when it is absent or unreadable. `now_s` only matters for a
// date.
inline std::optional<std::int64_t> retry_after_ms(std::string_view value, std::int64_t now_s) noexcept {
  while (!value.empty() && (value.front() == ' ' || value.front() == '\t')) value.remove_prefix(1);
  while (!value.empty() && (value.back() == ' ' || value.back() == '\t')) value.remove_suffix(1);
  if (const auto seconds = read_seconds(value)) return sane_wait_ms(*seconds);
  if (const auto date = read_http_date(value)) return sane_wait_ms(static_cast<double>(*date - now_s));
  return std::nullopt;
}

// The same of a whole response. A date is measured by the service's own clock (its Date header) where it tells it.
inline std::optional<std::int64_t> retry_after_ms(const Response& response, std::int64_t now_ms) noexcept {
  const auto its_clock = read_http_date(response.header("Date"));
  return retry_after_ms(response.header("Retry-After"), its_clock.value_or(now_ms / 1000));
}

}  // namespace beckon
