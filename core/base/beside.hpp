// Work that blocks, beside the daemon's thread.
#pragma once

#include "base/task.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>

#include <csignal>
#include <functional>
#include <memory>
#include <optional>
#include <thread>

namespace beckon::core {

// Runs `work` on a thread of its own and returns what it returns, or throws what it throws. The thread is left to itself
// if whoever waits is cancelled, or the daemon ends meanwhile; so `work` refers to nothing that it does not own.
template <class T>
task<T> beside(std::function<T()> work) {
  struct Waiting {
    explicit Waiting(Executor executor) : done(executor, SteadyTime::max()) {}
    Timer done;
    std::optional<T> result;
    std::exception_ptr failure;
  };
  const auto executor = co_await asio::this_coro::executor;
  const auto waiting = std::make_shared<Waiting>(executor);
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);   // signals are for the daemon's thread
  std::thread([waiting, executor, work = std::move(work)] {
    auto result = std::make_shared<std::optional<T>>();
    std::exception_ptr failure;
    try {
      result->emplace(work());
    } catch (...) {
      failure = std::current_exception();
    }
    asio::post(executor, [waiting, result, failure] {
      waiting->result = std::move(*result);
      waiting->failure = failure;
      waiting->done.cancel();
    });
  }).detach();
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  boost::system::error_code ignored;
  auto wait = waiting->done.async_wait(asio::redirect_error(use_task, ignored));
  co_await std::move(wait);
  if (waiting->failure) std::rethrow_exception(waiting->failure);
  if (!waiting->result) throw boost::system::system_error(asio::error::operation_aborted);
  co_return std::move(*waiting->result);
}

}  // namespace beckon::core
