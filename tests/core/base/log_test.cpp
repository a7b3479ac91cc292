#include "base/log.hpp"

#include <gtest/gtest.h>

namespace beckon::core {
namespace {

std::string logged(std::string_view text) {
  std::string lines;
  log::capture(&lines);
  log::warn("feed", "{}", text);
  log::capture(nullptr);
  return lines;
}

TEST(LogLine, TerminalControlsBeyondAsciiAreEscaped) {
  EXPECT_EQ(logged("a\u009b31m"), "warn feed: a\\u009b31m\n");
  EXPECT_EQ(logged("a\u2028b"), "warn feed: a\\u2028b\n");
}

TEST(LogLine, DirectionIsNotTurned) { EXPECT_EQ(logged("a\u202eb"), "warn feed: a\\u202eb\n"); }

TEST(LogLine, IsValidUtf8) {
  EXPECT_EQ(logged("a\x9b" "b\xff"), "warn feed: a\uFFFDb\uFFFD\n");
  EXPECT_EQ(logged("Zoë 🙂"), "warn feed: Zoë 🙂\n");
}

}  // namespace
}  // namespace beckon::core
