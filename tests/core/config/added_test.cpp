// What was added at run time: a file beside the state, whose entries stand alone.
#include "config/added.hpp"

#include "base/replace_file.hpp"
#include "core/config/support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/stat.h>

namespace beckon::core {
namespace {

using testing::expect_errors;
using testing::Folder;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string entry(const std::string& user, const std::string& more = "") {
  return "[[subscriptions]]\nrepo = \"a/b\"\nuser = \"" + user + "\"\nsink = \"x\"\n" + more;
}

struct Added : ::testing::Test {
  // The configuration's subscriptions begin at line 5.
  LoadedConfig load(const std::string& configured, const std::optional<std::string>& added) {
    const auto file = folder.write("config.toml", "[bot]\nstate = \"b.db\"\n[sinks.x]\nplugin = \"fake\"\n" + configured);
    return added ? load_config(file, *added) : load_config(file);
  }
  static std::vector<std::string> names(const LoadedConfig& loaded) {
    std::vector<std::string> all;
    for (const auto& one : loaded.config.subscriptions) all.push_back((one.place.file == Origin::added ? "+" : "") + one.name);
    return all;
  }

  Folder folder;
};

TEST_F(Added, TheyFollowThoseOfTheConfigurationAndTakeItsDefaults) {
  folder.write("b.db.subscriptions.toml", entry("hubot", "name = \"late\"\nbackfill = \"7d\"\n"));
  const auto loaded = load(entry("octocat"), std::nullopt);
  EXPECT_TRUE(loaded.ok());
  EXPECT_THAT(names(loaded), ElementsAre("a/b octocat x", "+late"));
  EXPECT_EQ(loaded.config.subscriptions[1].interval, 60s);
  EXPECT_EQ(loaded.config.subscriptions[1].backfill, 24h * 7);
  EXPECT_EQ(loaded.config.subscriptions[1].place.line, 1u);
  EXPECT_EQ(loaded.config.added_file, folder.path() / "b.db.subscriptions.toml");
}

TEST_F(Added, AWrongOneLeavesOutItselfAlone) {
  const auto loaded = load(entry("octocat"), "[[subscriptions]]\nrepo = \"a/b\"\nuser = \"hubot\"\nsink = \"y\"\n" + entry("ada"));
  EXPECT_TRUE(loaded.ok()) << "nothing of it keeps the daemon from starting";
  EXPECT_THAT(names(loaded), ElementsAre("a/b octocat x", "+a/b ada x"));
  expect_errors(loaded.errors, {"4:8 sink: there is no sink \"y\": known: x"});
  EXPECT_EQ(loaded.errors[0].place.file, Origin::added);
  EXPECT_FALSE(loaded.errors[0].duplicate);
}

TEST_F(Added, AFileThatIsNoTomlLeavesOutAllOfIt) {
  const auto loaded = load(entry("octocat"), "[[subscriptions]]\nrepo = a/b\n");
  EXPECT_TRUE(loaded.ok());
  EXPECT_THAT(names(loaded), ElementsAre("a/b octocat x"));
  ASSERT_EQ(loaded.errors.size(), 1u);
  EXPECT_EQ(loaded.errors[0].place.line, 2u);
}

TEST_F(Added, WhatIsThereAlreadyIsLeftOut) {
  const auto loaded = load(entry("octocat"), entry("octocat", "name = \"mine\"\n") + entry("ada") + entry("ada", "name = \"again\"\n") +
                                                 entry("hubot", "name = \"a/b octocat x\"\n"));
  EXPECT_TRUE(loaded.ok());
  EXPECT_THAT(names(loaded), ElementsAre("a/b octocat x", "+a/b ada x"));
  expect_errors(loaded.errors, {"1:1 a/b for octocat to x is already subscribed at line 5 of the configuration",
                                "10:1 a/b for ada to x is already subscribed at line 6 of what was added",
                                "15:1 name: \"a/b octocat x\" is what the subscription at line 5 of the configuration is called"});
  for (const auto& error : loaded.errors) EXPECT_TRUE(error.duplicate);
}

TEST_F(Added, AConfigurationWithoutAnyOfItsOwnWatchesNothingOnlyWhenNothingWasAdded) {
  EXPECT_EQ(load("", entry("octocat")).errors.size(), 0u);
  EXPECT_THAT(load("", "").errors.at(0).message, HasSubstr("nothing to watch"));
}

TEST_F(Added, AStateInMemoryHasNone) {
  EXPECT_EQ(added_file(":memory:"), "");
  EXPECT_EQ(added_file("/x/b.db"), "/x/b.db.subscriptions.toml");
}

TEST_F(Added, AnotherKeyInTheFileIsNamed) {
  const auto loaded = load(entry("octocat"), "[bot]\nstate = \"c.db\"\n" + entry("ada"));
  EXPECT_THAT(names(loaded), ElementsAre("a/b octocat x", "+a/b ada x"));
  expect_errors(loaded.errors, {"1:2 unknown key \"bot\""});
}

TEST_F(Added, ErrorsOfTheTwoFilesStandEachUnderItsOwn) {
  const auto file = folder.write("b.db.subscriptions.toml", "[[subscriptions]]\nrepo = \"a/b\"\nuser = \"hubot\"\nsink = \"y\"\n");
  const auto loaded = load("[[subscriptions]]\nrepo = 1\nuser = \"octocat\"\nsink = \"x\"\n", std::nullopt);
  EXPECT_FALSE(loaded.ok());
  ASSERT_EQ(loaded.errors.size(), 2u);
  EXPECT_EQ(loaded.errors[0].place.file, Origin::config);
  EXPECT_EQ(render_errors(file, {loaded.errors[1]}),
            file.string() + ":4:8: left out: sink: there is no sink \"y\": known: x\n  sink = \"y\"\n         ^\n");
  EXPECT_THAT(place_and_message(file, loaded.errors[1]), HasSubstr(":4:8: left out: sink"));
}

// ---- the text -------------------------------------------------------------------------------------------------------

std::vector<std::string> entries(const std::string& text) {
  const auto found = added_entries(text);
  if (!found) return {found.error().message};
  std::vector<std::string> all;
  for (const auto& one : *found) all.push_back(std::to_string(one.line) + " " + one.name);
  return all;
}

TEST(AddedText, WhatIsPutInComesOutAgain) {
  const std::string one = entry("ada", "name = \"one\"\n"), two = entry("ada", "name = \"two\"\n[subscriptions.target]\nto = \"x\"\n");
  std::string text = with_entry("", one);
  EXPECT_EQ(line_of_next(""), 4u);
  const auto next = line_of_next(text);
  const std::string first = text;
  text = with_entry(text, two);
  EXPECT_THAT(entries(text), ElementsAre("4 one", std::to_string(next) + " two"));
  EXPECT_EQ(without_entry(text, next).value(), first);
  EXPECT_THAT(entries(without_entry(text, 4).value()), ElementsAre("4 two"));
  EXPECT_THAT(entries(without_entry(without_entry(text, 4).value(), 4).value()), ElementsAre());
}

TEST(AddedText, TheCommentAboveAnEntryGoesWithIt) {
  const std::string text = "# about the file\n\n# one\n" + entry("ada", "name = \"one\"\n") + "\n# two\n# of it\n" + entry("bob", "name = \"two\"");
  const auto lines = added_entries(text).value();
  EXPECT_EQ(without_entry(text, lines[0].line).value(), "# about the file\n\n# two\n# of it\n" + entry("bob", "name = \"two\""));
  EXPECT_EQ(without_entry(text, lines[1].line).value(), "# about the file\n\n# one\n" + entry("ada", "name = \"one\"\n"));
}

TEST(AddedText, AnEntryOfAListInOneLineIsNotCutOut) {
  const std::string text = "subscriptions = [{ name = \"one\", repo = \"a/b\" }, { name = \"two\" }]\n";
  EXPECT_THAT(entries(text), ElementsAre("1 one", "1 two"));
  EXPECT_THAT(without_entry(text, 1).error().message, HasSubstr("by hand"));
}

TEST(AddedText, WhatIsNoTomlSaysWhere) { EXPECT_THAT(added_entries("a = 1\nb").error().message, HasSubstr("line 2")); }

TEST(ReplaceFile, IsForItsOwnerAloneAndLeavesNothingBeside) {
  const Folder folder;
  const auto file = folder.write("f", "old", true);
  folder.write("f.new", "of a process that was killed");
  ASSERT_TRUE(replace_file(file, "new"));
  struct stat facts {};
  ASSERT_EQ(::stat(file.c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777, 0600u);
  EXPECT_EQ(read_added_text(file).value(), "new");
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "f.new"));
  EXPECT_THAT(replace_file(folder.path() / "no" / "f", "new").error().message, HasSubstr("cannot be written"));
}

}  // namespace
}  // namespace beckon::core
