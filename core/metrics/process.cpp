#include "metrics/process.hpp"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

namespace beckon::core {
namespace {

// Seconds since the epoch at which the system started.
std::optional<std::int64_t> boot_time() {
  std::ifstream file("/proc/stat");
  for (std::string word; file >> word;) {
    std::int64_t seconds = 0;
    if (word == "btime" && file >> seconds) return seconds;
  }
  return std::nullopt;
}

// What follows the command's name, which may hold blanks and brackets itself. "state" is the first, field 3 of proc(5).
std::vector<std::string> fields_after_name(const std::string& stat) {
  const auto bracket = stat.rfind(')');
  if (bracket == std::string::npos) return {};
  std::istringstream rest(stat.substr(bracket + 1));
  return {std::istream_iterator<std::string>(rest), {}};
}

}  // namespace

std::optional<ProcessFacts> read_process(pid_t pid) {
  const std::filesystem::path folder = "/proc/" + std::to_string(pid);
  std::ifstream file(folder / "stat");
  const std::string stat(std::istreambuf_iterator<char>(file), {});
  const auto fields = fields_after_name(stat);
  static const auto booted = boot_time();
  constexpr std::size_t first = 3, user_time = 14, system_time = 15, start_time = 22, resident_pages = 24;
  if (fields.size() <= resident_pages - first || !booted) return std::nullopt;
  const auto number = [&](std::size_t field) { return std::strtoull(fields[field - first].c_str(), nullptr, 10); };
  const auto ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
  ProcessFacts facts;
  facts.resident_bytes = number(resident_pages) * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  facts.cpu_seconds = static_cast<double>(number(user_time) + number(system_time)) / ticks;
  facts.started = from_unix_ms(*booted * 1000 + static_cast<std::int64_t>(static_cast<double>(number(start_time)) * 1000 / ticks));
  std::error_code hidden;
  const auto open = std::filesystem::directory_iterator(folder / "fd", hidden);
  if (!hidden) facts.open_files = static_cast<std::size_t>(std::distance(begin(open), end(open)));
  return facts;
}

}  // namespace beckon::core
