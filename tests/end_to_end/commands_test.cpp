// The commands as a person meets them.
#include "end_to_end/rig.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace beckon::core::testing {
namespace {

using ::testing::HasSubstr;

struct Commands : ::testing::Test {
  Rig rig;
};

TEST_F(Commands, CheckReportsEveryErrorWithItsPlace) {
  std::ofstream(rig.folder() / "bad.toml") << "[bot]\nintervall = \"60s\"\n[sinks.team]\nplugin = \"slak\"\n"
                                              "[[subscriptions]]\nrepo = \"acme\"\nuser = \"octocat\"\nsink = \"teem\"\n";
  const auto checked = rig.run({"check", "--config", rig.folder() / "bad.toml"});
  EXPECT_EQ(checked.code, 78);
  EXPECT_THAT(checked.err, HasSubstr("bad.toml:2:1: "));
  EXPECT_THAT(checked.err, HasSubstr("did you mean \"interval\"?"));
  EXPECT_THAT(checked.err, HasSubstr("bad.toml:4:10: error: there is no plugin \"slak\"; did you mean \"slack\"?"));
  EXPECT_THAT(checked.err, HasSubstr("did you mean \"team\"?"));
  EXPECT_THAT(checked.err, HasSubstr("bad.toml:6:"));
}

TEST_F(Commands, CheckOfAGoodFileSaysSo) {
  rig.subscribe_octocat();
  const auto checked = rig.run({"check", "--config", rig.config()});
  EXPECT_EQ(checked.code, 0) << checked.err;
}

TEST_F(Commands, CheckAsksAPluginAboutASinkThatNobodyUses) {
  rig.configure("[[subscriptions]]\nrepo = \"acme/rocket\"\nuser = \"octocat\"\nsink = \"team\"\n"
                "[sinks.spare]\nplugin = \"slack\"\nwebhook_url = \"https://slack.com/api/chat.postMessage\"\n");
  const auto checked = rig.run({"check", "--config", rig.config()});
  EXPECT_EQ(checked.code, 78);
  EXPECT_THAT(checked.err, HasSubstr("this is Slack's Web API"));
}

// With every sink in it that is commented out there.
TEST_F(Commands, CheckTakesTheExampleFile) {
  rig.environment = {"GITHUB_TOKEN=ghp_of_the_example",
                     "SLACK_WEBHOOK_URL=https://hooks.slack.com/services/T0/B0/example",
                     "DISCORD_WEBHOOK_URL=https://discord.com/api/webhooks/123456789012345678/example",
                     "MAIL_PASSWORD=example",
                     "TELEGRAM_TOKEN=123456789:AAexample",
                     "MATRIX_ACCESS_TOKEN=syt_example",
                     "MATTERMOST_WEBHOOK_URL=https://chat.example.com/hooks/example",
                     "TEAMS_WEBHOOK_URL=https://prod-1.westeurope.logic.azure.com/workflows/example",
                     "NTFY_TOPIC=example",
                     "NTFY_TOKEN=tk_example",
                     "APPRISE_URL=pover://user@example",
                     "WEBHOOK_SECRET=whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX"};
  std::ifstream example(BECKON_SOURCE_DIR "/config.example.toml");
  std::string text;
  bool in_sink = false;
  int sinks = 0;
  for (std::string line; std::getline(example, line);) {
    const bool is_sink = line.rfind("[sinks.", 0) == 0 || line.rfind("# [sinks.", 0) == 0;
    if (is_sink) ++sinks;
    in_sink = is_sink || (in_sink && line.rfind("[", 0) != 0);
    const bool is_line = std::regex_match(line, std::regex("# (\\[sinks\\..*|[a-z_]+ = .*)")) &&
                         line.rfind("# ca_file", 0) != 0;   // names a file that only some have
    text += (in_sink && is_line ? line.substr(2) : line) + "\n";
  }
  std::ofstream(rig.folder() / "config.toml") << text;
  const auto checked = rig.run({"check", "--config", rig.config()});
  EXPECT_EQ(checked.code, 0) << checked.err;
  EXPECT_THAT(checked.out, HasSubstr(std::to_string(sinks) + " sinks"));
  EXPECT_EQ(sinks, 12);
}

TEST_F(Commands, CheckNamesABrokenLibrary) {
  std::filesystem::create_directory(rig.folder() / "plugins");
  std::ofstream(rig.folder() / "plugins" / "broken.so") << "no library";
  rig.configure("[[subscriptions]]\nrepo = \"acme/rocket\"\nuser = \"octocat\"\nsink = \"team\"\n");
  std::string text = rig.read("config.toml");
  text.replace(text.find("interval"), 0, "plugins = [\"plugins\"]\n");
  std::ofstream(rig.folder() / "config.toml") << text;
  const auto checked = rig.run({"check", "--config", rig.config()});
  EXPECT_EQ(checked.code, 78);
  EXPECT_THAT(checked.err, HasSubstr("broken.so"));
  EXPECT_EQ(rig.once().code, 0) << "a broken library stops nobody: " << rig.read("err");
}

TEST_F(Commands, UsageErrorsEndWithTwo) {
  EXPECT_EQ(rig.run({"rum"}).code, 2);
  EXPECT_EQ(rig.run({"run", "--deadline", "soon"}).code, 2);
  EXPECT_EQ(rig.run({"watch", "no-repository", "octocat"}).code, 2);
  EXPECT_EQ(rig.run({"watch", "acme/two words", "octocat"}).code, 2);
  EXPECT_EQ(rig.run({"watch", "acme/rocket", "octo cat"}).code, 2);
  EXPECT_EQ(rig.run({"watch", "acme/rocket", "octocat", "--api-url", "http://forge.example"}).code, 2);
  EXPECT_EQ(rig.run({"watch", "acme/rocket", "octocat", "--interval", "0s"}).code, 2);
  EXPECT_EQ(rig.run({"watch", "acme/rocket", "octocat", "--since", "99999999d"}).code, 2);
  EXPECT_EQ(rig.run({"--help"}).code, 0);
}

TEST_F(Commands, StatusTellsWhatASubscriptionIsOwed) {
  rig.subscribe_octocat();
  const auto early = rig.run({"status", "--config", rig.config()});
  EXPECT_EQ(early.code, 1);
  EXPECT_THAT(early.err, HasSubstr("there is no state yet"));
  rig.once();
  rig.comment("@octocat?");
  rig.refuse = [](const HttpRequest&) { return says(403, "invalid_token"); };
  rig.once();
  const auto table = rig.run({"status", "--config", rig.config()});
  EXPECT_EQ(table.code, 0) << table.err;
  EXPECT_THAT(table.out, HasSubstr("acme/rocket octocat team  active      1     0  never"));
  EXPECT_THAT(table.out, HasSubstr("acme/rocket through github: read up to "));
  const auto json = nlohmann::json::parse(rig.run({"status", "--json", "--config", rig.config()}).out);
  const auto& one = json.at("subscriptions").at(0);
  EXPECT_EQ(one.at("repo"), "acme/rocket");
  EXPECT_EQ(one.at("user"), "octocat");
  EXPECT_EQ(one.at("sink"), "team");
  EXPECT_EQ(one.at("state"), "active");
  EXPECT_EQ(one.at("owed"), 1);
  EXPECT_EQ(one.at("dead"), 0);
  EXPECT_TRUE(one.at("last_delivery").is_null());
  EXPECT_FALSE(one.at("reason").get<std::string>().empty());
}

TEST_F(Commands, MentionsAnswersWhyOneWasTold) {
  std::ofstream(rig.folder() / "post.md") << "Hello @Octocat and `@code`, and @acme/team.\n";
  const auto said = rig.run({"mentions", rig.folder() / "post.md"});
  EXPECT_EQ(said.code, 0);
  EXPECT_EQ(said.out, "octocat\nacme/team\n");
  std::ofstream(rig.folder() / "posts.jsonl") << "{\"body\": \"@a and @b\"}\n{\"body\": null}\n";
  const auto lines = rig.run({"mentions", "--json-lines", rig.folder() / "posts.jsonl"});
  EXPECT_EQ(lines.out, "[\"a\",\"b\"]\n[]\n");
}

TEST_F(Commands, SinksListsTheShippedOnesAndTheirOptions) {
  const auto all = rig.run({"sinks"});
  EXPECT_EQ(all.code, 0) << all.err;
  for (const char* name : {"slack", "discord", "console", "email        0.1.0    mail, by SMTP\n"}) EXPECT_THAT(all.out, HasSubstr(name));
  const auto one = rig.run({"sinks", "slack"});
  EXPECT_THAT(one.out, HasSubstr("webhook_url"));
  EXPECT_THAT(one.out, HasSubstr("secret"));
  EXPECT_THAT(rig.run({"sinks", "slak"}).err, HasSubstr("did you mean \"slack\"?"));
}

TEST_F(Commands, WatchPrintsMentionsToTheTerminal) {
  rig.comment("@octocat look at **this**", Rig::now() - std::chrono::hours(1));
  const pid_t watcher = rig.start({"watch", "acme/rocket", "octocat", "--since", "7d", "--interval", "1s", "--api-url",
                                   rig.forge->api_url(), "--token-env", "E2E_TOKEN"});
  EXPECT_TRUE(rig.until([&] { return rig.read("out").find("look at") != std::string::npos; })) << rig.read("err");
  ::kill(watcher, SIGINT);
  const auto ended = rig.finish(watcher);
  EXPECT_EQ(ended.code, 0);
  EXPECT_THAT(ended.out, HasSubstr("vera"));
  EXPECT_THAT(ended.out, HasSubstr("acme/rocket"));
}

TEST_F(Commands, TheDemoShowsTheWholeRoadAndEndsByItself) {
  const auto begun = std::chrono::steady_clock::now();
  const auto shown = rig.run({"demo"});
  EXPECT_EQ(shown.code, 0) << shown.out << shown.err;
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 20s);
  EXPECT_THAT(shown.out, HasSubstr("the lamp flickers"));
  EXPECT_THAT(shown.out, HasSubstr("beckon watch OWNER/REPO LOGIN"));
}

}  // namespace
}  // namespace beckon::core::testing
