// A stranger's library that crashes at every delivery, beside Slack.
#include "end_to_end/rig.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace beckon::core::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(Isolation, ALibraryThatCrashesCostsTheOthersNothing) {
  Rig rig;
  std::filesystem::create_directory(rig.folder() / "plugins");
  std::filesystem::copy_file(BECKON_BINARY_DIR "/misdeeds/worker.so", rig.folder() / "plugins" / "worker.so");
  rig.configure("[sinks.bad]\nplugin = \"misdeeds_worker\"\nopen = \"crash in deliver\"\ntoken = \"hunter2-the-very-secret-token\"\n"
                "[[subscriptions]]\nrepo = \"acme/rocket\"\nuser = \"octocat\"\nsinks = [\"bad\", \"team\"]\n");
  std::string text = rig.read("config.toml");
  text.replace(text.find("interval"), 0, "plugins = [\"plugins\"]\n");
  std::ofstream(rig.folder() / "config.toml") << text;

  const pid_t pid = rig.start({"run", "--config", rig.config()});
  ASSERT_TRUE(rig.until([&] { return rig.read("err").find("baseline") != std::string::npos; })) << rig.read("err");
  std::map<std::int64_t, int> expected;
  for (int i = 0; i < 3; ++i) {
    expected[rig.comment("@octocat please look")] = 1;
    ASSERT_TRUE(rig.until([&] { return rig.told() == expected; })) << rig.read("err");
  }
  ASSERT_TRUE(rig.until([&] { return rig.read("err").find("its process crashed (Segmentation fault)") != std::string::npos; }))
      << rig.read("err");
  ::kill(pid, SIGTERM);
  const Finished finished = rig.finish(pid);
  EXPECT_EQ(finished.code, 0) << "it ends in order: " << finished.err;
  EXPECT_THAT(finished.err, Not(HasSubstr("hunter2")));
  EXPECT_EQ(rig.told(), expected);
}

}  // namespace
}  // namespace beckon::core::testing
