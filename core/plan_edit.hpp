// One change of what was added at run time, tried as a whole plan before anything is written. Blocks as `make_plan` does;
// any thread.
#pragma once

#include "control/planning.hpp"
#include "plan.hpp"

#include <filesystem>
#include <memory>
#include <string>

namespace beckon::core {

struct PlanEdit {
  PlanChange change;                  // not `done`: the rest is empty
  std::shared_ptr<const Plan> plan;   // as it will be
  std::string before, text;           // of plan->added_file
};

// `entry` as in Planning::add. Without a name of its own it is written with the one that it gets.
Result<PlanEdit> plan_with(const std::filesystem::path& config, const std::string& entry);
Result<PlanEdit> plan_without(const std::filesystem::path& config, const std::string& name);

}  // namespace beckon::core
