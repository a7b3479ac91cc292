#include "base/time.hpp"

#include <spdlog/fmt/fmt.h>

#include <array>
#include <charconv>
#include <cstdlib>
#include <fstream>
#include <system_error>

namespace beckon::core {
namespace {

using namespace std::chrono;

constexpr std::array<std::string_view, 12> months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::array<std::string_view, 7> weekdays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};

std::optional<int> digits(std::string_view text, std::size_t at, std::size_t count) {
  if (at + count > text.size()) return std::nullopt;
  int value = 0;
  for (const char c : text.substr(at, count)) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  return value;
}

std::optional<ForgeTime> assemble(int y, unsigned m, unsigned d, int h, int min, int s) {
  const year_month_day date{year{y}, month{m}, day{d}};
  // 60 is a leap second, which both formats allow.
  if (!date.ok() || h > 23 || min > 59 || s > 60) return std::nullopt;
  return sys_days{date} + hours{h} + minutes{min} + seconds{s};
}

struct Unit {
  std::string_view name;
  std::int64_t ms;
};
constexpr std::array<Unit, 5> units = {{{"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1'000}, {"ms", 1}}};

}  // namespace

std::optional<ForgeTime> parse_iso_time(std::string_view text) {
  if (text.size() < 20 || text[4] != '-' || text[7] != '-' || (text[10] != 'T' && text[10] != ' ') || text[13] != ':' ||
      text[16] != ':')
    return std::nullopt;
  std::string_view rest = text.substr(19);
  if (rest.front() == '.') {
    const auto end = rest.find_first_not_of("0123456789", 1);
    if (end == std::string_view::npos || end == 1) return std::nullopt;
    rest.remove_prefix(end);
  }
  if (rest != "Z" && rest != "+00:00") return std::nullopt;
  const auto y = digits(text, 0, 4), mo = digits(text, 5, 2), d = digits(text, 8, 2), h = digits(text, 11, 2),
             mi = digits(text, 14, 2), s = digits(text, 17, 2);
  if (!y || !mo || !d || !h || !mi || !s) return std::nullopt;
  return assemble(*y, static_cast<unsigned>(*mo), static_cast<unsigned>(*d), *h, *mi, *s);
}

std::string format_iso_time(ForgeTime time) {
  const auto days = floor<std::chrono::days>(time);
  const year_month_day date{days};
  const hh_mm_ss clock{time - days};
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), clock.hours().count(),
                     clock.minutes().count(), clock.seconds().count());
}

std::optional<ForgeTime> parse_http_date(std::string_view text) {
  // "Sun, 06 Nov 1994 08:49:37 GMT"
  if (text.size() != 29 || text.substr(25) != " GMT" || text.substr(3, 2) != ", ") return std::nullopt;
  const auto d = digits(text, 5, 2), y = digits(text, 12, 4), h = digits(text, 17, 2), mi = digits(text, 20, 2),
             s = digits(text, 23, 2);
  if (!d || !y || !h || !mi || !s) return std::nullopt;
  for (unsigned m = 0; m < months.size(); ++m)
    if (text.substr(8, 3) == months[m]) return assemble(*y, m + 1, static_cast<unsigned>(*d), *h, *mi, *s);
  return std::nullopt;
}

std::string format_http_date(ForgeTime time) {
  const auto days = floor<std::chrono::days>(time);
  const year_month_day date{days};
  const hh_mm_ss clock{time - days};
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", weekdays[weekday{days}.c_encoding()],
                     static_cast<unsigned>(date.day()), months[static_cast<unsigned>(date.month()) - 1],
                     static_cast<int>(date.year()), clock.hours().count(), clock.minutes().count(),
                     clock.seconds().count());
}

std::optional<Milliseconds> parse_duration(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || number < 0 || text.front() == '-') return std::nullopt;
  const std::string_view name = text.substr(static_cast<std::size_t>(end - text.data()));
  for (const Unit& unit : units) {
    std::int64_t ms = 0;
    if (name == unit.name) {
      if (__builtin_mul_overflow(number, unit.ms, &ms)) return std::nullopt;
      return Milliseconds{ms};
    }
  }
  return std::nullopt;
}

std::string format_duration(Milliseconds duration) {
  const std::int64_t ms = duration.count();
  if (ms == 0) return "0s";
  // 90s rather than 1.5m, but 60s rather than 1m: people write seconds up to two minutes.
  for (const Unit& unit : units) {
    if (ms % unit.ms == 0 && (unit.ms != 60'000 || ms >= 120'000)) return fmt::format("{}{}", ms / unit.ms, unit.name);
  }
  return fmt::format("{}ms", ms);
}

std::string format_about(Milliseconds duration) {
  Milliseconds unit = 24h;
  if (duration < 48h) unit = 1h;
  if (duration < 2h) unit = 1min;
  if (duration < 2min) unit = 1s;
  const Milliseconds rounded = (duration + unit / 2) / unit * unit;
  const bool exact = rounded == duration || duration < 2min;
  return (exact ? "" : "about ") + format_duration(std::max<Milliseconds>(rounded, 1s));
}

std::string format_time_of_day(WallTime time) {
  return format_iso_time(floor<std::chrono::seconds>(time)).substr(11, 5) + " UTC";
}

std::string local_time_zone(const std::filesystem::path& etc) {
  // "Europe/Berlin", or a path into the database of zones; empty for anything else, as the rules "CET-1CEST,M3.5.0,M10.5.0".
  const auto name_in = [](std::string_view text) -> std::string {
    constexpr std::string_view folder = "/zoneinfo/";
    if (const auto at = text.rfind(folder); at != text.npos) text.remove_prefix(at + folder.size());
    const bool fits = !text.empty() && text.front() != '/' && text.find_first_of(".,: \t") == text.npos;
    return std::string(fits ? text : std::string_view());
  };
  std::string name;
  if (const char* variable = std::getenv("TZ")) {
    std::string_view text = variable;
    if (text.starts_with(':')) text.remove_prefix(1);
    name = name_in(text);
  } else {
    std::error_code none;
    const auto link = std::filesystem::read_symlink(etc / "localtime", none);
    if (link.native().find("/zoneinfo/") != std::string::npos) name = name_in(link.native());
    if (name.empty()) {
      std::ifstream file(etc / "timezone");
      std::string line;
      std::getline(file, line);
      name = name_in(line);
    }
  }
  return name.empty() ? "UTC" : name;
}

}  // namespace beckon::core
