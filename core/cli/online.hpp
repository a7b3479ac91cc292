// Asks every forge and every sink of a plan about themselves, and sends nothing that people would see.
#pragma once

#include "base/task.hpp"
#include "cli/findings.hpp"
#include "plan.hpp"

#include <functional>
#include <string>
#include <vector>

namespace beckon::core::cli {

struct Section {
  std::string key;       // "forges.github", "sinks.team"
  std::string about;     // the address of the API; the plugin
  std::vector<Finding> findings;
};

// How many questions have been answered, and how many there are.
using Ticker = std::function<void(std::size_t answered, std::size_t all)>;

// Blocks until all have answered: a few at a time, and each credential one question after the other. In the plan's order.
// A running daemon does not notice, but that they share the quota; the state file is not touched.
std::vector<Section> ask_everybody(const Plan& plan, Ticker ticker);

}  // namespace beckon::core::cli
