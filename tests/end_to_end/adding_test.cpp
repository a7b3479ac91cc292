// Subscriptions that are added and removed while the daemon runs, and while none does.
#include "end_to_end/rig.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <sys/stat.h>

namespace beckon::core::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using nlohmann::json;

struct AtRunTime : ::testing::Test {
  AtRunTime() { rig.subscribe_octocat(); }

  Finished beckon(std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--config", rig.config()});
    return rig.run(std::move(arguments));
  }
  Finished add(const std::string& user, std::vector<std::string> more = {}) {
    std::vector<std::string> arguments{"add", "acme/rocket", user, "--sink", "team"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return beckon(std::move(arguments));
  }
  void start() {
    const std::size_t before = rig.read("err").size();
    daemon = rig.start({"run", "--config", rig.config()});
    ASSERT_TRUE(rig.until([&] { return std::filesystem::exists(rig.folder() / "state.db.sock"); })) << rig.read("err");
    ASSERT_TRUE(eventually([&] {
      const json all = list();
      return rig.read("err").size() > before && all.size() > 0 && all.at(0).at("reason") == "";
    })) << rig.read("err");
  }
  void stop() {
    ::kill(daemon, SIGTERM);
    EXPECT_EQ(rig.finish(daemon).code, 0) << rig.read("err");
  }
  json list() {
    const Finished said = beckon({"status", "--json"});
    const json status = json::parse(said.out, nullptr, false);
    return status.is_object() ? status.at("subscriptions") : json::array();
  }
  // "name origin", of all.
  std::vector<std::string> names() {
    std::vector<std::string> all;
    for (const json& one : list()) all.push_back(one.at("name").get<std::string>() + " " + one.at("origin").get<std::string>());
    return all;
  }
  bool eventually(const std::function<bool()>& met) {
    const auto end = std::chrono::steady_clock::now() + 30s;
    while (!met())
      if (std::chrono::steady_clock::now() > end) return false;
    return true;
  }
  bool told(std::int64_t comment, int times = 1) {
    return rig.until([&] { return rig.told()[comment] >= times; });
  }
  std::string file() const { return rig.read("state.db.subscriptions.toml"); }

  Rig rig;
  pid_t daemon = -1;
};

const std::string of_config = "acme/rocket octocat team config", of_hubot = "acme/rocket hubot team added";

TEST_F(AtRunTime, OneIsAddedIsToldSurvivesARestartAndIsRemoved) {
  start();
  const Finished added = add("hubot", {"--set", "webhook_url=" + rig.slack_origin() + "/services/T1/B1/hook-two"});
  EXPECT_EQ(added.code, 0) << added.err;
  EXPECT_EQ(added.out, "\"acme/rocket hubot team\" is added: hubot in acme/rocket is told through team\n");
  EXPECT_THAT(names(), ::testing::ElementsAre(of_hubot, of_config));
  const auto first = rig.comment("@hubot one", Rig::soon());
  EXPECT_TRUE(told(first)) << rig.read("err");
  struct stat facts {};
  ASSERT_EQ(::stat((rig.folder() / "state.db.subscriptions.toml").c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777, 0600u);
  EXPECT_THAT(file(), HasSubstr("[[subscriptions]]\nname = \"acme/rocket hubot team\"\n"));
  EXPECT_THAT(rig.read("err"), Not(HasSubstr("hook-two")));

  stop();
  start();
  EXPECT_THAT(names(), ::testing::ElementsAre(of_hubot, of_config));
  const auto second = rig.comment("@hubot two", Rig::soon());
  EXPECT_TRUE(told(second)) << rig.read("err");
  EXPECT_EQ(beckon({"remove", "acme/rocket hubot team"}).out, "\"acme/rocket hubot team\" is removed\n");
  EXPECT_THAT(names(), ::testing::ElementsAre(of_config));
  const auto third = rig.comment("@octocat and @hubot three", Rig::soon());
  EXPECT_TRUE(told(third));
  stop();
  EXPECT_EQ(rig.told()[third], 1);
  EXPECT_EQ(rig.told()[first], 1);
  EXPECT_THAT(file(), Not(HasSubstr("hubot")));
}

TEST_F(AtRunTime, WhatIsWrongIsSaidAsTheConfigurationWouldSayItAndChangesNothing) {
  start();
  const auto refuses = [&](std::vector<std::string> arguments, const std::string& sentence) {
    const Finished refused = beckon(std::move(arguments));
    EXPECT_EQ(refused.code, 1);
    EXPECT_THAT(refused.err.substr(refused.err.rfind("beckon: ")), HasSubstr(sentence));
  };
  refuses({"add", "acme", "hubot", "--sink", "team"}, "repo: \"acme\" is no repository name");
  refuses({"add", "acme/rocket", "hubot", "--sink", "taem"}, "there is no sink \"taem\": did you mean \"team\"?");
  refuses({"add", "acme/rocket", "hubot", "--sink", "team", "--backfill", "week"}, "backfill: \"week\" is no duration");
  refuses({"add", "acme/rocket", "hubot", "--sink", "team", "--set", "pin=U1"}, "unknown target option \"pin\" of the plugin \"slack\": did you mean \"ping\"?");
  refuses({"add", "acme/rocket", "hubot", "--sink", "team", "--set", "webhook_url=env:NO_SUCH"}, "the environment variable NO_SUCH is not set");
  refuses({"add", "acme/rocket", "octocat", "--sink", "team", "--name", "again"}, "acme/rocket for octocat to team is already subscribed at line 10 of the configuration");
  refuses({"add", "acme/rocket", "octocat", "--sink", "team", "--set", "webhook_url=" + rig.slack_origin() + "/services/T1/B1/hook-one", "--name", "again"},
          "tells the same place");
  refuses({"add", "acme/rocket", "hubot", "--sink", "team", "--name", "acme/rocket octocat team"}, "choose another name");
  refuses({"remove", "acme/rocket octocat team"}, "config.toml:10; remove it there");
  refuses({"remove", "acme/rocket octokat team"}, "did you mean \"acme/rocket octocat team\"?");
  EXPECT_THAT(names(), ::testing::ElementsAre(of_config));
  EXPECT_EQ(file(), "");
  stop();
}

TEST_F(AtRunTime, SecretsAreWrittenAsWhereTheyAre) {
  rig.environment = {"HOOK_TWO=" + rig.slack_origin() + "/services/T1/B1/hook-two"};
  start();
  const Finished added = add("hubot", {"--set", "webhook_url=env:HOOK_TWO", "--name", "robot"});
  EXPECT_EQ(added.code, 0) << added.err;
  EXPECT_THAT(file(), AllOf(HasSubstr("target = { webhook_url = { env = \"HOOK_TWO\" } }"), Not(HasSubstr("hook-two"))));
  const auto comment = rig.comment("@hubot hello", Rig::soon());
  EXPECT_TRUE(told(comment));
  stop();
}

TEST_F(AtRunTime, ManyAtOnceAndAConfigurationThatChangesMeanwhileLoseNothing) {
  start();
  std::string script;
  for (int i = 0; i < 8; ++i)
    script += "\"$BECKON\" --log-level off add acme/rocket user" + std::to_string(i) + " --sink team --name u" + std::to_string(i) + " --config \"$CONFIG\" & ";
  rig.configure("[[subscriptions]]\nrepo = \"acme/rocket\"\nuser = \"octocat\"\nsink = \"team\"\n"
                "[[subscriptions]]\nrepo = \"acme/rocket\"\nuser = \"vera\"\nsink = \"team\"\n");
  ::kill(daemon, SIGHUP);
  rig.shell(script + "wait");
  EXPECT_TRUE(eventually([&] { return names().size() == 10; })) << rig.read("err") << file();
  const auto comment = rig.comment("@user0 @user3 @user7 and @vera", Rig::soon());
  EXPECT_TRUE(told(comment, 3)) << rig.read("err");
  stop();
}

TEST_F(AtRunTime, OneWhoseSinkIsTakenAwayIsLeftOutLoudlyAndCanStillBeRemoved) {
  rig.configure("[sinks.other]\nplugin = \"slack\"\nwebhook_url = \"" + rig.slack_origin() + "/services/T1/B1/hook-two\"\n"
                "[[subscriptions]]\nrepo = \"acme/rocket\"\nuser = \"octocat\"\nsink = \"team\"\n");
  start();
  EXPECT_EQ(beckon({"add", "acme/rocket", "hubot", "--sink", "other", "--name", "robot"}).code, 0);
  stop();
  rig.subscribe_octocat();
  const Finished checked = beckon({"check"});
  EXPECT_EQ(checked.code, 78);
  EXPECT_THAT(checked.err, HasSubstr("state.db.subscriptions.toml:7:8: left out: sink: there is no sink \"other\""));
  start();
  EXPECT_THAT(rig.read("err"), HasSubstr("left out: sink: there is no sink \"other\""));
  EXPECT_THAT(names(), ::testing::ElementsAre(of_config));
  EXPECT_EQ(beckon({"remove", "robot"}).code, 0) << rig.read("err");
  stop();
  EXPECT_EQ(beckon({"check"}).code, 0) << rig.read("err");
}

TEST_F(AtRunTime, NeedsNoDaemon) {
  const Finished added = add("hubot");
  EXPECT_EQ(added.code, 0) << added.err;
  EXPECT_THAT(added.out, HasSubstr("takes effect at the next start"));
  EXPECT_THAT(names(), ::testing::ElementsAre(of_hubot, of_config));
  EXPECT_EQ(beckon({"remove", "acme/rocket octocat team"}).code, 1);
  EXPECT_EQ(rig.once().code, 0) << rig.read("err");
  const auto comment = rig.comment("@hubot hello", Rig::soon());
  EXPECT_EQ(rig.once().code, 0);
  EXPECT_EQ(rig.told(), (std::map<std::int64_t, int>{{comment, 1}}));
  EXPECT_EQ(beckon({"remove", "acme/rocket hubot team"}).code, 0);
  EXPECT_THAT(names(), ::testing::ElementsAre(of_config));
}

TEST_F(AtRunTime, AFileThatCannotBeReadIsNotWrittenOver) {
  start();
  std::ofstream(rig.folder() / "state.db.subscriptions.toml") << "[[subscriptions]\n";
  const Finished refused = add("hubot");
  EXPECT_EQ(refused.code, 1);
  EXPECT_THAT(refused.err, HasSubstr("mend that first"));
  EXPECT_EQ(file(), "[[subscriptions]\n");
  stop();
}

}  // namespace
}  // namespace beckon::core::testing
