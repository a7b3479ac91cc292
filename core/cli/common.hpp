// What several commands need.
#pragma once

#include "daemon.hpp"
#include "plan.hpp"

#include <memory>
#include <string>

namespace beckon::core::cli {

// The plan of a configuration file ("" looks in the usual places); prints every error. nullptr: exit with bad_config.
std::unique_ptr<Plan> load_plan(const std::string& config);
void print_errors(const Plan& plan);

// Runs a daemon until SIGINT or SIGTERM, orderly; a second signal ends at once.
int run_until_signal(const Plan& plan);

// Ends the process without waiting for a name look-up or a worker that hangs; everything of ours is closed by then.
[[noreturn]] void leave(int code);

}  // namespace beckon::core::cli
