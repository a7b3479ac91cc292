// A plan with one subscription more, or one less.
#include "plan_edit.hpp"

#include "config/added.hpp"
#include "plugins/temporary_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

namespace beckon::core {
namespace {

using Came = PlanChange::Came;
using ::testing::AllOf;
using ::testing::HasSubstr;

class PlanEdits : public ::testing::Test {
 protected:
  PlanEdits() {
    std::filesystem::create_directory(folder_.path() / "ours");
    std::filesystem::copy_file(std::filesystem::path(BECKON_BINARY_DIR) / "misdeeds" / "worker.so", folder_.path() / "ours" / "worker.so");
    ::setenv("BECKON_SINKS", (folder_.path() / "ours").c_str(), 1);
    configure("");
  }
  ~PlanEdits() override { ::unsetenv("BECKON_SINKS"); }

  // Its subscriptions begin at line 5.
  void configure(const std::string& more, const std::string& state = "b.db") {
    std::ofstream(config()) << "[bot]\nstate = \"" << state << "\"\n[sinks.x]\nplugin = \"misdeeds_worker\"\n" << entry("octocat") << more;
  }
  static std::string entry(const std::string& user, const std::string& more = "") {
    return "[[subscriptions]]\nrepo = \"a/b\"\nuser = \"" + user + "\"\nsink = \"x\"\n" + more;
  }
  std::filesystem::path config() const { return folder_.path() / "config.toml"; }
  void write(const std::string& text) const { std::ofstream(folder_.path() / "b.db.subscriptions.toml") << text; }
  PlanEdit with(const std::string& text) const { return plan_with(config(), text).value(); }
  PlanEdit without(const std::string& name) const { return plan_without(config(), name).value(); }
  static std::vector<std::string> names(const Plan& plan) {
    std::vector<std::string> all;
    for (const auto& one : plan.subscriptions) all.push_back(one.name);
    return all;
  }

  plugins::TemporaryFolder folder_;
};

TEST_F(PlanEdits, OneWithoutANameIsWrittenWithTheOneItGets) {
  const PlanEdit edit = with(entry("ada"));
  EXPECT_EQ(edit.change.came, Came::done);
  EXPECT_EQ(edit.change.name, "a/b ada x");
  EXPECT_THAT(names(*edit.plan), ::testing::ElementsAre("a/b octocat x", "a/b ada x"));
  EXPECT_EQ(edit.before, "");
  EXPECT_THAT(edit.text, HasSubstr("\n[[subscriptions]]\nname = \"a/b ada x\"\nrepo"));
  write(edit.text);
  EXPECT_EQ(with(entry("bob", "name = \"bob\"\n")).text, edit.text + "\n" + entry("bob", "name = \"bob\"\n"));
}

TEST_F(PlanEdits, WhatIsThereAlreadyIsAConflictAndAllElseIsWrong) {
  EXPECT_EQ(with(entry("octocat", "name = \"again\"\n")).change.came, Came::conflict);
  EXPECT_EQ(with(entry("ada", "name = \"a/b octocat x\"\n")).change.came, Came::conflict);
  const PlanEdit wrong = with("[[subscriptions]]\nrepo = \"a\"\nusr = \"ada\"\nsink = \"x\"\n");
  EXPECT_EQ(wrong.change.came, Came::wrong);
  EXPECT_THAT(wrong.change.sentence, AllOf(HasSubstr("repo: \"a\" is no repository"), HasSubstr("did you mean \"user\"?"), HasSubstr("; ")));
  EXPECT_EQ(with(entry("octocat", "usr = 1\n")).change.came, Came::wrong);
  EXPECT_EQ(with(entry("ada") + entry("bob")).change.came, Came::wrong);
  EXPECT_EQ(with(entry("ada", "target = { nothing = 1 }\n")).change.came, Came::wrong);
  EXPECT_EQ(with(entry("ada", "name = \"(alerts)\"\n")).change.came, Came::wrong);
}

TEST_F(PlanEdits, WhatIsWrongWithAnotherOneIsNobodysHindrance) {
  write(entry("ada", "name = \"ada\"\nsnk = 1\n") + entry("bob", "name = \"bob\"\n"));
  const PlanEdit edit = with(entry("eve"));
  EXPECT_EQ(edit.change.came, Came::done) << edit.change.sentence;
  EXPECT_THAT(names(*edit.plan), ::testing::ElementsAre("a/b octocat x", "bob", "a/b eve x"));
  EXPECT_TRUE(edit.plan->ok());
  EXPECT_TRUE(edit.plan->leaves_out());
  EXPECT_EQ(without("ada").change.came, Came::done);
  EXPECT_FALSE(without("ada").plan->leaves_out());
}

TEST_F(PlanEdits, FilesThatAreBrokenAreMendedFirst) {
  write("[[subscriptions]]\nrepo = a\n");
  EXPECT_EQ(with(entry("ada")).change.came, Came::conflict);
  EXPECT_THAT(with(entry("ada")).change.sentence, AllOf(HasSubstr("b.db.subscriptions.toml, line 2"), HasSubstr("mend that first")));
  EXPECT_EQ(without("x").change.came, Came::conflict);
  write("");
  configure("[bot\n");
  EXPECT_THAT(with(entry("ada")).change.sentence, AllOf(HasSubstr("config.toml:9"), HasSubstr("mend that first")));
  configure("", ":memory:");
  EXPECT_THAT(plan_with(config(), entry("ada")).error().message, HasSubstr("in memory only"));
}

TEST_F(PlanEdits, OnlyWhatWasAddedIsRemoved) {
  write(with(entry("ada")).text);
  const PlanEdit edit = without("a/b ada x");
  EXPECT_EQ(edit.change.came, Came::done);
  EXPECT_EQ(added_entries(edit.text).value().size(), 0u);
  EXPECT_THAT(names(*edit.plan), ::testing::ElementsAre("a/b octocat x"));
  const PlanEdit configured = without("a/b octocat x");
  EXPECT_EQ(configured.change.came, Came::conflict);
  EXPECT_THAT(configured.change.sentence, HasSubstr("config.toml:5; remove it there"));
  EXPECT_EQ(without("nobody").change.came, Came::unknown);
}

TEST_F(PlanEdits, OneThatWasMovedIntoTheConfigurationIsStillRemovedHere) {
  write(with(entry("ada", "name = \"ada\"\n")).text);
  configure(entry("ada", "name = \"ada\"\n"));
  const PlanEdit edit = without("ada");
  EXPECT_EQ(edit.change.came, Came::done);
  EXPECT_THAT(names(*edit.plan), ::testing::ElementsAre("a/b octocat x", "ada"));
}

TEST_F(PlanEdits, OneOfSeveralOfAnEntryIsLeftToItsFile) {
  write("[[subscriptions]]\nrepo = \"a/b\"\nusers = [\"ada\", \"bob\"]\nsink = \"x\"\nname = \"both\"\n");
  EXPECT_THAT(without("both (a/b ada x)").change.sentence, HasSubstr("one of several"));
  EXPECT_EQ(without("both").change.came, Came::done);
}

}  // namespace
}  // namespace beckon::core
