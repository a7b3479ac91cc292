#include "base/log.hpp"

#include "base/redaction.hpp"
#include "base/time.hpp"

#include <beckon/text.hpp>

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <mutex>

namespace beckon::core::log {
namespace {

std::atomic<LogLevel> threshold{LogLevel::info};
LogFormat chosen_format = LogFormat::text;
bool colour = false;

std::mutex capture_mutex;
std::string* captured = nullptr;
std::atomic<bool> capturing{false};

// spdlog writes and flushes the finished line; what stands in it is ours, since it has to be escaped and masked.
spdlog::logger& writer() {
  static auto* logger = [] {
    auto* made = new spdlog::logger("beckon", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    made->set_pattern("%v");
    made->set_level(spdlog::level::trace);
    made->flush_on(spdlog::level::trace);
    return made;
  }();
  return *logger;
}

std::string_view name_of(LogLevel level) {
  switch (level) {
    case LogLevel::trace: return "trace";
    case LogLevel::debug: return "debug";
    case LogLevel::info: return "info";
    case LogLevel::warn: return "warn";
    case LogLevel::error: return "error";
    case LogLevel::off: break;
  }
  return "off";
}

std::string_view paint(LogLevel level) {
  switch (level) {
    case LogLevel::error: return "\x1b[1;31m";
    case LogLevel::warn: return "\x1b[33m";
    case LogLevel::info: return "\x1b[32m";
    default: return "\x1b[2m";
  }
}

// Text from the network must not end a line, move the cursor, paint the terminal or turn the direction of reading.
bool is_hidden(char32_t c) { return text::is_unseen(c) || c == 0x2028 || c == 0x2029; }

std::string json_escaped(std::string_view line) {
  std::string out;
  for (std::size_t at = 0; at < line.size();) {
    const char32_t c = text::next(line, at);
    const bool special = c == '\n' || c == '\t' || is_hidden(c);
    if (c == '"' || c == '\\') (out += '\\') += static_cast<char>(c);
    else if (special && c <= 0xFFFF) out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    else text::append(out, c);
  }
  return out;
}

std::string now_text() {
  const WallTime now = wall_now();
  const auto seconds = std::chrono::floor<std::chrono::seconds>(now);
  std::string text = format_iso_time(seconds);
  text.insert(text.size() - 1, fmt::format(".{:03}", (now - seconds).count()));
  return text;
}

}  // namespace

std::string printable(std::string_view line) {
  std::string out;
  out.reserve(line.size());
  for (std::size_t at = 0; at < line.size();) {
    const char32_t c = text::next(line, at);
    if (c == '\n') out += "\\n";
    else if (c == '\r') out += "\\r";
    else if (c == '\t') out += ' ';
    else if (is_hidden(c) && c < 0x80) out += fmt::format("\\x{:02x}", static_cast<unsigned>(c));
    else if (is_hidden(c)) out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    else text::append(out, c);
  }
  return out;
}

void open(LogLevel level, LogFormat format) {
  threshold = level;
  chosen_format = format;
  colour = format == LogFormat::text && ::isatty(STDERR_FILENO) && !std::getenv("NO_COLOR");
}

bool enabled(LogLevel level) { return capturing || level >= threshold.load(); }

void capture(std::string* lines) {
  const std::lock_guard lock(capture_mutex);
  captured = lines;
  capturing = lines != nullptr;
}

void write(LogLevel level, std::string_view room, std::string_view message) {
  const std::string clean = redact(message);
  if (capturing) {
    const std::lock_guard lock(capture_mutex);
    if (captured) *captured += fmt::format("{} {}: {}\n", name_of(level), room, printable(clean));
    return;
  }
  std::string line;
  if (chosen_format == LogFormat::json)
    line = fmt::format(R"({{"time":"{}","level":"{}","room":"{}","message":"{}"}})", now_text(), name_of(level), room,
                       json_escaped(clean));
  else if (colour)
    line = fmt::format("\x1b[2m{}\x1b[0m {}{:<5}\x1b[0m {}: {}", now_text(), paint(level), name_of(level), room,
                       printable(clean));
  else
    line = fmt::format("{} {:<5} {}: {}", now_text(), name_of(level), room, printable(clean));
  writer().log(spdlog::level::info, spdlog::string_view_t(line.data(), line.size()));
}

}  // namespace beckon::core::log
