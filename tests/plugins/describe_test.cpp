// The program beckon-sink-host, asked what a library says of itself.
#include "plugins/host/describe.hpp"

#include "plugins/host/process.hpp"
#include "plugins/loader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/wait.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <thread>

namespace beckon::plugins {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

std::filesystem::path broken(const std::string& misdeed) { return std::filesystem::path(BECKON_BROKEN_SINKS) / (misdeed + ".so"); }

std::string refusal_of(const std::string& misdeed, std::chrono::milliseconds limit = 10s) {
  const auto described = describe(broken(misdeed), limit);
  const auto* why = std::get_if<std::string>(&described);
  return why ? *why : "(not refused)";
}

std::string_view text(const beckon_str& said) { return {said.data, said.size}; }

TEST(Describe, SaysWhatTheTableSaysAndLeavesTheEntriesWhereTheyAre) {
  const auto described = describe(broken("talkative"));
  ASSERT_TRUE(std::holds_alternative<std::shared_ptr<const Description>>(described)) << std::get<std::string>(described);
  const auto& description = *std::get<std::shared_ptr<const Description>>(described);
  const beckon_sink_table& table = description.table();
  EXPECT_EQ(text(table.name), "talkative");
  EXPECT_EQ(text(table.about), "prints while it is loaded");
  EXPECT_EQ(table.max_batch, 7u);
  EXPECT_EQ(table.handles_probe, 1u);
  EXPECT_EQ(table.stale_after, 5000);
  ASSERT_EQ(table.option_count, 1u);
  EXPECT_EQ(text(table.options[0]->name), "color");
  EXPECT_EQ(text(*table.options[0]->choices[1]), "never");
  EXPECT_EQ(table.open, nullptr);
  EXPECT_EQ(table.deliver, nullptr);
  EXPECT_TRUE(description.entries().is_worker);
  EXPECT_TRUE(description.entries().has_check);
}

TEST(Describe, FitsANewerVersionWithTheSameOptionsAndNoOther) {
  const auto read = [](const beckon_sink_table& table, bool is_worker) {
    return Description::read(*wire::pack(wire::Entries{is_worker, false}, table));
  };
  beckon_option option{};
  option.size = sizeof option;
  option.name = {"url", 3};
  option.type = BECKON_URL;
  const beckon_option* options[] = {&option};
  beckon_sink_table table{};
  table.size = sizeof table;
  table.major = BECKON_ABI_MAJOR;
  table.name = {"x", 1};
  table.version = {"1.0", 3};
  table.options = options;
  table.option_count = 1;
  const auto known = read(table, true);
  ASSERT_TRUE(known);
  table.version = {"1.1", 3};
  EXPECT_TRUE(known->fits(*read(table, true)));
  EXPECT_FALSE(known->fits(*read(table, false))) << "another kind of sink";
  option.flags = BECKON_SECRET;
  EXPECT_FALSE(known->fits(*read(table, true))) << "another option";
  option.type = 99;
  EXPECT_EQ(read(table, true), nullptr) << "no table that the loader would take";
}

TEST(Describe, EndsALibraryThatHangs) {
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_THAT(refusal_of("hangs_on_load", 20ms), HasSubstr("hangs when it is loaded"));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 5s);
}

TEST(Describe, NamesTheSignalAndTheLastWordsOfACrash) {
  EXPECT_THAT(refusal_of("crashes_with_words"),
              AllOf(HasSubstr("crashes when it is loaded (Aborted)"), HasSubstr("\"last words\""), Not(HasSubstr("first line"))));
}

TEST(Describe, WorksFromAnyThreadAndLeavesNoProcessBehind) {
  std::string said;
  std::thread([&] { said = refusal_of("exits_on_load"); }).join();
  EXPECT_THAT(said, HasSubstr("exit code 0"));
  EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1);
  EXPECT_EQ(errno, ECHILD);
}

TEST(Describe, WithoutTheProgramSaysWhatIsMissing) {
  ::setenv("BECKON_SINK_HOST", "/absent/beckon-sink-host", 1);
  const std::string said = refusal_of("whole");
  ::unsetenv("BECKON_SINK_HOST");
  EXPECT_THAT(said, AllOf(HasSubstr("/absent/beckon-sink-host"), HasSubstr("No such file")));
}

// A stranger's library is described and not opened: its constructors run in no process of ours.
TEST(Describe, AStrangersLibraryIsNotLoadedHere) {
  const auto plugin = describe_plugin(broken("talkative"));
  ASSERT_TRUE(std::holds_alternative<Plugin>(plugin));
  EXPECT_FALSE(std::get<Plugin>(plugin).is_open());
  EXPECT_EQ(std::getenv("BECKON_TALKATIVE"), nullptr) << "its constructor has run here";
  const auto opened = open_plugin(broken("talkative"));
  ASSERT_TRUE(std::holds_alternative<Plugin>(opened));
  EXPECT_TRUE(std::get<Plugin>(opened).is_open());
  EXPECT_NE(std::getenv("BECKON_TALKATIVE"), nullptr);
  ::unsetenv("BECKON_TALKATIVE");
}

}  // namespace
}  // namespace beckon::plugins
