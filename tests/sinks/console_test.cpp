#include "sinks/captured.hpp"
#include "sinks/console/layout.hpp"
#include "sinks/console/page.hpp"
#include "sinks/console/terminal.hpp"
#include "sinks/rig.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <string>

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace {

using namespace beckon;
using namespace beckon::testing;
using ::testing::HasSubstr;

std::string page_of(const SampleDelivery& sample, const console::Look& look = {}) {
  const CDelivery delivery(sample);
  return console::page(delivery.view(), look);
}

std::int64_t in_ms(std::int64_t ms) {
  using namespace std::chrono;
  return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count() + ms;
}

bool never() { return false; }

struct Pipe {
  Pipe() { EXPECT_EQ(pipe(ends), 0); }
  ~Pipe() {
    close_reader();
    close(ends[1]);
  }
  void close_reader() {
    if (ends[0] >= 0) close(ends[0]);
    ends[0] = -1;
  }
  int ends[2] = {-1, -1};
};

TEST(ConsolePage, SaysWhoWhereWhatAndWhen) {
  EXPECT_EQ(page_of({}),
            "octo-org/hello#12  Closing the socket hangs\n"
            "  alice mentioned @octocat in a comment · 3 minutes ago, 2026-09-21 14:10 UTC\n"
            "  │ I think @octocat knows why.\n"
            "  https://github.example/octo-org/hello/issues/12#issuecomment-7\n"
            "\n");
}

TEST(ConsolePage, ColoursTheSameText) {
  console::Look look;
  look.colour = true;
  std::string page = page_of({}, look);
  EXPECT_THAT(page, HasSubstr("\x1b[1;33m@octocat\x1b[0m"));
  for (std::size_t at = 0; (at = page.find('\x1b')) != std::string::npos;) page.erase(at, page.find('m', at) + 1 - at);
  EXPECT_EQ(page, page_of({}));
}

TEST(ConsolePage, ThePlainFormHasNoColour) {
  console::Look look;
  look.colour = true;
  SampleDelivery sample;
  sample.form = Form::plain;
  EXPECT_EQ(page_of(sample, look), page_of({}));
}

TEST(ConsolePage, EscapeSequencesOfTheTextDoNotReachTheTerminal) {
  SampleDelivery sample;
  const std::string evil = "\x1b]0;title\x07\x1b[2J\u009b31m\r\x08x\u202E";
  SampleMention& mention = sample.mentions[0];
  mention.title = mention.author = mention.name = mention.repository = evil;
  mention.url = "https://x/" + evil;
  mention.spans = {
      {SpanKind::text, evil}, {SpanKind::code_block, evil, evil}, {SpanKind::link, evil, "https://x/" + evil}};
  for (const unsigned char c : page_of(sample)) EXPECT_TRUE(c >= 0x20 || c == '\n') << static_cast<int>(c);
  EXPECT_EQ(page_of(sample).find("\u009b"), std::string::npos);
  EXPECT_EQ(page_of(sample).find("\u202E"), std::string::npos);
}

TEST(ConsolePage, NoticesAndWhatIsStillOwed) {
  SampleDelivery sample;
  sample.notice = "12 older mentions were left out";
  sample.more_owed = 1;
  EXPECT_THAT(page_of(sample), ::testing::StartsWith("! 12 older mentions were left out\n\nocto-org/hello#12"));
  EXPECT_THAT(page_of(sample), ::testing::EndsWith("1 more mention follows\n\n"));
}

TEST(ConsolePage, OldestFirst) {
  SampleDelivery sample;
  sample.mentions.assign(2, SampleMention{});
  sample.mentions[0].author = "later";
  sample.mentions[1].author = "earlier";
  sample.mentions[1].appeared_ms -= 60'000;
  const std::string page = page_of(sample);
  EXPECT_LT(page.find("earlier"), page.find("later"));
}

TEST(ConsolePage, CodeAndQuotesStandOut) {
  SampleDelivery sample;
  sample.mentions[0].spans = {{SpanKind::quote, "", "", 1}, {SpanKind::text, "why?"}, {SpanKind::paragraph, ""},
                              {SpanKind::text, "because "}, {SpanKind::link, "docs", "https://x/y"},
                              {SpanKind::code_block, "a();\n  b();\n", "cpp"}};
  EXPECT_THAT(page_of(sample),
              HasSubstr("  │ > why?\n  │\n  │ because docs (https://x/y)\n  │\n  │     a();\n  │       b();\n"));
}

TEST(ConsoleLayout, WrapsAtWordsBehindTheMargin) {
  EXPECT_EQ(console::wrapped("the quick brown fox", "| ", 13), "| the quick\n| brown fox\n");
  EXPECT_EQ(console::wrapped("", "| ", 13), "|\n");
  EXPECT_EQ(console::wrapped("a\n\nb", "| ", 13), "| a\n|\n| b\n");
  EXPECT_EQ(console::wrapped("  indented", "| ", 20), "|   indented\n");
}

TEST(ConsoleLayout, DividesAWordOnlyWhereItIsTooWideItself) {
  EXPECT_EQ(console::wrapped("ab 0123456789012345", "", 10), "ab\n0123456789\n012345\n");
}

TEST(ConsoleLayout, WideAndAttachedCharactersCountAsTerminalsCountThem) {
  EXPECT_EQ(console::columns("世界"), 4u);
  EXPECT_EQ(console::columns("e\u0301"), 1u);
  EXPECT_EQ(console::columns("👍🏽"), 2u);
  EXPECT_EQ(console::columns("\x1b[1mab\x1b[0m"), 2u);
  EXPECT_EQ(console::wrapped("世界世界世界", "", 10), "世界世界世\n界\n");
}

TEST(ConsoleLayout, AStyleGoesOnBehindTheMargin) {
  EXPECT_EQ(console::wrapped(console::styled("the quick brown", "1", true), "| ", 13),
            "| \x1b[1mthe quick\x1b[0m\n| \x1b[1mbrown\x1b[0m\n");
}

TEST(ConsoleLayout, NoLineIsWiderThanTheTerminal) {
  SampleDelivery sample;
  SampleMention& mention = sample.mentions[0];
  mention.title = std::string(100, 'W') + " 世界世界世界世界世界 end";
  mention.spans = {{SpanKind::strong, std::string(90, 'x') + " 世界"}, {SpanKind::code_block, std::string(300, 'y')}};
  mention.url = "https://x/y";
  for (const std::size_t width : {20u, 37u, 80u}) {
    console::Look look{true, width};
    std::string page = page_of(sample, look);
    for (std::size_t at = 0; at < page.size();) {
      const std::size_t end = page.find('\n', at);
      EXPECT_LE(console::columns(std::string_view(page).substr(at, end - at)), width);
      at = end + 1;
    }
  }
}

TEST(ConsoleTerminal, ColourOnlyOnATerminalAndWithoutNoColor) {
  const Pipe pipe;
  EXPECT_FALSE(console::wants_colour(console::Colour::automatic, pipe.ends[1]));
  EXPECT_TRUE(console::wants_colour(console::Colour::always, pipe.ends[1]));

  const int pty = posix_openpt(O_RDWR | O_NOCTTY);
  if (pty < 0) GTEST_SKIP() << "this machine gives no pseudo-terminals";
  setenv("TERM", "xterm", 1);
  unsetenv("NO_COLOR");
  EXPECT_TRUE(console::wants_colour(console::Colour::automatic, pty));
  EXPECT_FALSE(console::wants_colour(console::Colour::never, pty));
  setenv("NO_COLOR", "1", 1);
  EXPECT_FALSE(console::wants_colour(console::Colour::automatic, pty));
  unsetenv("NO_COLOR");
  setenv("TERM", "dumb", 1);
  EXPECT_FALSE(console::wants_colour(console::Colour::automatic, pty));
  close(pty);
}

TEST(ConsoleTerminal, TakesTheTerminalsWidth) {
  const Pipe pipe;
  EXPECT_EQ(console::width_of(pipe.ends[1]), 100u);
  const int pty = posix_openpt(O_RDWR | O_NOCTTY);
  if (pty < 0) GTEST_SKIP() << "this machine gives no pseudo-terminals";
  winsize size{24, 61, 0, 0};
  ASSERT_EQ(ioctl(pty, TIOCSWINSZ, &size), 0);
  EXPECT_EQ(console::width_of(pty), 61u);
  close(pty);
}

TEST(ConsoleTerminal, AReaderThatWentAwayIsAnErrorAndNoSignal) {
  Pipe pipe;
  pipe.close_reader();
  signal(SIGPIPE, SIG_DFL);  // would end this program
  const console::Written written = console::write_all(pipe.ends[1], "hello", in_ms(10'000), never);
  EXPECT_EQ(written.error, EPIPE);
  EXPECT_FALSE(written.complete);
  sigset_t pending;
  sigpending(&pending);
  EXPECT_FALSE(sigismember(&pending, SIGPIPE));
}

TEST(ConsoleTerminal, AReaderThatReadsNothingEndsAtTheDeadline) {
  Pipe pipe;
  const console::Written written = console::write_all(pipe.ends[1], std::string(1'000'000, 'x'), in_ms(50), never);
  EXPECT_FALSE(written.complete);
  EXPECT_EQ(written.error, 0);
  EXPECT_GT(written.bytes, 0u);
}

TEST(ConsoleTerminal, GivesUpWhenTheHostFinishes) {
  Pipe pipe;
  const console::Written written =
      console::write_all(pipe.ends[1], std::string(1'000'000, 'x'), in_ms(60'000), [] { return true; });
  EXPECT_FALSE(written.complete);
}

TEST(ConsoleSink, WritesThePageToStandardOutput) {
  const Instance sink(console_sink(), {{"color", "never"}});
  SampleDelivery sample;
  sample.deadline_ms = in_ms(10'000);
  CapturedStdout captured;
  const Emitted emitted = sink.deliver(sample);
  const std::string written = captured.text();
  EXPECT_EQ(emitted.outcome->kind, BECKON_DELIVERED);
  EXPECT_THAT(written, HasSubstr("alice mentioned @octocat in a comment"));
}

// It asks the database of the system it runs on.
TEST(ConsoleSink, TellsTheTimeInTheZoneOfTheDelivery) {
  if (access("/usr/share/zoneinfo/Asia/Kathmandu", R_OK) != 0) GTEST_SKIP() << "this machine has no time zones";
  const Instance sink(console_sink(), {{"color", "never"}});
  const auto told = [&](const char* zone) {
    SampleDelivery sample;
    sample.deadline_ms = in_ms(10'000);
    sample.time_zone = zone;
    CapturedStdout captured;
    sink.deliver(sample);
    return captured.text();
  };
  EXPECT_THAT(told("Asia/Kathmandu"), HasSubstr("2026-09-21 19:55 +0545"));
  EXPECT_THAT(told("America/New_York"), HasSubstr("2026-09-21 10:10 EDT"));
  for (const char* none : {"", "UTC", "Nowhere/Here", "../../../etc/passwd", "/etc/localtime"})
    EXPECT_THAT(told(none), HasSubstr("2026-09-21 14:10 UTC")) << none;
}

TEST(ConsoleSink, AWidthThatIsNoneIsComplainedOf) {
  for (const char* width : {"-1", "19", "1001"}) {
    const Instance refused(console_sink(), {{"width", width}});
    EXPECT_FALSE(refused.is_open());
    EXPECT_EQ(refused.complaints().at(0).first, "width");
    EXPECT_EQ(check(console_sink(), {{"width", width}}, {}).at(0).first, "width");
  }
  EXPECT_TRUE(Instance(console_sink(), {{"width", "0"}}).is_open());
}

}  // namespace
