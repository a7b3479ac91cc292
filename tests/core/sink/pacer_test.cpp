// Who may send, and when.
#include "sink/sink.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/redirect_error.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>

namespace beckon::core {
namespace {

struct Lane {
  std::string key;
  std::size_t at_once = 100;
};

// Each writes its letter when it is admitted, and the capital when it is through.
struct PacerTest : ::testing::Test {
  PacerTest() { pacer = make_pacer(context.get_executor()); }
  task<void> pass(Lane lane, char name, Milliseconds hold) {
    SinkInfo sink{"team", "scripted", 1, false, lane.at_once};
    auto waiting = pacer->admit(lane.key, sink);
    auto permit = co_await std::move(waiting);
    order += name;
    auto staying = stay();
    co_await std::move(staying);
    permit.hold(hold);
    order += static_cast<char>(std::toupper(name));
  }
  // Whoever has been admitted stays for a moment, or until the gate is opened.
  task<void> stay() {
    if (!gated) co_return co_await sleep_for(5ms);
    boost::system::error_code ignored;
    auto wait = gate.async_wait(asio::redirect_error(use_task, ignored));
    co_await std::move(wait);
  }
  void open_gate() {
    gate.cancel();
    settle();
  }
  // Everything that can happen without time passing.
  void settle() {
    context.restart();
    context.poll();
  }
  void spawn(Lane lane, char name, Milliseconds hold = 0ms, asio::cancellation_slot slot = {}) {
    ++open;
    asio::co_spawn(context.get_executor(), pass(std::move(lane), name, hold),
                   asio::bind_cancellation_slot(slot, [this](std::exception_ptr) { --open; }));
  }

  std::unique_ptr<Pacer> pacer;
  asio::io_context context{1};   // destroyed first: what still waits refers to the pacer
  bool gated = false;
  Timer gate{context.get_executor(), SteadyTime::max()};
  std::string order;
  int open = 0;
};

TEST_F(PacerTest, OneDestinationAtATimeInOrderAndNotBeforeTheHold) {
  const auto begun = std::chrono::steady_clock::now();
  spawn({"k"}, 'a', 60ms);
  spawn({"k"}, 'b');
  spawn({"other"}, 'x');
  context.run_for(10s);
  EXPECT_EQ(open, 0);
  std::erase_if(order, [](char c) { return c == 'x' || c == 'X'; });
  EXPECT_EQ(order, "aAbB");
  EXPECT_GE(std::chrono::steady_clock::now() - begun, 60ms);
}

TEST_F(PacerTest, ASinkHasNoMoreUnderWayThanItTakes) {
  gated = true;
  for (const char name : {'a', 'b', 'c', 'd'}) spawn({std::string(1, name), 2}, name);
  settle();
  EXPECT_EQ(order, "ab");
  open_gate();
  EXPECT_EQ(order, "abABcd");
  open_gate();
  EXPECT_EQ(open, 0);
}

TEST_F(PacerTest, ADestinationThatIsHeldTakesNoSeat) {
  gated = true;
  spawn({"k", 1}, 'a', 1h);
  settle();
  open_gate();
  spawn({"k", 1}, 'b');
  spawn({"other", 1}, 'x');
  settle();
  open_gate();
  EXPECT_EQ(order, "aAxX");
}

TEST_F(PacerTest, TryingTakesNothingWhenThereIsAQueue) {
  SinkInfo sink{"team", "scripted", 1, false, 1};
  Pacer::Permit first, second;
  EXPECT_TRUE(pacer->try_admit(first, "k", sink));
  EXPECT_FALSE(pacer->try_admit(second, "k", sink)) << "one destination";
  EXPECT_FALSE(pacer->try_admit(second, "other", sink)) << "no seat";
  EXPECT_FALSE(pacer->try_admit(second, "", sink)) << "an empty key still needs a seat";
  EXPECT_FALSE(second);
  first = Pacer::Permit();
  EXPECT_TRUE(pacer->try_admit(second, "other", sink));
}

TEST_F(PacerTest, WhoHasASeatNeedsOnlyTheDestination) {
  SinkInfo sink{"team", "scripted", 1, false, 1};
  Pacer::Permit seated;
  ASSERT_TRUE(pacer->try_admit(seated, "", sink));
  EXPECT_TRUE(pacer->try_admit(seated, "k", sink));
  seated = Pacer::Permit();
  Pacer::Permit next;
  EXPECT_TRUE(pacer->try_admit(next, "k", sink)) << "both are free again";
}

TEST_F(PacerTest, WhoStepsAsideGivesItsSeatToAnotherAsLongAsThereIsRoom) {
  SinkInfo sink{"team", "scripted", 1, false, 1, 1};
  Pacer::Permit slow, next, third;
  ASSERT_TRUE(pacer->try_admit(slow, "a", sink));
  EXPECT_FALSE(pacer->try_admit(next, "b", sink));
  pacer->step_aside(slow, sink);
  EXPECT_TRUE(pacer->try_admit(next, "b", sink));
  EXPECT_FALSE(pacer->try_admit(third, "a", sink)) << "its destination is still busy";
  pacer->step_aside(next, sink);
  EXPECT_FALSE(pacer->try_admit(third, "c", sink)) << "no room aside, so it keeps its seat";
  slow = Pacer::Permit();
  next = Pacer::Permit();
  EXPECT_TRUE(pacer->try_admit(third, "a", sink)) << "everything is given back";
}

TEST_F(PacerTest, ACancelledWaiterLeavesNoGap) {
  gated = true;
  asio::cancellation_signal signal;
  spawn({"k"}, 'a');
  spawn({"k"}, 'b', 0ms, signal.slot());
  spawn({"k"}, 'c');
  settle();
  signal.emit(asio::cancellation_type::terminal);
  settle();
  open_gate();
  open_gate();
  EXPECT_EQ(open, 0);
  EXPECT_EQ(order, "aAcC");
}

}  // namespace
}  // namespace beckon::core
