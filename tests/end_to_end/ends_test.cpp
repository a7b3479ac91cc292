// How the daemon ends: in order, or at once, and without losing anything either way.
#include "end_to_end/rig.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace beckon::core::testing {
namespace {

using ::testing::HasSubstr;

struct Ends : ::testing::Test {
  // With one attempt under way, to which Slack does not answer.
  void start_and_hang() {
    rig.subscribe_octocat();
    daemon = rig.start({"run", "--config", rig.config()});
    ASSERT_TRUE(says("baseline")) << rig.read("err");
    rig.hang = true;
    comment = rig.comment("@octocat please look");
    ASSERT_TRUE(rig.until([&] { return rig.requests == 1; }));
  }
  bool says(const std::string& text) {
    return rig.until([&] { return rig.read("err").find(text) != std::string::npos; });
  }
  void told_by_the_next_run() {
    rig.hang = false;
    EXPECT_EQ(rig.once().code, 0) << rig.read("err");
    EXPECT_GE(rig.told()[comment], 1);
    EXPECT_LE(rig.told()[comment], 2) << "once more at the most: its answer was lost";
  }
  Rig rig;
  pid_t daemon = -1;
  std::int64_t comment = 0;
};

TEST_F(Ends, InOrderTheAttemptUnderWayGetsItsAnswer) {
  start_and_hang();
  ::kill(daemon, SIGTERM);
  ASSERT_TRUE(says("SIGTERM: finishing what is under way"));
  const std::size_t polls = rig.forge->requests().size();
  rig.comment("@octocat too late");
  rig.hang = false;
  const Finished ended = rig.finish(daemon);
  EXPECT_EQ(ended.code, 0) << ended.err;
  EXPECT_THAT(ended.err, HasSubstr("told 1 mention"));
  EXPECT_EQ(rig.told()[comment], 1);
  EXPECT_LE(rig.forge->requests().size(), polls + 1) << "no new polls, but the one that was on its way";
  told_by_the_next_run();
  EXPECT_EQ(rig.told()[comment], 1) << "it was settled";
}

TEST_F(Ends, ASecondSignalEndsAtOnce) {
  start_and_hang();
  ::kill(daemon, SIGTERM);
  ASSERT_TRUE(says("SIGTERM: finishing what is under way"));
  ::kill(daemon, SIGINT);
  const Finished ended = rig.finish(daemon);
  EXPECT_EQ(ended.code, 1) << ended.err;
  EXPECT_THAT(ended.err, ::testing::Not(HasSubstr("stopped"))) << "it waited for nothing";
  told_by_the_next_run();
}

TEST_F(Ends, AHangUpMeanwhileIsNoSecondSignal) {
  start_and_hang();
  ::kill(daemon, SIGTERM);
  ASSERT_TRUE(says("SIGTERM: finishing what is under way"));
  ::kill(daemon, SIGHUP);
  rig.hang = false;
  const Finished ended = rig.finish(daemon);
  EXPECT_EQ(ended.code, 0) << ended.err;
  EXPECT_EQ(rig.told()[comment], 1);
}

}  // namespace
}  // namespace beckon::core::testing
