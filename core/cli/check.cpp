#include "cli/commands.hpp"
#include "cli/common.hpp"

#include <iostream>

namespace beckon::core::cli {

int check(const std::string& config) {
  const auto plan = load_plan(config);
  if (!plan) return bad_config;
  if (!plan->found.refusals.empty()) return bad_config;  // said by load_plan
  const auto count = [](std::size_t number, const char* what) {
    return fmt::format("{} {}{}", number, what, number == 1 ? "" : "s");
  };
  std::cout << plan->file.string() << ": in order (" << count(plan->subscriptions.size(), "subscription") << ", "
            << count(plan->sinks.size(), "sink") << ")\n";
  return ok;
}

}  // namespace beckon::core::cli
