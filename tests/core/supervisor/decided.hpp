// A machine and what to ask of its decisions, for the tests of OTP's rules. No clock.
#pragma once

#include "supervisor/machine.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace beckon::core::supervision {

inline constexpr SteadyTime t0{std::chrono::hours(1)};

template <class T>
std::vector<T> all(const Decision& decision) {
  std::vector<T> found;
  for (const Action& action : decision.actions) {
    if (const T* one = std::get_if<T>(&action)) found.push_back(*one);
  }
  return found;
}

// Where in the decision the first T stands, or its size.
template <class T>
std::size_t place(const Decision& decision) {
  const auto is = [](const Action& action) { return std::holds_alternative<T>(action); };
  const auto& actions = decision.actions;
  return static_cast<std::size_t>(std::find_if(actions.begin(), actions.end(), is) - actions.begin());
}

inline std::string told(const Tell& tell) {
  const char* why[] = {"done", "gone", "set_aside", "shutdown"};
  const std::string words = std::to_string(tell.end.id) + " " + why[static_cast<int>(tell.end.why)];
  return tell.end.reason.empty() ? words : words + ": " + tell.end.reason;
}

inline std::vector<std::string> ends(const Decision& decision) {
  std::vector<std::string> words;
  for (const Tell& tell : all<Tell>(decision)) words.push_back(told(tell));
  return words;
}

class Decided : public ::testing::Test {
 protected:
  // Starts a child and returns its run.
  RunId running(ChildId id, SteadyTime now = t0) {
    const auto starts = all<Start>(machine.decide(Add{id, false}, now));
    EXPECT_THAT(starts, ::testing::SizeIs(1));
    machine.decide(Began{id, starts.at(0).run}, now);
    return starts[0].run;
  }
  void parked(ChildId id) { EXPECT_TRUE(machine.decide(Add{id, true}, t0).accepted); }
  Decision down(ChildId id, RunId run, Exit::Kind kind, std::string reason = {}, SteadyTime now = t0) {
    return machine.decide(Down{id, run, Exit{kind, std::move(reason)}}, now);
  }
  // Crashes the run and returns its successor, or 0 when there is none.
  RunId crash(ChildId id, RunId run, SteadyTime now) {
    const auto starts = all<Start>(down(id, run, Exit::Kind::failed, "boom", now));
    if (starts.empty()) return 0;
    machine.decide(Began{id, starts[0].run}, now);
    return starts[0].run;
  }

  Machine machine{Limits{5, 60s, 5s}};
};

}  // namespace beckon::core::supervision
