// What is to be watched, where that stands, and how it changes at run time. On the daemon's thread.
#pragma once

#include "base/result.hpp"
#include "base/task.hpp"
#include "config/config.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace beckon::core {

// One subscription of the plan. The texts are the plan's, and live until it changes.
struct PlannedName {
  std::string_view name;
  std::string_view repository;
  std::string_view login;
  std::string_view sink;
  Origin origin{};
};

// What came of adding or removing a subscription. Only `done` has changed anything.
struct PlanChange {
  enum class Came : std::uint8_t {
    done,
    wrong,       // what was asked for can never be
    conflict,    // nor as things are
    unknown      // nobody has that name
  } came{};
  std::string name;        // of the subscription
  std::string sentence;    // why not
};

// An Error is trouble with files or with opening sinks; nothing has changed then.
class Planning {
 public:
  virtual ~Planning() = default;
  virtual void visit(const std::function<void(const PlannedName&)>& each) const = 0;
  // `entry`: one [[subscriptions]] as TOML, its header included. When this returns `done`, it is stored and taken over.
  virtual task<Result<PlanChange>> add(std::string entry) = 0;
  // Only one that was added.
  virtual task<Result<PlanChange>> remove(std::string name) = 0;
};

}  // namespace beckon::core
