#include "forge/turnstile.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/post.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <memory>
#include <vector>

namespace beckon::core {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Children that enter, stay until they are let out, and leave.
class TurnstileTest : public ::testing::Test {
 protected:
  struct Child {
    asio::cancellation_signal signal;
    std::unique_ptr<Timer> inside;
    bool ended = false;
  };

  task<void> visit(int number) {
    const auto turn = co_await turnstile->enter();
    entered.push_back(number);
    Child& child = children[static_cast<std::size_t>(number)];
    child.inside = std::make_unique<Timer>(context->get_executor(), SteadyTime::max());
    co_await child.inside->async_wait(use_task);
  }

  void arrive(int number) {
    children.resize(std::max<std::size_t>(children.size(), static_cast<std::size_t>(number) + 1));
    Child& child = children[static_cast<std::size_t>(number)];
    auto body = [this, number] { return visit(number); };
    asio::co_spawn(
        *context, shielded(std::move(body)),
        asio::bind_cancellation_slot(child.signal.slot(), [&child](std::exception_ptr) { child.ended = true; }));
    settle();
  }
  void let_out(int number) { children[static_cast<std::size_t>(number)].inside->cancel(); }
  void cancel(int number) { children[static_cast<std::size_t>(number)].signal.emit(asio::cancellation_type::terminal); }
  void settle() {
    context->restart();
    context->poll();
  }

  std::deque<Child> children;
  std::vector<int> entered;
  std::unique_ptr<Turnstile> turnstile = std::make_unique<Turnstile>();
  std::unique_ptr<asio::io_context> context = std::make_unique<asio::io_context>(1);

  ~TurnstileTest() override {
    for (Child& child : children) child.inside.reset();
    context.reset();
  }
};

TEST_F(TurnstileTest, LetsOneThroughAtATimeInTheOrderOfArrival) {
  for (int number = 0; number < 4; ++number) arrive(number);
  EXPECT_THAT(entered, ElementsAre(0));
  for (int number = 0; number < 4; ++number) {
    let_out(number);
    settle();
  }
  EXPECT_THAT(entered, ElementsAre(0, 1, 2, 3));
}

TEST_F(TurnstileTest, AWaiterThatIsCancelledStepsOut) {
  for (int number = 0; number < 3; ++number) arrive(number);
  cancel(1);
  settle();
  EXPECT_TRUE(children[1].ended);
  let_out(0);
  settle();
  EXPECT_THAT(entered, ElementsAre(0, 2));
}

TEST_F(TurnstileTest, AWaiterThatIsCancelledInTheMomentOfItsTurnPassesItOn) {
  for (int number = 0; number < 3; ++number) arrive(number);
  let_out(0);                                   // queues that 0 leaves, which hands the turn to 1,
  asio::post(*context, [this] { cancel(1); });  // and this runs before 1 does
  settle();
  EXPECT_TRUE(children[1].ended);
  EXPECT_THAT(entered, ElementsAre(0, 2));
}

TEST_F(TurnstileTest, OneThatIsCancelledInsidePassesTheTurnOn) {
  arrive(0);
  arrive(1);
  cancel(0);
  settle();
  EXPECT_THAT(entered, ElementsAre(0, 1));
}

TEST_F(TurnstileTest, IsFreeAgainAfterEverybodyLeft) {
  arrive(0);
  cancel(0);
  settle();
  arrive(1);
  EXPECT_THAT(entered, ElementsAre(0, 1));
}

TEST_F(TurnstileTest, AContextMayDieWithWaitersInTheQueue) {
  for (int number = 0; number < 3; ++number) arrive(number);
  for (Child& child : children) child.inside.reset();
  context.reset();
  context = std::make_unique<asio::io_context>(1);
  arrive(3);
  EXPECT_THAT(entered, ElementsAre(0, 3));
}

}  // namespace
}  // namespace beckon::core
