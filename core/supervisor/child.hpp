// What a supervisor knows and says of a child, as plain values: shared by the pure machine and its shell.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace beckon::core {

using ChildId = std::int64_t;

// How a child ended of its own will.
struct Farewell {
  enum class Kind : std::uint8_t { done, idle, gone };
  Kind kind = Kind::done;
  std::string reason;      // of gone
};

// `stopping`: asked to end, and not yet ended.
enum class ChildState : std::uint8_t { running, parked, set_aside, stopping };

// Told once for each child. One that was set aside stays listed until `terminate_child`, which is then not told again.
// `reason`: of gone; the last crash of set_aside; of shutdown what was amiss, empty when the child ended in order.
struct ChildEnd {
  ChildId id = 0;
  enum class Why : std::uint8_t { done, gone, set_aside, shutdown } why{};
  std::string reason;
};

struct ChildCounts {
  std::size_t running = 0, parked = 0, set_aside = 0, stopping = 0;
};

}  // namespace beckon::core
