// Coroutines that wait until something is so, of an object that they keep alive.
#pragma once

#include "base/task.hpp"

#include <boost/asio/as_tuple.hpp>

#include <functional>
#include <memory>
#include <utility>
#include <vector>

namespace beckon::core::supervision {

class Waiters {
 public:
  // `owner` holds these Waiters. Asked at once and at every `notify`; throws `operation_aborted` when it is cancelled
  // first, or after `close`.
  template <class Owner>
  task<void> until(std::shared_ptr<Owner> owner, std::function<bool(const Owner&)> reached) {
    Timer timer(co_await asio::this_coro::executor, SteadyTime::max());
    const Listed listed(*this, timer);
    const auto token = asio::as_tuple(use_task);
    while (!reached(*owner)) {
      if (closed_) throw boost::system::system_error(asio::error::operation_aborted);
      co_await timer.async_wait(token);     // woken by `notify`, which looks the same as being cancelled
      const auto state = co_await asio::this_coro::cancellation_state;
      if (state.cancelled() != asio::cancellation_type::none && !reached(*owner))
        throw boost::system::system_error(asio::error::operation_aborted);
    }
  }
  void notify() {
    for (Timer* timer : timers_) timer->cancel();
  }
  void close() {
    closed_ = true;
    notify();
  }

 private:
  // Timers live in the frames, because the owner may outlive the io_context.
  class Listed {
   public:
    Listed(Waiters& waiters, Timer& timer) : waiters_(waiters), timer_(timer) { waiters_.timers_.push_back(&timer_); }
    ~Listed() { std::erase(waiters_.timers_, &timer_); }
    Listed(const Listed&) = delete;
    Listed& operator=(const Listed&) = delete;

   private:
    Waiters& waiters_;
    Timer& timer_;
  };

  std::vector<Timer*> timers_;
  bool closed_ = false;
};

}  // namespace beckon::core::supervision
