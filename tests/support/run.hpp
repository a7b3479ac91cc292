// Runs one coroutine to its end on a context of the test's own, and rethrows what it throws.
#pragma once

#include "base/task.hpp"

#include <exception>
#include <optional>
#include <stdexcept>
#include <type_traits>

namespace beckon::core::testing {

// `work` is a callable that returns task<T>. Fails loudly instead of hanging: the context runs for `limit` at most.
template <class F>
auto run(asio::io_context& context, F work, std::chrono::milliseconds limit = 20s) {
  using T = typename std::invoke_result_t<F&>::value_type;
  std::exception_ptr failure;
  bool done = false;
  context.restart();
  if constexpr (std::is_void_v<T>) {
    asio::co_spawn(context.get_executor(), [&]() -> task<void> { co_await work(); },
                   [&](std::exception_ptr e) { failure = e; done = true; context.stop(); });
    context.run_for(limit);
    if (failure) std::rethrow_exception(failure);
    if (!done) throw std::runtime_error("the coroutine did not end in time");
  } else {
    std::optional<T> value;
    asio::co_spawn(context.get_executor(), [&]() -> task<void> { value.emplace(co_await work()); },
                   [&](std::exception_ptr e) { failure = e; done = true; context.stop(); });
    context.run_for(limit);
    if (failure) std::rethrow_exception(failure);
    if (!done) throw std::runtime_error("the coroutine did not end in time");
    return std::move(*value);
  }
}

}  // namespace beckon::core::testing
