// The shell: children start, crash, are parked and found.
#include "supervised.hpp"

#include "base/redaction.hpp"

#include <boost/asio/post.hpp>

#include <gmock/gmock.h>

#include <stdexcept>

namespace beckon::core {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

using SupervisedChild = Supervised;
using CrashingChild = Supervised;
using ParkedChild = Supervised;
using ChildName = Supervised;

// ---- start and end --------------------------------------------------------------------------------------------------

TEST_F(SupervisedChild, RunsInATurnOfItsOwn) {
  supervise();
  asio::post(*context, [this] {
    EXPECT_TRUE(supervisor->start_child(1, false));
    EXPECT_EQ(starts[1], 0u) << "not within start_child";
  });
  turn();
  EXPECT_EQ(starts[1], 1u);
  EXPECT_EQ(supervisor->state(1), ChildState::running);
  stop();
}

TEST_F(SupervisedChild, ThatIsDoneOrGoneIsLetGo) {
  body = [](ChildId id) -> task<Farewell> {
    if (id == 1) co_return done();
    co_return gone("the channel was deleted");
  };
  supervise();
  supervisor->start_child(1, false);
  supervisor->start_child(2, false);
  turn();
  EXPECT_THAT(told(), ElementsAre("1 done", "2 gone"));
  EXPECT_EQ(ends[1].reason, "the channel was deleted");
  EXPECT_EQ(supervisor->state(1), std::nullopt);
  EXPECT_THAT(lines, IsEmpty());
}

TEST_F(SupervisedChild, EndIsNeverToldWithinACall) {
  supervise();
  supervisor->start_child(1, true);
  asio::post(*context, [this] {
    supervisor->terminate_child(1);
    EXPECT_THAT(ends, IsEmpty());
  });
  turn();
  EXPECT_THAT(told(), ElementsAre("1 shutdown"));
}

TEST_F(SupervisedChild, CanUseItsSupervisor) {
  body = [this](ChildId id) -> task<Farewell> {
    supervisor->start_child(id + 1, true);
    supervisor->wake(id);
    supervisor->terminate_child(id);
    co_await forever();
    co_return done();
  };
  supervise();
  supervisor->start_child(1, false);
  turn();
  EXPECT_THAT(told(), ElementsAre("1 shutdown"));
  EXPECT_EQ(supervisor->state(2), ChildState::parked);
}

// ---- crashes --------------------------------------------------------------------------------------------------------

TEST_F(CrashingChild, EachRestartIsHeardOfButNotTheLastCrash) {
  unsigned restarts = 0;
  spec.intensity = 2;
  spec.restarted = [&restarts] { ++restarts; };
  body = [](ChildId) -> task<Farewell> {
    throw std::runtime_error("out of tea");
    co_return done();
  };
  supervise();
  supervisor->start_child(1, false);
  turn();
  EXPECT_EQ(starts[1], 3u);
  EXPECT_EQ(restarts, 2u);
}

TEST_F(CrashingChild, IsRestartedAndThenSetAsideLoudly) {
  called[1] = "beast";
  body = [](ChildId) -> task<Farewell> {
    throw std::runtime_error("boom");
    co_return done();
  };
  spec.intensity = 2;
  supervise();
  supervisor->start_child(1, false);
  turn();
  EXPECT_EQ(starts[1], 3u);
  EXPECT_THAT(told(), ElementsAre("1 set_aside"));
  EXPECT_EQ(ends[0].reason, "boom");
  EXPECT_EQ(supervisor->state(1), ChildState::set_aside);
  EXPECT_FALSE(supervisor->wake(1));
  EXPECT_THAT(lines, HasSubstr("syncer \"beast\": crashed: boom; restarting (1 of 2 within 90s)"));
  EXPECT_THAT(lines, HasSubstr("syncer \"beast\": crashed: boom; restarting (2 of 2 within 90s)"));
  EXPECT_THAT(lines, HasSubstr("error supervisor: syncer \"beast\": set aside: crashed 3 times within 90s, "
                               "last: boom; the others go on"));
}

TEST_F(CrashingChild, ThatFailsBeforeItIsACoroutineIsACrashToo) {
  body = [](ChildId) -> task<Farewell> { throw std::runtime_error("no coroutine"); };
  spec.intensity = 0;
  supervise();
  supervisor->start_child(1, false);
  turn();
  EXPECT_THAT(told(), ElementsAre("1 set_aside"));
  EXPECT_EQ(ends[0].reason, "no coroutine");
}

TEST_F(CrashingChild, MayThrowAnything) {
  body = [](ChildId id) -> task<Farewell> {
    if (id == 1) throw 42;
    throw boost::system::system_error(asio::error::connection_reset);
    co_return done();
  };
  spec.intensity = 0;
  supervise();
  supervisor->start_child(1, false);
  supervisor->start_child(2, false);
  turn();
  ASSERT_THAT(ends, SizeIs(2));
  EXPECT_THAT(ends[0].reason, HasSubstr("not a std::exception"));
  EXPECT_THAT(ends[1].reason, HasSubstr("reset"));
}

TEST_F(CrashingChild, DoesNotTellASecret) {
  remember_secret("xoxb-correct-horse");
  body = [](ChildId) -> task<Farewell> {
    throw std::runtime_error("cannot post with xoxb-correct-horse");
    co_return done();
  };
  spec.intensity = 0;
  supervise();
  supervisor->start_child(1, false);
  turn();
  ASSERT_THAT(ends, SizeIs(1));
  EXPECT_EQ(ends[0].reason, "cannot post with ***");
  EXPECT_THAT(lines, Not(HasSubstr("correct-horse")));
}

TEST_F(CrashingChild, IsOneWhoseTimerSomebodyElseCancelled) {
  Timer* waiting = nullptr;
  body = [&waiting](ChildId) -> task<Farewell> {
    Timer timer(co_await asio::this_coro::executor, SteadyTime::max());
    waiting = &timer;
    co_await timer.async_wait(use_task);
    co_return done();
  };
  supervise();
  supervisor->start_child(1, false);
  turn();
  ASSERT_NE(waiting, nullptr);
  waiting->cancel();
  turn();
  EXPECT_EQ(starts[1], 2u);
  EXPECT_THAT(lines, HasSubstr("crashed: cancelled, though nobody asked it to end; restarting (1 of 5"));
  stop();
}

TEST_F(CrashingChild, LeavesOthersATurnBetweenTwoAttempts) {
  body = [](ChildId id) -> task<Farewell> {
    if (id == 1) throw std::runtime_error("boom");
    co_await forever();
    co_return done();
  };
  spec.intensity = 1'000'000'000;    // as good as for ever
  supervise();
  supervisor->start_child(1, false);
  context->run_one();
  asio::post(*context, [this] {
    EXPECT_LT(starts[1], 4u) << "the request waited for the child that fails";
    supervisor->start_child(2, false);
    supervisor->terminate_child(1);
  });
  turn();                             // ends only when the failing child does
  EXPECT_EQ(starts[2], 1u);
  EXPECT_EQ(supervisor->state(1), std::nullopt);
  EXPECT_EQ(supervisor->state(2), ChildState::running);
  EXPECT_LT(starts[1], 10u);
  stop();
}

// ---- parked children ------------------------------------------------------------------------------------------------

TEST_F(ParkedChild, RunsWhenWokenAndIsParkedWhenIdle) {
  body = [](ChildId) -> task<Farewell> { co_return idle(); };
  supervise();
  supervisor->start_child(1, true);
  turn();
  EXPECT_EQ(starts[1], 0u);
  EXPECT_TRUE(supervisor->wake(1));
  EXPECT_EQ(supervisor->counts().running, 1u);
  turn();
  EXPECT_EQ(starts[1], 1u);
  EXPECT_EQ(supervisor->state(1), ChildState::parked);
  EXPECT_EQ(supervisor->counts().parked, 1u);
  EXPECT_THAT(ends, IsEmpty());
}

TEST_F(ParkedChild, WakeBetweenItsLastLookAndItsFarewellIsNotLost) {
  int owed = 0, seen = 0;
  body = [&](ChildId) -> task<Farewell> {
    seen += std::exchange(owed, 0);
    if (starts[1] == 1) {             // the work comes after the look
      owed = 1;
      EXPECT_TRUE(supervisor->wake(1));
    }
    co_return idle();
  };
  supervise();
  supervisor->start_child(1, true);
  supervisor->wake(1);
  turn();
  EXPECT_EQ(seen, 1);
  EXPECT_EQ(starts[1], 2u);
  EXPECT_EQ(supervisor->state(1), ChildState::parked);
}

TEST_F(ParkedChild, WakeWhileItsFarewellIsUnderWayIsNotLost) {
  body = [this](ChildId) -> task<Farewell> {
    if (starts[1] == 1) asio::post(*context, [this] { EXPECT_TRUE(supervisor->wake(1)); });
    co_return idle();
  };
  supervise();
  supervisor->start_child(1, false);
  turn();
  EXPECT_EQ(starts[1], 2u);
}

TEST_F(ParkedChild, TwoWakesBeforeItRunsAreOneRun) {
  body = [](ChildId) -> task<Farewell> { co_return idle(); };
  supervise();
  supervisor->start_child(1, true);
  EXPECT_TRUE(supervisor->wake(1));
  EXPECT_TRUE(supervisor->wake(1));
  turn();
  EXPECT_EQ(starts[1], 1u);
}

TEST_F(ParkedChild, ThatIsTerminatedIsForgottenAtOnce) {
  supervise();
  supervisor->start_child(1, true);
  supervisor->terminate_child(1);
  EXPECT_EQ(supervisor->state(1), std::nullopt);
  EXPECT_FALSE(supervisor->wake(1));
  turn();
  EXPECT_THAT(told(), ElementsAre("1 shutdown"));
  EXPECT_EQ(starts[1], 0u);
}

// ---- names ----------------------------------------------------------------------------------------------------------

TEST_F(ChildName, FindsTheChild) {
  called = {{1, "beast"}, {2, "asio"}};
  supervise();
  supervisor->start_child(1, true);
  supervisor->start_child(2, true);
  EXPECT_EQ(supervisor->find("asio"), 2);
  EXPECT_EQ(supervisor->find("url"), std::nullopt);
}

TEST_F(ChildName, IsUnique) {
  called = {{1, "beast"}, {2, "beast"}};
  supervise();
  EXPECT_TRUE(supervisor->start_child(1, true));
  EXPECT_FALSE(supervisor->start_child(2, true));
  EXPECT_EQ(supervisor->state(2), std::nullopt);
  EXPECT_THAT(lines, HasSubstr("syncer \"beast\": not started, another child has this name"));
}

TEST_F(ChildName, OfAnIdThatIsThereIsRefusedWithoutALine) {
  supervise();
  EXPECT_TRUE(supervisor->start_child(1, true));
  EXPECT_FALSE(supervisor->start_child(1, true));
  EXPECT_THAT(lines, IsEmpty());
}

TEST_F(ChildName, IsFreeBeforeTheEndIsTold) {
  called = {{1, "beast"}, {2, "beast"}};
  spec.shutdown = 20s;
  bool free = false;
  hear = [&](const ChildEnd& end) {
    if (end.id == 1) free = !supervisor->find("beast") && supervisor->start_child(2, true);
  };
  supervise();
  supervisor->start_child(1, false);
  turn();
  supervisor->terminate_child(1);
  finish();
  EXPECT_TRUE(free);
  EXPECT_EQ(supervisor->find("beast"), 2);
}

}  // namespace
}  // namespace beckon::core
