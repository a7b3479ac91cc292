// The coroutine type of the daemon and the cures every room needs (measured on GCC 12.2, Boost 1.81).
// One thread runs one io_context, so nothing here is thread-safe except `asio::post` to its executor.
// Name it, then await it: between `co_await` and `;` no `{`, no capture, no `?:` (GCC 12 miscompiles those).
#pragma once

#include "base/time.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/wait_traits.hpp>
#include <boost/system/system_error.hpp>

#include <exception>
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

}  // namespace beckon::core
