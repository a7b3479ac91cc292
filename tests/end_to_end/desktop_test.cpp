// The desktop sink within the daemon and in a process of its own, on a session bus of the test's own.
#include "end_to_end/rig.hpp"
#include "support/session_bus.hpp"

#include <sdbus-c++/sdbus-c++.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace beckon::core::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class DesktopRoad : public ::testing::TestWithParam<bool> {
 protected:
  // Until a mention is found, and waits for somebody to show it.
  void start() {
    rig.environment.push_back("PATH=" + bus.stand_in_for_xdg_open() + ":" + std::getenv("PATH"));
    rig.configure(std::string("[sinks.me]\nplugin = \"desktop\"\nisolate = ") + (GetParam() ? "true" : "false") +
                  "\n[[subscriptions]]\nname = \"mine\"\nrepo = \"acme/rocket\"\nuser = \"octocat\"\nsink = \"me\"\n");
    daemon = rig.start({"run", "--log-level", "debug", "--config", rig.config()});
    ASSERT_TRUE(rig.until([&] { return rig.read("err").find("baseline") != std::string::npos; })) << rig.read("err");
    rig.comment("@octocat please look");
    rig.serve(2s);
    EXPECT_THAT(rig.read("err"), Not(HasSubstr("told 1 mention")));
  }

  // On the first notification.
  static void act(const std::string& action) {
    const std::vector<sdbus::Variant> invoked{sdbus::Variant(std::uint32_t{1}), sdbus::Variant(action)};
    const std::string name = "org.freedesktop.Notifications";
    sdbus::createProxy(sdbus::createSessionBusConnection(), name, "/org/freedesktop/Notifications")
        ->callMethod("EmitSignal").onInterface("org.freedesktop.DBus.Mock").withArguments(name, "ActionInvoked", "us", invoked);
  }

  beckon::testing::SessionBus bus;
  Rig rig;
  pid_t daemon = -1;
};

TEST_P(DesktopRoad, ADaemonThatWaitsForADesktopEndsAtOnce) {
  start();
  ::kill(daemon, SIGTERM);
  EXPECT_EQ(rig.finish(daemon, 5s).code, 0) << "killed after five seconds: " << rig.read("err");
  const Finished status = rig.run({"status", "--config", rig.config()});
  EXPECT_THAT(status.out, HasSubstr("nothing in the session shows notifications"));
}

TEST_P(DesktopRoad, WaitsForTheDesktopTellsOpensTheLinkAndLetsGoOfWhoUnsubscribes) {
  start();
  const beckon::testing::Child server = bus.serve_notifications("actions body body-markup");
  ASSERT_TRUE(rig.until([&] { return rig.read("err").find("told 1 mention through me") != std::string::npos; }))
      << rig.read("err") << bus.read("server.log");
  EXPECT_THAT(bus.read("server.log"), HasSubstr("vera mentioned @octocat in acme/rocket#1"));

  act("default");
  ASSERT_TRUE(rig.until([&] { return !bus.read("opened").empty(); })) << rig.read("err");
  EXPECT_THAT(bus.read("opened"), HasSubstr("https://github.example/acme/rocket/issues/1#issuecomment-"));
  act("unsubscribe");
  ASSERT_TRUE(rig.until([&] { return rig.read("err").find("chose Unsubscribe") != std::string::npos; })) << rig.read("err");
  ::kill(daemon, SIGTERM);
  EXPECT_EQ(rig.finish(daemon).code, 0) << rig.read("err");
  EXPECT_THAT(rig.run({"status", "--config", rig.config()}).out, HasSubstr("gone"));
}

INSTANTIATE_TEST_SUITE_P(Both, DesktopRoad, ::testing::Bool(),
                         [](const auto& info) { return info.param ? "InAProcessOfItsOwn" : "InTheDaemon"; });

}  // namespace
}  // namespace beckon::core::testing
