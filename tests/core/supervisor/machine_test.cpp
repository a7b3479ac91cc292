// OTP's rules, case by case after supervisor_SUITE.erl: starting, restart types; and our addition, parking.
#include "decided.hpp"

namespace beckon::core::supervision {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

using Child = Decided;
using RestartType = Decided;
using Parking = Decided;

// ---- start ----------------------------------------------------------------------------------------------------------

TEST_F(Child, IsStartedWhenAdded) {
  const Decision decision = machine.decide(Add{1, false}, t0);
  EXPECT_TRUE(decision.accepted);
  EXPECT_THAT(all<Start>(decision), SizeIs(1));
  EXPECT_EQ(machine.state(1), ChildState::running);
}

TEST_F(Child, OfTheSameIdIsRefusedWhileOneIsListed) {
  const RunId run = running(1);
  Decision again = machine.decide(Add{1, false}, t0);
  EXPECT_FALSE(again.accepted);
  EXPECT_THAT(again.actions, IsEmpty());
  machine.decide(Remove{1}, t0);
  EXPECT_FALSE(machine.decide(Add{1, false}, t0).accepted) << "it has not ended yet";
  down(1, run, Exit::Kind::cancelled);
  EXPECT_TRUE(machine.decide(Add{1, false}, t0).accepted);
}

TEST_F(Child, ThatIsUnknownHasNoState) {
  EXPECT_EQ(machine.state(1), std::nullopt);
  EXPECT_FALSE(machine.decide(Wake{1}, t0).accepted);
  EXPECT_THAT(machine.decide(Remove{1}, t0).actions, IsEmpty());
}

TEST_F(Child, IsCountedByState) {
  running(1), running(2), parked(3), running(4);
  machine.decide(Remove{4}, t0);
  const ChildCounts counts = machine.counts();
  EXPECT_EQ(counts.running, 2u);
  EXPECT_EQ(counts.parked, 1u);
  EXPECT_EQ(counts.set_aside, 0u);
  EXPECT_EQ(counts.stopping, 1u);
}

// ---- restart types: transient ---------------------------------------------------------------------------------------

TEST_F(RestartType, TransientIsNotRestartedAfterNormalExit) {
  const Decision decision = down(1, running(1), Exit::Kind::done);
  EXPECT_THAT(ends(decision), ElementsAre("1 done"));
  EXPECT_THAT(all<Start>(decision), IsEmpty());
  EXPECT_THAT(all<Report>(decision), IsEmpty()) << "removed silently";
  EXPECT_EQ(machine.state(1), std::nullopt) << "the entry of a dynamic child is erased";
}

TEST_F(RestartType, TransientThatIsGoneIsLetGoWithItsReason) {
  const Decision decision = down(1, running(1), Exit::Kind::gone, "the channel was deleted");
  EXPECT_THAT(ends(decision), ElementsAre("1 gone: the channel was deleted"));
  EXPECT_THAT(all<Report>(decision), IsEmpty());
  EXPECT_EQ(machine.state(1), std::nullopt);
}

TEST_F(RestartType, TransientIsNotRestartedAfterShutdown) {
  const RunId run = running(1);
  machine.decide(Remove{1}, t0);
  const Decision decision = down(1, run, Exit::Kind::cancelled);
  EXPECT_THAT(ends(decision), ElementsAre("1 shutdown"));
  EXPECT_THAT(all<Start>(decision), IsEmpty());
  EXPECT_THAT(all<Report>(decision), IsEmpty());
}

TEST_F(RestartType, TransientIsReportedAndRestartedAfterAbnormalExit) {
  const RunId run = running(1);
  const Decision decision = down(1, run, Exit::Kind::failed, "boom");
  EXPECT_THAT(all<Report>(decision), ElementsAre(Report{Report::Kind::crashed, 1, "boom", 1}));
  const auto starts = all<Start>(decision);
  ASSERT_THAT(starts, SizeIs(1));
  EXPECT_EQ(starts[0].id, 1);
  EXPECT_NE(starts[0].run, run);
  EXPECT_THAT(all<Tell>(decision), IsEmpty());
  EXPECT_LT(place<Report>(decision), place<Start>(decision));
}

TEST_F(RestartType, CancellationThatNobodyAskedForIsAbnormal) {
  const Decision decision = down(1, running(1), Exit::Kind::cancelled);
  EXPECT_THAT(all<Report>(decision),
              ElementsAre(Report{Report::Kind::crashed, 1, "cancelled, though nobody asked it to end", 1}));
  EXPECT_THAT(all<Start>(decision), SizeIs(1));
}

TEST_F(RestartType, CrashOfOneChildLeavesItsSiblingsAlone) {
  const RunId run = running(1);
  running(2);
  for (const Start& start : all<Start>(down(1, run, Exit::Kind::failed, "boom"))) EXPECT_EQ(start.id, 1);
  EXPECT_EQ(machine.state(2), ChildState::running);
}

// ---- parked children: our addition ----------------------------------------------------------------------------------

TEST_F(Parking, ParkedChildIsListedAndNotStarted) {
  const Decision decision = machine.decide(Add{1, true}, t0);
  EXPECT_TRUE(decision.accepted);
  EXPECT_THAT(decision.actions, IsEmpty());
  EXPECT_EQ(machine.state(1), ChildState::parked);
}

TEST_F(Parking, WakeStartsAParkedChild) {
  parked(1);
  const Decision decision = machine.decide(Wake{1}, t0);
  EXPECT_TRUE(decision.accepted);
  EXPECT_THAT(all<Start>(decision), SizeIs(1));
  EXPECT_EQ(machine.state(1), ChildState::running);
}

TEST_F(Parking, IdleFarewellParksSilently) {
  const Decision decision = down(1, running(1), Exit::Kind::idle);
  EXPECT_THAT(decision.actions, IsEmpty());
  EXPECT_EQ(machine.state(1), ChildState::parked);
}

TEST_F(Parking, WakeWhileRunningIsNotLost) {
  const RunId run = running(1);
  const Decision woken = machine.decide(Wake{1}, t0);
  EXPECT_TRUE(woken.accepted);
  EXPECT_THAT(woken.actions, IsEmpty());
  const Decision decision = down(1, run, Exit::Kind::idle);
  ASSERT_THAT(all<Start>(decision), SizeIs(1));
  const RunId more = all<Start>(decision)[0].run;
  machine.decide(Began{1, more}, t0);
  EXPECT_THAT(down(1, more, Exit::Kind::idle).actions, IsEmpty()) << "one wake, one run more";
}

TEST_F(Parking, WakesBeforeTheRunBeginsAreServedByIt) {
  parked(1);
  const RunId run = all<Start>(machine.decide(Wake{1}, t0)).at(0).run;
  EXPECT_TRUE(machine.decide(Wake{1}, t0).accepted);
  machine.decide(Began{1, run}, t0);
  EXPECT_THAT(down(1, run, Exit::Kind::idle).actions, IsEmpty());
}

TEST_F(Parking, BeginningOfAnAbandonedRunDoesNotSwallowAWakeOfItsSuccessor) {
  const RunId old = running(1);
  machine.decide(Remove{1}, t0);
  machine.decide(Tick{}, t0 + 5s);
  const RunId run = running(1);
  machine.decide(Wake{1}, t0 + 5s);
  machine.decide(Began{1, old}, t0 + 5s);
  EXPECT_THAT(all<Start>(down(1, run, Exit::Kind::idle)), SizeIs(1));
}

TEST_F(Parking, WakeBeforeARestartIsServedByTheRestart) {
  const RunId run = running(1);
  machine.decide(Wake{1}, t0);
  const RunId restarted = crash(1, run, t0);
  EXPECT_THAT(down(1, restarted, Exit::Kind::idle).actions, IsEmpty());
}

TEST_F(Parking, WakeDoesNotReviveAChildThatIsDone) {
  const RunId run = running(1);
  machine.decide(Wake{1}, t0);
  EXPECT_THAT(ends(down(1, run, Exit::Kind::done)), ElementsAre("1 done"));
}

TEST_F(Parking, WakeOfAChildThatWasAskedToEndIsRefused) {
  const RunId run = running(1);
  machine.decide(Remove{1}, t0);
  EXPECT_FALSE(machine.decide(Wake{1}, t0).accepted);
  EXPECT_THAT(ends(down(1, run, Exit::Kind::idle)), ElementsAre("1 shutdown"));
  EXPECT_EQ(machine.state(1), std::nullopt);
}

}  // namespace
}  // namespace beckon::core::supervision
