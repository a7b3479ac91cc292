// The shell: a supervisor stops, and nothing outlives what it refers to.
#include "supervised.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>

#include <gmock/gmock.h>

#include <algorithm>
#include <stdexcept>

namespace beckon::core {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

using SupervisorLifetime = Supervised;
using Stopping = Supervised;
using ManyChildren = Supervised;

// ---- stop ------------------------------------------------------------------------------------------------------------

TEST_F(Stopping, ReturnsWhenAllHaveEndedAndAllEndsWereTold) {
  spec.shutdown = 20s;
  supervise();
  supervisor->start_child(1, false);
  supervisor->start_child(2, true);
  supervisor->start_child(3, false);
  turn();
  stop();
  EXPECT_THAT(told(), UnorderedElementsAre("1 shutdown", "2 shutdown", "3 shutdown"));
  EXPECT_THAT(lines, IsEmpty());
  finish();
}

TEST_F(Stopping, TellsTheEndsOfParkedChildrenBeforeItReturns) {
  supervise();
  supervisor->start_child(1, true);
  std::size_t told_by_then = 0;
  testing::run(*context, [&]() -> task<void> {
    co_await supervisor->stop();
    told_by_then = ends.size();
  });
  EXPECT_EQ(told_by_then, 1u);
}

TEST_F(Stopping, AbandonsWhoeverDoesNotEnd) {
  body = [this](ChildId) { return stubborn.run("never"); };
  supervise();
  supervisor->start_child(1, false);
  supervisor->start_child(2, false);
  turn();
  stop();
  EXPECT_THAT(ends, SizeIs(2));
  EXPECT_THAT(lines, HasSubstr("2 children of kind syncer, the first \"child "));
  EXPECT_THAT(lines, HasSubstr(": did not end within"));
  stubborn.release();
  turn();
  EXPECT_THAT(ends, SizeIs(2)) << "late results are ignored";
}

TEST_F(Stopping, RefusesRequestsFromThenOn) {
  spec.shutdown = 20s;
  bool refused = false;
  body = [&](ChildId id) -> task<Farewell> {
    try {
      co_await forever();
    } catch (const boost::system::system_error&) {
      refused = !supervisor->start_child(id + 1, false) && !supervisor->wake(id);
    }
    co_return done();
  };
  supervise();
  supervisor->start_child(1, false);
  turn();
  stop();
  EXPECT_TRUE(refused);
  EXPECT_FALSE(supervisor->start_child(9, false));
  EXPECT_EQ(supervisor->find("child 9"), std::nullopt);
  stop();                             // again: over at once
  EXPECT_THAT(ends, SizeIs(1));
}

TEST_F(Stopping, EndsAChildThatIsRestartedForEver) {
  body = [](ChildId) -> task<Farewell> {
    throw std::runtime_error("boom");
    co_return done();
  };
  spec.intensity = 1'000'000'000;
  spec.shutdown = 20s;
  supervise();
  supervisor->start_child(1, false);
  for (int i = 0; i < 20; ++i) context->run_one();
  ASSERT_GT(starts[1], 2u);
  stop();
  EXPECT_THAT(told(), ElementsAre("1 shutdown"));
  const unsigned attempts = starts[1];
  finish();
  EXPECT_EQ(starts[1], attempts);
}

TEST_F(Stopping, SaysTheSameErrorOnce) {
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
  for (ChildId id = 1; id <= 100; ++id) supervisor->start_child(id, false);
  turn();
  stop();
  EXPECT_THAT(lines, HasSubstr("100 children of kind syncer, the first \"child "));
  EXPECT_EQ(std::count(lines.begin(), lines.end(), '\n'), 1);
}

TEST_F(Stopping, MayBeAwaitedByTwo) {
  spec.shutdown = 20s;
  supervise();
  supervisor->start_child(1, false);
  turn();
  int returned = 0;
  const auto count = [&returned](std::exception_ptr failure) { returned += failure == nullptr; };
  asio::co_spawn(context->get_executor(), supervisor->stop(), count);
  asio::co_spawn(context->get_executor(), supervisor->stop(), count);
  finish();
  EXPECT_EQ(returned, 2);
}

TEST_F(Stopping, GoesOnWhenTheWaitingIsCancelled) {
  body = [this](ChildId id) { return id == 1 ? stubborn.run("at last") : until_asked(id); };
  spec.shutdown = 20s;
  supervise();
  supervisor->start_child(1, false);
  supervisor->start_child(2, false);
  turn();
  asio::cancellation_signal signal;
  std::exception_ptr failure;
  bool returned = false;
  auto heard = [&](std::exception_ptr e) { failure = e, returned = true; };
  asio::co_spawn(context->get_executor(), supervisor->stop(), asio::bind_cancellation_slot(signal.slot(), heard));
  turn();
  EXPECT_FALSE(returned);
  EXPECT_THAT(told(), ElementsAre("2 shutdown"));
  signal.emit(asio::cancellation_type::terminal);
  turn();
  EXPECT_TRUE(returned);
  EXPECT_THROW(std::rethrow_exception(failure), boost::system::system_error);
  EXPECT_FALSE(supervisor->start_child(3, false)) << "it is stopping still";
  stubborn.release();
  stop();
  EXPECT_THAT(ends, SizeIs(2));
}

TEST_F(Stopping, FromWithinAChildEndsThatChildToo) {
  spec.shutdown = 20s;
  body = [this](ChildId) -> task<Farewell> {
    co_await supervisor->stop();
    co_return done();
  };
  supervise();
  supervisor->start_child(1, false);
  finish();
  EXPECT_THAT(told(), ElementsAre("1 shutdown"));
  EXPECT_THAT(lines, IsEmpty());
}

// ---- lifetime --------------------------------------------------------------------------------------------------------

TEST_F(Stopping, IsNotNeededWhenTheContextIsDestroyedFirst) {
  supervise();
  for (ChildId id = 1; id <= 20; ++id) supervisor->start_child(id, false);
  turn();
  supervisor->terminate_child(1);      // leaves a cancellation and the limit's timer in the context
  supervisor->start_child(21, false);  // and a start
  context.reset();
  supervisor.reset();
  EXPECT_THAT(ends, IsEmpty());
}

TEST_F(SupervisorLifetime, EndIsNotToldAfterTheSupervisor) {
  spec.shutdown = 60s;                // and its timer is not left behind either
  supervise();
  supervisor->start_child(1, true);
  supervisor->start_child(2, false);
  supervisor->terminate_child(1);
  supervisor->terminate_child(2);
  supervisor.reset();
  finish();
  EXPECT_THAT(ends, IsEmpty());
}

TEST_F(SupervisorLifetime, EndMayBeTheEndOfItsSupervisor) {
  supervise();
  supervisor->start_child(1, true);
  supervisor->start_child(2, false);
  hear = [this](const ChildEnd&) { supervisor.reset(); };
  supervisor->terminate_child(1);
  supervisor->terminate_child(2);
  finish();
  EXPECT_THAT(told(), ElementsAre("1 shutdown"));
}

TEST_F(Stopping, IsAbortedWhenTheSupervisorIsDestroyed) {
  spec.shutdown = 20s;
  body = [this](ChildId) { return stubborn.run("never"); };
  supervise();
  supervisor->start_child(1, false);
  turn();
  int aborted = 0;
  const auto count = [&aborted](std::exception_ptr failure) { aborted += failure != nullptr; };
  asio::co_spawn(context->get_executor(), supervisor->stop(), count);
  auto later = supervisor->stop();
  turn();
  supervisor.reset();
  asio::co_spawn(context->get_executor(), std::move(later), count);
  turn();
  EXPECT_EQ(aborted, 2);
}

// ---- many ------------------------------------------------------------------------------------------------------------

TEST_F(ManyChildren, StartWakeAndStop) {
  constexpr ChildId many = 10'000;
  body = [this](ChildId id) -> task<Farewell> {
    if (starts[id] == 1 && id % 2 == 0) co_return idle();
    co_await forever();
    co_return done();
  };
  spec.shutdown = 20s;
  supervise();
  for (ChildId id = 1; id <= many; ++id) ASSERT_TRUE(supervisor->start_child(id, id % 4 == 0));
  turn();
  EXPECT_EQ(supervisor->counts().running, 5'000u);
  EXPECT_EQ(supervisor->counts().parked, 5'000u);
  EXPECT_EQ(supervisor->find("child 4711"), 4711);
  for (ChildId id = 1; id <= many; ++id) ASSERT_TRUE(supervisor->wake(id));
  turn();
  EXPECT_EQ(supervisor->counts().running, 7'500u) << "those that were parked from the start are idle once more";
  stop();
  EXPECT_THAT(ends, SizeIs(many));
  EXPECT_EQ(supervisor->find("child 4711"), std::nullopt);
  EXPECT_THAT(lines, IsEmpty());
}

}  // namespace
}  // namespace beckon::core
