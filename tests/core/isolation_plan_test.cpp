// Which sinks get a process of their own, and what their plugins say of their options there.
#include "plan.hpp"
#include "plugins/temporary_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

namespace beckon::core {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class IsolationPlan : public ::testing::Test {
 protected:
  IsolationPlan() {
    std::filesystem::create_directory(folder_.path() / "ours");
    std::filesystem::create_directory(folder_.path() / "strange");
    for (const char* kind : {"webhook", "worker"})
      std::filesystem::copy_file(std::filesystem::path(BECKON_BINARY_DIR) / "misdeeds" / (std::string(kind) + ".so"),
                                 folder_.path() / (std::string(kind) == "worker" ? "ours" : "strange") / (std::string(kind) + ".so"));
    ::setenv("BECKON_SINKS", (folder_.path() / "ours").c_str(), 1);
  }
  ~IsolationPlan() override { ::unsetenv("BECKON_SINKS"); }

  // `sinks` begins at line 4.
  std::unique_ptr<Plan> plan(const std::string& sinks) {
    return make_plan(parse_config("[bot]\nstate = \":memory:\"\nplugins = [\"strange\"]\n" + sinks +
                                      "[[subscriptions]]\nrepo = \"a/b\"\nuser = \"octocat\"\nsink = \"x\"\n",
                                  folder_.path() / "config.toml"));
  }
  static std::vector<std::string> errors(const Plan& plan) {
    std::vector<std::string> texts;
    for (const ConfigError& error : plan.errors)
      texts.push_back(fmt::format("{}:{} {}", error.place.line, error.place.column, error.message));
    return texts;
  }
  plugins::TemporaryFolder folder_;
};

TEST_F(IsolationPlan, AStrangersLibraryGetsAProcessOfItsOwnUnlessTheFileSaysOtherwise) {
  const auto strange = plan("[sinks.x]\nplugin = \"misdeeds_webhook\"\n");
  EXPECT_THAT(errors(*strange), IsEmpty());
  EXPECT_TRUE(strange->sinks[0].isolated);
  EXPECT_FALSE(strange->sinks[0].plugin.is_open()) << "it is not even loaded here";
  EXPECT_EQ(strange->sinks[0].config.memory_limit, std::uint64_t{512} << 20);

  const auto trusted = plan("[sinks.x]\nplugin = \"misdeeds_webhook\"\nisolate = false\n");
  EXPECT_THAT(errors(*trusted), IsEmpty());
  EXPECT_FALSE(trusted->sinks[0].isolated);
  EXPECT_TRUE(trusted->sinks[0].plugin.is_open());
}

TEST_F(IsolationPlan, OneOfOursGetsOneIfTheFileSaysSo) {
  const auto ours = plan("[sinks.x]\nplugin = \"misdeeds_worker\"\n");
  EXPECT_THAT(errors(*ours), IsEmpty());
  EXPECT_FALSE(ours->sinks[0].isolated);
  EXPECT_TRUE(ours->sinks[0].plugin.is_open());
  const auto isolated = plan("[sinks.x]\nplugin = \"misdeeds_worker\"\nisolate = true\nmemory_limit = \"64MiB\"\n");
  EXPECT_THAT(errors(*isolated), IsEmpty());
  EXPECT_TRUE(isolated->sinks[0].isolated);
  EXPECT_EQ(isolated->sinks[0].config.memory_limit, std::uint64_t{64} << 20);
}

TEST_F(IsolationPlan, WhatThePluginComplainsOfKeepsItsPlace) {
  const auto complained = plan("[sinks.x]\nplugin = \"misdeeds_webhook\"\nopen = \"complain\"\n");
  EXPECT_THAT(errors(*complained), ElementsAre("6:1 open: do not complain"));
}

TEST_F(IsolationPlan, ACheckThatGoesWrongIsAnErrorOfItsSinkAndNotTheEndOfUs) {
  EXPECT_THAT(errors(*plan("[sinks.x]\nplugin = \"misdeeds_webhook\"\nopen = \"crash\"\n")),
              ElementsAre("4:1 the plugin \"misdeeds_webhook\" is at fault: it crashed (Segmentation fault) while it checked "
                          "these options"));
  EXPECT_THAT(errors(*plan("[sinks.x]\nplugin = \"misdeeds_webhook\"\nopen = \"exit\"\n")),
              ElementsAre(HasSubstr("it ended its process (exit code 0) while it checked these options")));
  EXPECT_THAT(errors(*plan("[sinks.x]\nplugin = \"misdeeds_webhook\"\nopen = \"throw\"\n")),
              ElementsAre(HasSubstr("it threw while it checked these options")));
  EXPECT_THAT(errors(*plan("[sinks.x]\nplugin = \"misdeeds_webhook\"\nopen = \"garbage\"\n")),
              ElementsAre(HasSubstr("gave an answer that nobody can have asked for")));
}

TEST_F(IsolationPlan, KeysOfTheHostAreChecked) {
  EXPECT_THAT(errors(*plan("[sinks.x]\nplugin = \"misdeeds_webhook\"\nisolate = \"yes\"\nmemory_limit = \"much\"\n")),
              ElementsAre(HasSubstr("6:11 isolate: expected true or false"),
                          HasSubstr("7:16 memory_limit: \"much\" is no size: write a whole number and a unit, as in \"512MiB\"")));
  EXPECT_THAT(errors(*plan("[sinks.x]\nplugin = \"misdeeds_webhook\"\nmemory_limit = 1000\n")),
              ElementsAre("6:16 memory_limit: out of range: at least 32MiB, at most 1TiB"));
  EXPECT_THAT(errors(*plan("[sinks.x]\nplugin = \"misdeeds_webhook\"\nmemory_limit = true\n")),
              ElementsAre(HasSubstr("memory_limit: expected a size such as \"512MiB\", or a number of bytes")));
  EXPECT_EQ(plan("[sinks.x]\nplugin = \"misdeeds_webhook\"\nmemory_limit = 67108864\n")->sinks[0].config.memory_limit,
            std::uint64_t{64} << 20);
}

}  // namespace
}  // namespace beckon::core
