#include "zone.hpp"

#include <beckon/when.hpp>

#include <algorithm>
#include <ctime>
#include <fstream>
#include <iterator>

namespace beckon::console {
namespace {

constexpr std::string_view folder = "/usr/share/zoneinfo/";
constexpr std::size_t header_size = 44;
constexpr std::int64_t day_s = 86'400;

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Without a dot it cannot leave the folder.
bool is_name(std::string_view name) {
  return !name.empty() && name.size() <= 64 && name.front() != '/' && std::all_of(name.begin(), name.end(), [](char c) {
    return is_letter(c) || is_digit(c) || c == '/' || c == '_' || c == '-' || c == '+';
  });
}

std::int64_t number_at(std::string_view bytes, std::size_t at, std::size_t size) {
  std::uint64_t number = static_cast<signed char>(bytes[at]) < 0 ? ~std::uint64_t{0} : 0;
  for (std::size_t i = 0; i < size; ++i) number = number << 8 | static_cast<unsigned char>(bytes[at + i]);
  return static_cast<std::int64_t>(number);
}

// The counts of a header, and how large the block behind it is when a time takes `time_size` bytes.
struct Counts {
  Counts(std::string_view header, std::size_t time_size) {
    const auto count = [&](std::size_t index) { return static_cast<std::uint32_t>(number_at(header, 20 + 4 * index, 4)); };
    times = count(3);
    types = count(4);
    characters = count(5);
    size = times * (time_size + 1) + types * 6 + characters + std::size_t{count(2)} * (time_size + 4) + count(1) + count(0);
  }
  std::size_t times, types, characters, size;
};

bool is_header(std::string_view bytes) { return bytes.size() >= header_size && bytes.substr(0, 4) == "TZif" && bytes[4] >= '2'; }

}  // namespace

// Reads "CET-1CEST,M3.5.0,M10.5.0/3". `failed` once something else stood there.
struct Zone::RuleReader {
  std::string_view left;
  bool failed = false;

  bool take(char c) {
    if (left.empty() || left.front() != c) return false;
    left.remove_prefix(1);
    return true;
  }
  std::string name() {
    const bool quoted = take('<');
    std::size_t length = 0;
    const auto belongs = [&](char c) { return is_letter(c) || (quoted && (is_digit(c) || c == '+' || c == '-')); };
    while (length < left.size() && belongs(left[length])) ++length;
    std::string name(left.substr(0, length));
    left.remove_prefix(length);
    failed = failed || length < 3 || (quoted && !take('>'));
    return name;
  }
  int number() {
    int number = 0;
    failed = failed || left.empty() || !is_digit(left.front());
    for (; !left.empty() && is_digit(left.front()) && number < 1000; left.remove_prefix(1)) number = number * 10 + left.front() - '0';
    return number;
  }
  std::int64_t time() {
    const bool minus = take('-');
    if (!minus) take('+');
    std::int64_t seconds = number() * 3600;
    if (take(':')) seconds += number() * 60;
    if (take(':')) seconds += number();
    return minus ? -seconds : seconds;
  }
  Day day() {
    Day day;
    failed = failed || !take(',') || !take('M');
    day.month = number();
    failed = failed || !take('.');
    day.week = number();
    failed = failed || !take('.');
    day.weekday = number();
    if (take('/')) day.seconds = time();
    failed = failed || day.month < 1 || day.month > 12 || day.week < 1 || day.week > 5 || day.weekday > 6;
    return day;
  }
  Rule rule() {
    Rule rule;
    rule.standard.name = name();
    rule.standard.seconds = -time();  // POSIX counts to the west
    if (failed || left.empty()) return rule;
    rule.summer = Offset{};
    Offset& summer = *rule.summer;
    summer.name = name();
    summer.seconds = left.empty() || left.front() == ',' ? rule.standard.seconds + 3600 : -time();
    rule.begin = day();
    rule.end = day();
    failed = failed || !left.empty();
    return rule;
  }
};

Zone Zone::named(std::string_view name) {
  if (!is_name(name)) return {};
  std::ifstream file(std::string(folder) + std::string(name), std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  return parse(bytes).value_or(Zone());
}

std::optional<Zone> Zone::parse(std::string_view bytes) {
  // The first block has times of 32 bits, for old readers; the second one is ours.
  if (!is_header(bytes)) return std::nullopt;
  const std::size_t old_size = header_size + Counts(bytes, 4).size;
  if (old_size > bytes.size()) return std::nullopt;
  bytes.remove_prefix(old_size);
  if (!is_header(bytes)) return std::nullopt;
  const Counts counts(bytes, 8);
  bytes.remove_prefix(header_size);
  if (counts.size > bytes.size() || counts.types == 0) return std::nullopt;

  Zone zone;
  zone.offsets_.clear();
  const std::string_view kinds = bytes.substr(counts.times * 8);
  const std::string_view types = kinds.substr(counts.times);
  const std::string_view names = types.substr(counts.types * 6, counts.characters);
  for (std::size_t i = 0; i < counts.times; ++i) {
    zone.transitions_.push_back(number_at(bytes, i * 8, 8));
    zone.kinds_.push_back(static_cast<unsigned char>(kinds[i]));
    if (zone.kinds_.back() >= counts.types) return std::nullopt;
  }
  for (std::size_t i = 0; i < counts.types; ++i) {
    const std::size_t at = static_cast<unsigned char>(types[i * 6 + 5]);
    if (at >= names.size()) return std::nullopt;
    const std::string_view name = names.substr(at, names.find('\0', at) - at);
    if (!is_name(name)) return std::nullopt;
    zone.offsets_.push_back({number_at(types, i * 6, 4), std::string(name)});
  }
  if (!std::is_sorted(zone.transitions_.begin(), zone.transitions_.end())) return std::nullopt;
  std::string_view rule = bytes.substr(counts.size);
  if (rule.size() > 2 && rule.front() == '\n') {
    RuleReader reader{rule.substr(1, rule.find('\n', 1) - 1)};
    Rule read = reader.rule();
    if (!reader.failed) zone.rule_ = std::move(read);  // else the last transition goes on
  }
  return zone;
}

// In the local time that holds until then.
std::int64_t Zone::moment(const Day& day, int year) {
  std::tm first{}, next{};
  first.tm_year = next.tm_year = year - 1900;
  first.tm_mon = day.month - 1;
  next.tm_mon = day.month;
  first.tm_mday = next.tm_mday = 1;
  const std::int64_t begin = timegm(&first);  // fills in the weekday
  const int days = static_cast<int>((timegm(&next) - begin) / day_s);
  int index = (day.weekday - first.tm_wday + 7) % 7 + (day.week - 1) * 7;
  if (index >= days) index -= 7;
  return begin + index * day_s + day.seconds;
}

const Zone::Offset& Zone::offset_at(std::int64_t second) const {
  const auto after = std::upper_bound(transitions_.begin(), transitions_.end(), second);
  const bool is_past_all = after == transitions_.end();
  if (!is_past_all || !rule_) {
    const std::size_t index = static_cast<std::size_t>(after - transitions_.begin());
    return offsets_[index == 0 ? 0 : kinds_[index - 1]];
  }
  if (!rule_->summer) return rule_->standard;
  const std::time_t local = static_cast<std::time_t>(second + rule_->standard.seconds);
  std::tm parts{};
  gmtime_r(&local, &parts);
  const std::int64_t begin = moment(rule_->begin, parts.tm_year + 1900) - rule_->standard.seconds;
  const std::int64_t end = moment(rule_->end, parts.tm_year + 1900) - rule_->summer->seconds;
  const bool is_summer = begin < end ? begin <= second && second < end : begin <= second || second < end;
  return is_summer ? *rule_->summer : rule_->standard;
}

std::string Zone::minute(std::int64_t ms) const {
  const std::int64_t second = when::unix_seconds(ms);
  const Offset& offset = offset_at(second);
  return when::utc((second + offset.seconds) * 1000, "%Y-%m-%d %H:%M ") + offset.name;
}

}  // namespace beckon::console
