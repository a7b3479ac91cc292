// What a running daemon knows of itself, and nobody else: plain values for whoever shows them.
#pragma once

#include "base/time.hpp"
#include "model/outcome.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace beckon::core {

// A forge with its credential. What it has not said is absent.
struct LiveForge {
  std::string name;
  std::optional<std::int64_t> quota_limit;   // requests an hour
  std::optional<std::int64_t> quota_left;
  std::optional<WallTime> quota_resets;      // from then on all of it is left
  std::optional<WallTime> token_ends;
};

// The process of a sink's plugin.
struct LiveHost {
  std::string sink;
  std::string plugin;
  std::string state;                         // starting, idle, running, crashed, refused or ended
  std::string reason;                        // of crashed and refused
  std::optional<std::int64_t> pid;           // absent: there is none at present
  std::optional<WallTime> started;
  std::optional<std::uint64_t> memory_bytes; // resident
  std::size_t restarts = 0;                  // since the sink was opened
};

// Children that come and go, of one kind.
struct LiveCounts {
  std::size_t running = 0, parked = 0, set_aside = 0, stopping = 0;
  std::size_t restarts = 0;                  // of all of them, since the daemon's start
};

// A supervisor or a worker, as it stands in the tree.
struct LiveChild {
  std::string name;
  bool is_supervisor = false;
  std::string state;                         // starting, running, stopping, restarting or stopped
  std::size_t restarts = 0;                  // since the daemon's start
  std::vector<LiveChild> children;           // of a supervisor with named ones, in the order of starting
  std::optional<LiveCounts> counts;          // of a supervisor whose children have no names
};

// Of one sink, since the daemon's start.
struct LiveDeliveries {
  std::map<OutcomeKind, std::size_t> outcomes;   // attempts
  std::size_t last_hour = 0;                     // delivered
};

struct LiveDaemon {
  std::vector<LiveForge> forges;             // by name
  std::vector<LiveHost> hosts;               // by sink
  std::optional<LiveChild> tree;             // its root
  std::map<std::string, LiveDeliveries> deliveries;   // by sink
};

}  // namespace beckon::core
