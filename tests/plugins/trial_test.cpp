#include "plugins/trial.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <string>

namespace beckon::plugins {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

using Answer = std::optional<std::string>;

TEST(Trial, OfWorkThatEndsWellSaysNothing) {
  EXPECT_EQ(try_in_child([]() -> Answer { return std::nullopt; }), std::nullopt);
}

TEST(Trial, HandsOnWhatTheWorkSaysHoweverNoisyItIs) {
  const auto noisy = []() -> Answer {
    for (int i = 0; i < 100'000; ++i) std::fputs("noise\n", stderr);
    return "is refused";
  };
  EXPECT_EQ(try_in_child(noisy), "is refused");
}

TEST(Trial, NamesTheSignalAndTheLastWordsOfACrash) {
  const Answer answer = try_in_child([]() -> Answer {
    std::fputs("first line\nlast words\n", stderr);
    ::raise(SIGKILL);
    return std::nullopt;
  });
  ASSERT_TRUE(answer);
  EXPECT_THAT(*answer, AllOf(HasSubstr("Killed"), HasSubstr("\"last words\""), Not(HasSubstr("first line"))));
}

TEST(Trial, TellsOfWorkThatEndsTheProcess) {
  const Answer answer = try_in_child([]() -> Answer { ::_exit(3); });
  ASSERT_TRUE(answer);
  EXPECT_THAT(*answer, HasSubstr("exit code 3"));
}

TEST(Trial, EndsWorkThatHangs) {
  const auto begin = std::chrono::steady_clock::now();
  const Answer answer = try_in_child([]() -> Answer { for (;;) ::pause(); }, 20ms);
  ASSERT_TRUE(answer);
  EXPECT_THAT(*answer, HasSubstr("hangs"));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 5s);
}

TEST(Trial, DoesNotTouchThisProcess) {
  int here = 1;
  EXPECT_EQ(try_in_child([&]() -> Answer { here = 2; return std::nullopt; }), std::nullopt);
  EXPECT_EQ(here, 1);
}

}  // namespace
}  // namespace beckon::plugins
