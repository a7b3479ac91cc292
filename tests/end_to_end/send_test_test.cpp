// `beckon send-test`: one delivery, through the sink as it is configured, to whom it was meant.
#include "end_to_end/rig.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace beckon::core::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

struct SendTest : ::testing::Test {
  SendTest() {
    rig.subscribe_octocat();
    rig.receive = [this](HttpRequest request) -> task<HttpResponse> {
      asked.push_back(request);
      co_return answer;
    };
  }
  Finished send(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "send-test");
    arguments.insert(arguments.end(), {"--config", rig.config()});
    Finished sent = rig.run(std::move(arguments));
    for (const char* secret : {"forge-token", "hook-one", "hook-two", "hook-three"})
      EXPECT_THAT(sent.out + sent.err, Not(HasSubstr(secret)));
    EXPECT_FALSE(std::filesystem::exists(rig.folder() / "state.db"));
    EXPECT_TRUE(rig.forge->requests().empty());
    return sent;
  }
  // Two subscriptions, each with its own webhook; [sinks.team] has none.
  void give_each_its_own() {
    rig.configure("");
    std::string text = rig.read("config.toml");
    text.erase(text.find("webhook_url"));
    std::ofstream(rig.folder() / "config.toml") << text << fmt::format(R"([[subscriptions]]
name = "two"
repo = "acme/rocket"
user = "octocat"
sink = "team"
target = {{ webhook_url = "{0}/services/T1/B1/hook-two" }}
[[subscriptions]]
name = "three"
repo = "acme/rocket"
user = "mona"
sink = "team"
target = {{ webhook_url = "{0}/services/T1/B1/hook-three" }}
)", rig.slack_origin());
  }

  Rig rig;
  HttpResponse answer = says(200, "ok");
  std::vector<HttpRequest> asked;
};

TEST_F(SendTest, OneTestIsDelivered) {
  const auto sent = send({"team"});
  EXPECT_EQ(sent.code, 0) << sent.out << sent.err;
  EXPECT_EQ(sent.out, "[sinks.team], its own target: delivered\n");
  ASSERT_EQ(asked.size(), 1u);
  EXPECT_THAT(asked[0].url, HasSubstr("hook-one"));
  EXPECT_THAT(asked[0].body, HasSubstr("A test by `beckon send-test`"));
}

TEST_F(SendTest, AnIsolatedSinkSendsOneToo) {
  rig.configure("isolate = true\n[[subscriptions]]\nrepo = \"acme/rocket\"\nuser = \"octocat\"\nsink = \"team\"\n");
  const auto sent = send({"team"});
  EXPECT_EQ(sent.code, 0) << sent.out << sent.err;
  EXPECT_EQ(asked.size(), 1u);
}

TEST_F(SendTest, WhatBecameOfItIsSaidInWords) {
  answer = says(503, "busy");
  auto sent = send({"team"});
  EXPECT_EQ(sent.code, 1);
  EXPECT_THAT(sent.out, HasSubstr("not delivered; Beckon would try again"));
  answer = says(404, "no_service");
  sent = send({"team"});
  EXPECT_EQ(sent.code, 1);
  EXPECT_THAT(sent.out, HasSubstr("the subscriber is gone: no_service"));
  EXPECT_EQ(asked.size(), 2u) << "once each";
}

TEST_F(SendTest, ASubscriptionsTargetIsChosenByItsName) {
  give_each_its_own();
  const auto sent = send({"team", "--to", "three"});
  EXPECT_EQ(sent.code, 0) << sent.err;
  EXPECT_THAT(sent.out, HasSubstr("the target of \"three\": delivered"));
  ASSERT_EQ(asked.size(), 1u);
  EXPECT_THAT(asked[0].url, HasSubstr("hook-three"));
}

TEST_F(SendTest, WhereThereAreSeveralTargetsOneMustBeChosen) {
  give_each_its_own();
  const auto sent = send({"team"});
  EXPECT_EQ(sent.code, 2);
  EXPECT_THAT(sent.err, HasSubstr("choose one with --to: \"two\", \"three\""));
  EXPECT_TRUE(asked.empty());
}

TEST_F(SendTest, OneTargetOfAllSubscriptionsNeedsNoChoice) {
  give_each_its_own();
  std::string text = rig.read("config.toml");
  text.replace(text.find("hook-three"), 10, "hook-two");
  std::ofstream(rig.folder() / "config.toml") << text;
  EXPECT_EQ(send({"team"}).code, 0);
  ASSERT_EQ(asked.size(), 1u);
  EXPECT_THAT(asked[0].url, HasSubstr("hook-two"));
}

TEST_F(SendTest, AWrongNameIsAnsweredWithTheNearest) {
  EXPECT_THAT(send({"teem"}).err, HasSubstr("there is no [sinks.teem]; did you mean \"team\"?"));
  EXPECT_THAT(send({"team", "--to", "acme/rocket octokat team"}).err,
              HasSubstr("no subscription of [sinks.team] is called \"acme/rocket octokat team\"; did you mean"));
  EXPECT_EQ(send({"team", "--to", "nobody"}).code, 2);
  EXPECT_TRUE(asked.empty());
}

}  // namespace
}  // namespace beckon::core::testing
