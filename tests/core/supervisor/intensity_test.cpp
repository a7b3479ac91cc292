// OTP's arithmetic of restarts, and what our deviation makes of a child past it.
#include "decided.hpp"

namespace beckon::core::supervision {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

using Intensity = Decided;

TEST_F(Intensity, AllowsExactlyN) {
  RunId run = running(1);
  for (unsigned n = 1; n <= 5; ++n) {
    const Decision decision = down(1, run, Exit::Kind::failed, "boom");
    EXPECT_THAT(all<Report>(decision), ElementsAre(Report{Report::Kind::crashed, 1, "boom", n}));
    ASSERT_THAT(all<Start>(decision), SizeIs(1)) << n;
    run = all<Start>(decision)[0].run;
  }
  const Decision last = down(1, run, Exit::Kind::failed, "the last straw");
  EXPECT_THAT(all<Start>(last), IsEmpty());
  EXPECT_THAT(all<Report>(last), ElementsAre(Report{Report::Kind::set_aside, 1, "the last straw", 6}));
  EXPECT_THAT(ends(last), ElementsAre("1 set_aside: the last straw"));
  EXPECT_EQ(machine.state(1), ChildState::set_aside);
}

TEST_F(Intensity, ZeroRefusesFirst) {
  machine = Machine(Limits{0, 60s, 5s});
  const RunId run = running(1);
  EXPECT_EQ(crash(1, run, t0), 0u);
  EXPECT_EQ(machine.state(1), ChildState::set_aside);
}

TEST_F(Intensity, ExactlyPeriodOldStillCounts) {
  machine = Machine(Limits{1, 60s, 5s});
  const RunId run = crash(1, running(1), t0);
  ASSERT_NE(run, 0u);
  EXPECT_EQ(crash(1, run, t0 + 60s), 0u);
}

TEST_F(Intensity, JustOlderIsForgotten) {
  machine = Machine(Limits{1, 60s, 5s});
  const RunId run = crash(1, running(1), t0);
  ASSERT_NE(run, 0u);
  EXPECT_NE(crash(1, run, t0 + 60s + std::chrono::nanoseconds(1)), 0u);
}

TEST_F(Intensity, WindowSlidesAndDoesNotStartAnew) {
  machine = Machine(Limits{2, 10s, 5s});
  RunId run = running(1);
  run = crash(1, run, t0);
  run = crash(1, run, t0 + 9s);
  run = crash(1, run, t0 + 11s);         // the first is forgotten, the second is not
  ASSERT_NE(run, 0u);
  EXPECT_EQ(crash(1, run, t0 + 19s), 0u);
}

TEST_F(Intensity, FailedAttemptsCount) {
  RunId run = running(1);
  unsigned attempts = 0;
  for (; run != 0; ++attempts) run = crash(1, run, t0);   // each restart fails in the same instant
  EXPECT_EQ(attempts, 6u);
}

TEST_F(Intensity, IsCountedForEachChild) {
  machine = Machine(Limits{1, 60s, 5s});
  const RunId first = running(1), second = running(2);
  const RunId again = crash(1, first, t0);
  EXPECT_NE(crash(2, second, t0), 0u);
  EXPECT_EQ(crash(1, again, t0), 0u);
  EXPECT_EQ(machine.state(2), ChildState::running);
}

TEST_F(Intensity, IsRememberedWhileParked) {
  machine = Machine(Limits{1, 60s, 5s});
  RunId run = crash(1, running(1), t0);
  down(1, run, Exit::Kind::idle);
  run = all<Start>(machine.decide(Wake{1}, t0)).at(0).run;
  EXPECT_EQ(crash(1, run, t0 + 1s), 0u);
}

TEST_F(Intensity, ChildThatWasSetAsideStartsAnewWhenAddedAgain) {
  machine = Machine(Limits{0, 60s, 5s});
  crash(1, running(1), t0);
  EXPECT_FALSE(machine.decide(Wake{1}, t0).accepted);
  EXPECT_FALSE(machine.decide(Add{1, false}, t0).accepted) << "it is still listed";
  const Decision removed = machine.decide(Remove{1}, t0);
  EXPECT_THAT(all<Forget>(removed), SizeIs(1)) << "its name is free";
  EXPECT_THAT(all<Tell>(removed), IsEmpty()) << "its end was told when it was set aside";
  EXPECT_EQ(machine.counts().set_aside, 0u);
  EXPECT_TRUE(machine.decide(Add{1, false}, t0).accepted);
}

TEST_F(Intensity, HistoryIsNotInheritedByTheNextChildOfTheSameId) {
  machine = Machine(Limits{1, 60s, 5s});
  const RunId run = crash(1, running(1), t0);
  down(1, run, Exit::Kind::done);
  EXPECT_NE(crash(1, running(1), t0), 0u);
}

TEST(Restarts, CountsWhatLiesWithinThePeriod) {
  Restarts restarts;
  EXPECT_EQ(restarts.add(t0, 10s), 1u);
  EXPECT_EQ(restarts.add(t0 + 5s, 10s), 2u);
  EXPECT_EQ(restarts.add(t0 + 10s, 10s), 3u);
  EXPECT_EQ(restarts.add(t0 + 15s, 10s), 3u);
  EXPECT_EQ(restarts.add(t0 + 99s, 10s), 1u);
}

TEST(Restarts, PeriodWithoutEndForgetsNothing) {
  Restarts restarts;
  EXPECT_EQ(restarts.add(t0, Milliseconds::max()), 1u);
  EXPECT_EQ(restarts.add(t0 + std::chrono::hours(100'000), Milliseconds::max()), 2u);
}

}  // namespace
}  // namespace beckon::core::supervision
