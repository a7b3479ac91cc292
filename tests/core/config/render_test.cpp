// How errors are shown, and what of a file never is.
#include "core/config/support.hpp"

#include <gmock/gmock.h>

namespace beckon::core {
namespace {

using testing::expect_errors;
using testing::Folder;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(ConfigText, NothingThatATerminalObeysIsShown) {
  const Folder folder;
  const std::vector<std::string> texts{
      "[sinks.\"a\\u001b[31m\"]\n",                  // in what is said
      "a = \"\xc2\x9b" "31m\" x\n",                    // in the line beside it, a C1 control
      "\"a\xff\x1b[31m\" = 1\n",                        // no UTF-8
      "a = \"\xe2\x80\xae" "b\" x\n",                   // turned round
  };
  for (const auto& text : texts) {
    const auto file = folder.write("config.toml", text);
    const auto loaded = load_config(file);
    EXPECT_FALSE(loaded.ok()) << text;
    const auto shown = render_errors(file, loaded.errors);
    for (std::string_view rest = shown; !rest.empty();) {
      const auto line = rest.substr(0, rest.find('\n'));
      EXPECT_EQ(log::printable(line), line);
      rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    }
  }
}

TEST(ConfigText, ASecretNeverStandsInAnErrorOrBesideIt) {
  const Folder folder;
  const std::string secret = "hunter22hunter22";
  const std::vector<std::string> texts{
      "[forges.github]\ntoken = \"" + secret + "\" x\n",
      "[forges.github]\ntoken = " + secret + "\n",
      "[forges.github]\ntoken = \"" + secret + "\n",
      "[forges.github]\ntoken \"" + secret + "\"\n",
      "[forges.github]\ntoken: " + secret + "\n",
      "[forges.github]\ntoken = \"\"\"\n" + secret + " \"\"\" y\n",
      "[forges.github]\n" + secret + "\n",
      "[forges.github]\napi_url = \"https://me:" + secret + "@h\"\n",
      "[forges.github]\ntoken = { env = \"" + secret + "-x\" }\n",
      "[forges.github]\ntoken = { credential = \"" + secret + "/x\" }\n",
      "[forges.github]\ntoken = [\"" + secret + "\"]\n",
      "[forges.github]\nx = 1 # \"" + secret + "\"\n",
      "[bot]\nstate = \"postgresql://u:" + secret + "@db/x\"\n",
      "[bot]\nproxy = \"ftp://u:" + secret + "@h:1\"\n",
      "[sinks.x]\nplugin = 1\npassword = \"" + secret + "\"\nplugin = 2\n",
      "[sinks.x]\nurl = [1.5, \"" + secret + "\"]\n",
      "[sinks.x]\nplugin = \"x\"\n[[subscriptions]]\nsinks = [{ name = \"y\", pass = \"" + secret + "\" }, 1]\n",
      "[sinks.x]\nplugin = \"x\"\n[[subscriptions]]\ntarget = { a = \"" + secret + "\", b = 1.5 }\n",
  };
  for (const auto& text : texts) {
    const auto file = folder.write("config.toml", text);
    const auto loaded = load_config(file);
    EXPECT_FALSE(loaded.ok()) << text;
    EXPECT_THAT(render_errors(file, loaded.errors), Not(HasSubstr(secret))) << text;
  }
}

TEST(RenderErrors, ShowsFileLineColumnSourceAndCaret) {
  const Folder folder;
  const auto file = folder.write("c.toml", "[bot]\n\tinterval = 60 # each minute\nplugins = [\"\xc3\xa9\", 1]\n");
  EXPECT_EQ(render_errors(file, load_config(file).errors),
            file.native() +
                ":2:13: error: interval: expected a duration such as \"60s\", found an integer\n"
                "   interval = 60\n"
                "              ^\n" +
                file.native() +
                ":3:17: error: plugins: expected a string in the list, found an integer\n"
                "  plugins = [\"\xc3\xa9\", 1]\n"
                "                  ^\n");
}

TEST(RenderErrors, MasksValuesThatMayBeSecret) {
  const Folder folder;
  const auto file =
      folder.write("c.toml", "[sinks.x]\npassword = \"hunter22\" \nplugin = 1\nkey = { env = \"A\", b = 2 }\n");
  const auto text = render_errors(file, {{{4, 20}, "here"}, {{2, 1}, "there"}, {{2, 12}, "value", true}});
  EXPECT_EQ(text, file.native() + ":2:1: error: there\n  password = ***\n  ^\n" + file.native() +
                      ":2:12: warning: value\n  password = ***\n             ^\n" + file.native() +
                      ":4:20: error: here\n  key = { env = \"A\", b = 2 }\n                     ^\n");
}

// The source line of an error at the third line of `text`.
std::string shown(const std::string& line, const std::string& header = "[sinks.x]",
                  const std::vector<std::string>& plain_options = {}) {
  const Folder folder;
  const auto file = folder.write("c.toml", header + "\nplugin = \"x\"\n" + line + "\n");
  const auto text = render_errors(file, {{{3, 1}, "here"}}, plain_options);
  const auto begin = text.find("\n  ") + 3;
  return text.substr(begin, text.find('\n', begin) - begin);
}

TEST(RenderErrors, ShowsWhatIsSurelyNoSecret) {
  EXPECT_EQ(shown("width = 120"), "width = 120");
  EXPECT_EQ(shown("loud = true # as ever"), "loud = true");
  EXPECT_EQ(shown("hook = { env = \"SLACK_HOOK\" }"), "hook = { env = \"SLACK_HOOK\" }");
  EXPECT_EQ(shown("hook = { file = \"/run/hook\" }"), "hook = { file = \"/run/hook\" }");
  EXPECT_EQ(shown("hook = { credential = \"slack-hook\" }"), "hook = { credential = \"slack-hook\" }");
  EXPECT_EQ(shown("color = \"allways\"", "[sinks.x]", {"color"}), "color = \"allways\"");
  EXPECT_EQ(shown("target = { color = \"allways\" }", "[[subscriptions]]", {"color"}), "target = { color = \"allways\" }");
  EXPECT_EQ(shown("usr = \"octocat\"", "[[subscriptions]]"), "usr = \"octocat\"");
  EXPECT_EQ(shown("intervall = \"60s\"", "[bot]"), "intervall = \"60s\"");
  EXPECT_EQ(shown("state = \"/proc/x/b.db\"", "[bot]"), "state = \"/proc/x/b.db\"");
  EXPECT_EQ(shown("api_url = \"https://code.invalid/api\"", "[forges.github]"), "api_url = \"https://code.invalid/api\"");
}

TEST(RenderErrors, MasksWhatMayBeOne) {
  EXPECT_EQ(shown("webhok_url = \"https://h/x\""), "webhok_url = ***");
  EXPECT_EQ(shown("colour = \"hunter22\"", "[sinks.x]", {"color"}), "colour = ***");
  EXPECT_EQ(shown("color = \"https://h/x\"", "[sinks.x]", {"color"}), "color = ***");
  EXPECT_EQ(shown("color = \"hunter22\"", "[bot]", {"color"}), "color = ***");
  EXPECT_EQ(shown("pin = 123456789012"), "pin = ***");
  EXPECT_EQ(shown("hook = { env = \"ghp_hunter22\" }"), "hook = { env = *** }");
  EXPECT_EQ(shown("env = \"HUNTER22\""), "env = ***");
  EXPECT_EQ(shown("hook = { credential = \"xoxb-hunter22\" }"), "hook = { credential = *** }");
  EXPECT_EQ(shown("hook = { credential = \"https://h/hunter22\" }"), "hook = { credential = *** }");
  EXPECT_EQ(shown("credential = \"hunter22\""), "credential = ***");
  EXPECT_EQ(shown("api_url = \"https://me:pw@h\"", "[forges.github]"), "api_url = ***");
  EXPECT_EQ(shown("target = { usr = \"hunter22\" }", "[[subscriptions]]"), "target = { usr = *** }");
  EXPECT_EQ(shown("tokn = \"hunter22\"", "[forges.github]"), "tokn = ***");
}

TEST(RenderErrors, CutsALongLineAroundTheCaret) {
  const Folder folder;
  const auto file = folder.write("c.toml", "name = \"" + std::string(500, 'x') + "\" y\n");
  const auto text = render_errors(file, load_config(file).errors);
  EXPECT_THAT(text, HasSubstr("xx\" ***\n"));
  EXPECT_LT(text.size(), 400u);
}

TEST(RenderErrors, WithoutALineStandsTheFileAlone) {
  EXPECT_EQ(render_errors("absent.toml", {{{}, "gone"}, {{3, 4}, "odd", true}}),
            "absent.toml: error: gone\nabsent.toml:3:4: warning: odd\n");
}

TEST(RenderErrors, EscapeSequencesOfTheFileStayHarmless) {
  const Folder folder;
  const auto file = folder.write("c.toml", "[bot]\n\"\\u001b[2J\" = 1\nx\x1b[2J = 1\n");
  EXPECT_THAT(render_errors(file, load_config(file).errors), Not(HasSubstr("\x1b")));
  const auto key = parse_config("[bot]\n\"\\u001b[2J\" = 1\n", file);
  expect_errors(key.errors, {"2:1 unknown key \"\\x1b[2J\""});
}

TEST(LoadConfig, SaysWhatIsWrongWithTheFileItself) {
  const Folder folder;
  const auto first = [](const std::filesystem::path& file) {
    const auto loaded = load_config(file);
    return loaded.ok() ? std::string("no error") : loaded.errors.front().message;
  };
  EXPECT_THAT(first(folder.path() / "absent.toml"), HasSubstr("there is no such file"));
  EXPECT_THAT(first(folder.path()), HasSubstr("this is a folder"));
  EXPECT_THAT(first("/dev/zero"), HasSubstr("is larger than 64 MiB"));
  if (::geteuid() != 0) {
    const auto closed = folder.write("closed.toml", "");
    std::filesystem::permissions(closed, std::filesystem::perms::none);
    EXPECT_THAT(first(closed), HasSubstr("Permission denied"));
  }
}

}  // namespace
}  // namespace beckon::core
