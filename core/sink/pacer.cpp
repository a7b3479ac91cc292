#include "sink/sink.hpp"

#include <boost/asio/redirect_error.hpp>

#include <list>
#include <unordered_map>

namespace beckon::core {
namespace {

class PacerOnTimers final : public Pacer {
 public:
  explicit PacerOnTimers(Executor executor) : executor_(executor) {}

  task<Permit> admit(std::string limit_key) override {
    if (limit_key.empty()) co_return Permit();
    const std::uint64_t key = std::hash<std::string>{}(limit_key);
    Waiter waiter(*this, key, executor_);
    for (;;) {
      Lane& lane = lanes_[key];
      const auto now = std::chrono::steady_clock::now();
      if (lane.queue.front() == &waiter && !lane.busy && lane.not_before <= now) {
        lane.busy = true;
        break;
      }
      // The one in front waits for the clock; the others, and everybody while it is busy, for a call.
      const bool by_clock = lane.queue.front() == &waiter && !lane.busy;
      waiter.timer.expires_at(by_clock ? lane.not_before : SteadyTime::max());
      co_await pause(waiter.timer);
    }
    co_return Permit(*this, key);
  }

 private:
  struct Waiter;
  struct Lane {
    bool busy = false;
    SteadyTime not_before{};
    std::list<Waiter*> queue;
  };

  // Stands in the queue as long as it lives, so that a cancelled delivery leaves no gap.
  struct Waiter {
    Waiter(PacerOnTimers& pacer, std::uint64_t key, Executor executor) : pacer(pacer), key(key), timer(executor) {
      pacer.lanes_[key].queue.push_back(this);
    }
    ~Waiter() {
      pacer.lanes_[key].queue.remove(this);
      pacer.call_next(key);
    }
    Waiter(const Waiter&) = delete;
    Waiter& operator=(const Waiter&) = delete;

    PacerOnTimers& pacer;
    std::uint64_t key;
    Timer timer;
  };

  // A call is a cancelled timer; only a cancelled coroutine is the end.
  static task<void> pause(Timer& timer) {
    boost::system::error_code ignored;
    auto wait = timer.async_wait(asio::redirect_error(use_task, ignored));
    co_await std::move(wait);
    const auto state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != asio::cancellation_type::none)
      throw boost::system::system_error(asio::error::operation_aborted);
  }

  void call_next(std::uint64_t key) {
    const auto found = lanes_.find(key);
    if (found == lanes_.end()) return;
    Lane& lane = found->second;
    if (!lane.queue.empty()) lane.queue.front()->timer.cancel();
    else if (!lane.busy && lane.not_before <= std::chrono::steady_clock::now()) lanes_.erase(found);
  }

  void release(std::uint64_t key) override {
    lanes_[key].busy = false;
    call_next(key);
  }

  void hold(std::uint64_t key, Milliseconds wait) override {
    Lane& lane = lanes_[key];
    lane.not_before = std::max(lane.not_before, std::chrono::steady_clock::now() + wait);
  }

  Executor executor_;
  std::unordered_map<std::uint64_t, Lane> lanes_;
};

}  // namespace

Pacer::Permit& Pacer::Permit::operator=(Permit&& other) noexcept {
  if (this != &other) {
    release();
    pacer_ = std::exchange(other.pacer_, nullptr);
    key_ = other.key_;
  }
  return *this;
}

void Pacer::Permit::hold(Milliseconds wait) {
  if (pacer_ && wait > Milliseconds{0}) pacer_->hold(key_, wait);
}

void Pacer::Permit::release() {
  if (Pacer* pacer = std::exchange(pacer_, nullptr)) pacer->release(key_);
}

std::unique_ptr<Pacer> make_pacer(Executor executor) { return std::make_unique<PacerOnTimers>(executor); }

}  // namespace beckon::core
