// Those cases of OTP's supervisor_SUITE.erl that stand in no other file here; README.md maps them all.
#include "decided.hpp"
#include "ordered.hpp"

#include "supervisor/supervisor.hpp"

#include <set>
#include <tuple>
#include <type_traits>

namespace beckon::core::supervision {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// ---- the dynamic supervisor -----------------------------------------------------------------------------------------

using DynamicChild = Decided;
using DynamicStop = Decided;

TEST(DynamicSpec, DefaultsAreFiveRestartsIn60sAnd5000msToEnd) {
  const ChildSpec spec;
  EXPECT_EQ(spec.intensity, 5u);
  EXPECT_EQ(spec.period, 60s);
  EXPECT_EQ(spec.shutdown, 5000ms);
}

// simple_one_for_one_restart_ignore
TEST_F(DynamicChild, RestartThatHasNothingToDoIsForgotten) {
  const RunId run = crash(1, running(1), t0);
  const Decision decision = down(1, run, Exit::Kind::done);
  EXPECT_THAT(ends(decision), ElementsAre("1 done"));
  EXPECT_THAT(all<Report>(decision), IsEmpty());
  EXPECT_EQ(machine.state(1), std::nullopt);
  EXPECT_TRUE(machine.decide(Add{1, false}, t0).accepted);
}

// simple_one_for_one_corruption
TEST_F(DynamicChild, EndOfARunThatWasReplacedChangesNothing) {
  const RunId first = running(1);
  const RunId second = crash(1, first, t0);
  for (const auto kind : {Exit::Kind::failed, Exit::Kind::done, Exit::Kind::gone})
    EXPECT_THAT(down(1, first, kind, "late").actions, IsEmpty());
  EXPECT_EQ(machine.counts().running, 1u);
  EXPECT_THAT(ends(down(1, second, Exit::Kind::done)), ElementsAre("1 done"));
}

// count_children
TEST_F(DynamicChild, CountFollowsThoseThatComeAndGo) {
  std::vector<RunId> runs;
  for (ChildId id = 0; id < 1000; ++id) runs.push_back(running(id));
  EXPECT_EQ(machine.counts().running, 1000u);
  for (ChildId id = 1000; id < 2000; ++id) runs.push_back(running(id));
  EXPECT_EQ(machine.counts().running, 2000u);
  for (ChildId id = 0; id < 2000; ++id) down(id, runs[static_cast<std::size_t>(id)], Exit::Kind::done);
  EXPECT_EQ(machine.counts().running, 0u);
}

// sup_stop_brutal_kill_dynamic: a limit of zero is the nearest to it, and takes one Tick at the same instant.
TEST_F(DynamicStop, BrutalKillIsALimitOfZero) {
  machine = Machine(Limits{5, 60s, 0ms});
  running(1), running(2);
  EXPECT_THAT(all<Ask>(machine.decide(Stop{}, t0)), SizeIs(2));
  EXPECT_EQ(machine.deadline(), t0);
  const Decision decision = machine.decide(Tick{}, t0);
  EXPECT_THAT(all<Break>(decision), SizeIs(2));
  EXPECT_THAT(all<Stopped>(decision), SizeIs(1));
}

}  // namespace
}  // namespace beckon::core::supervision

namespace beckon::core::supervision::ordered {
namespace {

using Kind = Exit::Kind;

// ---- the static supervisor ------------------------------------------------------------------------------------------

using OrderOfChildren = Ordered;
using ManyRestarts = Ordered;

TEST(OrderedFlags, NegativeIntensityCannotBeSaid) {
  static_assert(std::is_unsigned_v<decltype(SupervisorFlags::intensity)>);
  static_assert(std::is_unsigned_v<decltype(ChildSpec::intensity)>);
}

// order_of_children, with names out of the alphabet's order as there
TEST_F(OrderOfChildren, IsKeptWhateverIsRestartedAddedAndDeleted) {
  running(Strategy::rest_for_one, {rules("7"), rules("3"), rules("10"), rules("2"), rules("5")});
  EXPECT_THAT(crash("10"), ElementsAre("DOWN 10 failed: boom", "report 10 crashed #1: boom", "ask 5"));
  cancelled("5"), cancelled("2"), started("10"), started("2"), started("5");
  add(rules("1")), started("1");
  terminate("3"), cancelled("3"), remove("3");
  terminate("7"), cancelled("7"), restart("7"), started("7");
  EXPECT_EQ(states(), "7 running, 10 running, 2 running, 5 running, 1 running");
  EXPECT_THAT(on(Stop{}), ElementsAre("ask 1"));
  EXPECT_THAT(cancelled("1"), ElementsAre("DOWN 1 cancelled", "ask 5"));
  EXPECT_THAT(cancelled("5"), ElementsAre("DOWN 5 cancelled", "ask 2"));
  EXPECT_THAT(cancelled("2"), ElementsAre("DOWN 2 cancelled", "ask 10"));
  EXPECT_THAT(cancelled("10"), ElementsAre("DOWN 10 cancelled", "ask 7"));
  EXPECT_THAT(cancelled("7"), ElementsAre("DOWN 7 cancelled", "ended, stopped"));
}

// multiple_restarts
TEST_F(ManyRestarts, AreAllowedWhenTheyKeepTheirDistance) {
  running(Strategy::one_for_one, {rules("a")}, 1);
  for (int n = 0; n < 20; ++n) {
    EXPECT_THAT(crash("a").back(), "start a") << n;
    started("a");
    now += 60s + 1ms;
  }
}

// do_not_save_child_specs_for_temporary_children: what a second child of the same name meets.
enum class How { normally, abnormally, cancelled, by_hand };
class SavedSpec : public Ordered, public ::testing::WithParamInterface<std::tuple<Strategy, RestartType, How>> {};

TEST_P(SavedSpec, IsThatOfEveryChildThatIsNotTemporary) {
  const auto [strategy, restart, how] = GetParam();
  running(strategy, {});
  add(rules("a", restart)), started("a");
  switch (how) {
    case How::normally: down("a", Kind::done); break;
    case How::abnormally: crash("a"); break;
    case How::cancelled: cancelled("a"); break;
    case How::by_hand: terminate("a"), cancelled("a"); break;
  }
  const bool restarted =
      how != How::by_hand && (restart == permanent || (restart == transient && how != How::normally));
  if (restarted) started("a");
  const Words words = add(rules("a", restart));
  if (restart == temporary) EXPECT_THAT(words, ElementsAre("start a"));
  else EXPECT_THAT(words, ElementsAre("forget a", restarted ? "reply already started" : "reply already present"));
}

INSTANTIATE_TEST_SUITE_P(Of, SavedSpec,
                         ::testing::Combine(::testing::Values(Strategy::one_for_one, Strategy::rest_for_one),
                                            ::testing::Values(permanent, transient, temporary),
                                            ::testing::Values(How::normally, How::abnormally, How::cancelled, How::by_hand)));

}  // namespace
}  // namespace beckon::core::supervision::ordered
