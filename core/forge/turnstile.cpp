#include "forge/turnstile.hpp"

#include <boost/asio/redirect_error.hpp>

namespace beckon::core {

// Lives in the waiting coroutine's frame, so that a frame which is destroyed instead of resumed also leaves the queue.
class Turnstile::Waiter {
 public:
  Waiter(Turnstile& turnstile, const Executor& executor)
      : turnstile_(turnstile), timer_(executor, SteadyTime::max()),
        place_(turnstile.waiting_.insert(turnstile.waiting_.end(), this)) {}
  Waiter(const Waiter&) = delete;
  Waiter& operator=(const Waiter&) = delete;
  ~Waiter() {
    if (state_ == State::waiting) turnstile_.waiting_.erase(place_);
    if (state_ == State::called) turnstile_.pass_on();
  }

  Timer& timer() { return timer_; }
  // Takes the turn that was handed over; false when the wait ended for another reason.
  bool take() {
    if (state_ != State::called) return false;
    state_ = State::gone;
    return true;
  }
  void call() {
    turnstile_.waiting_.erase(place_);
    state_ = State::called;
    timer_.cancel();
  }

 private:
  enum class State { waiting, called, gone };
  Turnstile& turnstile_;
  Timer timer_;
  std::list<Waiter*>::iterator place_;
  State state_ = State::waiting;
};

task<Turnstile::Turn> Turnstile::enter() {
  if (!taken_) {
    taken_ = true;
    co_return Turn(*this);
  }
  Waiter waiter(*this, co_await asio::this_coro::executor);
  boost::system::error_code ended;
  co_await waiter.timer().async_wait(asio::redirect_error(use_task, ended));
  if (!waiter.take()) throw boost::system::system_error(asio::error::operation_aborted);
  Turn turn(*this);
  const auto cancelled = co_await asio::this_coro::cancellation_state;
  if (cancelled.cancelled() != asio::cancellation_type::none)
    throw boost::system::system_error(asio::error::operation_aborted);
  co_return turn;
}

void Turnstile::pass_on() {
  if (waiting_.empty()) taken_ = false;
  else waiting_.front()->call();
}

}  // namespace beckon::core
