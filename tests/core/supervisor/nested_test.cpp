// Trees of supervisors: a static one under another, and the dynamic one under a static one.
#include "planted.hpp"

#include "supervisor/supervisor.hpp"

namespace beckon::core {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using enum RestartType;

using NestedTree = Planted;

SupervisorFlags flags(unsigned intensity) { return SupervisorFlags{Strategy::one_for_one, intensity, 60s, 0ms}; }

ChildRules named(std::string name, RestartType restart = permanent) {
  ChildRules rules;
  rules.name = std::move(name);
  rules.restart = restart;
  return rules;
}

TEST_F(NestedTree, StartsAndStopsInItsPlace) {
  Tree* inner = nullptr;
  const auto current = [&](Tree* now) { inner = now; };
  plant({child("a"), tree_child(named("inner"), flags(1), {child("x"), child("y")}, current), child("b")});
  EXPECT_EQ(start(), "ok");
  EXPECT_THAT(take(), ElementsAre("start a", "start x", "start y", "start b"));
  ASSERT_NE(inner, nullptr);
  EXPECT_EQ(inner->count_children(), (ChildrenCount{2, 2, 0, 2}));
  EXPECT_EQ(tree->count_children(), (ChildrenCount{3, 3, 1, 2}));
  stop();
  EXPECT_THAT(take(), ElementsAre("asked b", "end b", "asked y", "end y", "asked x", "end x", "asked a", "end a"));
  EXPECT_EQ(inner, nullptr);
  EXPECT_THAT(lines, IsEmpty());
}

TEST_F(NestedTree, StartThatFailsInsideFailsOutside) {
  broken["x"] = "no";
  plant({child("a"), tree_child(named("inner"), flags(1), {child("x")})});
  EXPECT_EQ(start(), "child \"inner\" did not start: child \"x\" did not start: no");
  EXPECT_THAT(take(), ElementsAre("start a", "start x", "asked a", "end a"));
}

TEST_F(NestedTree, EscalationRestartsTheInnerTreeAndThoseAfterItButNotWhatWasAddedToIt) {
  Tree* inner = nullptr;
  plant({child("a"), tree_child(named("inner"), flags(0), {child("x")}, [&](Tree* now) { inner = now; }), child("b")});
  start();
  ask(inner->start_child(child("added")));
  take();
  crash("x");
  EXPECT_THAT(take(), ElementsAre("end x", "asked added", "end added", "asked b", "end b", "start x", "start b"));
  ASSERT_NE(inner, nullptr);
  EXPECT_EQ(inner->which_children().size(), 1u);
  EXPECT_THAT(lines, HasSubstr("inner: child \"x\": ended: boom; restart 1 within 60s is one too many"));
  EXPECT_THAT(lines, HasSubstr("root: child \"inner\": ended: gave up: child \"x\" needed more than 0 restarts within 60s, "
                               "last: boom; restarting (restart 1 of 100 within 60s)"));
  stop();
}

TEST_F(NestedTree, TransientInnerTreeThatGaveUpIsNotRestarted) {
  plant({tree_child(named("inner", transient), flags(0), {child("x")}), child("b")});
  start(), take();
  crash("x");
  EXPECT_THAT(take(), ElementsAre("end x"));
  EXPECT_FALSE(tree->runs("inner"));
  EXPECT_TRUE(tree->runs("b"));
  stop();
}

TEST_F(NestedTree, EscalationGoesUpToTheRoot) {
  plant({child("a"), tree_child(named("inner"), flags(0), {child("x")})}, 0);
  start(), crash("x");
  EXPECT_THAT(wait(), HasSubstr("gave up: child \"inner\" needed more than 0 restarts within 60s, last: gave up: "
                                "child \"x\""));
}

TEST_F(NestedTree, StopWhileTheInnerTreeStartsEndsWhatHasStartedInIt) {
  TreeChild hangs = child("y");
  hangs.start = []() -> task<Result<ChildBody>> {
    co_await forever();
    co_return ChildBody();
  };
  plant({child("a"), tree_child(named("inner"), flags(1), {child("x"), hangs})});
  EXPECT_EQ(start(), "under way");
  take(), stop();
  EXPECT_THAT(take(), ElementsAre("asked x", "end x", "asked a", "end a"));
  EXPECT_THAT(lines, IsEmpty());
}

TEST_F(NestedTree, KilledInnerTreeTakesItsChildrenWithIt) {
  ChildRules brutal = named("inner");
  brutal.shutdown = Shutdown::brutal_kill;
  plant({tree_child(brutal, flags(1), {child("x"), child("y")})}, 100, 20s);
  start(), take();
  stop();
  finish();
  EXPECT_THAT(take(), ::testing::UnorderedElementsAre("asked x", "end x", "asked y", "end y"));
}

TEST_F(NestedTree, ContextMayBeDestroyedFirst) {
  const auto make = [this] {
    ChildSpec spec;
    spec.run = [this](ChildId) { return live("s"); };
    return make_supervisor(context->get_executor(), spec, [](const ChildEnd&) {});
  };
  Supervisor* syncers = nullptr;
  plant({tree_child(named("inner"), flags(1), {child("x"), child("y")}),
         dynamic_child(named("syncers"), make, [&](Supervisor* now) { syncers = now; })});
  start();
  syncers->start_child(1, false);
  turn();
  asio::co_spawn(context->get_executor(), tree->stop(), [](std::exception_ptr) {});
  context->restart();
  context->poll_one();
  context.reset();                    // in the middle of a stop
  tree.reset();
  EXPECT_EQ(syncers, nullptr);
}

// ---- the dynamic supervisor -----------------------------------------------------------------------------------------

class DynamicInTree : public Planted {
 protected:
  TreeChild dynamic(std::string name) {
    const auto make = [this] {
      ChildSpec spec;
      spec.kind = "syncer";
      spec.shutdown = limit;
      spec.run = [this](ChildId id) {
        return stubborn_id == id ? stubborn.run("late") : live("s" + std::to_string(id));
      };
      return make_supervisor(context->get_executor(), spec, [this](const ChildEnd& end) { ends.push_back(end.id); });
    };
    return dynamic_child(named(std::move(name)), make, [this](Supervisor* now) { syncers = now; });
  }
  Milliseconds limit = 20s;
  ChildId stubborn_id = 0;
  std::vector<ChildId> ends;
  Supervisor* syncers = nullptr;
};

TEST_F(DynamicInTree, IsAChildLikeAnyOther) {
  plant({child("a"), dynamic("syncers"), child("b")});
  EXPECT_EQ(start(), "ok");
  ASSERT_NE(syncers, nullptr);
  EXPECT_EQ(tree->count_children(), (ChildrenCount{3, 3, 1, 2}));
  syncers->start_child(1, false);
  syncers->start_child(2, true);
  turn(), take();
  stop();
  EXPECT_THAT(take(), ElementsAre("asked b", "end b", "asked s1", "end s1", "asked a", "end a"));
  EXPECT_THAT(ends, ::testing::UnorderedElementsAre(1, 2)) << "all are told before those before it are asked";
  EXPECT_EQ(syncers, nullptr);
  EXPECT_THAT(lines, IsEmpty());
}

TEST_F(DynamicInTree, StartsAnewAndEmptyWhenSomethingBeforeItIsRestarted) {
  plant({child("a"), dynamic("syncers")});
  start();
  syncers->start_child(1, true);
  crash("a");
  ASSERT_NE(syncers, nullptr);
  EXPECT_EQ(syncers->counts().parked, 0u);
  EXPECT_THAT(ends, ElementsAre(1));
  stop();
}

TEST_F(DynamicInTree, ChildThatIsSetAsideTakesNobodyAlong) {
  plant({child("a"), dynamic("syncers")});
  start();
  syncers->start_child(1, false);
  turn();
  for (int n = 0; n < 6; ++n) crash("s1");
  EXPECT_EQ(syncers->state(1), ChildState::set_aside);
  EXPECT_EQ(tree->count_children().active, 2u);
  stop();
}

TEST_F(DynamicInTree, AbandonsItsChildAndTheTreeGoesOn) {
  limit = 1ms;
  stubborn_id = 1;
  plant({child("a"), dynamic("syncers")});
  start();
  syncers->start_child(1, false);
  turn(), take();
  stop();
  EXPECT_THAT(take(), ElementsAre("asked a", "end a"));
  EXPECT_THAT(lines, HasSubstr("syncer \"#1\": did not end within 1ms of being asked; abandoned"));
  stubborn.release(), turn();
}

TEST_F(DynamicInTree, WithoutALimitWaitsAsLongAsItTakes) {
  limit = Milliseconds::max();
  stubborn_id = 1;
  plant({child("a"), dynamic("syncers")});
  start();
  syncers->start_child(1, false);
  turn(), take();
  asio::co_spawn(context->get_executor(), tree->stop(), [](std::exception_ptr) {});
  turn();
  EXPECT_THAT(said, IsEmpty());
  stubborn.release();
  finish();
  EXPECT_THAT(take(), ElementsAre("asked a", "end a"));
}

}  // namespace
}  // namespace beckon::core
