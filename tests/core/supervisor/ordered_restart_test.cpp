// OTP's rules for restarting: types, strategies, intensity; case by case after supervisor_SUITE.erl. Static supervisor.
#include "ordered.hpp"

namespace beckon::core::supervision::ordered {
namespace {

using Kind = Exit::Kind;
using OneForOne = Ordered;
using RestForOne = Ordered;
using OrderedIntensity = Ordered;
using Liveness = Ordered;

// ---- restart types --------------------------------------------------------------------------------------------------

struct Case {
  const char* name;
  RestartType restart;
  Kind kind;
  bool reported, restarted, kept;
};
class OrderedRestartType : public Ordered, public ::testing::WithParamInterface<Case> {};

TEST_P(OrderedRestartType, IsAsInTheTable) {
  const Case& is = GetParam();
  running(Strategy::one_for_one, {rules("a", is.restart)});
  const Words words = down("a", is.kind, is.kind == Kind::done ? "" : "x");
  const auto has = [&words](const std::string& beginning) {
    const auto begins = [&](const std::string& word) { return word.rfind(beginning, 0) == 0; };
    return std::any_of(words.begin(), words.end(), begins);
  };
  EXPECT_EQ(has("report"), is.reported);
  EXPECT_EQ(has("start a"), is.restarted);
  EXPECT_EQ(has("forget a"), !is.kept);
  EXPECT_EQ(states(), is.restarted ? "a starting" : is.kept ? "a stopped" : "");
}

// `gone` is {shutdown, Term}.
INSTANTIATE_TEST_SUITE_P(
    Of, OrderedRestartType,
    ::testing::Values(Case{"PermanentNormal", permanent, Kind::done, true, true, true},
                      Case{"PermanentShutdown", permanent, Kind::gone, true, true, true},
                      Case{"PermanentAbnormal", permanent, Kind::failed, true, true, true},
                      Case{"TransientNormal", transient, Kind::done, false, false, true},
                      Case{"TransientShutdown", transient, Kind::gone, false, false, true},
                      Case{"TransientAbnormal", transient, Kind::failed, true, true, true},
                      Case{"TransientCancelledUnasked", transient, Kind::cancelled, true, true, true},
                      Case{"TemporaryNormal", temporary, Kind::done, false, false, false},
                      Case{"TemporaryShutdown", temporary, Kind::gone, false, false, false},
                      Case{"TemporaryAbnormal", temporary, Kind::failed, true, false, false}),
    [](const auto& info) { return std::string(info.param.name); });

// ---- one_for_one ----------------------------------------------------------------------------------------------------

TEST_F(OneForOne, OnlyTheCulpritIsRestartedAndKeepsItsPlace) {
  running(Strategy::one_for_one);
  EXPECT_THAT(crash("b"), ElementsAre("DOWN b failed: boom", "report b crashed #1: boom", "start b"));
  EXPECT_THAT(started("b"), IsEmpty());
  EXPECT_EQ(states(), "a running, b running, c running");
}

TEST_F(OneForOne, RestartThatIsIgnoredLeavesTheChildStopped) {
  running(Strategy::one_for_one);
  crash("b");
  EXPECT_THAT(ignored("b"), IsEmpty());
  EXPECT_EQ(states(), "a running, b stopped, c running");
}

TEST_F(OneForOne, EscalationStopsTheSiblingsInReverse) {
  running(Strategy::one_for_one, {rules("a"), rules("b"), rules("c")}, 4);
  crash("a");
  for (unsigned n = 2; n <= 4; ++n) {
    EXPECT_THAT(start_fails("a"), ElementsAre("report a start failed: boom", "try again a"));
    EXPECT_THAT(again("a"), ElementsAre("start a")) << n;
  }
  start_fails("a");
  EXPECT_THAT(again("a"), ElementsAre("report a gave up #5: boom", "ask c"));
  EXPECT_THAT(cancelled("c"), ElementsAre("DOWN c cancelled", "ask b"));
  EXPECT_THAT(cancelled("b"), ElementsAre("DOWN b cancelled", "ended, gave up a: boom"));
}

// ---- rest_for_one ---------------------------------------------------------------------------------------------------

TEST_F(RestForOne, ThoseAfterTheCulpritEndInReverseAndAllStartInOrder) {
  running(Strategy::rest_for_one, {rules("a"), rules("b"), rules("c"), rules("d")});
  EXPECT_THAT(crash("b"), ElementsAre("DOWN b failed: boom", "report b crashed #1: boom", "ask d"));
  EXPECT_EQ(states(), "a running, b restarting, c running, d stopping");
  EXPECT_THAT(cancelled("d"), ElementsAre("DOWN d cancelled", "ask c"));
  EXPECT_THAT(cancelled("c"), ElementsAre("DOWN c cancelled", "start b"));
  EXPECT_THAT(started("b"), ElementsAre("start c"));
  EXPECT_THAT(started("c"), ElementsAre("start d"));
  EXPECT_THAT(started("d"), IsEmpty());
  EXPECT_EQ(states(), "a running, b running, c running, d running");
}

TEST_F(RestForOne, LastChildIsRestartedAlone) {
  running(Strategy::rest_for_one);
  EXPECT_THAT(crash("c"), ElementsAre("DOWN c failed: boom", "report c crashed #1: boom", "start c"));
}

TEST_F(RestForOne, OneRestartCountsOnceHoweverManyFollow) {
  running(Strategy::rest_for_one, {rules("a"), rules("b"), rules("c")}, 1);
  crash("a"), cancelled("c"), cancelled("b"), started("a"), started("b"), started("c");
  EXPECT_THAT(crash("c"), ElementsAre("DOWN c failed: boom", "report c gave up #2: boom", "ask b"));
}

TEST_F(RestForOne, TransientThatEndsNormallyTakesNobodyAlong) {
  running(Strategy::rest_for_one, {rules("a", transient), rules("b")});
  EXPECT_THAT(down("a", Kind::done), ElementsAre("DOWN a done"));
  EXPECT_EQ(states(), "a stopped, b running");
}

TEST_F(RestForOne, TemporarySiblingIsNotRestartedByStrategy) {
  running(Strategy::rest_for_one, {rules("a"), rules("b", temporary), rules("c")});
  crash("a"), cancelled("c");
  EXPECT_THAT(cancelled("b"), ElementsAre("DOWN b cancelled", "forget b", "start a"));
  EXPECT_THAT(started("a"), ElementsAre("start c"));
  EXPECT_EQ(states(), "a running, c starting");
}

TEST_F(RestForOne, TemporaryCulpritTakesNobodyAlong) {
  running(Strategy::rest_for_one, {rules("a", temporary), rules("b")});
  EXPECT_THAT(crash("a"), ElementsAre("DOWN a failed: boom", "report a ended: boom", "forget a"));
}

TEST_F(RestForOne, SiblingThatWasStoppedByHandIsStartedAgainToo) {
  running(Strategy::rest_for_one);
  terminate("c"), cancelled("c"), crash("a");
  EXPECT_THAT(cancelled("b"), ElementsAre("DOWN b cancelled", "start a"));
  started("a");
  EXPECT_THAT(started("b"), ElementsAre("start c"));
}

TEST_F(RestForOne, OtherChildFailsRestartAndThoseBeforeItAreNotRestartedAgain) {
  running(Strategy::rest_for_one, {rules("a"), rules("b"), rules("c")}, 3);
  crash("a"), cancelled("c"), cancelled("b"), started("a");
  EXPECT_THAT(start_fails("b"), ElementsAre("report b start failed: boom", "try again b"));
  EXPECT_EQ(states(), "a running, b restarting, c stopped");
  EXPECT_THAT(again("b"), ElementsAre("start b"));
  EXPECT_THAT(started("b"), ElementsAre("start c"));
  EXPECT_THAT(started("c"), IsEmpty());
}

TEST_F(RestForOne, EscalationWhenASiblingNeverStarts) {
  running(Strategy::rest_for_one, {rules("a"), rules("b")}, 4);
  crash("a"), cancelled("b"), started("a");
  for (int n = 2; n <= 4; ++n) start_fails("b"), again("b");
  start_fails("b");
  EXPECT_THAT(again("b"), ElementsAre("report b gave up #5: boom", "ask a"));
  EXPECT_THAT(cancelled("a"), ElementsAre("DOWN a cancelled", "ended, gave up b: boom"));
}

TEST_F(RestForOne, SiblingThatDiedMeanwhileIsNotAskedAndRestartedOnce) {
  running(Strategy::rest_for_one, {rules("a"), rules("b"), rules("c")}, 1);
  crash("a");
  EXPECT_THAT(crash("b", "bang"), ElementsAre("DOWN b failed: bang")) << "c is still being asked";
  EXPECT_THAT(cancelled("c"), ElementsAre("DOWN c cancelled", "report b failed stopping: bang", "start a"));
  started("a"), started("b");
  EXPECT_THAT(started("c"), IsEmpty()) << "its crash is not counted as well";
}

TEST_F(RestForOne, CulpritThatDiesAgainWhileSiblingsStartIsHandledAfterwards) {
  running(Strategy::rest_for_one, {rules("a"), rules("b")});
  crash("a"), cancelled("b"), started("a");
  EXPECT_THAT(crash("a"), ElementsAre("DOWN a failed: boom"));
  EXPECT_THAT(started("b"), ElementsAre("report a crashed #2: boom", "ask b"));
}

// ---- intensity ------------------------------------------------------------------------------------------------------

TEST_F(OrderedIntensity, AllowsExactlyN) {
  running(Strategy::one_for_one, {rules("a")}, 3);
  for (int n = 1; n <= 3; ++n) {
    EXPECT_THAT(crash("a").back(), "start a") << n;
    started("a");
  }
  EXPECT_THAT(crash("a"), ElementsAre("DOWN a failed: boom", "report a gave up #4: boom", "ended, gave up a: boom"));
}

TEST_F(OrderedIntensity, ZeroRefusesFirst) {
  running(Strategy::rest_for_one, {rules("a")}, 0);
  EXPECT_THAT(crash("a").back(), "ended, gave up a: boom");
}

TEST_F(OrderedIntensity, IsSharedByAllChildren) {
  running(Strategy::one_for_one, {rules("a"), rules("b")}, 1);
  crash("a"), started("a");
  EXPECT_THAT(crash("b"), ElementsAre("DOWN b failed: boom", "report b gave up #2: boom", "ask a"));
}

TEST_F(OrderedIntensity, ExactlyPeriodOldStillCounts) {
  running(Strategy::one_for_one, {rules("a")}, 1);
  crash("a"), started("a");
  now += 60s;
  EXPECT_THAT(crash("a").back(), "ended, gave up a: boom");
}

TEST_F(OrderedIntensity, JustOlderIsForgotten) {
  running(Strategy::one_for_one, {rules("a")}, 1);
  crash("a"), started("a");
  now += 60s + std::chrono::nanoseconds(1);
  EXPECT_THAT(crash("a").back(), "start a");
}

TEST_F(OrderedIntensity, FailedAttemptsCount) {
  running(Strategy::one_for_one, {rules("a")}, 2);
  crash("a"), start_fails("a"), again("a"), start_fails("a", "still");
  EXPECT_THAT(again("a"), ElementsAre("report a gave up #3: still", "ended, gave up a: still"));
}

TEST_F(OrderedIntensity, RestartByHandDoesNotCount) {
  running(Strategy::one_for_one, {rules("a")}, 0);
  for (int n = 0; n < 3; ++n) terminate("a"), cancelled("a"), restart("a"), started("a");
  EXPECT_FALSE(machine->ended());
}

TEST_F(OrderedIntensity, SilentEndsDoNotCount) {
  running(Strategy::one_for_one, {rules("a", transient), rules("b", temporary)}, 0);
  down("a", Kind::done), crash("b");
  EXPECT_FALSE(machine->ended());
}

TEST_F(OrderedIntensity, ExceededTerminatesChildrenThenSelfWithShutdown) {
  running(Strategy::rest_for_one, {rules("a"), rules("b"), rules("c")}, 0);
  EXPECT_THAT(crash("b"), ElementsAre("DOWN b failed: boom", "report b gave up #1: boom", "ask c"));
  EXPECT_FALSE(machine->ended());
  EXPECT_THAT(cancelled("c"), ElementsAre("DOWN c cancelled", "ask a"));
  EXPECT_THAT(cancelled("a"), ElementsAre("DOWN a cancelled", "ended, gave up b: boom"));
  EXPECT_THAT(on(Boot{}), IsEmpty());
}

// ---- liveness -------------------------------------------------------------------------------------------------------

TEST_F(Liveness, RequestsAreServedBetweenAttempts) {
  running(Strategy::one_for_one);
  crash("b");
  EXPECT_THAT(terminate("b"), IsEmpty()) << "while it starts, requests wait";
  EXPECT_THAT(start_fails("b"), ElementsAre("report b start failed: boom", "try again b", "reply ok"));
  EXPECT_THAT(again("b"), IsEmpty());
  EXPECT_EQ(states(), "a running, b stopped, c running");
}

TEST_F(Liveness, RequestsAreServedBetweenAttemptsOfRestForOne) {
  running(Strategy::rest_for_one);
  crash("a"), cancelled("c"), cancelled("b"), started("a"), start_fails("b");
  EXPECT_THAT(terminate("a"), ElementsAre("ask a"));
  EXPECT_THAT(again("b"), IsEmpty()) << "behind what waits already";
  EXPECT_THAT(cancelled("a"), ElementsAre("DOWN a cancelled", "reply ok", "start b"));
}

TEST_F(Liveness, StopBetweenAttemptsEndsTheLoop) {
  running(Strategy::one_for_one, {rules("a"), rules("b")});
  crash("b"), start_fails("b");
  EXPECT_THAT(on(Stop{}), ElementsAre("ask a"));
  EXPECT_THAT(again("b"), IsEmpty());
  EXPECT_THAT(cancelled("a"), ElementsAre("DOWN a cancelled", "ended, stopped"));
}

TEST_F(Liveness, EachAttemptOfALoopIsItsOwnMessage) {
  running(Strategy::rest_for_one, {rules("a")});
  crash("a");
  for (int n = 0; n < 50; ++n) {
    EXPECT_THAT(start_fails("a"), ElementsAre("report a start failed: boom", "try again a"));
    EXPECT_THAT(again("a"), ElementsAre("start a"));
  }
}

}  // namespace
}  // namespace beckon::core::supervision::ordered
