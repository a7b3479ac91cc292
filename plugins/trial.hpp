// Runs something that may crash, hang or end the process, in a child process first. Loading a library runs its static
// constructors, and an exception out of one of those cannot be caught: glibc's loader does not let it pass (tried:
// abort).
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>

namespace beckon::plugins {

// What `work` returned in the child, or how the child died, as the end of a sentence; empty when `work` returned
// nothing. Also empty when no child can be made: a trial is a guard, not a gate. Call it while the process has one
// thread.
std::optional<std::string> try_in_child(const std::function<std::optional<std::string>()>& work,
                                        std::chrono::milliseconds limit = std::chrono::seconds(10));

}  // namespace beckon::plugins
