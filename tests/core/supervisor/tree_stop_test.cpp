// The static supervisor's shell: children that clean up, that will not end, that hang while they start; lifetimes.
#include "planted.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>

namespace beckon::core {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using enum RestartType;

using TreeStop = Planted;
using AbandonedInTree = Planted;
using TreeLifetime = Planted;

// Cleans up, and that never ends by itself.
task<Farewell> clean_up_for_ever(Words& said) {
  try {
    co_await forever();
  } catch (const boost::system::system_error&) {
    said.push_back("asked");
  }
  co_await asio::this_coro::reset_cancellation_state();
  try {
    co_await forever();
  } catch (const boost::system::system_error&) {
    said.push_back("cut off");
  }
  co_return done();
}

TEST_F(TreeStop, CleanUpIsWaitedForBeforeTheNextIsAsked) {
  bodies["b"] = [this]() -> task<Farewell> {
    try {
      co_await forever();
    } catch (const boost::system::system_error&) {
    }
    co_await asio::this_coro::reset_cancellation_state();
    co_await sleep_for(1ms);
    said.push_back("b is clean");
    co_return done();
  };
  plant({child("a"), child("b")});
  start(), take();
  stop();
  EXPECT_THAT(take(), ElementsAre("b is clean", "asked a", "end a"));
  EXPECT_THAT(lines, IsEmpty()) << "one that returns when it was asked has ended as asked";
}

TEST_F(TreeStop, CleanUpThatHangsIsCutOffWhenTheTimeIsOver) {
  bodies["b"] = [this] { return clean_up_for_ever(said); };
  plant({child("a"), child("b", permanent, 1ms)}, 100, 20s);
  start(), take();
  stop();
  EXPECT_THAT(take(), ElementsAre("asked", "cut off", "asked a", "end a"));
  EXPECT_THAT(lines, HasSubstr("root: child \"b\": did not end in time when it was asked, and was killed"));
  finish();                           // no timer is left behind
}

TEST_F(TreeStop, BrutalKillCutsOffACleanUpAtOnce) {
  bodies["a"] = [this] { return clean_up_for_ever(said); };
  plant({child("a", permanent, Shutdown::brutal_kill)}, 100, 20s);
  start(), take();
  stop();
  EXPECT_THAT(take(), ElementsAre("asked", "cut off"));
  EXPECT_THAT(lines, IsEmpty());
}

TEST_F(TreeStop, InfinitySetsNoTimer) {
  bodies["a"] = [this] { return stubborn.run("at last"); };
  plant({child("a", transient, Shutdown::infinity)});
  start();
  asio::co_spawn(context->get_executor(), tree->stop(), [](std::exception_ptr) {});
  turn();
  EXPECT_TRUE(tree->runs("a"));
  stubborn.release();
  finish();
  EXPECT_FALSE(tree->runs("a"));
}

TEST_F(TreeStop, ChildIsHeardEvenWhenItWasAskedBeforeItsFirstTurn) {
  plant({child("a"), child("b")});
  asio::co_spawn(context->get_executor(), tree->start(), [](std::exception_ptr, Result<void>) {});
  stop();
  EXPECT_THAT(take(), ElementsAre("start a", "asked a", "end a"));
}

TEST_F(TreeStop, StartThatHangsIsAskedToEnd) {
  TreeChild hangs = child("b");
  hangs.start = []() -> task<Result<ChildBody>> {
    co_await forever();
    co_return ChildBody();
  };
  plant({child("a"), hangs, child("c")});
  EXPECT_EQ(start(), "under way");
  take(), stop();
  EXPECT_THAT(take(), ElementsAre("asked a", "end a"));
  EXPECT_EQ(*answers[0], "it was stopped while it started");
  EXPECT_THAT(lines, IsEmpty());
}

TEST_F(TreeStop, GoesOnWhenTheWaitingIsCancelled) {
  bodies["a"] = [this] { return stubborn.run("at last"); };
  plant({child("a")});
  start();
  asio::cancellation_signal signal;
  std::exception_ptr failure;
  asio::co_spawn(context->get_executor(), tree->stop(),
                 asio::bind_cancellation_slot(signal.slot(), [&](std::exception_ptr e) { failure = e; }));
  turn();
  signal.emit(asio::cancellation_type::terminal);
  turn();
  EXPECT_TRUE(failure);
  stubborn.release(), stop();
  EXPECT_EQ(starts["a"], 1u);
}

TEST_F(TreeStop, FromWithinAChildEndsThatChildToo) {
  bodies["b"] = [this]() -> task<Farewell> {
    auto stopping = tree->stop();
    co_await std::move(stopping);
    co_return done();
  };
  plant({child("a"), child("b")});
  start();
  EXPECT_EQ(wait(), "");
  EXPECT_EQ(tree->count_children().active, 0u);
}

// ---- abandoned children ---------------------------------------------------------------------------------------------

TEST_F(AbandonedInTree, ChildThatIgnoresItsCancellationDoesNotHangTheTree) {
  bodies["b"] = [this] { return stubborn.run("late"); };
  plant({child("a"), child("b", permanent, 1ms)});
  start(), take();
  int downs = 0;
  tree->monitor("b", [&](const ChildDown& down) {
    ++downs;
    EXPECT_THAT(down.reason, HasSubstr("abandoned"));
  });
  stop();
  EXPECT_THAT(take(), ElementsAre("asked a", "end a"));
  EXPECT_THAT(lines, HasSubstr("error supervisor: root: child \"b\": did not end within 0s of being killed; abandoned"));
  stubborn.release(), turn();
  EXPECT_THAT(stubborn.said, ElementsAre("late"));
  EXPECT_EQ(downs, 1);
}

TEST_F(AbandonedInTree, LateResultDoesNotTouchItsSuccessor) {
  bodies["a"] = [this] { return starts["a"] == 1 ? stubborn.run("late") : live("a"); };
  plant({child("a", permanent, Shutdown::brutal_kill)});
  start();
  run(*context, [this] { return tree->terminate_child("a"); });
  EXPECT_EQ(ask(tree->restart_child("a")), "ok");
  stubborn.release(), turn();
  EXPECT_THAT(stubborn.said, ElementsAre("late"));
  EXPECT_TRUE(tree->runs("a"));
  stop();
}

TEST_F(AbandonedInTree, ChildMayOutliveItsTreeAndTheContextThatOfAChild) {
  bodies["a"] = bodies["b"] = [this] { return stubborn.run("alone"); };
  plant({child("a", permanent, Shutdown::brutal_kill), child("b", permanent, Shutdown::brutal_kill)});
  start(), stop();
  tree.reset();
  stubborn.release(0), turn();
  EXPECT_THAT(stubborn.said, ElementsAre("alone"));
  context.reset();                    // and the other's frame is destroyed with the context
}

// ---- lifetime -------------------------------------------------------------------------------------------------------

TEST_F(TreeLifetime, ContextMayBeDestroyedFirst) {
  plant({child("a"), child("b")});
  start();
  asio::co_spawn(context->get_executor(), tree->terminate_child("b"), [](std::exception_ptr, Result<void>) {});
  asio::co_spawn(context->get_executor(), tree->wait(), [](std::exception_ptr, std::string) {});
  context->restart(), context->poll_one();
  context.reset();
  tree.reset();
  EXPECT_EQ(said.back().substr(0, 3), "end");
}

TEST_F(TreeLifetime, DestructionAsksWhatStillRunsToEnd) {
  plant({child("a"), child("b")});
  start(), take();
  int heard = 0;
  tree->monitor("a", [&](const ChildDown&) { ++heard; });
  tree.reset();
  finish();
  EXPECT_THAT(take(), ::testing::UnorderedElementsAre("asked a", "end a", "asked b", "end b"));
  EXPECT_EQ(heard, 0);
}

TEST_F(TreeLifetime, DestructionAbortsWhoeverWaits) {
  bodies["a"] = [this] { return stubborn.run("late"); };
  plant({child("a")});
  start();
  ask(tree->terminate_child("a"));
  int aborted = 0;
  const auto count = [&aborted](std::exception_ptr failure) { aborted += failure != nullptr; };
  asio::co_spawn(context->get_executor(), tree->stop(), count);
  turn();
  tree.reset();
  turn();
  EXPECT_EQ(aborted, 1);
  EXPECT_EQ(*answers.back(), "aborted");
  stubborn.release(), turn();
}

TEST_F(TreeLifetime, WithoutAStartThereIsNothingToEnd) {
  plant({child("a")});
  stop();
  EXPECT_EQ(start(), "it was stopped while it started");
  tree.reset();
  EXPECT_THAT(said, IsEmpty());
}

}  // namespace
}  // namespace beckon::core
