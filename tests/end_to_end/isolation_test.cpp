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

TEST(Isolation, WithoutItACrashingLibraryTakesTheDaemonButNotForEver) {
  Rig rig;
  std::filesystem::create_directory(rig.folder() / "plugins");
  std::filesystem::copy_file(BECKON_BINARY_DIR "/misdeeds/worker.so", rig.folder() / "plugins" / "worker.so");
  rig.configure("[sinks.bad]\nplugin = \"misdeeds_worker\"\nopen = \"crash in deliver\"\nisolate = false\n"
                "[[subscriptions]]\nname = \"bad\"\nrepo = \"acme/rocket\"\nuser = \"octocat\"\nsink = \"bad\"\n"
                "[[subscriptions]]\nname = \"good\"\nrepo = \"acme/rocket\"\nuser = \"octocat\"\nsink = \"team\"\n");
  std::string text = rig.read("config.toml");
  text.insert(text.find("interval"), "plugins = [\"plugins\"]\n");
  std::ofstream(rig.folder() / "config.toml") << text;
  rig.environment.push_back("ASAN_OPTIONS=handle_segv=0:detect_leaks=1");   // a crash is a crash, in a sanitized build too
  EXPECT_EQ(rig.once().code, 0) << rig.read("err");
  const auto comment = rig.comment("@octocat please look");
  // As whoever watches over the daemon would: it is started anew after each crash.
  int crashes = 0;
  Finished last;
  for (; crashes < 20; ++crashes) {
    last = rig.once();
    if (last.code >= 0) break;
  }
  EXPECT_EQ(crashes, 6) << "three in rich form, three in plain form: " << last.err;
  EXPECT_THAT(last.err, HasSubstr("crashed it while it was at work for subscription"));
  EXPECT_THAT(last.err, HasSubstr("it is among the dead letters"));
  EXPECT_GE(rig.told()[comment], 1) << "and the others are told";
  EXPECT_EQ(rig.once().code, 0) << rig.read("err");
  EXPECT_THAT(rig.run({"dead", "list", "--config", rig.config()}).out, HasSubstr("bad"));
}

}  // namespace
}  // namespace beckon::core::testing
