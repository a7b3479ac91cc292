#include "control/follow_plan.hpp"

#include <algorithm>
#include <unordered_map>

namespace beckon::core {

void follow_plan(StatusReport& report, const Planning& planning) {
  auto& stored = report.stored.subscriptions;
  std::unordered_map<std::string_view, PlannedName> planned;
  planning.visit([&](const PlannedName& one) {
    planned.emplace(one.name, one);
    if (one.origin == Origin::added) report.added.emplace(one.name);
  });
  std::erase_if(stored, [&](const SubscriptionStatus& one) { return one.name != alerts_name && !planned.contains(one.name); });
  for (const SubscriptionStatus& one : stored) planned.erase(one.name);
  if (planned.empty()) return;
  for (const auto& [name, one] : planned) {
    SubscriptionStatus& waiting = stored.emplace_back();
    waiting.name = name;
    waiting.repository = one.repository;
    waiting.login = one.login;
    waiting.sink = one.sink;
    waiting.state = SubscriptionState::active;
    waiting.reason = "its repository has not been read yet";
  }
  std::sort(stored.begin(), stored.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
}

}  // namespace beckon::core
