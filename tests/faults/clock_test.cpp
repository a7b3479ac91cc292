// The calendar is set forth and back by hours and days, and a laptop sleeps: nothing is lost, nobody is stormed, and
// nothing waits for a time that somebody else's clock has named.
#include "end_to_end/rig.hpp"
#include "faults/receiver.hpp"
#include "faults/shim.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace beckon::core::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using std::chrono::hours;

class Clock : public ::testing::Test {
 protected:
  Clock() : shim(rig) {}

  pid_t start() {
    const pid_t daemon = rig.start({"run", "--config", rig.config()});
    EXPECT_TRUE(rig.until([&] { return rig.read("err").find("baseline") != std::string::npos; })) << rig.read("err");
    return daemon;
  }
  void expect_told_once(std::int64_t id, Milliseconds limit = 30s) {
    EXPECT_TRUE(rig.until([&] { return rig.told().contains(id); }, limit)) << rig.read("err");
  }

  Rig rig;
  Shim shim;
};

TEST_F(Clock, JumpsWhileIdleCauseNeitherLossNorStorm) {
  rig.subscribe_octocat();
  const pid_t daemon = start();
  std::map<std::int64_t, int> all;
  for (const auto jump : {hours(5), hours(-5), hours(72), hours(-72), hours(24 * 400), hours(0)}) {
    shim.set_clock_off_by(jump);
    const std::size_t asked = rig.forge->requests().size();
    const auto begun = std::chrono::steady_clock::now();
    for (int i = 0; i < 2; ++i) {
      const auto id = rig.comment(fmt::format("@octocat {} {}", jump.count(), i));
      all[id] = 1;
      expect_told_once(id);
    }
    // A poll is a few questions, and one a second is asked for.
    const auto passed = std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - begun).count();
    EXPECT_LE(rig.forge->requests().size() - asked, static_cast<std::size_t>(8 * (passed + 3))) << "after a jump to " << jump.count() << " h";
  }
  EXPECT_EQ(rig.told(), all);
  rig.kill_hard(daemon);
}

TEST_F(Clock, JumpsBackWhileARetryWaitsDoNotMakeItWaitForThem) {
  rig.subscribe_octocat();
  const pid_t daemon = start();
  std::map<std::int64_t, int> all;
  for (const auto jump : {hours(-5), hours(-77)}) {   // by less than a day, and by more
    const std::size_t asked = rig.requests;
    rig.refuse = [](const HttpRequest&) { return says(503, "<html>down</html>"); };
    all[rig.comment("@octocat hello")] = 1;
    ASSERT_TRUE(rig.until([&] { return rig.requests > asked; })) << rig.read("err");
    rig.serve(500ms);                                 // the refusal is stored, and the wait has begun
    shim.set_clock_off_by(jump);
    rig.refuse = nullptr;
    const auto second = rig.comment("@octocat and more");
    all[second] = 1;
    expect_told_once(second, 20s);
  }
  EXPECT_EQ(rig.told(), all);
  rig.kill_hard(daemon);
}

TEST_F(Clock, JumpsForthDoNotCutAPauseShortThatWasAskedFor) {
  rig.subscribe_octocat();
  const pid_t daemon = start();
  SteadyTime refused{}, asked{};
  rig.refuse = [&](const HttpRequest&) -> std::optional<HttpResponse> {
    asked = std::chrono::steady_clock::now();
    if (refused != SteadyTime{}) return std::nullopt;
    refused = asked;
    return says(429, "rate_limited", {{"Retry-After", "6"}});
  };
  const auto first = rig.comment("@octocat hello");
  ASSERT_TRUE(rig.until([&] { return rig.requests == 1; }));
  shim.set_clock_off_by(hours(72));
  const auto second = rig.comment("@octocat and more");   // wakes the syncer, if it lets itself be woken
  expect_told_once(second);
  EXPECT_GE(asked - refused, 6s);
  EXPECT_EQ(rig.told(), (std::map<std::int64_t, int>{{first, 1}, {second, 1}}));
  rig.kill_hard(daemon);
}

TEST_F(Clock, AfterARestartAJumpForthMakesWhatWaitedDue) {
  rig.subscribe_octocat();
  rig.kill_hard(start());
  rig.refuse = [](const HttpRequest&) { return says(429, "rate_limited", {{"Retry-After", "7200"}}); };
  const auto id = rig.comment("@octocat hello");
  EXPECT_EQ(rig.run({"run", "--once", "--deadline", "5s", "--config", rig.config()}).code, 1) << rig.read("err");
  rig.refuse = nullptr;
  shim.set_clock_off_by(hours(3));
  EXPECT_EQ(rig.once().code, 0) << rig.read("err");
  EXPECT_EQ(rig.told(), (std::map<std::int64_t, int>{{id, 1}}));
}

// The calendar goes on while the machine sleeps, the monotonic clock does not, and every connection is dead afterwards.
TEST_F(Clock, ALaptopThatSleepsCatchesUpWithoutAStorm) {
  rig.subscribe_octocat();
  const pid_t daemon = start();
  rig.refuse = [](const HttpRequest&) { return says(503, "<html>down</html>"); };
  std::map<std::int64_t, int> all;
  all[rig.comment("@octocat before the night")] = 1;
  ASSERT_TRUE(rig.until([&] { return rig.requests >= 1; })) << rig.read("err");
  ::kill(daemon, SIGSTOP);
  for (int i = 0; i < 150; ++i) all[rig.comment(fmt::format("@octocat in the night {}", i))] = 1;
  rig.refuse = nullptr;
  shim.set_clock_off_by(hours(9));
  const std::size_t asked = rig.forge->requests().size(), told = rig.requests;
  ::kill(daemon, SIGCONT);
  EXPECT_TRUE(rig.until([&] { return rig.told().size() == all.size(); }, 90s)) << rig.told().size();
  EXPECT_EQ(rig.told(), all);
  EXPECT_LE(rig.requests - told, 30u) << "digests of ten";
  EXPECT_LE(rig.forge->requests().size() - asked, 400u);
  rig.kill_hard(daemon);
}

// Half a day of refusals and of an absent forge, an hour each run.
TEST_F(Clock, HoursOfRefusalsAndOfAnAbsentForgeEndInOrder) {
  rig.subscribe_octocat();
  rig.kill_hard(start());
  const int refused = is_long() ? 48 : 12;
  rig.refuse = [](const HttpRequest&) { return says(503, "<html>down</html>"); };
  std::vector<std::int64_t> all;
  for (int hour = 1; hour <= refused; ++hour) {
    shim.set_clock_off_by(std::chrono::minutes(70 * hour));
    all.push_back(rig.comment(fmt::format("@octocat {}", hour)));
    const bool absent = hour % 4 == 2;
    rig.forge->set_interception([absent](const HttpRequest&) -> std::optional<HttpResponse> {
      if (absent) return says(503, "<html>Unicorn!</html>");
      return std::nullopt;
    });
    const std::size_t told = rig.requests;
    EXPECT_EQ(rig.run({"run", "--once", "--deadline", "1s", "--config", rig.config()}).code, 1);
    EXPECT_LE(rig.requests - told, 2u) << "hour " << hour;
  }
  rig.refuse = nullptr;
  rig.forge->set_interception({});
  shim.set_clock_off_by(std::chrono::minutes(70 * (refused + 1)));
  EXPECT_EQ(rig.once().code, 0) << rig.last_lines();
  std::vector<std::int64_t> told;
  for (const std::string& body : rig.accepted) {
    std::vector<std::int64_t> in_this;
    static const std::regex post("issuecomment-([0-9]+)");
    for (std::sregex_iterator at(body.begin(), body.end(), post), end; at != end; ++at) {
      const std::int64_t id = std::stoll((*at)[1]);
      if (std::find(in_this.begin(), in_this.end(), id) == in_this.end()) in_this.push_back(id);
    }
    told.insert(told.end(), in_this.begin(), in_this.end());
  }
  EXPECT_EQ(told, all);
  report(fmt::format("hours of refusals: {} mentions, {} refused, told in order once", all.size(), rig.requests - rig.accepted.size()));
}

}  // namespace
}  // namespace beckon::core::testing
