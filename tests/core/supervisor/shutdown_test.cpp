// The shell: children are asked to end, and abandoned when they do not.
#include "supervised.hpp"

#include <boost/asio/post.hpp>

#include <gmock/gmock.h>

#include <stdexcept>

namespace beckon::core {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

using TerminatedChild = Supervised;
using AbandonedChild = Supervised;

// ---- terminate_child -------------------------------------------------------------------------------------------------

TEST_F(TerminatedChild, IsCancelledAndItsEndIsTold) {
  spec.shutdown = 20s;
  supervise();
  supervisor->start_child(1, false);
  turn();
  supervisor->terminate_child(1);
  EXPECT_EQ(supervisor->state(1), ChildState::stopping);
  finish();                           // the limit's timer is not left behind
  EXPECT_THAT(told(), ElementsAre("1 shutdown"));
  EXPECT_EQ(ends[0].reason, "");
  EXPECT_THAT(lines, IsEmpty());
}

TEST_F(TerminatedChild, IsHeardEvenWhenItWasAskedBeforeItsFirstTurn) {
  spec.shutdown = 20s;
  supervise();
  supervisor->start_child(1, false);
  supervisor->terminate_child(1);
  finish();
  EXPECT_THAT(told(), ElementsAre("1 shutdown"));
}

TEST_F(TerminatedChild, IsHeardEvenWhenItAsksForItInAFirstTurnWithoutSuspension) {
  spec.shutdown = 20s;
  body = [this](ChildId id) -> task<Farewell> {
    supervisor->terminate_child(id);
    co_return done();
  };
  supervise();
  supervisor->start_child(1, false);
  finish();                           // an unshielded coroutine makes run() throw here
  EXPECT_THAT(told(), ElementsAre("1 shutdown"));
}

TEST_F(TerminatedChild, MayCleanUpAsynchronously) {
  spec.shutdown = 20s;
  bool clean = false;
  body = [&clean](ChildId) -> task<Farewell> {
    try {
      co_await forever();
    } catch (const boost::system::system_error&) {
    }
    co_await asio::this_coro::reset_cancellation_state();
    co_await sleep_for(1ms);
    clean = true;
    co_return done();
  };
  supervise();
  supervisor->start_child(1, false);
  turn();
  supervisor->terminate_child(1);
  finish();
  EXPECT_TRUE(clean);
  EXPECT_THAT(told(), ElementsAre("1 shutdown"));
}

TEST_F(TerminatedChild, ThatFailsInItsCleanUpIsReported) {
  called[1] = "beast";
  spec.shutdown = 20s;
  body = [](ChildId) -> task<Farewell> {
    try {
      co_await forever();
    } catch (const boost::system::system_error&) {
    }
    throw std::runtime_error("boom");
    co_return done();
  };
  supervise();
  supervisor->start_child(1, false);
  turn();
  supervisor->terminate_child(1);
  finish();
  EXPECT_THAT(lines, HasSubstr("syncer \"beast\": failed while being stopped: boom"));
  EXPECT_EQ(starts[1], 1u);
}

TEST_F(TerminatedChild, MayEndInTheSameTurnInWhichItIsAsked) {
  spec.shutdown = 20s;
  body = [this](ChildId id) -> task<Farewell> {
    co_await asio::post(*context, use_task);
    supervisor->terminate_child(id);   // the cancellation is emitted when the coroutine has ended
    co_return done();
  };
  supervise();
  for (ChildId id = 1; id <= 50; ++id) supervisor->start_child(id, false);
  finish();
  EXPECT_THAT(ends, SizeIs(50));
}

// ---- abandoned children ----------------------------------------------------------------------------------------------

TEST_F(AbandonedChild, IsForgottenWhenTheLimitExpires) {
  called[1] = "beast";
  body = [this](ChildId) { return stubborn.run("at last"); };
  supervise();
  supervisor->start_child(1, false);
  turn();
  supervisor->terminate_child(1);
  hear = [this](const ChildEnd&) { context->stop(); };
  context->restart();
  context->run_for(20s);
  EXPECT_THAT(told(), ElementsAre("1 shutdown"));
  EXPECT_THAT(ends[0].reason, HasSubstr("abandoned"));
  EXPECT_THAT(lines, HasSubstr("syncer \"beast\": did not end within"));
  EXPECT_EQ(supervisor->state(1), std::nullopt);
  EXPECT_EQ(supervisor->find("beast"), std::nullopt);
}

TEST_F(AbandonedChild, LateResultIsIgnoredEvenWhenASuccessorRuns) {
  body = [this](ChildId id) { return starts[id] == 1 ? stubborn.run("too late") : until_asked(id); };
  supervise();
  supervisor->start_child(1, false);
  turn();
  supervisor->terminate_child(1);
  hear = [this](const ChildEnd&) { context->stop(); };
  context->restart();
  context->run_for(20s);
  hear = nullptr;
  ASSERT_THAT(ends, SizeIs(1));
  EXPECT_TRUE(supervisor->start_child(1, false));
  turn();
  stubborn.release();
  turn();
  EXPECT_THAT(stubborn.said, ElementsAre("too late"));
  EXPECT_THAT(ends, SizeIs(1));
  EXPECT_EQ(supervisor->state(1), ChildState::running);
  stop();
}

TEST_F(AbandonedChild, WhoseCleanUpHangsIsCutOff) {
  bool cut_off = false;
  body = [&cut_off](ChildId) -> task<Farewell> {
    try {
      co_await forever();
    } catch (const boost::system::system_error&) {
    }
    co_await asio::this_coro::reset_cancellation_state();
    try {
      co_await forever();
    } catch (const boost::system::system_error&) {
      cut_off = true;
    }
    co_return done();
  };
  supervise();
  supervisor->start_child(1, false);
  turn();
  supervisor->terminate_child(1);
  finish();
  EXPECT_TRUE(cut_off);
  EXPECT_THAT(told(), ElementsAre("1 shutdown"));
}

TEST_F(AbandonedChild, MayOutliveItsSupervisor) {
  body = [this](ChildId) { return stubborn.run("alone"); };
  supervise();
  supervisor->start_child(1, false);
  supervisor->start_child(2, false);
  turn();
  stop();
  supervisor.reset();
  stubborn.release(0);
  turn();
  EXPECT_THAT(stubborn.said, ElementsAre("alone"));
  context.reset();                    // and the other's frame is destroyed with the context
}

}  // namespace
}  // namespace beckon::core
