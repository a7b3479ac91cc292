// A configuration that changes while the daemon runs.
#pragma once

#include "base/task.hpp"
#include "daemon.hpp"

#include <filesystem>

namespace beckon::core::cli {

// Takes over what `file` says whenever it changes, and on SIGHUP, when it also counts that a file it refers to (a secret,
// a library in a folder of plugins) has changed. What is wrong in it is logged, and changes nothing. A SIGHUP because the
// terminal is gone ends the daemon in order. Until cancelled.
task<void> keep_current(std::filesystem::path file, Daemon& daemon);

}  // namespace beckon::core::cli
