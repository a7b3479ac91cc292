// How one execution of a child ended, as plain values: shared by both machines and their shells.
#pragma once

#include "base/time.hpp"
#include "supervisor/child.hpp"

#include <cstdint>
#include <exception>
#include <string>

namespace beckon::core::supervision {

// One execution of a child. Never numbered twice, so that what an abandoned run says in the end is told apart from its
// successor.
using RunId = std::uint64_t;

// How a run ended, before anybody judges it: `cancelled` is an orderly end for a child that was asked, else a crash.
struct Exit {
  enum class Kind : std::uint8_t { done, idle, gone, cancelled, failed };
  Kind kind = Kind::done;
  std::string reason;      // of gone and failed

  friend bool operator==(const Exit&, const Exit&) = default;
};

Exit exit_of(Farewell farewell);
// The one place where an exception becomes a reason; known secrets are masked.
Exit exit_of(std::exception_ptr failure);

// `limit` after `now`; `SteadyTime::max()`, which no timer waits for, where that is beyond the clock: no limit at all.
constexpr SteadyTime after(SteadyTime now, Milliseconds limit) {
  if (limit >= std::chrono::floor<Milliseconds>(SteadyTime::max() - now)) return SteadyTime::max();
  return now + limit;
}

}  // namespace beckon::core::supervision
