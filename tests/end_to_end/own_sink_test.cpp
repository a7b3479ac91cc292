// A sink of one's own, from nothing to a message: the tutorial of plugins/README.md, command by command, against an installed
// Beckon and a receiver on loopback.
#include "end_to_end/rig.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace beckon::core::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

struct Block {
  std::string language;
  std::string text;
};

// What stands between ``` and ``` under one heading.
std::vector<Block> blocks_under(const std::filesystem::path& file, const std::string& heading) {
  std::ifstream in(file);
  std::vector<Block> blocks;
  bool inside = false, under = false;
  for (std::string line; std::getline(in, line);) {
    if (!inside && line.starts_with("## ")) under = line == "## " + heading;
    if (!under) continue;
    if (line.starts_with("```")) {
      inside = !inside;
      if (inside) blocks.push_back({line.substr(3), {}});
    } else if (inside && !line.starts_with("export ")) {   // the test has its own
      blocks.back().text += line + "\n";
    }
  }
  return blocks;
}

struct OwnSink : ::testing::Test {
  OwnSink() {
    std::filesystem::create_directories(work);
    std::filesystem::create_directories(home / "beckon-sinks");
    std::filesystem::create_directories(home / ".config/beckon");
    std::filesystem::create_symlink(rig.config(), home / ".config/beckon/config.toml");
    ::setenv("PAGER_URL", (rig.slack_origin() + "/services/T1/B1/" + secret).c_str(), 1);
    for (const char* variable : {"BECKON_SINKS", "BECKON_SINK_HOST", "XDG_CONFIG_HOME", "CXX", "CXXFLAGS"}) ::unsetenv(variable);
  }

  Finished install() { return rig.finish(rig.start_program({"/bin/sh", "-c", "cmake --install '" BECKON_BINARY_DIR "' --prefix '" + prefix.string() + "'"})); }
  // As the tutorial's reader would: in one shell, whose folder goes on from block to block.
  Finished shell(const std::string& script) {
    const std::string environment = "export HOME='" + home.string() + "' PATH='" + (prefix / "bin").string() + "':\"$PATH\" CMAKE_PREFIX_PATH='" +
                                    prefix.string() + "'\ncd '" + work.string() + "'\n";
    const auto done = rig.finish(rig.start_program({"/bin/sh", "-ec", environment + script}), 120s);
    if (std::filesystem::exists(work / "pager")) work /= "pager";
    return done;
  }
  void append(const std::string& text) { std::ofstream(rig.config(), std::ios::app) << text; }
  bool says(const std::string& text) {
    return rig.until([&] { return rig.read("err").find(text) != std::string::npos; });
  }

  Rig rig;
  const std::string secret = "hook-of-the-pager";
  const std::filesystem::path prefix = rig.folder() / "prefix", home = rig.folder() / "home";
  std::filesystem::path work = home / "work";
};

TEST_F(OwnSink, GoesFromNothingToAMessageAsTheTutorialSays) {
  ASSERT_EQ(install().code, 0) << rig.read("err");
  rig.configure("[[subscriptions]]\nrepo = \"acme/rocket\"\nuser = \"octocat\"\nsink = \"team\"\n");
  std::string config = rig.read("config.toml");
  config.insert(config.find("state ="), "plugins = [\"" + (home / "beckon-sinks").string() + "\"]\n");
  std::ofstream(rig.config()) << config;

  std::string said, daemon_log;
  std::size_t scripts = 0;
  pid_t daemon = -1;
  for (const Block& block : blocks_under(BECKON_SOURCE_DIR "/plugins/README.md", "Ten minutes")) {
    if (block.language == "sh") {
      const auto done = shell(block.text);
      ASSERT_EQ(done.code, 0) << block.text << done.out << done.err;
      said += done.out;
      ++scripts;
    } else if (block.text.find("[sinks.") != std::string::npos) {
      daemon = rig.start_program({prefix / "bin/beckon", "run", "--config", rig.config()});
      ASSERT_TRUE(says("baseline")) << rig.read("err");
      append(block.text);
      ::kill(daemon, SIGHUP);
      ASSERT_TRUE(says("is taken over: watching for 2 subscriptions")) << rig.read("err");
    }
  }
  EXPECT_EQ(scripts, 3u);
  EXPECT_THAT(said, AllOf(HasSubstr("100% tests passed"), HasSubstr("It keeps the contract."), HasSubstr("The test delivery: delivered"),
                          HasSubstr("pager 1.0.0 - posts a line for each mention to a URL"), Not(HasSubstr(secret))));
  ASSERT_EQ(rig.accepted.size(), 1u);
  EXPECT_THAT(rig.accepted[0], HasSubstr("A test by `beckon try-sink`"));

  const auto comment = rig.comment("@hubot the rocket leaks", Rig::soon());
  EXPECT_TRUE(rig.until([&] { return rig.told()[comment] == 1; })) << rig.read("err");
  EXPECT_THAT(rig.accepted.back(), HasSubstr("vera mentioned @hubot in a comment on acme/rocket#1: @hubot the rocket leaks"));
  ::kill(daemon, SIGTERM);
  EXPECT_EQ(rig.finish(daemon).code, 0) << rig.read("err");
  EXPECT_THAT(rig.read("err"), Not(HasSubstr(secret)));
}

// ---- the two commands -----------------------------------------------------------------------------------------------

const std::string slack = BECKON_BINARY_DIR "/sinks/slack.so";

TEST_F(OwnSink, NewSinkRefusesWhatItCannotDo) {
  const auto in_folder = [&](const std::string& arguments) { return rig.shell("cd '" + work.string() + "' && \"$BECKON\" new-sink " + arguments); };
  EXPECT_EQ(in_folder("pager").code, 0);
  const auto again = in_folder("pager");
  EXPECT_EQ(again.code, 1);
  EXPECT_THAT(again.err, HasSubstr("\"pager\" is not empty, and nothing is overwritten: name another folder"));
  const auto badly_named = in_folder("Pager");
  EXPECT_EQ(badly_named.code, 2);
  EXPECT_THAT(badly_named.err, HasSubstr("\"Pager\" cannot name a sink; use a-z, 0-9, _ and -, a letter first"));
  const auto ours = in_folder("slack");
  EXPECT_EQ(ours.code, 2);
  EXPECT_THAT(ours.err, HasSubstr("\"slack\" is a sink that comes with Beckon"));
  EXPECT_EQ(in_folder("pager other --c --worker").code, 2);
  EXPECT_EQ(in_folder("pager /proc/absent").code, 1);
  EXPECT_FALSE(std::filesystem::exists(work / "slack"));
}

TEST_F(OwnSink, TrySinkShowsARequestAndMasksSecrets) {
  const auto shown = rig.run({"try-sink", slack, "--set", "webhook_url=https://hooks.slack.com/services/T1/B1/" + secret});
  EXPECT_EQ(shown.code, 0) << shown.out << shown.err;
  EXPECT_THAT(shown.out, AllOf(HasSubstr("a webhook sink, built for version 1."), HasSubstr("  ok      hostile text breaks nothing\n"),
                               HasSubstr("It keeps the contract.\n"), HasSubstr("\na mention\n  POST ***\n  Content-Type: application/json"),
                               HasSubstr("\na mention in the plain form\n"), HasSubstr("\na digest of 3\n"), HasSubstr("\na notice\n"),
                               HasSubstr("\na probe\n"), Not(HasSubstr(secret))));
  std::istringstream lines(shown.out);
  for (std::string line; std::getline(lines, line);)
    EXPECT_LE(std::count_if(line.begin(), line.end(), [](char c) { return (c & 0xc0) != 0x80; }), 80) << line;
  EXPECT_TRUE(rig.accepted.empty()) << "nothing is sent without --send";
}

TEST_F(OwnSink, TrySinkSaysInWordsWhatIsWrongWithItsOptions) {
  const auto says = [&](std::vector<std::string> settings, const std::string& words) {
    std::vector<std::string> arguments = {"try-sink", slack};
    for (const std::string& setting : settings) arguments.insert(arguments.end(), {"--set", setting});
    const auto tried = rig.run(arguments);
    EXPECT_EQ(tried.code, 2) << words;
    EXPECT_THAT(tried.err, HasSubstr(words));
    EXPECT_EQ(tried.out, "");
  };
  says({}, "webhook_url is missing: add --set webhook_url=... (");
  says({"webhook_uri=x", "webhook_url=https://hooks.slack.com/services/T1/B1/x"}, "did you mean \"webhook_url\"?");
  says({"webhook_url"}, "--set takes KEY=VALUE");
  says({"webhook_url=env:NO_SUCH_VARIABLE"}, "NO_SUCH_VARIABLE");
  says({"webhook_url=https://a.example/1", "webhook_url=https://a.example/2"}, "webhook_url is set twice");
  says({"webhook_url=https://slack.com/api/chat.postMessage"}, "this is Slack's Web API");
}

TEST_F(OwnSink, TrySinkEndsWithOneWhenSomethingIsWrong) {
  const auto absent = rig.run({"try-sink", "absent.so"});
  EXPECT_EQ(absent.code, 1);
  EXPECT_THAT(absent.err, HasSubstr("absent.so does not exist"));

  rig.refuse = [](const HttpRequest&) { return std::optional(testing::says(404, "no_service")); };
  const auto refused = rig.run({"try-sink", slack, "--set", "webhook_url=env:PAGER_URL", "--send"});
  EXPECT_EQ(refused.code, 1);
  EXPECT_THAT(refused.out, AllOf(HasSubstr("It keeps the contract."), HasSubstr("The test delivery: not delivered; the subscriber is gone: no_service: ")));

  const std::string faulty = BECKON_BINARY_DIR "/faulty_sinks/faulty.so";
  const auto broken = rig.run({"try-sink", faulty, "--set", "url=https://service.example/" + secret, "--set", "misdeed=crash at an answer"});
  EXPECT_EQ(broken.code, 1);
  EXPECT_THAT(broken.out, AllOf(HasSubstr("  FAILED  every answer becomes a sound outcome\n            it crashed (Segmentation fault)"),
                                HasSubstr("  ok      Retry-After is taken at its word"), HasSubstr("It breaks the contract in 3 of 15 points.")));
}

}  // namespace
}  // namespace beckon::core::testing
