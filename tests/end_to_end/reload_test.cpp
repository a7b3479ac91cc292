// A configuration that changes under the running daemon.
#include "end_to_end/rig.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace beckon::core::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

std::string subscription(const std::string& user, const std::string& more = "") {
  return "[[subscriptions]]\nrepo = \"acme/rocket\"\nuser = \"" + user + "\"\nsink = \"team\"\n" + more;
}

struct Reload : ::testing::Test {
  void start(const std::string& subscriptions) {
    rig.configure(subscriptions);
    daemon = rig.start({"run", "--config", rig.config()});
    ASSERT_TRUE(says("baseline")) << rig.read("err");
  }
  bool says(const std::string& text, std::size_t times = 1) {
    return rig.until([&] {
      const std::string log = rig.read("err");
      std::size_t found = 0;
      for (auto at = log.find(text); at != std::string::npos; at = log.find(text, at + 1)) ++found;
      return found >= times;
    });
  }
  void hang_up() { ::kill(daemon, SIGHUP); }
  void stop() {
    ::kill(daemon, SIGTERM);
    EXPECT_EQ(rig.finish(daemon).code, 0) << rig.read("err");
  }
  bool told(std::int64_t comment, int times = 1) {
    return rig.until([&] { return rig.told()[comment] >= times; });
  }
  std::string target(const std::string& hook) const { return "target = { webhook_url = \"" + rig.slack_origin() + "/services/T1/B1/" + hook + "\" }\n"; }

  Rig rig;
  pid_t daemon = -1;
};

TEST_F(Reload, WhatIsNewIsWatchedAndWhatIsUnchangedNoticesNothing) {
  start(subscription("octocat"));
  // One attempt is under way while everything around it changes.
  rig.hang = true;
  const auto first = rig.comment("@octocat one");
  ASSERT_TRUE(rig.until([&] { return rig.requests == 1; }));
  rig.configure(subscription("octocat") + subscription("hubot", target("hook-two")));
  hang_up();
  ASSERT_TRUE(says("is taken over: watching for 2 subscriptions")) << rig.read("err");
  EXPECT_EQ(rig.requests, 1u);
  rig.hang = false;
  ASSERT_TRUE(told(first));
  const auto second = rig.comment("@octocat and @hubot two", Rig::soon());
  ASSERT_TRUE(told(second, 2));
  stop();
  EXPECT_EQ(rig.told()[first], 1) << "the attempt was neither cut off nor repeated";
  EXPECT_EQ(rig.told()[second], 2);
}

TEST_F(Reload, AChangeOfTheFileIsEnough) {
  start(subscription("octocat"));
  rig.configure(subscription("octocat") + subscription("hubot"));
  ASSERT_TRUE(says("is taken over: watching for 2 subscriptions"));
  const auto comment = rig.comment("@hubot hello", Rig::soon());
  EXPECT_TRUE(told(comment));
  stop();
}

TEST_F(Reload, AnInvalidFileChangesNothingAndSaysWhere) {
  start(subscription("octocat"));
  rig.configure("[[subscriptions]]\nrepo = \"acme/rocket\"\nusr = \"octocat\"\nsink = \"team\"\n");
  hang_up();
  ASSERT_TRUE(says("is not taken over: what was running goes on"));
  EXPECT_THAT(rig.read("err"), AllOf(HasSubstr("config.toml:"), HasSubstr("usr")));
  const auto comment = rig.comment("@octocat still there?");
  EXPECT_TRUE(told(comment));
  rig.configure(subscription("hubot"));
  hang_up();
  ASSERT_TRUE(says("is taken over"));
  stop();
}

TEST_F(Reload, WhoIsTakenOutIsToldNothingMoreAndLosesNothingIfItComesBack) {
  start(subscription("octocat") + subscription("hubot", target("hook-two")));
  const auto before = rig.comment("@hubot one");
  ASSERT_TRUE(told(before));
  rig.configure(subscription("octocat"));
  hang_up();
  ASSERT_TRUE(says("watching for 1 subscription\n")) << rig.read("err");
  const auto meanwhile = rig.comment("@octocat and @hubot two");
  ASSERT_TRUE(told(meanwhile));
  EXPECT_EQ(rig.told()[meanwhile], 1);
  rig.configure(subscription("octocat") + subscription("hubot", target("hook-two")));
  hang_up();
  ASSERT_TRUE(told(meanwhile, 2)) << "it resumes where it was";
  stop();
  EXPECT_EQ(rig.told()[before], 1);
}

TEST_F(Reload, ARenamedSubscriptionKeepsItsPosition) {
  start(subscription("octocat", "name = \"before\"\n"));
  const auto one = rig.comment("@octocat one");
  ASSERT_TRUE(told(one));
  rig.configure(subscription("octocat", "name = \"after\"\n"));
  hang_up();
  ASSERT_TRUE(says("is taken over"));
  const auto two = rig.comment("@octocat two");
  ASSERT_TRUE(told(two));
  EXPECT_TRUE(says("\"after\": told 1 mention"));
  stop();
  EXPECT_EQ(rig.told()[one], 1);
  EXPECT_EQ(rig.told()[two], 1);
}

TEST_F(Reload, AnotherTargetCountsFromTheNextAttemptOn) {
  start(subscription("octocat"));
  rig.hang_at = "hook-one";
  const auto one = rig.comment("@octocat one");
  ASSERT_TRUE(rig.until([&] { return rig.requests == 1; }));
  rig.configure(subscription("octocat", target("hook-two")));
  hang_up();
  ASSERT_TRUE(says("is taken over"));
  rig.hang_at.clear();
  ASSERT_TRUE(told(one));
  const auto two = rig.comment("@octocat two");
  ASSERT_TRUE(told(two));
  stop();
  EXPECT_EQ(rig.told()[one], 1);
  EXPECT_EQ(rig.told()[two], 1);
}

TEST_F(Reload, WhoComesBackWhileItsLastAttemptIsStillUnderWayGoesOn) {
  const std::string hubot = subscription("hubot", target("hook-two"));
  start(subscription("octocat") + hubot);
  rig.hang_at = "hook-two";
  const auto one = rig.comment("@hubot one");
  ASSERT_TRUE(rig.until([&] { return rig.requests == 1; }));
  rig.configure(subscription("octocat"));
  hang_up();
  ASSERT_TRUE(says("watching for 1 subscription\n"));
  rig.configure(subscription("octocat") + hubot);
  hang_up();
  ASSERT_TRUE(says("is taken over", 2));
  rig.hang_at.clear();
  ASSERT_TRUE(told(one));
  const auto two = rig.comment("@hubot two");
  ASSERT_TRUE(told(two));
  stop();
  EXPECT_EQ(rig.told()[one], 1);
}

TEST_F(Reload, WhoMovesAndGoesWhileAnAttemptIsUnderWayLeavesInPeace) {
  start(subscription("octocat") + subscription("hubot", target("hook-two")));
  rig.hang_at = "hook-two";
  const auto one = rig.comment("@hubot one");
  ASSERT_TRUE(rig.until([&] { return rig.requests == 1; }));
  rig.configure(subscription("octocat") + subscription("hubot", target("hook-three")));
  hang_up();
  ASSERT_TRUE(says("is taken over", 1));
  rig.configure(subscription("octocat"));
  hang_up();
  ASSERT_TRUE(says("is taken over", 2));
  rig.hang_at.clear();
  ASSERT_TRUE(told(one));
  const auto two = rig.comment("@octocat two");
  ASSERT_TRUE(told(two));
  stop();
  EXPECT_THAT(rig.read("err"), Not(HasSubstr("crashed")));
  EXPECT_EQ(rig.told()[one], 1) << "it arrived at the old target, and is not repeated at the new one";
}

TEST_F(Reload, ARepositoryMayComeAndGo) {
  rig.forge->add_repository("acme/boat");
  rig.forge->open_thread("acme/boat", 1, false, "Float", "vera", "Does it float?", Rig::now() - std::chrono::hours(100));
  const auto in_boat = [&](const std::string& body) { return rig.forge->add_post("acme/boat", PostKind::comment, 1, "vera", body, Rig::now()); };
  start(subscription("octocat"));
  rig.configure(subscription("octocat") + "[[subscriptions]]\nrepo = \"acme/boat\"\nuser = \"octocat\"\nsink = \"team\"\n");
  hang_up();
  ASSERT_TRUE(says("acme/boat: baseline")) << rig.read("err");
  const auto one = in_boat("@octocat one");
  ASSERT_TRUE(told(one));
  rig.configure(subscription("octocat"));
  hang_up();
  ASSERT_TRUE(says("watching for 1 subscription\n"));
  const auto two = in_boat("@octocat two");
  const auto three = rig.comment("@octocat three");
  ASSERT_TRUE(told(three));
  EXPECT_EQ(rig.told()[two], 0);
  stop();
}

TEST_F(Reload, AProcessOfAnUnchangedSinkGoesOnAndOneOfAReplacedLibraryDoesNot) {
  const std::filesystem::path folder = rig.folder() / "mine";
  std::filesystem::create_directory(folder);
  const std::filesystem::path built = std::filesystem::path(BECKON_BINARY_DIR) / "misdeeds/worker.so";
  std::filesystem::copy_file(built, folder / "worker.so");
  const auto configure = [&](const std::string& subscriptions) {
    rig.configure("[sinks.strange]\nplugin = \"misdeeds_worker\"\n" + subscriptions);
    std::string text = rig.read("config.toml");
    text.insert(text.find("state ="), "plugins = [\"mine\"]\n");
    std::ofstream(rig.config()) << text;
  };
  const auto children = [&] {
    std::ifstream list("/proc/" + std::to_string(daemon) + "/task/" + std::to_string(daemon) + "/children");
    return std::string(std::istreambuf_iterator<char>(list), {});
  };
  configure(subscription("octocat"));
  daemon = rig.start({"run", "--config", rig.config()});
  ASSERT_TRUE(rig.until([&] { return !children().empty(); })) << rig.read("err");
  ASSERT_TRUE(says("baseline"));
  const std::string before = children();
  configure(subscription("octocat") + subscription("hubot"));
  hang_up();
  ASSERT_TRUE(says("is taken over", 1));
  EXPECT_EQ(children(), before);
  // Replaced by rename, as a running library must be.
  std::filesystem::copy_file(built, folder / "next");
  std::filesystem::last_write_time(folder / "next", std::filesystem::last_write_time(folder / "worker.so") + std::chrono::seconds(5));
  std::filesystem::rename(folder / "next", folder / "worker.so");
  hang_up();
  ASSERT_TRUE(says("is taken over", 2));
  EXPECT_TRUE(rig.until([&] { return !children().empty() && children() != before; }));
  stop();
}

TEST_F(Reload, ALibraryThatWasPutIntoAFolderIsFound) {
  const std::filesystem::path folder = rig.folder() / "mine";
  std::filesystem::create_directory(folder);
  const auto configure = [&](const std::string& more) {
    rig.configure(more + subscription("octocat"));
    std::string text = rig.read("config.toml");
    text.insert(text.find("state ="), "plugins = [\"mine\"]\n");
    std::ofstream(rig.config()) << text;
  };
  configure("");
  daemon = rig.start({"run", "--config", rig.config()});
  ASSERT_TRUE(says("baseline"));
  const std::string strange = "[sinks.strange]\nplugin = \"misdeeds_worker\"\n"
                              "[[subscriptions]]\nrepo = \"acme/rocket\"\nuser = \"hubot\"\nsink = \"strange\"\n";
  configure(strange);
  hang_up();
  ASSERT_TRUE(says("there is no plugin \"misdeeds_worker\""));
  std::filesystem::copy_file(std::filesystem::path(BECKON_BINARY_DIR) / "misdeeds/worker.so", folder / "worker.so");
  hang_up();
  ASSERT_TRUE(says("is taken over: watching for 2 subscriptions"));
  rig.comment("@hubot hello", Rig::soon());
  EXPECT_TRUE(says("told 1 mention through strange"));
  stop();
}

TEST_F(Reload, AnotherStateFileNeedsARestart) {
  start(subscription("octocat"));
  rig.configure(subscription("octocat"));
  std::string text = rig.read("config.toml");
  text.replace(text.find("state.db"), 8, "other.db");
  std::ofstream(rig.config()) << text;
  hang_up();
  ASSERT_TRUE(says("that needs a restart; what was running goes on"));
  stop();
}

}  // namespace
}  // namespace beckon::core::testing
