// OTP's rules for ending children, one or all, case by case after supervisor_SUITE.erl.
#include "decided.hpp"

namespace beckon::core::supervision {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

using Termination = Decided;
using SupervisorStop = Decided;

// ---- terminate_child ------------------------------------------------------------------------------------------------

TEST_F(Termination, RunningChildIsAskedAndListedUntilItEnds) {
  const RunId run = running(1);
  const Decision decision = machine.decide(Remove{1}, t0);
  ASSERT_THAT(all<Ask>(decision), SizeIs(1));
  EXPECT_EQ(all<Ask>(decision)[0].run, run);
  EXPECT_THAT(all<Tell>(decision), IsEmpty());
  EXPECT_EQ(machine.state(1), ChildState::stopping);
  EXPECT_EQ(machine.deadline(), t0 + 5s);
}

TEST_F(Termination, IsAskedForOnce) {
  running(1);
  machine.decide(Remove{1}, t0);
  EXPECT_THAT(machine.decide(Remove{1}, t0 + 1s).actions, IsEmpty());
  EXPECT_EQ(machine.deadline(), t0 + 5s) << "asking again does not prolong the grace";
}

TEST_F(Termination, ParkedChildEndsAtOnceAndItsNameIsFreedBeforeItIsTold) {
  parked(1);
  const Decision decision = machine.decide(Remove{1}, t0);
  EXPECT_THAT(ends(decision), ElementsAre("1 shutdown"));
  EXPECT_LT(place<Forget>(decision), place<Tell>(decision));
  EXPECT_EQ(machine.state(1), std::nullopt);
  EXPECT_EQ(machine.deadline(), std::nullopt);
}

TEST_F(Termination, DeadlineIsDroppedWhenTheChildEnds) {
  const RunId run = running(1);
  machine.decide(Remove{1}, t0);
  down(1, run, Exit::Kind::done);
  EXPECT_EQ(machine.deadline(), std::nullopt);
}

TEST_F(Termination, GraceExpiresThenTheChildIsBrokenAndAbandoned) {
  const RunId run = running(1);
  machine.decide(Remove{1}, t0);
  EXPECT_THAT(machine.decide(Tick{}, t0 + 5s - 1ms).actions, IsEmpty());
  const Decision decision = machine.decide(Tick{}, t0 + 5s);
  ASSERT_THAT(all<Break>(decision), SizeIs(1));
  EXPECT_EQ(all<Break>(decision)[0].run, run);
  EXPECT_THAT(all<Report>(decision), ElementsAre(Report{Report::Kind::abandoned, 1}));
  EXPECT_THAT(ends(decision), ElementsAre("1 shutdown: it did not end in time and was abandoned"));
  EXPECT_EQ(machine.state(1), std::nullopt);
  EXPECT_EQ(machine.deadline(), std::nullopt);
}

TEST_F(Termination, LateResultOfAnAbandonedChildIsIgnored) {
  const RunId old = running(1);
  machine.decide(Remove{1}, t0);
  machine.decide(Tick{}, t0 + 5s);
  EXPECT_THAT(down(1, old, Exit::Kind::gone, "too late").actions, IsEmpty());
  const RunId successor = running(1);
  EXPECT_THAT(down(1, old, Exit::Kind::failed, "too late").actions, IsEmpty());
  EXPECT_EQ(machine.state(1), ChildState::running);
  EXPECT_THAT(ends(down(1, successor, Exit::Kind::done)), ElementsAre("1 done"));
}

TEST_F(Termination, AbandonedPredecessorDoesNotShortenTheGraceOfItsSuccessor) {
  const RunId first = running(1);
  machine.decide(Remove{1}, t0);
  down(1, first, Exit::Kind::cancelled);
  running(1);
  machine.decide(Remove{1}, t0 + 3s);
  EXPECT_EQ(machine.deadline(), t0 + 8s);
  EXPECT_THAT(machine.decide(Tick{}, t0 + 5s).actions, IsEmpty());
}

TEST_F(Termination, EachChildHasItsOwnGrace) {
  const RunId early = running(1);
  running(2);
  machine.decide(Remove{1}, t0);
  machine.decide(Remove{2}, t0 + 1s);
  EXPECT_EQ(machine.deadline(), t0 + 5s);
  down(1, early, Exit::Kind::cancelled);
  EXPECT_EQ(machine.deadline(), t0 + 6s);
}

TEST_F(Termination, ErrorWhileBeingAskedIsReportedAndNotACrash) {
  const RunId run = running(1);
  machine.decide(Remove{1}, t0);
  const Decision decision = down(1, run, Exit::Kind::failed, "boom");
  EXPECT_THAT(all<Report>(decision), ElementsAre(Report{Report::Kind::failed_stopping, 1, "boom"}));
  EXPECT_THAT(ends(decision), ElementsAre("1 shutdown: boom"));
  EXPECT_THAT(all<Start>(decision), IsEmpty());
}

TEST_F(Termination, LimitWithoutEndHasNoDeadline) {
  machine = Machine(Limits{5, 60s, Milliseconds::max()});
  const RunId run = running(1);
  machine.decide(Remove{1}, t0);
  EXPECT_EQ(machine.deadline(), std::nullopt);
  EXPECT_THAT(machine.decide(Tick{}, t0 + std::chrono::hours(100'000)).actions, IsEmpty());
  EXPECT_THAT(ends(down(1, run, Exit::Kind::cancelled)), ElementsAre("1 shutdown"));
}

// ---- stop -----------------------------------------------------------------------------------------------------------

TEST_F(SupervisorStop, WithoutChildrenIsOverAtOnce) {
  EXPECT_THAT(all<Stopped>(machine.decide(Stop{}, t0)), SizeIs(1));
  EXPECT_TRUE(machine.stopped());
}

TEST_F(SupervisorStop, DynamicChildrenAreAskedTogether) {
  const RunId a = running(1), b = running(2), c = running(3);
  const Decision decision = machine.decide(Stop{}, t0);
  std::vector<RunId> asked;
  for (const Ask& ask : all<Ask>(decision)) asked.push_back(ask.run);
  EXPECT_THAT(asked, UnorderedElementsAre(a, b, c));
  EXPECT_EQ(machine.deadline(), t0 + 5s) << "one shared limit";
  EXPECT_FALSE(machine.stopped());
}

TEST_F(SupervisorStop, EndsWithItsLastChild) {
  const RunId a = running(1), b = running(2);
  machine.decide(Stop{}, t0);
  EXPECT_THAT(all<Stopped>(down(2, b, Exit::Kind::cancelled)), IsEmpty());
  const Decision last = down(1, a, Exit::Kind::cancelled);
  EXPECT_THAT(all<Stopped>(last), SizeIs(1));
  EXPECT_LT(place<Tell>(last), place<Stopped>(last)) << "all ends are told before it is over";
}

TEST_F(SupervisorStop, GraceExpiresThenKill) {
  const RunId a = running(1);
  running(2), running(3);
  machine.decide(Stop{}, t0);
  down(1, a, Exit::Kind::cancelled);
  const Decision decision = machine.decide(Tick{}, t0 + 5s);
  EXPECT_THAT(all<Break>(decision), SizeIs(2));
  EXPECT_THAT(all<Tell>(decision), SizeIs(2));
  EXPECT_THAT(all<Stopped>(decision), SizeIs(1));
  ASSERT_THAT(all<Report>(decision), SizeIs(1)) << "said once for all of them";
  EXPECT_EQ(all<Report>(decision)[0].kind, Report::Kind::abandoned);
  EXPECT_EQ(all<Report>(decision)[0].children, 2u);
}

TEST_F(SupervisorStop, ChildDyingWhileAskedIsNotAnError) {
  const RunId a = running(1), b = running(2), c = running(3);
  machine.decide(Stop{}, t0);
  for (const Decision& decision : {down(1, a, Exit::Kind::done), down(2, b, Exit::Kind::idle),
                                   down(3, c, Exit::Kind::gone, "deleted")}) {
    EXPECT_THAT(all<Report>(decision), IsEmpty());
  }
  EXPECT_TRUE(machine.stopped());
}

TEST_F(SupervisorStop, ErrorExitDuringStopIsReported) {
  const RunId a = running(1);
  machine.decide(Stop{}, t0);
  const Decision decision = down(1, a, Exit::Kind::failed, "boom");
  EXPECT_THAT(all<Report>(decision), ElementsAre(Report{Report::Kind::failed_stopping, 1, "boom"}));
  EXPECT_THAT(all<Start>(decision), IsEmpty());
}

TEST_F(SupervisorStop, SameErrorsAreReportedOnce) {
  const RunId a = running(1), b = running(2), c = running(3);
  machine.decide(Stop{}, t0);
  EXPECT_THAT(all<Report>(down(2, b, Exit::Kind::failed, "boom")), IsEmpty());
  EXPECT_THAT(all<Report>(down(1, a, Exit::Kind::failed, "boom")), IsEmpty());
  EXPECT_THAT(all<Report>(down(3, c, Exit::Kind::failed, "bang")),
              ElementsAre(Report{Report::Kind::failed_stopping, 3, "bang"},
                          Report{Report::Kind::failed_stopping, 2, "boom", 0, 2}));
}

TEST_F(SupervisorStop, ParkedChildrenAreToldAndThoseSetAsideWereTold) {
  machine = Machine(Limits{0, 60s, 5s});
  parked(1);
  crash(2, running(2), t0);
  const Decision decision = machine.decide(Stop{}, t0);
  EXPECT_THAT(ends(decision), ElementsAre("1 shutdown"));
  EXPECT_THAT(all<Forget>(decision), SizeIs(2));
  EXPECT_THAT(all<Stopped>(decision), SizeIs(1));
}

TEST_F(SupervisorStop, RequestsAreRefusedFromThenOn) {
  const RunId a = running(1);
  machine.decide(Stop{}, t0);
  EXPECT_FALSE(machine.decide(Add{2, false}, t0).accepted);
  EXPECT_FALSE(machine.decide(Wake{1}, t0).accepted);
  EXPECT_THAT(machine.decide(Remove{1}, t0).actions, IsEmpty());
  down(1, a, Exit::Kind::cancelled);
  EXPECT_FALSE(machine.decide(Add{2, true}, t0).accepted);
  EXPECT_THAT(machine.decide(Stop{}, t0).actions, IsEmpty());
}

TEST_F(SupervisorStop, ChildThatIsBeingRestartedIsAskedInItsNewRun) {
  const RunId restarted = crash(1, running(1), t0);
  const auto asked = all<Ask>(machine.decide(Stop{}, t0));
  ASSERT_THAT(asked, SizeIs(1));
  EXPECT_EQ(asked[0].run, restarted);
}

TEST_F(SupervisorStop, ChildThatWasAskedBeforeKeepsItsEarlierDeadline) {
  running(1), running(2);
  machine.decide(Remove{1}, t0);
  EXPECT_THAT(all<Ask>(machine.decide(Stop{}, t0 + 2s)), SizeIs(1));
  const Decision first = machine.decide(Tick{}, t0 + 5s);
  EXPECT_THAT(all<Break>(first), SizeIs(1));
  EXPECT_FALSE(machine.stopped());
  machine.decide(Tick{}, t0 + 7s);
  EXPECT_TRUE(machine.stopped());
}

}  // namespace
}  // namespace beckon::core::supervision
