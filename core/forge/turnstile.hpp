// Lets one through at a time, in the order of arrival. A waiter that is cancelled steps out of the queue; one that is
// cancelled in the very moment of its turn passes the turn on. Must outlive every coroutine that waits at it.
#pragma once

#include "base/task.hpp"

#include <list>

namespace beckon::core {

class Turnstile {
 public:
  // The turn; over when it is destroyed.
  class Turn {
   public:
    explicit Turn(Turnstile& turnstile) : turnstile_(&turnstile) {}
    Turn(Turn&& other) noexcept : turnstile_(std::exchange(other.turnstile_, nullptr)) {}
    Turn& operator=(Turn&&) = delete;
    ~Turn() {
      if (turnstile_) turnstile_->pass_on();
    }

   private:
    Turnstile* turnstile_;
  };

  Turnstile() = default;
  Turnstile(const Turnstile&) = delete;
  Turnstile& operator=(const Turnstile&) = delete;

  // Throws `operation_aborted` when cancelled.
  task<Turn> enter();

 private:
  class Waiter;
  void pass_on();

  std::list<Waiter*> waiting_;
  bool taken_ = false;
};

}  // namespace beckon::core
