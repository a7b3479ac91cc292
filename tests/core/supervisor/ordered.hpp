// The static supervisor's machine with its decisions as words, for the tests of OTP's rules. No clock: `now` is set.
#pragma once

#include "supervisor/ordered_machine.hpp"

#include <gmock/gmock.h>

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace beckon::core::supervision::ordered {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Words = std::vector<std::string>;
using enum RestartType;

inline ChildRules rules(std::string name, RestartType restart = permanent, std::optional<Milliseconds> shutdown = {},
                        ChildType type = ChildType::worker) {
  return ChildRules{std::move(name), restart, type, shutdown};
}

class Ordered : public ::testing::Test {
 protected:
  void make(SupervisorFlags flags, std::vector<ChildRules> children) {
    names.clear();
    for (const ChildRules& child : children) names.push_back(child.name);
    machine.emplace(flags, std::move(children));
  }
  // With three permanent children a, b, c unless others are given; generous unless told otherwise. All are running.
  void running(Strategy strategy, std::vector<ChildRules> children = {rules("a"), rules("b"), rules("c")},
               unsigned intensity = 100) {
    make(SupervisorFlags{strategy, intensity, 60s, 1s}, std::move(children));
    on(Boot{});
    for (const std::string& name : Words(names)) started(name);
  }

  Words on(Event event) { return words(machine->decide(std::move(event), now)); }
  Words started(const std::string& name) { return on(Started{runs.at(name)}); }
  Words ignored(const std::string& name) { return on(Ignored{runs.at(name)}); }
  Words start_fails(const std::string& name, std::string reason = "boom") {
    return on(StartFailed{runs.at(name), Exit{Exit::Kind::failed, std::move(reason)}});
  }
  Words down(const std::string& name, Exit::Kind kind, std::string reason = {}) {
    return on(Down{runs.at(name), Exit{kind, std::move(reason)}});
  }
  Words crash(const std::string& name, std::string reason = "boom") {
    return down(name, Exit::Kind::failed, std::move(reason));
  }
  Words cancelled(const std::string& name) { return down(name, Exit::Kind::cancelled); }
  Words again(const std::string& name) { return on(Again{id(name)}); }
  Words add(ChildRules child) {
    names.push_back(child.name);
    return on(StartChild{++request, static_cast<ChildId>(names.size() - 1), std::move(child)});
  }
  Words terminate(std::string name) { return on(TerminateChild{++request, std::move(name)}); }
  Words restart(std::string name) { return on(RestartChild{++request, std::move(name)}); }
  Words remove(std::string name) { return on(DeleteChild{++request, std::move(name)}); }

  std::string states() const {
    const char* word[] = {"stopped", "starting", "running", "stopping", "restarting"};
    std::string text;
    for (const ChildInfo& child : machine->which_children())
      text += (text.empty() ? "" : ", ") + child.name + " " + word[static_cast<int>(child.state)];
    return text;
  }
  ChildId id(const std::string& name) const {
    return std::find(names.rbegin(), names.rend(), name).base() - names.begin() - 1;
  }

  std::optional<Machine> machine;
  SteadyTime now{std::chrono::hours(1)};
  Words names;                            // by ChildId
  std::map<std::string, RunId> runs;      // the latest of each
  Request request = 0;

 private:
  std::string who(RunId run) const { return run_names.count(run) ? run_names.at(run) : "?"; }
  static std::string with(std::string words, const std::string& reason) {
    return reason.empty() ? words : words + ": " + reason;
  }
  std::string word(const Start& start) {
    runs[names.at(start.id)] = start.run;
    run_names[start.run] = names.at(start.id);
    return "start " + who(start.run);
  }
  std::string word(const Ask& ask) { return "ask " + who(ask.run); }
  std::string word(const Kill& kill) { return "kill " + who(kill.run); }
  std::string word(const Tell& tell) {
    const char* kind[] = {"done", "idle", "gone", "cancelled", "failed"};
    return with("DOWN " + who(tell.run) + " " + kind[static_cast<int>(tell.exit.kind)], tell.exit.reason);
  }
  std::string word(const Forget& forget) { return "forget " + names.at(forget.id); }
  std::string word(const TryAgain& again) { return "try again " + names.at(again.id); }
  std::string word(const Reply& reply) {
    const char* answer[] = {"ok", "ignored", "already started", "already present", "not found", "running", "restarting",
                            "failed to start", "refused", "stopping"};
    const std::string to = reply.request == request ? "reply " : "reply to " + std::to_string(reply.request) + " ";
    return with(to + answer[static_cast<int>(reply.answer)], reply.reason);
  }
  std::string word(const Report& report) {
    const char* kind[] = {"crashed", "ended", "start failed", "gave up", "failed stopping", "killed", "abandoned"};
    const std::string times = report.restarts ? " #" + std::to_string(report.restarts) : "";
    return with("report " + report.name + " " + kind[static_cast<int>(report.kind)] + times, report.reason);
  }
  std::string word(const Booted&) { return "booted"; }
  std::string word(const Ended& ended) {
    const char* why[] = {"stopped", "failed to start", "gave up"};
    const std::string name = ended.name.empty() ? "" : " " + ended.name;
    return with(std::string("ended, ") + why[static_cast<int>(ended.why)] + name, ended.reason);
  }
  Words words(const Decision& decision) {
    Words all;
    const auto say = [this](const auto& what) { return word(what); };
    for (const Action& action : decision) all.push_back(std::visit(say, action));
    return all;
  }

  std::map<RunId, std::string> run_names;
};

}  // namespace beckon::core::supervision::ordered
