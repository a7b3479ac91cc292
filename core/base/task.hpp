// The coroutine type of the daemon and the three cures every room needs (measured on GCC 12.2, Boost 1.81).
// One thread runs one io_context, so nothing here is thread-safe except `asio::post` to its executor.
// Name it, then await it: between `co_await` and `;` no `{`, no capture, no `?:` (GCC 12 miscompiles those).
#pragma once

#include "base/time.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/wait_traits.hpp>
#include <boost/system/system_error.hpp>

#include <exception>
#include <type_traits>
#include <utility>

namespace beckon::core {

namespace asio = boost::asio;

// The concrete executor: a type-erased one costs 400 bytes more for every idle child.
using Executor = asio::io_context::executor_type;
template <class T>
using task = asio::awaitable<T, Executor>;
inline constexpr asio::use_awaitable_t<Executor> use_task{};
using Timer = asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>, Executor>;

// Sleeps; throws `operation_aborted` when cancelled.
inline task<void> sleep_for(Milliseconds duration) {
  Timer timer(co_await asio::this_coro::executor, duration);
  co_await timer.async_wait(use_task);
}

// A child cancelled in its very first turn would make `io_context::run` throw and its end would never be heard;
// run through `shielded`, its end is always heard.
template <class F>
task<void> shielded(F body) {
  std::exception_ptr failure;
  try {
    co_await body();
  } catch (...) {
    failure = std::current_exception();
  }
  co_await asio::this_coro::throw_if_cancelled(false);
  if (failure) std::rethrow_exception(failure);
}

// Runs `work` and cancels it after `limit`: then throws `asio::error::timed_out`. Whatever `work` throws is rethrown
// at once (unlike `operator||`, which waits for the first success). Cancelled from outside, it throws `operation_aborted`
// unless `work` came to an end of its own in spite of it. T must be default-constructible.
template <class T>
task<T> within(Milliseconds limit, task<T> work) {
  const auto executor = co_await asio::this_coro::executor;
  Timer timer(executor, limit);
  auto spawned = asio::co_spawn(executor, std::move(work), asio::deferred);
  auto expiry = timer.async_wait(asio::deferred);
  auto race = asio::experimental::make_parallel_group(std::move(spawned), std::move(expiry));
  if constexpr (std::is_void_v<T>) {
    auto [order, failure, expired] = co_await race.async_wait(asio::experimental::wait_for_one(), use_task);
    if (order[0] == 1 && !expired) throw boost::system::system_error(asio::error::timed_out);
    if (failure) std::rethrow_exception(failure);
  } else {
    auto [order, failure, value, expired] = co_await race.async_wait(asio::experimental::wait_for_one(), use_task);
    if (order[0] == 1 && !expired) throw boost::system::system_error(asio::error::timed_out);
    if (failure) std::rethrow_exception(failure);
    co_return std::move(value);
  }
}

}  // namespace beckon::core
