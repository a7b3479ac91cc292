// A time zone out of the system's database, read here: the C library knows one zone a process, which a sink must not change.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace beckon::console {

class Zone {
 public:
  Zone() = default;  // UTC

  // By its IANA name, "Europe/Berlin"; UTC when this machine does not know it.
  static Zone named(std::string_view name);
  // Out of the bytes of a file in the format TZif (RFC 8536), version 2 or later; nullopt when they are none.
  static std::optional<Zone> parse(std::string_view bytes);

  // "2026-11-25 13:14 CET"; `ms` is Unix time.
  std::string minute(std::int64_t ms) const;

 private:
  struct Offset {
    std::int64_t seconds = 0;   // east of Greenwich
    std::string name = "UTC";
  };
  // "the `week`th `weekday` of `month`", the fifth being the last; `seconds` after that day's beginning.
  struct Day {
    int month = 1, week = 1, weekday = 0;
    std::int64_t seconds = 7200;
  };
  // What holds after the last transition: the file's last line, a TZ string of POSIX.
  struct Rule {
    Offset standard;
    std::optional<Offset> summer;
    Day begin, end;
  };
  struct RuleReader;

  static std::int64_t moment(const Day& day, int year);
  const Offset& offset_at(std::int64_t second) const;

  std::vector<std::int64_t> transitions_;   // Unix seconds, ascending
  std::vector<std::size_t> kinds_;          // which offset each of them begins
  std::vector<Offset> offsets_ = {Offset()};
  std::optional<Rule> rule_;
};

}  // namespace beckon::console
