// OTP's rules for specs, starting and administration, case by case after supervisor_SUITE.erl. Static supervisor.
#include "ordered.hpp"

namespace beckon::core::supervision::ordered {
namespace {

using ::testing::HasSubstr;
using ::testing::Optional;

using SupervisorStart = Ordered;
using ChildAdmin = Ordered;

// ---- specs ----------------------------------------------------------------------------------------------------------

TEST(OrderedChildSpec, DefaultsArePermanent5000msWorker) {
  const ChildRules child;
  EXPECT_EQ(child.restart, permanent);
  EXPECT_EQ(child.type, ChildType::worker);
  EXPECT_EQ(child.time_to_end(), 5000ms);
}

TEST(OrderedChildSpec, SupervisorChildDefaultsToInfinity) {
  EXPECT_EQ(rules("a", permanent, {}, ChildType::supervisor).time_to_end(), Shutdown::infinity);
  EXPECT_EQ(rules("a", permanent, 3s, ChildType::supervisor).time_to_end(), 3s);
}

TEST(OrderedChildSpec, DuplicateIdIsRefused) {
  EXPECT_THAT(complaint({}, {rules("a"), rules("b"), rules("a")}), Optional(HasSubstr("two children are called \"a\"")));
  EXPECT_EQ(complaint({}, {rules("a"), rules("b")}), std::nullopt);
}

TEST(OrderedChildSpec, EmptyNameAndNegativeTimeAreRefused) {
  EXPECT_THAT(complaint({}, {rules("")}), Optional(HasSubstr("no name")));
  EXPECT_THAT(complaint({}, {rules("a", permanent, -1ms)}), Optional(HasSubstr("negative shutdown time")));
}

TEST(OrderedFlags, DefaultsAreOneForOneAndOneRestartIn5s) {
  const SupervisorFlags flags;
  EXPECT_EQ(flags.strategy, Strategy::one_for_one);
  EXPECT_EQ(flags.intensity, 1u);
  EXPECT_EQ(flags.period, 5s);
}

TEST(OrderedFlags, ZeroPeriodIsRefused) {
  EXPECT_THAT(complaint(SupervisorFlags{Strategy::rest_for_one, 1, 0s, 1s}, {}), Optional(HasSubstr("period")));
}

// ---- start ----------------------------------------------------------------------------------------------------------

TEST_F(SupervisorStart, ChildrenStartInOrder) {
  make({}, {rules("a"), rules("b"), rules("c")});
  EXPECT_THAT(on(Boot{}), ElementsAre("start a"));
  EXPECT_THAT(started("a"), ElementsAre("start b")) << "not before the one before it has started";
  EXPECT_THAT(started("b"), ElementsAre("start c"));
  EXPECT_EQ(states(), "a running, b running, c starting");
  EXPECT_THAT(started("c"), ElementsAre("booted"));
}

TEST_F(SupervisorStart, WithoutChildrenIsOverAtOnce) {
  make({}, {});
  EXPECT_THAT(on(Boot{}), ElementsAre("booted"));
  EXPECT_EQ(machine->count_children(), ChildrenCount());
}

TEST_F(SupervisorStart, FailureOfThirdTerminatesSecondThenFirst) {
  make({}, {rules("a"), rules("b"), rules("c"), rules("d")});
  on(Boot{}), started("a"), started("b");
  EXPECT_THAT(start_fails("c"), ElementsAre("report c start failed: boom", "ask b"));
  EXPECT_THAT(cancelled("b"), ElementsAre("DOWN b cancelled", "ask a"));
  EXPECT_THAT(cancelled("a"), ElementsAre("DOWN a cancelled", "ended, failed to start c: boom"));
  EXPECT_TRUE(machine->ended());
}

TEST_F(SupervisorStart, IgnoredPermanentChildIsKept) {
  make({}, {rules("a"), rules("b")});
  on(Boot{});
  EXPECT_THAT(ignored("a"), ElementsAre("start b"));
  EXPECT_THAT(started("b"), ElementsAre("booted"));
  EXPECT_EQ(states(), "a stopped, b running");
  EXPECT_THAT(restart("a"), ElementsAre("start a"));
}

TEST_F(SupervisorStart, IgnoredTemporaryChildIsForgotten) {
  make({}, {rules("a", temporary), rules("b")});
  on(Boot{});
  EXPECT_THAT(ignored("a"), ElementsAre("forget a", "start b"));
  EXPECT_EQ(states(), "b starting");
}

TEST_F(SupervisorStart, IgnoredTemporaryChildThatIsAddedIsForgotten) {
  running(Strategy::one_for_one, {});
  add(rules("a", temporary));
  EXPECT_THAT(ignored("a"), ElementsAre("reply ignored", "forget a"));
  EXPECT_THAT(add(rules("b")), ElementsAre("start b"));
  EXPECT_THAT(ignored("b"), ElementsAre("reply ignored"));
  EXPECT_EQ(states(), "b stopped");
}

TEST_F(SupervisorStart, FailedAddIsNotStored) {
  running(Strategy::one_for_one);
  EXPECT_THAT(add(rules("d")), ElementsAre("start d"));
  EXPECT_THAT(start_fails("d"), ElementsAre("report d start failed: boom", "reply failed to start: boom", "forget d"));
  EXPECT_EQ(states(), "a running, b running, c running");
  EXPECT_THAT(add(rules("d")), ElementsAre("start d"));
}

TEST_F(SupervisorStart, RestartOfFailingChildLeavesItStopped) {
  running(Strategy::one_for_one);
  terminate("b"), cancelled("b");
  EXPECT_THAT(restart("b"), ElementsAre("start b"));
  EXPECT_THAT(start_fails("b"), ElementsAre("reply failed to start: boom"));
  EXPECT_EQ(states(), "a running, b stopped, c running");
  EXPECT_THAT(restart("b"), ElementsAre("start b")) << "it can be tried again";
}

TEST_F(SupervisorStart, ChildThatDiesWhileTheNextStartsIsHandledAfterwards) {
  make(SupervisorFlags{Strategy::one_for_one, 1, 60s, 1s}, {rules("a"), rules("b")});
  on(Boot{}), started("a");
  EXPECT_THAT(crash("a"), ElementsAre("DOWN a failed: boom")) << "its monitors hear at once";
  EXPECT_EQ(machine->count_children().active, 0u);
  EXPECT_THAT(started("b"), ElementsAre("booted", "report a crashed #1: boom", "start a"));
}

TEST_F(SupervisorStart, ChildThatDiedBeforeAFailedStartIsNotAskedAndItsReasonIsReported) {
  make({}, {rules("a"), rules("b")});
  on(Boot{}), started("a"), crash("a", "bang");
  EXPECT_THAT(start_fails("b"), ElementsAre("report b start failed: boom", "report a failed stopping: bang",
                                            "ended, failed to start b: boom"));
}

TEST_F(SupervisorStart, ManyChildrenStartAndStopInLinearTime) {
  std::vector<ChildRules> many;
  for (int n = 0; n < 50'000; ++n) many.push_back(rules(std::to_string(n)));
  make({}, std::move(many));       // with a search for each it would take minutes
  on(Boot{});
  for (const std::string& name : names) started(name);
  EXPECT_EQ(machine->count_children().active, 50'000u);
  on(Stop{});
  for (auto name = names.rbegin(); name != names.rend(); ++name) cancelled(*name);
  EXPECT_TRUE(machine->ended());
}

// ---- administration -------------------------------------------------------------------------------------------------

TEST_F(ChildAdmin, AddedChildIsTheLastInOrder) {
  running(Strategy::one_for_one);
  EXPECT_THAT(add(rules("d")), ElementsAre("start d"));
  EXPECT_THAT(started("d"), ElementsAre("reply ok"));
  EXPECT_EQ(states(), "a running, b running, c running, d running");
  EXPECT_THAT(on(Stop{}), ElementsAre("ask d"));
}

TEST_F(ChildAdmin, AddOfAnIdThatRunsIsAlreadyStartedAndOfAStoppedOneAlreadyPresent) {
  running(Strategy::one_for_one);
  EXPECT_THAT(add(rules("b")), ElementsAre("forget b", "reply already started"));
  names.pop_back();
  terminate("b"), cancelled("b");
  EXPECT_THAT(add(rules("b")), ElementsAre("forget b", "reply already present"));
}

TEST_F(ChildAdmin, FaultySpecIsRefused) {
  running(Strategy::one_for_one);
  EXPECT_THAT(add(rules("")), ElementsAre("forget ", "reply refused: a child has no name"));
}

TEST_F(ChildAdmin, TerminatedChildIsKeptUnlessTemporary) {
  running(Strategy::one_for_one, {rules("a"), rules("b", transient), rules("c", temporary)});
  EXPECT_THAT(terminate("a"), ElementsAre("ask a"));
  EXPECT_EQ(states(), "a stopping, b running, c running");
  EXPECT_THAT(cancelled("a"), ElementsAre("DOWN a cancelled", "reply ok")) << "and it is not restarted";
  terminate("b"), cancelled("b"), terminate("c");
  EXPECT_THAT(cancelled("c"), ElementsAre("DOWN c cancelled", "forget c", "reply ok"));
  EXPECT_EQ(states(), "a stopped, b stopped");
  EXPECT_THAT(terminate("a"), ElementsAre("reply ok")) << "as in OTP, a second time is no error";
  EXPECT_THAT(terminate("c"), ElementsAre("reply not found"));
}

TEST_F(ChildAdmin, RestartAndDeleteOnlyWhatIsStopped) {
  running(Strategy::one_for_one);
  EXPECT_THAT(restart("a"), ElementsAre("reply running"));
  EXPECT_THAT(remove("a"), ElementsAre("reply running"));
  EXPECT_THAT(restart("x"), ElementsAre("reply not found"));
  EXPECT_THAT(remove("x"), ElementsAre("reply not found"));
  crash("b"), start_fails("b");
  EXPECT_EQ(states(), "a running, b restarting, c running");
  EXPECT_THAT(restart("b"), ElementsAre("reply restarting"));
  EXPECT_THAT(remove("b"), ElementsAre("reply restarting"));
  EXPECT_THAT(add(rules("b")), ElementsAre("forget b", "reply already present"));
  names.pop_back();
  EXPECT_THAT(terminate("b"), ElementsAre("reply ok"));
  EXPECT_THAT(again("b"), IsEmpty()) << "it is not restarted any more";
  EXPECT_THAT(remove("b"), ElementsAre("forget b", "reply ok"));
  EXPECT_EQ(states(), "a running, c running");
}

TEST_F(ChildAdmin, RestartedChildKeepsItsPlace) {
  running(Strategy::one_for_one);
  terminate("a"), cancelled("a"), restart("a");
  EXPECT_THAT(started("a"), ElementsAre("reply ok"));
  EXPECT_EQ(states(), "a running, b running, c running");
}

TEST_F(ChildAdmin, CountSaysSpecsActiveSupervisorsAndWorkers) {
  running(Strategy::one_for_one, {rules("a"), rules("b", permanent, {}, ChildType::supervisor), rules("c")});
  EXPECT_EQ(machine->count_children(), (ChildrenCount{3, 3, 1, 2}));
  terminate("a"), cancelled("a");
  EXPECT_EQ(machine->count_children(), (ChildrenCount{3, 2, 1, 2}));
  remove("a");
  EXPECT_EQ(machine->count_children(), (ChildrenCount{2, 2, 1, 1}));
}

TEST_F(ChildAdmin, RestartingChildIsCountedAndNotActive) {
  running(Strategy::one_for_one);
  crash("b"), start_fails("b");
  EXPECT_EQ(machine->count_children(), (ChildrenCount{3, 2, 0, 3}));
}

TEST_F(ChildAdmin, WhichChildrenTellsTypeAndRestart) {
  running(Strategy::one_for_one, {rules("a", transient, {}, ChildType::supervisor)});
  EXPECT_THAT(machine->which_children(),
              ElementsAre(ChildInfo{"a", ChildInfo::State::running, transient, ChildType::supervisor}));
}

TEST_F(ChildAdmin, RequestsWaitWhileAnotherIsServed) {
  running(Strategy::one_for_one);
  terminate("b");
  EXPECT_THAT(terminate("a"), IsEmpty());
  EXPECT_THAT(remove("b"), IsEmpty());
  EXPECT_THAT(cancelled("b"), ElementsAre("DOWN b cancelled", "reply to 1 ok", "ask a"));
  EXPECT_THAT(cancelled("a"), ElementsAre("DOWN a cancelled", "reply to 2 ok", "forget b", "reply ok"));
}

TEST_F(ChildAdmin, NameIsFoundOnlyWhileTheChildRunsAndIsFreeBeforeItsDownIsTold) {
  make({}, {rules("a")});
  on(Boot{});
  EXPECT_EQ(machine->find("a"), std::nullopt);
  started("a");
  EXPECT_EQ(machine->find("a"), runs["a"]);
  terminate("a");
  EXPECT_EQ(machine->find("a"), runs["a"]);
  EXPECT_THAT(cancelled("a"), ElementsAre("DOWN a cancelled", "reply ok"));
  EXPECT_EQ(machine->find("a"), std::nullopt);
}

}  // namespace
}  // namespace beckon::core::supervision::ordered
