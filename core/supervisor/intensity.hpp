// How often a child was restarted lately: the arithmetic of OTP's supervisor:add_restart/1.
#pragma once

#include "base/time.hpp"

#include <forward_list>

namespace beckon::core::supervision {

// Nothing is allocated before the first crash: one pointer is all that a healthy child pays.
class Restarts {
 public:
  // Counts one restart, whether or not it will be carried out, and returns how many lie within `period`, this one
  // included. A restart exactly `period` ago still counts. Allowed is a restart whose number is at most the intensity.
  unsigned add(SteadyTime now, Milliseconds period) {
    unsigned recent = 1;
    auto last_kept = newest_first_.insert_after(newest_first_.before_begin(), now);
    // Rounded up, not converted: a period without end would overflow in the clock's unit.
    const auto counts = [&](SteadyTime then) { return std::chrono::ceil<Milliseconds>(now - then) <= period; };
    for (auto next = std::next(last_kept); next != newest_first_.end() && counts(*next); ++next) {
      last_kept = next;
      ++recent;
    }
    newest_first_.erase_after(last_kept, newest_first_.end());
    return recent;
  }

 private:
  std::forward_list<SteadyTime> newest_first_;
};

}  // namespace beckon::core::supervision
