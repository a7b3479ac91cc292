// A library's `check`, asked in a process of its own.
#include "plugins/host/checker.hpp"

#include "plugins/face_host.hpp"
#include "plugins/host/process.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/wait.h>

namespace beckon::plugins {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

struct Asked {
  std::optional<std::string> why;
  std::string heard;
};

Asked ask(Checker& checker, const char* what) {
  Asked asked;
  ValueTable settings, target;
  settings.text("open", what);
  const beckon_complaints complaints{sizeof complaints, &asked, [](void* context, beckon_str option, beckon_str sentence) {
    static_cast<Asked*>(context)->heard += copy(option) + ": " + copy(sentence) + "\n";
  }};
  asked.why = checker.ask(*settings.get(), *target.get(), complaints);
  return asked;
}

std::filesystem::path misdeeds() { return BECKON_BINARY_DIR "/misdeeds/worker.so"; }

TEST(Checker, HandsOnComplaintsAndIsAskedOften) {
  Checker checker(misdeeds(), default_memory_limit);
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(ask(checker, "nothing").heard, "");
    const Asked asked = ask(checker, "complain");
    EXPECT_EQ(asked.why, std::nullopt);
    EXPECT_EQ(asked.heard, "open: do not complain\n");
  }
}

TEST(Checker, ALibraryThatFailsIsNotAskedAgain) {
  Checker checker(misdeeds(), default_memory_limit);
  EXPECT_THAT(ask(checker, "quit").why.value_or(""), HasSubstr("it ended its process (exit code 3)"));
  EXPECT_THAT(ask(checker, "complain").why.value_or(""), HasSubstr("it ended its process (exit code 3)"));
}

TEST(Checker, ALibraryThatHangsIsEnded) {
  {
    Checker checker(misdeeds(), default_memory_limit, 50ms);
    EXPECT_THAT(ask(checker, "hang").why.value_or(""), HasSubstr("it did not answer"));
  }
  EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1) << "and nothing is left of it";
}

TEST(Checker, ALibraryThatHasBecomeABrokenOneSaysSo) {
  Checker checker(BECKON_BROKEN_SINKS "/half_a_kind.so", default_memory_limit);
  EXPECT_THAT(ask(checker, "nothing").why.value_or(""), HasSubstr("half a webhook sink"));
}

}  // namespace
}  // namespace beckon::plugins
