// OTP's rules for ending children and itself, case by case after supervisor_SUITE.erl. Static supervisor.
#include "ordered.hpp"

namespace beckon::core::supervision::ordered {
namespace {

using Kind = Exit::Kind;
using OrderedStop = Ordered;
using OrderedAbandon = Ordered;

TEST_F(OrderedStop, ReverseOrderOneByOne) {
  running(Strategy::rest_for_one);
  EXPECT_THAT(on(Stop{}), ElementsAre("ask c"));
  EXPECT_THAT(cancelled("c"), ElementsAre("DOWN c cancelled", "ask b"));
  EXPECT_THAT(cancelled("b"), ElementsAre("DOWN b cancelled", "ask a"));
  EXPECT_THAT(cancelled("a"), ElementsAre("DOWN a cancelled", "ended, stopped"));
}

TEST_F(OrderedStop, NextIsNotAskedBeforePreviousIsDown) {
  running(Strategy::rest_for_one);
  on(Stop{});
  now += 4999ms;
  EXPECT_THAT(on(Tick{}), IsEmpty());
  EXPECT_EQ(states(), "a running, b running, c stopping");
}

TEST_F(OrderedStop, GraceExpiresThenKill) {
  running(Strategy::one_for_one, {rules("a"), rules("b", permanent, 3s)});
  on(Stop{});
  EXPECT_EQ(machine->deadline(), now + 3s);
  now += 3s;
  EXPECT_THAT(on(Tick{}), ElementsAre("kill b"));
  EXPECT_THAT(cancelled("b"), ElementsAre("DOWN b cancelled", "report b killed", "ask a")) << "waited for even then";
  EXPECT_EQ(machine->deadline(), now + 5s) << "each child has its own time";
}

TEST_F(OrderedStop, InfinityHasNoDeadline) {
  running(Strategy::one_for_one, {rules("a", permanent, Shutdown::infinity)});
  on(Stop{});
  EXPECT_EQ(machine->deadline(), std::nullopt);
  now += std::chrono::hours(100'000);
  EXPECT_THAT(on(Tick{}), IsEmpty());
  EXPECT_THAT(cancelled("a"), ElementsAre("DOWN a cancelled", "ended, stopped"));
}

TEST_F(OrderedStop, LimitBeyondTheClockIsInfinity) {
  EXPECT_EQ(after(now, Milliseconds::max()), SteadyTime::max());
  EXPECT_EQ(after(now, Milliseconds::max() - 1ms), SteadyTime::max());
  EXPECT_EQ(after(now, 5s), now + 5s);
}

TEST_F(OrderedStop, BrutalKillIsNotAsked) {
  running(Strategy::one_for_one, {rules("a", permanent, Shutdown::brutal_kill)});
  EXPECT_THAT(on(Stop{}), ElementsAre("kill a"));
  EXPECT_THAT(cancelled("a"), ElementsAre("DOWN a cancelled", "ended, stopped")) << "and its DOWN is waited for";
}

TEST_F(OrderedStop, ChildDyingWhileAskedIsNotAnError) {
  running(Strategy::one_for_one, {rules("a", transient), rules("b", temporary), rules("c", transient)});
  on(Stop{});
  EXPECT_THAT(down("c", Kind::done), ElementsAre("DOWN c done", "ask b"));
  EXPECT_THAT(down("b", Kind::gone, "deleted"), ElementsAre("DOWN b gone: deleted", "forget b", "ask a"));
  EXPECT_THAT(cancelled("a"), ElementsAre("DOWN a cancelled", "ended, stopped"));
}

TEST_F(OrderedStop, PermanentChildThatEndsOtherwiseThanAskedIsReported) {
  running(Strategy::one_for_one, {rules("a"), rules("b")});
  on(Stop{});
  EXPECT_THAT(down("b", Kind::gone, "deleted"),
              ElementsAre("DOWN b gone: deleted", "report b failed stopping: deleted", "ask a"));
  EXPECT_THAT(down("a", Kind::done),
              ElementsAre("DOWN a done", "report a failed stopping: it returned", "ended, stopped"));
}

TEST_F(OrderedStop, ErrorExitDuringStopIsReported) {
  running(Strategy::one_for_one, {rules("a"), rules("b", temporary)});
  on(Stop{});
  EXPECT_THAT(crash("b"), ElementsAre("DOWN b failed: boom", "report b failed stopping: boom", "forget b", "ask a"));
}

TEST_F(OrderedStop, RaceWithAChildThatDiesAtTheSameTime) {
  running(Strategy::one_for_one);
  on(Stop{});
  EXPECT_THAT(crash("a"), ElementsAre("DOWN a failed: boom")) << "not restarted, and not asked later";
  cancelled("c");
  EXPECT_THAT(cancelled("b"), ElementsAre("DOWN b cancelled", "report a failed stopping: boom", "ended, stopped"));
}

TEST_F(OrderedStop, StoppedAndRestartingChildrenAreSkipped) {
  running(Strategy::one_for_one);
  terminate("c"), cancelled("c"), crash("a"), start_fails("a");
  EXPECT_THAT(on(Stop{}), ElementsAre("ask b"));
  EXPECT_THAT(cancelled("b"), ElementsAre("DOWN b cancelled", "ended, stopped"));
}

TEST_F(OrderedStop, BeforeTheStartAndTwice) {
  make({}, {rules("a")});
  EXPECT_THAT(on(Stop{}), ElementsAre("ended, stopped"));
  EXPECT_THAT(on(Stop{}), IsEmpty());
  EXPECT_THAT(on(Boot{}), IsEmpty());
}

TEST_F(OrderedStop, RequestsAreRefusedFromThenOn) {
  running(Strategy::one_for_one, {rules("a")});
  on(Stop{});
  EXPECT_THAT(add(rules("b")), IsEmpty());
  EXPECT_THAT(restart("a"), IsEmpty());
  EXPECT_THAT(cancelled("a"), ElementsAre("DOWN a cancelled", "ended, stopped", "forget b", "reply to 1 stopping",
                                          "reply stopping"));
  EXPECT_THAT(terminate("a"), ElementsAre("reply stopping"));
  EXPECT_THAT(remove("a"), ElementsAre("reply stopping"));
}

// ---- deviation: a stop does not wait for a start, nor for the rest of a job -----------------------------------------

TEST_F(OrderedStop, AsksAChildThatIsJustStarting) {
  make({}, {rules("a"), rules("b"), rules("c")});
  on(Boot{}), started("a");
  EXPECT_THAT(on(Stop{}), ElementsAre("ask b"));
  EXPECT_THAT(on(StartFailed{runs["b"], Exit{Kind::cancelled, {}}}), ElementsAre("ask a"));
  EXPECT_THAT(cancelled("a"), ElementsAre("DOWN a cancelled", "ended, stopped"));
}

TEST_F(OrderedStop, ChildThatStartsThoughItWasAskedIsAskedAgain) {
  make({}, {rules("a")});
  on(Boot{}), on(Stop{});
  EXPECT_THAT(started("a"), ElementsAre("ask a"));
  EXPECT_THAT(cancelled("a"), ElementsAre("DOWN a cancelled", "ended, stopped"));
}

TEST_F(OrderedStop, AnswersWhoeverWaitsForAStart) {
  running(Strategy::one_for_one, {rules("a")});
  add(rules("b")), on(Stop{});
  EXPECT_THAT(on(StartFailed{runs["b"], Exit{Kind::cancelled, {}}}), ElementsAre("reply stopping", "forget b", "ask a"));
}

TEST_F(OrderedStop, CutsARestartShort) {
  running(Strategy::rest_for_one);
  crash("a");
  EXPECT_THAT(on(Stop{}), IsEmpty()) << "c is being asked already";
  EXPECT_THAT(cancelled("c"), ElementsAre("DOWN c cancelled", "ask b"));
  EXPECT_THAT(cancelled("b"), ElementsAre("DOWN b cancelled", "ended, stopped"));
}

TEST_F(OrderedStop, AnswersWhoeverWaitsForATermination) {
  running(Strategy::rest_for_one, {rules("a"), rules("b")});
  terminate("b"), on(Stop{});
  EXPECT_THAT(cancelled("b"), ElementsAre("DOWN b cancelled", "reply ok", "ask a"));
}

TEST_F(OrderedStop, WhileGivingUpChangesNothing) {
  running(Strategy::one_for_one, {rules("a"), rules("b")}, 0);
  crash("b");
  EXPECT_THAT(on(Stop{}), IsEmpty());
  EXPECT_THAT(cancelled("a"), ElementsAre("DOWN a cancelled", "ended, gave up b: boom"));
}

// ---- deviation: what cannot be killed is abandoned ------------------------------------------------------------------

TEST_F(OrderedAbandon, ChildThatIgnoresBeingKilledIsAbandonedAndTheNextIsAsked) {
  running(Strategy::one_for_one, {rules("a"), rules("b")});
  on(Stop{});
  now += 5s;
  on(Tick{});
  EXPECT_EQ(machine->deadline(), now + 1s);
  now += 1s;
  EXPECT_THAT(on(Tick{}), ElementsAre("report b abandoned", "DOWN b failed: it did not end in time and was abandoned",
                                      "ask a"));
  EXPECT_EQ(machine->find("b"), std::nullopt);
}

TEST_F(OrderedAbandon, LateResultIsIgnoredAlsoWhenASuccessorRuns) {
  running(Strategy::one_for_one, {rules("a", permanent, Shutdown::brutal_kill)});
  const RunId old = runs["a"];
  terminate("a");
  now += 1s;
  on(Tick{});
  EXPECT_THAT(on(Down{old, Exit{Kind::failed, "late"}}), IsEmpty());
  restart("a"), started("a");
  EXPECT_THAT(on(Down{old, Exit{Kind::failed, "late"}}), IsEmpty()) << "each monitor has had its DOWN";
  EXPECT_EQ(states(), "a running");
}

TEST_F(OrderedAbandon, StartThatIgnoresAStopIsAbandonedAndItsLateSuccessIgnored) {
  make({}, {rules("a"), rules("b")});
  on(Boot{}), started("a"), on(Stop{});
  now += 5s;
  EXPECT_THAT(on(Tick{}), ElementsAre("kill b"));
  now += 1s;
  EXPECT_THAT(on(Tick{}), ElementsAre("report b abandoned", "ask a"));
  EXPECT_THAT(started("b"), IsEmpty());
  EXPECT_THAT(cancelled("a"), ElementsAre("DOWN a cancelled", "ended, stopped"));
}

TEST_F(OrderedAbandon, TickThatComesEarlyOrForNobodyIsIgnored) {
  running(Strategy::one_for_one);
  EXPECT_THAT(on(Tick{}), IsEmpty());
  EXPECT_EQ(machine->deadline(), std::nullopt);
}

}  // namespace
}  // namespace beckon::core::supervision::ordered
