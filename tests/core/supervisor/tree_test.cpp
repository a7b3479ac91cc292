// The static supervisor's shell on a real io_context: start, restart, administration, monitors.
#include "planted.hpp"

#include "base/redaction.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/post.hpp>

namespace beckon::core {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using enum RestartType;

using SupervisorTree = Planted;
using TreeAdmin = Planted;
using TreeMonitor = Planted;

// ---- start and stop -------------------------------------------------------------------------------------------------

TEST_F(SupervisorTree, StartsInOrderAndStopsInReverseOneByOne) {
  plant({child("a"), child("b"), child("c")});
  EXPECT_EQ(start(), "ok");
  EXPECT_THAT(take(), ElementsAre("start a", "start b", "start c"));
  EXPECT_EQ(tree->count_children(), (ChildrenCount{3, 3, 0, 3}));
  stop();
  EXPECT_THAT(take(), ElementsAre("asked c", "end c", "asked b", "end b", "asked a", "end a"));
  EXPECT_THAT(lines, IsEmpty());
  EXPECT_EQ(wait(), "");
  stop();                             // again: over at once
  finish();
}

TEST_F(SupervisorTree, StartThatFailsEndsThoseBeforeItAndNamesTheChild) {
  broken["c"] = "the file is locked";
  plant({child("a"), child("b"), child("c"), child("d")});
  EXPECT_EQ(start(), "child \"c\" did not start: the file is locked");
  EXPECT_THAT(take(), ElementsAre("start a", "start b", "start c", "asked b", "end b", "asked a", "end a"));
  EXPECT_EQ(wait(), "child \"c\" did not start: the file is locked");
}

TEST_F(SupervisorTree, EachRestartIsHeardOfWithTheChildThatCausedIt) {
  plant({child("a"), child("b"), child("c", temporary)}, 1);
  start();
  crash("c");
  EXPECT_THAT(restarted, IsEmpty()) << "it is not restarted";
  crash("a");
  EXPECT_THAT(restarted, ElementsAre("a")) << "b was restarted with it";
  crash("b");
  EXPECT_THAT(restarted, ElementsAre("a")) << "one too many: everything is stopped";
}

TEST_F(SupervisorTree, ExceptionInAStartIsAFailedStartAndTellsNoSecret) {
  remember_secret("xoxb-battery-staple");
  TreeChild bad = child("a");
  bad.start = []() -> task<Result<ChildBody>> {
    throw std::runtime_error("cannot open xoxb-battery-staple");
    co_return ChildBody();
  };
  plant({bad});
  EXPECT_EQ(start(), "child \"a\" did not start: cannot open ***");
  TreeChild worse = child("a");
  worse.start = []() -> task<Result<ChildBody>> { throw 42; };
  plant({worse});
  EXPECT_THAT(start(), HasSubstr("not a std::exception"));
  EXPECT_THAT(lines, Not(HasSubstr("battery")));
}

TEST_F(SupervisorTree, ChildWithNothingToRunIsKeptStopped) {
  TreeChild idle = child("a");
  idle.start = []() -> task<Result<ChildBody>> { co_return ChildBody(); };
  plant({idle, child("b")});
  EXPECT_EQ(start(), "ok");
  EXPECT_EQ(tree->count_children(), (ChildrenCount{2, 1, 0, 2}));
  stop();
}

TEST_F(SupervisorTree, FaultyFlagsAndSpecsAreRefusedAtTheStart) {
  plant({child("a"), child("a")});
  EXPECT_EQ(start(), "two children are called \"a\"");
  EXPECT_THAT(said, IsEmpty());
  stop();
}

TEST_F(SupervisorTree, IsStartedOnce) {
  plant({child("a")});
  start();
  EXPECT_EQ(start(), "it was started already");
  stop();
}

// ---- restarts -------------------------------------------------------------------------------------------------------

TEST_F(SupervisorTree, CrashRestartsTheChildAndThoseAfterIt) {
  plant({child("a"), child("b"), child("c")}, 3);
  start(), take();
  crash("b");
  EXPECT_THAT(take(), ElementsAre("end b", "asked c", "end c", "start b", "start c"));
  EXPECT_THAT(lines, HasSubstr("warn supervisor: root: child \"b\": ended: boom; restarting (restart 1 of 3 within 60s)"));
  EXPECT_EQ(tree->count_children().active, 3u);
  stop();
}

TEST_F(SupervisorTree, GivesUpPastItsIntensityAndSaysWhy) {
  plant({child("a"), child("b"), child("c")}, 1);
  start(), crash("b"), take();
  crash("b");
  EXPECT_THAT(take(), ElementsAre("end b", "asked c", "end c", "asked a", "end a"));
  EXPECT_EQ(wait(), "gave up: child \"b\" needed more than 1 restart within 60s, last: boom");
  EXPECT_THAT(lines, HasSubstr("error supervisor: root: child \"b\": ended: boom; restart 2 within 60s is one too many, "
                               "so everything here is stopped"));
  EXPECT_EQ(ask(tree->restart_child("a")), "nothing can be asked about child \"a\": the supervisor has ended");
}

TEST_F(SupervisorTree, RestartTypesAreKept) {
  bodies["a"] = [this]() -> task<Farewell> {
    said.push_back("a returns");
    co_return done();
  };
  plant({child("a", transient), child("b", temporary)});
  start();
  EXPECT_THAT(take(), ElementsAre("start a", "a returns", "start b"));
  crash("b");
  EXPECT_THAT(take(), ElementsAre("end b"));
  const ChildInfo a{"a", ChildInfo::State::stopped, transient, ChildType::worker};
  EXPECT_THAT(tree->which_children(), ElementsAre(a));
  EXPECT_THAT(lines, HasSubstr("child \"b\": ended: boom; it is not restarted"));
  stop();
}

TEST_F(SupervisorTree, RequestsAreServedWhileAChildFailsToRestartForEver) {
  plant({child("a"), child("b")}, 1'000'000'000);
  start();
  broken["b"] = "no";
  begin_crash("b");
  context->restart();
  while (starts["b"] < 20) context->run_one();
  EXPECT_EQ(ask(tree->terminate_child("b")), "ok");      // ends only when the loop does
  EXPECT_LT(starts["b"], 30u);
  EXPECT_EQ(tree->count_children().active, 1u);
  stop();
}

TEST_F(SupervisorTree, StopEndsAChildThatFailsToRestartForEver) {
  plant({child("a"), child("b")}, 1'000'000'000);
  start();
  broken["a"] = "no";
  begin_crash("a");
  context->restart();
  while (starts["a"] < 20) context->run_one();
  stop();
  const unsigned attempts = starts["a"];
  finish();
  EXPECT_EQ(starts["a"], attempts);
}

TEST_F(SupervisorTree, CancellationThatNobodyAskedForIsACrash) {
  plant({child("a")});
  start();
  gates["a"].lock()->cancel();
  turn();
  EXPECT_EQ(starts["a"], 2u);
  EXPECT_THAT(lines, HasSubstr("ended: cancelled, though nobody asked it to end; restarting"));
  stop();
}

TEST_F(SupervisorTree, BodyThatFailsBeforeItIsACoroutineIsACrash) {
  bodies["a"] = []() -> task<Farewell> { throw std::runtime_error("no coroutine"); };
  plant({child("a")}, 0);
  start();
  EXPECT_THAT(wait(), HasSubstr("last: no coroutine"));
}

// ---- administration -------------------------------------------------------------------------------------------------

TEST_F(TreeAdmin, AddsTerminatesRestartsAndDeletes) {
  plant({child("a")});
  start();
  EXPECT_EQ(ask(tree->start_child(child("b"))), "ok");
  EXPECT_EQ(ask(tree->start_child(child("b"))), "child \"b\" is running already");
  EXPECT_EQ(ask(tree->delete_child("b")), "child \"b\" is running; terminate it first");
  EXPECT_EQ(ask(tree->restart_child("b")), "child \"b\" is running; terminate it first");
  EXPECT_EQ(ask(tree->terminate_child("b")), "ok");
  EXPECT_FALSE(tree->runs("b"));
  EXPECT_EQ(ask(tree->start_child(child("b"))), "child \"b\" is there already, stopped; restart or delete it");
  EXPECT_EQ(ask(tree->restart_child("b")), "ok");
  EXPECT_TRUE(tree->runs("b"));
  ask(tree->terminate_child("b"));
  EXPECT_EQ(ask(tree->delete_child("b")), "ok");
  EXPECT_EQ(ask(tree->terminate_child("b")), "there is no child \"b\"");
  EXPECT_EQ(ask(tree->start_child(child(""))), "child \"\" cannot be added: a child has no name");
  broken["c"] = "no";
  EXPECT_EQ(ask(tree->start_child(child("c"))), "child \"c\" did not start: no");
  EXPECT_EQ(tree->which_children().size(), 1u);
  stop();
}

TEST_F(TreeAdmin, SpecOfATemporaryChildIsNotSaved) {
  auto kept = std::make_shared<int>();
  const std::weak_ptr<int> spec = kept;
  TreeChild brief = child("a", temporary);
  brief.start = [start = brief.start, kept] { return start(); };
  plant({});
  start(), ask(tree->start_child(std::move(brief)));
  brief = {}, kept.reset();
  EXPECT_FALSE(spec.expired()) << "it runs";
  crash("a");
  EXPECT_TRUE(spec.expired());
  stop();
}

TEST_F(TreeAdmin, CancelledRequestIsCarriedOutAllTheSame) {
  bodies["a"] = [this] { return stubborn.run("at last"); };
  plant({child("a")});
  start();
  asio::cancellation_signal signal;
  bool aborted = false;
  auto heard = [&](std::exception_ptr failure, Result<void>) { aborted = failure != nullptr; };
  asio::co_spawn(context->get_executor(), tree->terminate_child("a"),
                 asio::bind_cancellation_slot(signal.slot(), std::move(heard)));
  turn();
  signal.emit(asio::cancellation_type::terminal);
  turn();
  EXPECT_TRUE(aborted);
  EXPECT_EQ(tree->which_children()[0].state, ChildInfo::State::stopping);
  stubborn.release(), turn();
  EXPECT_EQ(tree->which_children()[0].state, ChildInfo::State::stopped);
  stop();
}

// ---- monitors -------------------------------------------------------------------------------------------------------

TEST_F(TreeMonitor, HearsOneDownAndTwoMonitorsHearTwo) {
  plant({child("a")});
  start();
  Words heard;
  const auto hear = [&heard](const ChildDown& down) { heard.push_back(down.reason); };
  tree->monitor("a", hear), tree->monitor("a", hear);
  crash("a");
  EXPECT_THAT(heard, ElementsAre("boom", "boom"));
  crash("a");
  EXPECT_EQ(heard.size(), 2u) << "a monitor is of one run, not of its successors";
  stop();
}

TEST_F(TreeMonitor, OfWhatDoesNotRunHearsSoAtOnceButNotWithinTheCall) {
  plant({child("a")});
  std::vector<ChildDown::Why> heard;
  tree->monitor("a", [&](const ChildDown& down) { heard.push_back(down.why); });
  EXPECT_THAT(heard, IsEmpty());
  turn();
  EXPECT_THAT(heard, ElementsAre(ChildDown::Why::no_process));
  stop();
}

TEST_F(TreeMonitor, IsSilentOnceItWasTakenBack) {
  plant({child("a")});
  start();
  int heard = 0;
  const MonitorId first = tree->monitor("a", [&](const ChildDown&) { ++heard; });
  tree->demonitor(first);
  MonitorId third = 0;
  tree->monitor("a", [&](const ChildDown&) { tree->demonitor(third); });
  third = tree->monitor("a", [&](const ChildDown&) { ++heard; });
  stop();
  EXPECT_EQ(heard, 0) << "not even when its DOWN was under way";
}

TEST_F(TreeMonitor, TellsHowTheChildEnded) {
  bodies["n"] = []() -> task<Farewell> {
    co_await asio::post(co_await asio::this_coro::executor, use_task);
    co_return done();
  };
  bodies["g"] = []() -> task<Farewell> {
    co_await asio::post(co_await asio::this_coro::executor, use_task);
    co_return gone("deleted");
  };
  plant({});
  start();
  Words heard;
  const char* words[] = {"normal", "shutdown", "failed", "no process"};
  const auto watch = [&](const char* name) {
    auto started = tree->start_child(child(name, temporary));
    run(*context, [&]() -> task<void> {
      co_await std::move(started);
      tree->monitor(name, [&](const ChildDown& down) {
        heard.push_back(words[static_cast<int>(down.why)] + (":" + down.reason));
      });
    });
    turn();
  };
  watch("n"), watch("g"), watch("c"), watch("s");
  crash("c");
  stop();
  EXPECT_THAT(heard, ElementsAre("normal:", "shutdown:deleted", "failed:boom", "shutdown:"));
}

TEST_F(TreeMonitor, NameIsFreeBeforeTheDownIsTold) {
  plant({child("a", temporary)});
  start();
  bool free = false;
  std::string again;
  tree->monitor("a", [&](const ChildDown&) {
    free = !tree->runs("a");
    asio::post(*context, [&] { again = ask(tree->start_child(child("a"))); });
  });
  crash("a");
  EXPECT_TRUE(free);
  EXPECT_TRUE(tree->runs("a"));
  stop();
}

}  // namespace
}  // namespace beckon::core
