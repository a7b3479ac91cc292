#include "cli/commands.hpp"
#include "cli/common.hpp"

#include <iostream>

namespace beckon::core::cli {

int check(const std::string& config) {
  const auto plan = load_plan(config);
  if (!plan) return bad_config;
  if (!plan->found.refusals.empty()) return bad_config;  // said by load_plan
  std::cout << plan->file.string() << ": in order (" << plan->subscriptions.size() << " subscriptions, "
            << plan->sinks.size() << " sinks)\n";
  return ok;
}

}  // namespace beckon::core::cli
