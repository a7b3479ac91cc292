// The three clocks of the daemon, kept apart by type and by rule.
// A forge time is only ever compared with another forge time (its own `Date` header is its "now");
// ours may be hours off without a mention being lost or told twice.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace beckon::core {

using namespace std::chrono_literals;

using SteadyTime = std::chrono::steady_clock::time_point;                 // waiting
using WallTime = std::chrono::sys_time<std::chrono::milliseconds>;        // our calendar: what is stored as unix ms
using ForgeTime = std::chrono::sys_seconds;                               // the forge's calendar: stored as unix s
using Milliseconds = std::chrono::milliseconds;

inline WallTime wall_now() {
  return std::chrono::time_point_cast<Milliseconds>(std::chrono::system_clock::now());
}
inline std::int64_t unix_ms(WallTime t) { return t.time_since_epoch().count(); }
inline std::int64_t unix_s(ForgeTime t) { return t.time_since_epoch().count(); }
inline WallTime from_unix_ms(std::int64_t ms) { return WallTime{Milliseconds{ms}}; }
inline ForgeTime from_unix_s(std::int64_t s) { return ForgeTime{std::chrono::seconds{s}}; }

// RFC 3339 in UTC, as GitHub writes it: "2020-07-06T16:28:08Z". Fractions are accepted and dropped.
std::optional<ForgeTime> parse_iso_time(std::string_view text);
std::string format_iso_time(ForgeTime time);
// IMF-fixdate of RFC 9110: "Sun, 06 Nov 1994 08:49:37 GMT".
std::optional<ForgeTime> parse_http_date(std::string_view text);
std::string format_http_date(ForgeTime time);

// "90s", "5m", "12h", "7d", "250ms"; nullopt for anything else, negative and overflowing values included.
std::optional<Milliseconds> parse_duration(std::string_view text);
// The shortest exact form: "90s", "5m", "7d".
std::string format_duration(Milliseconds duration);
// For sentences, rounded: "about 5m", "90s", "about 3h"; without "about" where that is exact.
std::string format_about(Milliseconds duration);
// "14:05 UTC"
std::string format_time_of_day(WallTime time);

// The IANA name of this machine's time zone, where localtime(3) looks: the variable TZ, else what /etc/localtime links to,
// else /etc/timezone. "UTC" if none of them says a name. Daemon's thread; `etc` is for tests.
std::string local_time_zone(const std::filesystem::path& etc = "/etc");

}  // namespace beckon::core
