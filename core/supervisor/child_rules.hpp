// What OTP's static supervisor is told of a child and of itself: flags and child specs without the code to run.
#pragma once

#include "base/time.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace beckon::core {

enum class Strategy : std::uint8_t { one_for_one, rest_for_one };
// Restarted always; only after an abnormal end; never.
enum class RestartType : std::uint8_t { permanent, transient, temporary };
enum class ChildType : std::uint8_t { worker, supervisor };

// How long a child that was asked to end may take, or one of two words of OTP's.
struct Shutdown {
  static constexpr Milliseconds brutal_kill{0};      // not asked, killed
  static constexpr Milliseconds infinity = Milliseconds::max();
};

struct ChildRules {
  std::string name;                       // OTP's child id; unique within a supervisor
  RestartType restart = RestartType::permanent;
  ChildType type = ChildType::worker;
  std::optional<Milliseconds> shutdown;   // OTP's defaults: 5 s for a worker, infinity for a supervisor

  Milliseconds time_to_end() const { return shutdown.value_or(type == ChildType::worker ? 5s : Shutdown::infinity); }
};

struct SupervisorFlags {
  Strategy strategy = Strategy::one_for_one;
  unsigned intensity = 1;                 // restarts allowed within `period`, of all children together
  Milliseconds period{5s};
  Milliseconds patience{1s};              // from being killed to being abandoned; Erlang needs none
};

// As `supervisor:which_children/1` and `count_children/1` say it.
struct ChildInfo {
  enum class State : std::uint8_t { stopped, starting, running, stopping, restarting };
  std::string name;
  State state{};
  RestartType restart{};
  ChildType type{};

  friend bool operator==(const ChildInfo&, const ChildInfo&) = default;
};
struct ChildrenCount {
  std::size_t specs = 0, active = 0, supervisors = 0, workers = 0;

  friend bool operator==(const ChildrenCount&, const ChildrenCount&) = default;
};

}  // namespace beckon::core
