#include "base/task.hpp"
#include "support/run.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/post.hpp>
#include <gtest/gtest.h>

#include <functional>

namespace beckon::core {
namespace {

task<int> answer_after(Milliseconds wait, bool bad) {
  co_await sleep_for(wait);
  if (bad) throw std::runtime_error("boom");
  co_return 42;
}

TEST(Within, ReturnsTheValueInTime) {
  asio::io_context context(1);
  const int value = testing::run(context, []() -> task<int> {
    auto work = answer_after(1ms, false);
    co_return co_await within(5s, std::move(work));
  });
  EXPECT_EQ(value, 42);
}

TEST(Within, AFailureIsReportedAtOnce) {
  asio::io_context context(1);
  const auto begun = std::chrono::steady_clock::now();
  EXPECT_THROW(testing::run(context, []() -> task<int> {
    auto work = answer_after(1ms, true);
    co_return co_await within(30s, std::move(work));
  }), std::runtime_error);
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 10s);
}

// Begins by calling `begun`, sleeps, and when cancelled takes one turn of the loop more to leave than a timer does.
task<int> slow_to_leave(std::function<void()> begun) {
  begun();
  std::exception_ptr failure;
  try {
    co_await sleep_for(1h);
  } catch (...) {
    failure = std::current_exception();
  }
  co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
  co_await asio::post(use_task);
  if (failure) std::rethrow_exception(failure);
  co_return 42;
}

task<void> nothing_of(task<int> work) { co_await std::move(work); }

boost::system::error_code code_of(std::exception_ptr failure) {
  try {
    if (failure) std::rethrow_exception(failure);
  } catch (const boost::system::system_error& error) {
    return error.code();
  }
  return {};
}

// How `made(begun)` ends when somebody outside cancels it as soon as its work has begun.
template <class F>
boost::system::error_code cancelled_from_outside(F made) {
  asio::io_context context(1);
  asio::cancellation_signal stop;
  std::exception_ptr failure;
  bool done = false;
  const auto begun = [&] { asio::post(context, [&] { stop.emit(asio::cancellation_type::terminal); }); };
  const auto end = [&](std::exception_ptr e) { failure = e; done = true; };
  asio::co_spawn(context.get_executor(), made(begun), asio::bind_cancellation_slot(stop.slot(), end));
  context.run_for(20s);
  EXPECT_TRUE(done);
  return code_of(failure);
}

TEST(Within, TheLimitIsATimeout) {
  asio::io_context context(1);
  std::exception_ptr failure;
  try {
    testing::run(context, []() -> task<int> {
      auto work = slow_to_leave([] {});
      co_return co_await within(1ms, std::move(work));
    });
  } catch (...) {
    failure = std::current_exception();
  }
  EXPECT_EQ(code_of(failure), asio::error::timed_out);
}

TEST(Within, TheLimitOfWorkWithoutAValueIsATimeout) {
  asio::io_context context(1);
  std::exception_ptr failure;
  try {
    testing::run(context, []() -> task<void> {
      auto work = nothing_of(slow_to_leave([] {}));
      co_await within(1ms, std::move(work));
    });
  } catch (...) {
    failure = std::current_exception();
  }
  EXPECT_EQ(code_of(failure), asio::error::timed_out);
}

// The cancelled timer ends before the work does: that is no timeout.
TEST(Within, ACancellationFromOutsideIsNoTimeout) {
  EXPECT_EQ(cancelled_from_outside([](std::function<void()> begun) -> task<void> {
              auto work = slow_to_leave(std::move(begun));
              auto limited = within(1h, std::move(work));
              co_await std::move(limited);
            }),
            asio::error::operation_aborted);
}

TEST(Within, ACancellationFromOutsideOfWorkWithoutAValueIsNoTimeout) {
  EXPECT_EQ(cancelled_from_outside([](std::function<void()> begun) -> task<void> {
              auto work = nothing_of(slow_to_leave(std::move(begun)));
              auto limited = within(1h, std::move(work));
              co_await std::move(limited);
            }),
            asio::error::operation_aborted);
}

}  // namespace
}  // namespace beckon::core
