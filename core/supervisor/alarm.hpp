// The one deadline that a shell waits for. The timer lives in its own handler, because the shell may outlive the io_context.
#pragma once

#include "base/task.hpp"

#include <memory>
#include <optional>
#include <utility>

namespace beckon::core::supervision {

class Alarm {
 public:
  // Nothing while it is not set.
  std::optional<SteadyTime> due() const {
    const auto timer = timer_.lock();
    return timer ? std::optional(timer->expiry()) : std::nullopt;
  }
  // Instead of what it was set to. `ring` keeps this alarm alive; it is not called if the alarm is set anew or cancelled first.
  template <class Ring>
  void set(Executor executor, SteadyTime due, Ring ring) {
    cancel();
    auto timer = std::make_shared<Timer>(executor, due);
    timer_ = timer;
    timer->async_wait([this, timer, ring = std::move(ring)](boost::system::error_code error) {
      if (error || timer_.lock() != timer) return;
      timer_.reset();
      ring();
    });
  }
  void cancel() {
    if (const auto timer = std::exchange(timer_, {}).lock()) timer->cancel();
  }

 private:
  std::weak_ptr<Timer> timer_;
};

}  // namespace beckon::core::supervision
