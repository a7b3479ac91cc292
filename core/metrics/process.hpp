// What the kernel counts of a process (Linux: /proc). Of other users' processes some of it is not to be had.
#pragma once

#include "base/time.hpp"

#include <sys/types.h>

#include <cstdint>
#include <optional>

namespace beckon::core {

struct ProcessFacts {
  std::uint64_t resident_bytes = 0;
  double cpu_seconds = 0;                     // user's and system's
  WallTime started{};
  std::optional<std::size_t> open_files;
};

// nullopt: there is no such process (any more), or no /proc.
std::optional<ProcessFacts> read_process(pid_t pid);

}  // namespace beckon::core
