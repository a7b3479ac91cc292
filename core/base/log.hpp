// Logging: one line an event, on stderr, with every known secret masked. Any thread may log.
// A repeated failure is logged when it changes, not each time (see `LogOnChange`).
#pragma once

#include <spdlog/fmt/fmt.h>

#include <string>
#include <string_view>
#include <utility>

namespace beckon::core {

enum class LogLevel { trace, debug, info, warn, error, off };
enum class LogFormat { text, json };

namespace log {

// Call once before threads start. Colour only when stderr is a terminal and NO_COLOR is unset.
void open(LogLevel level, LogFormat format);
bool enabled(LogLevel level);
// What the network says is made valid UTF-8, controls and direction marks escaped: no line can forge another.
void write(LogLevel level, std::string_view room, std::string_view message);
// Text from anywhere as a part of one line on a terminal: what would end the line, move the cursor or turn the direction
// of reading is escaped.
std::string printable(std::string_view text);
// Tests read log lines as behaviour: while set, lines go to `capture` instead of stderr. nullptr ends it.
void capture(std::string* lines);

template <class... Args>
void emit(LogLevel level, std::string_view room, fmt::format_string<Args...> text, Args&&... args) {
  if (enabled(level)) write(level, room, fmt::format(text, std::forward<Args>(args)...));
}
template <class... Args>
void debug(std::string_view room, fmt::format_string<Args...> text, Args&&... args) {
  emit(LogLevel::debug, room, text, std::forward<Args>(args)...);
}
template <class... Args>
void info(std::string_view room, fmt::format_string<Args...> text, Args&&... args) {
  emit(LogLevel::info, room, text, std::forward<Args>(args)...);
}
template <class... Args>
void warn(std::string_view room, fmt::format_string<Args...> text, Args&&... args) {
  emit(LogLevel::warn, room, text, std::forward<Args>(args)...);
}
template <class... Args>
void error(std::string_view room, fmt::format_string<Args...> text, Args&&... args) {
  emit(LogLevel::error, room, text, std::forward<Args>(args)...);
}

}  // namespace log

// Says whether a failure is news: true when `message` differs from the last one. `clear` returns true when there
// was a failure to recover from.
class LogOnChange {
 public:
  bool changed(std::string_view message) {
    if (last_ == message) return false;
    last_ = message;
    return true;
  }
  bool clear() { return !std::exchange(last_, {}).empty(); }

 private:
  std::string last_;
};

}  // namespace beckon::core
