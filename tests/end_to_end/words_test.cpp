// What the commands say when something is wrong, and with which code they end.
#include "end_to_end/rig.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace beckon::core::testing {
namespace {

using ::testing::AllOf;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

std::vector<std::string> lines(const std::string& text) {
  std::vector<std::string> all;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) all.push_back(line);
  return all;
}

struct Words : ::testing::Test {
  // What `beckon ARGUMENTS` says on stderr; it must end with `code`.
  std::string said(const std::string& arguments, int code) {
    std::filesystem::remove(rig.folder() / "err");
    const auto ended = rig.shell("\"$BECKON\" " + arguments);
    EXPECT_EQ(ended.code, code) << arguments << '\n' << ended.err;
    return ended.err;
  }
  // The configuration of one subscription, with a line in [bot].
  void configure(const std::string& line) {
    rig.subscribe_octocat();
    std::string text = rig.read("config.toml");
    if (line.starts_with("state")) text.replace(text.find("state = \"state.db\""), 18, line);
    else text.replace(text.find("interval"), 0, line + "\n");
    std::ofstream(rig.folder() / "config.toml") << text;
  }
  Rig rig;
};

TEST_F(Words, WhatEndsRunAtOnceIsAnErrorOfTheFile) {
  std::filesystem::create_directory(rig.folder() / "folder");
  std::ofstream(rig.folder() / "notes.txt") << "no database, but longer than nothing";
  const std::pair<const char*, const char*> cases[] = {
      {"ca_file = \"notes.txt\"", "config.toml:3:11: error: ca_file: "},
      {"state = \"/proc/x/b.db\"", "config.toml:2:9: error: state: the folder /proc/x cannot be made"},
      {"state = \"folder\"", "config.toml:2:9: error: state: "},
      {"state = \"notes.txt/b.db\"", "is no folder"},
      {"state = \"notes.txt\"", "is no state file of beckon"},
      {"state = \"config.toml\"", "this is the configuration itself"},
      {"plugins = [\"absent\"]", "config.toml:3:12: error: plugins: "},
  };
  for (const auto& [line, words] : cases) {
    configure(line);
    EXPECT_THAT(said("check --config \"$CONFIG\"", 78), HasSubstr(words)) << line;
    EXPECT_THAT(said("run --once --config \"$CONFIG\"", 78), HasSubstr(words)) << line;
  }
  EXPECT_EQ(rig.read("notes.txt"), "no database, but longer than nothing");
  rig.subscribe_octocat();
  EXPECT_EQ(rig.once().code, 0);
  said("check --config \"$CONFIG\"", 0);
}

TEST_F(Words, AProxyOutOfTheEnvironmentIsNamed) {
  rig.subscribe_octocat();
  std::filesystem::remove(rig.folder() / "err");
  const auto checked = rig.shell("HTTPS_PROXY=socks5://u:hunter22@h:1 \"$BECKON\" check --config \"$CONFIG\"");
  EXPECT_EQ(checked.code, 78);
  EXPECT_THAT(checked.err, AllOf(HasSubstr("environment variable HTTPS_PROXY"), Not(HasSubstr("hunter22"))));
}

TEST_F(Words, UsageErrorsSayWhatWasMeantAndWhereTheHelpIs) {
  const std::pair<const char*, const char*> cases[] = {
      {"", "beckon: a command is missing; see `beckon --help`"},
      {"chekc", "beckon: unknown command \"chekc\"; did you mean \"check\"? See `beckon --help`"},
      {"run --onec", "beckon: unknown option \"--onec\"; did you mean \"--once\"? See `beckon run --help`"},
      {"run --log-levle=debug", "did you mean \"--log-level\"?"},
      {"check now", "there is one argument too many: \"now\"; see `beckon check --help`"},
      {"check --config", "beckon: --config needs a value"},
      {"check --config ''", "beckon: --config: names no file"},
      {"watch acme/rocket", "beckon: LOGIN is missing; see `beckon watch --help`"},
      {"sinks --log-level foo", "\"foo\" is no log level: debug, info, warn, error or off"},
      {"sinks --log-format foo", "\"foo\" is no log format: text or json"},
      {"run --deadline 10s", "--deadline: bounds a run with --once"},
      {"run --once --deadline 99999999999999999d", "is out of range; at least 0s, at most 365d"},
      {"watch '' octocat", "OWNER/REPO: \"\" is no repository name"},
      {"watch octo/team/x y", "OWNER/REPO: \"octo/team/x\" is no repository name"},
      {"watch acme/rocket b@d", "LOGIN: \"b@d\" is no login"},
      {"watch acme/rocket octocat --api-url foo", "--api-url: a URL must begin with https://"},
      {"watch acme/rocket octocat --api-url http://forge.example", "write https://HOST/api/v3"},
      {"watch acme/rocket octocat --token-env ''", "--token-env: the name of an environment variable belongs here"},
  };
  for (const auto& [arguments, words] : cases)
    EXPECT_THAT(said(arguments, 2), AllOf(StartsWith("beckon: "), HasSubstr(words), Not(HasSubstr("insecure"))));
}

TEST_F(Words, HelpShowsTheProgramsNameAndWhatEachValueIs) {
  const auto help = [&](const std::string& command) { return rig.run({command, "--help"}).out; };
  EXPECT_THAT(help("watch"), AllOf(HasSubstr("beckon watch"), Not(HasSubstr("/bin/beckon")), HasSubstr("such as boostorg/beast")));
  EXPECT_THAT(help("run"), AllOf(HasSubstr("--config FILE"), Not(HasSubstr("TEXT"))));
  EXPECT_THAT(help("mentions"), HasSubstr("null for a line"));
}

TEST_F(Words, EveryLineOfRunIsJsonWhereThatIsWanted) {
  const auto json = AllOf(StartsWith("{\"time\":\""), HasSubstr("\"message\":\""), ::testing::EndsWith("\"}"));
  std::filesystem::create_directory(rig.folder() / "plugins");
  std::ofstream(rig.folder() / "plugins" / "broken.so") << "no library";
  configure("plugins = [\"plugins\"]\nintervall = \"1s\"");
  const auto wrong = said("--log-format json run --config \"$CONFIG\"", 78);
  EXPECT_THAT(lines(wrong), Each(json));
  EXPECT_THAT(wrong, AllOf(HasSubstr("broken.so"), HasSubstr("config.toml:4:1: unknown key")));
  EXPECT_THAT(lines(said("--log-format json run --config /nowhere/c.toml", 78)), Each(json));
  configure("plugins = [\"plugins\"]");
  const auto right = said("--log-format json run --once --config \"$CONFIG\"", 0);
  EXPECT_THAT(lines(right), Each(json));
}

TEST_F(Words, OutputThatCannotBeWrittenIsAFailure) {
  rig.subscribe_octocat();
  for (const std::string command : {"sinks", "sinks slack", "--help", "--version", "check --config \"$CONFIG\""})
    EXPECT_THAT(said(command + " > /dev/full", 1), HasSubstr("standard output cannot be written")) << command;
  std::ofstream(rig.folder() / "post.md") << "@octocat\n";
  EXPECT_THAT(said("mentions '" + (rig.folder() / "post.md").string() + "' > /dev/full", 1), HasSubstr("standard output"));
}

TEST_F(Words, ClosedStreamsAreNobodyElses) {
  rig.subscribe_octocat();
  EXPECT_EQ(rig.shell("exec \"$BECKON\" run --once --config \"$CONFIG\" <&- >&- 2>&-").code, 0);
}

TEST_F(Words, MentionsKeepsItsLinesAligned) {
  std::ofstream(rig.folder() / "posts.jsonl") << "{\"body\": \"@a\"}\nno json\n\n{\"body\": 1}\n{\"body\": \"@b\"}\n";
  const auto said = rig.run({"mentions", "--json-lines", rig.folder() / "posts.jsonl"});
  EXPECT_EQ(said.code, 1);
  EXPECT_EQ(said.out, "[\"a\"]\nnull\nnull\nnull\n[\"b\"]\n");
  EXPECT_THAT(said.err, AllOf(HasSubstr("line 2 is no JSON"), HasSubstr("line 3 is"), HasSubstr("line 4 is")));
}

TEST_F(Words, MentionsSaysWhyAFileCannotBeRead) {
  EXPECT_THAT(said("mentions /", 1), HasSubstr("it is a folder"));
  EXPECT_THAT(said("mentions < /", 1), HasSubstr("standard input cannot be read"));
  EXPECT_THAT(said("mentions /nowhere/post.md", 1), HasSubstr("/nowhere/post.md cannot be read: No such file"));
}

TEST_F(Words, TheFolderOfSinksIsNamedAfterItsVariable) {
  const auto named = rig.shell("BECKON_SINKS=/nope \"$BECKON\" sinks");
  EXPECT_EQ(named.code, 1);
  EXPECT_THAT(named.err, AllOf(HasSubstr("/nope does not exist"), HasSubstr("take it out of $BECKON_SINKS")));
}

TEST_F(Words, AlertsNameASinkThatSaysWhereTo) {
  const auto check = [this](const std::string& alerts, const std::string& sinks) {
    rig.configure(sinks);
    std::string text = rig.read("config.toml");
    text.insert(text.find("state ="), "alerts = \"" + alerts + "\"\n");
    std::ofstream(rig.config()) << text;
    return rig.run({"check", "--config", rig.config()}).err;
  };
  EXPECT_THAT(check("teem", ""), HasSubstr("alerts: there is no [sinks.teem]; did you mean \"team\"?"));
  EXPECT_THAT(check("bare", "[sinks.bare]\nplugin = \"slack\"\n"),
              HasSubstr("alerts: webhook_url is missing for the sink \"bare\": add webhook_url = a URL to [sinks.bare] for all"));
}

TEST_F(Words, WatchEndsAtOnceWhereWaitingIsNoHelp) {
  const std::string to = " --api-url " + rig.forge->api_url() + " --token-env E2E_TOKEN";
  EXPECT_THAT(said("watch acme/absent octocat" + to, 1), AllOf(HasSubstr("acme/absent does not exist"), HasSubstr("$E2E_TOKEN")));
  rig.forge->set_interception([](const HttpRequest&) { return std::optional(says(401, R"({"message":"Bad credentials"})")); });
  EXPECT_THAT(said("watch acme/rocket octocat" + to, 1),
              AllOf(HasSubstr("does not accept the token in $E2E_TOKEN"), Not(HasSubstr("[forges."))));
}

TEST_F(Words, WatchEndsWhenNobodyReadsAndKeepsNothing) {
  rig.comment("@octocat look at **this**", Rig::now() - std::chrono::hours(1));
  const auto watched = rig.shell("\"$BECKON\" watch acme/rocket octocat --since 7d --interval 1s --token-env E2E_TOKEN --api-url " +
                                 rig.forge->api_url() + " | head -1");
  EXPECT_EQ(watched.code, 0) << watched.err;
  EXPECT_THAT(watched.err, AllOf(HasSubstr("standard output is closed"), Not(HasSubstr("stays owed"))));
}

TEST_F(Words, WhatToTypeNextIsWhatWasTyped) {
  const auto lost = rig.shell("cd / && HOME= XDG_CONFIG_HOME= BECKON_INVOKED_AS=./scripts/run \"$BECKON\" check");
  if (std::filesystem::exists("/etc/beckon/config.toml") || std::filesystem::exists("/config.toml")) GTEST_SKIP();
  EXPECT_EQ(lost.code, 78);
  EXPECT_THAT(lost.err, HasSubstr("`./scripts/run watch OWNER/REPO LOGIN`"));
  EXPECT_THAT(said("chekc", 2), HasSubstr("See `beckon --help`"));
}

}  // namespace
}  // namespace beckon::core::testing
