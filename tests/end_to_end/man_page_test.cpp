// beckon(1) knows all that `beckon --help` knows.
#include "end_to_end/rig.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace beckon::core::testing {
namespace {

using ::testing::Contains;

std::string man_page() {
  std::ifstream file(BECKON_SOURCE_DIR "/packaging/beckon.1");
  return {std::istreambuf_iterator<char>(file), {}};
}

// mdoc writes an option "--x" as `Fl -x`.
std::set<std::string> options_of_page() {
  const std::string page = man_page();
  std::set<std::string> options;
  static const std::regex flag("Fl (-[a-z0-9-]+)");
  for (std::sregex_iterator at(page.begin(), page.end(), flag), end; at != end; ++at) options.insert("-" + (*at)[1].str());
  return options;
}

// The words of the lines with `Cm`, which is what mdoc calls a command.
std::set<std::string> commands_of_page() {
  std::set<std::string> commands;
  std::istringstream page(man_page());
  for (std::string line; std::getline(page, line);) {
    std::istringstream words(line);
    bool behind = false;
    for (std::string word; words >> word; behind = behind || word == "Cm" || word == ".Cm")
      if (behind) commands.insert(word);
  }
  return commands;
}

struct Help {
  std::vector<std::string> commands;
  std::vector<std::string> options;
};

Help help_of(Rig& rig, std::vector<std::string> arguments) {
  arguments.push_back("--help");
  const auto finished = rig.run(std::move(arguments));
  EXPECT_EQ(finished.code, 0) << finished.err;
  Help help;
  std::istringstream lines(finished.out);
  bool in_commands = false;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("Subcommands:")) in_commands = true;
    std::istringstream parts(line);
    std::string first;
    if (!line.starts_with("  ") || line.starts_with("   ") || !(parts >> first)) continue;
    if (in_commands) help.commands.push_back(first);
    static const std::regex option("^  (?:-[a-zA-Z],)?(--[a-z0-9-]+)");
    if (std::smatch found; std::regex_search(line, found, option)) help.options.push_back(found[1]);
  }
  return help;
}

void expect_all_in_page(const Help& help, const std::string& where) {
  const auto options = options_of_page(), commands = commands_of_page();
  for (const std::string& option : help.options) EXPECT_THAT(options, Contains(option)) << "of beckon " << where;
  for (const std::string& command : help.commands) EXPECT_THAT(commands, Contains(command)) << "of beckon " << where;
}

TEST(ManPage, NamesEveryCommandAndEveryOption) {
  Rig rig;
  const Help all = help_of(rig, {});
  ASSERT_THAT(all.commands, Contains("run"));
  ASSERT_THAT(all.options, Contains("--log-level"));
  expect_all_in_page(all, "");
  for (const std::string& command : all.commands) {
    const Help one = help_of(rig, {command});
    expect_all_in_page(one, command);
    for (const std::string& nested : one.commands) expect_all_in_page(help_of(rig, {command, nested}), command + " " + nested);
  }
}

TEST(ManPage, NamesEveryExitCode) {
  const std::string page = man_page();
  for (const char* code : {"0", "1", "2", "75", "78"}) EXPECT_NE(page.find(std::string("\n.It ") + code + "\n"), page.npos) << code;
}

}  // namespace
}  // namespace beckon::core::testing
