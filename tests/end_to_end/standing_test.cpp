// Endpoints that cannot be reached any more, repositories that cannot be read, and subscriptions past help: who is told.
#include "end_to_end/rig.hpp"

#include <sqlite3.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace beckon::core::testing {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

struct Standing : ::testing::Test {
  static std::string subscription(const std::string& user, const std::string& hook = "hook-one") {
    return "[[subscriptions]]\nname = \"" + user + "\"\nrepo = \"acme/rocket\"\nuser = \"" + user +
           "\"\nsink = \"team\"\ntarget = { webhook_url = \"HOST/services/T1/B1/" + hook + "\" }\n";
  }
  void configure(std::string subscriptions) {
    for (auto at = subscriptions.find("HOST"); at != std::string::npos; at = subscriptions.find("HOST"))
      subscriptions.replace(at, 4, rig.slack_origin());
    rig.configure(subscriptions + "[sinks.ops]\nplugin = \"slack\"\nwebhook_url = \"" + rig.slack_origin() + "/services/T1/B1/operator\"\n");
    std::string text = rig.read("config.toml");
    text.insert(text.find("state ="), "alerts = \"ops\"\n");
    std::ofstream(rig.config()) << text;
  }
  void start() {
    daemon = rig.start({"run", "--config", rig.config()});
    ASSERT_TRUE(says("baseline")) << rig.read("err");
  }
  void stop() {
    ::kill(daemon, SIGTERM);
    EXPECT_EQ(rig.finish(daemon).code, 0) << rig.read("err");
  }
  bool says(const std::string& text) {
    return rig.until([&] { return rig.read("err").find(text) != std::string::npos; });
  }
  // An accepted message with this in it.
  bool arrives(const std::string& text) {
    return rig.until([&] { return std::any_of(rig.accepted.begin(), rig.accepted.end(), [&](const std::string& body) { return body.find(text) != std::string::npos; }); });
  }
  Rig rig;
  pid_t daemon = -1;
};

TEST_F(Standing, ADeadWebhookEndsAllWhoAreBehindItAndTheOperatorHearsOfItOnce) {
  std::string all, mentions;
  for (int i = 0; i < 20; ++i) {
    all += subscription("user" + std::to_string(i));
    mentions += " @user" + std::to_string(i);
  }
  configure(all);
  start();
  std::size_t refused = 0;
  rig.refuse = [&](const HttpRequest& request) -> std::optional<HttpResponse> {
    if (request.url.find("hook-one") == std::string::npos) return std::nullopt;
    ++refused;
    return testing::says(404, "no_service");
  };
  rig.comment("all of you:" + mentions);
  EXPECT_TRUE(arrives("A subscriber is gone"));
  EXPECT_TRUE(arrives("and 10 more"));
  rig.comment("again:" + mentions);
  stop();
  EXPECT_EQ(refused, 2u) << "one delivery found it, one probe confirmed it";
  EXPECT_EQ(rig.accepted.size(), 1u);
}

TEST_F(Standing, WhatTheOperatorMustMendIsKeptAskedOnceAndTriedAgainAtAStart) {
  configure(subscription("octocat") + subscription("hubot"));
  start();
  bool forbidden = true;
  std::size_t refused = 0;
  rig.refuse = [&](const HttpRequest& request) -> std::optional<HttpResponse> {
    if (!forbidden || request.url.find("hook-one") == std::string::npos) return std::nullopt;
    ++refused;
    return testing::says(403, "action_prohibited");
  };
  const auto first = rig.comment("@octocat one");
  EXPECT_TRUE(arrives("Sink team cannot deliver"));
  const auto second = rig.comment("@hubot two");
  EXPECT_TRUE(says("\"hubot\": waits for team: Slack answered 403"));
  stop();
  EXPECT_EQ(refused, 1u) << "who waits does not ask";
  forbidden = false;
  daemon = rig.start({"run", "--config", rig.config()});
  EXPECT_TRUE(rig.until([&] { return rig.told()[first] == 1 && rig.told()[second] == 1; })) << rig.read("err");
  EXPECT_TRUE(says("which works again"));
  stop();
}

TEST_F(Standing, AnOutageOfTheRepositoryIsToldOnceThroughTheSubscriptionsOwnSinkAndOnceThatItIsOver) {
  configure(subscription("octocat"));
  start();
  bool refused = true;
  rig.forge->set_interception([&](const HttpRequest&) {
    return refused ? std::optional(testing::says(401, R"({"message":"Bad credentials"})")) : std::nullopt;
  });
  EXPECT_TRUE(arrives("I can no longer read acme/rocket"));
  const auto meanwhile = rig.comment("@octocat meanwhile");
  refused = false;
  EXPECT_TRUE(arrives("I can read acme/rocket again"));
  EXPECT_TRUE(rig.until([&] { return rig.told()[meanwhile] == 1; }));
  stop();
  EXPECT_EQ(rig.accepted.size(), 3u);
}

TEST_F(Standing, ATokenThatEndsSoonIsToldToTheOperatorOnce) {
  configure(subscription("octocat"));
  const ForgeTime soon = Rig::now() + std::chrono::hours(48);
  rig.forge->set_token("forge-token", soon);
  for (int run = 0; run < 2; ++run) EXPECT_EQ(rig.once().code, 0) << rig.read("err");
  ASSERT_EQ(rig.accepted.size(), 1u);
  EXPECT_THAT(rig.accepted[0], AllOf(HasSubstr("The token of [forges.github] ends at " + format_iso_time(soon)), Not(HasSubstr("forge-token"))));
}

TEST_F(Standing, ABugInOneSubscriptionSetsThatOneAsideAndTheRestGoesOn) {
  configure(subscription("octocat") + subscription("hubot", "hook-two"));
  start();
  // A row that is gone is what the daemon takes for a bug of its own.
  sqlite3* file = nullptr;
  ASSERT_EQ(sqlite3_open((rig.folder() / "state.db").c_str(), &file), SQLITE_OK);
  sqlite3_busy_timeout(file, 10000);
  EXPECT_EQ(sqlite3_exec(file, "DELETE FROM subscription WHERE name = 'octocat'", nullptr, nullptr, nullptr), SQLITE_OK);
  sqlite3_close(file);
  const auto comment = rig.comment("@octocat and @hubot");
  EXPECT_TRUE(says("syncer \"octocat\": set aside")) << rig.read("err");
  EXPECT_TRUE(rig.until([&] { return rig.told()[comment] == 1; })) << "hubot's";
  EXPECT_TRUE(arrives("octocat")) << "and the operator hears of it";
  const auto next = rig.comment("@hubot more");
  EXPECT_TRUE(rig.until([&] { return rig.told()[next] == 1; }));
  stop();
}

}  // namespace
}  // namespace beckon::core::testing
