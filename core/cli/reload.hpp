// A configuration that changes while the daemon runs.
#pragma once

#include "base/task.hpp"
#include "daemon.hpp"
#include "service.hpp"

#include <boost/asio/signal_set.hpp>

#include <filesystem>

namespace beckon::core::cli {

// Takes over what `file` says whenever it changes, and on SIGHUP, when it also counts that a file it refers to (a secret,
// a library in a folder of plugins) has changed. What is wrong in it is logged, and changes nothing. A SIGHUP because the
// terminal is gone ends the daemon in order. `manager` hears of it. Until cancelled. `hang_ups` has SIGHUP unless it is ignored; it belongs to the caller, so
// that a late one is caught to the end of the process.
using SignalSet = asio::basic_signal_set<Executor>;
task<void> keep_current(std::filesystem::path file, Daemon& daemon, SignalSet& hang_ups, ServiceManager& manager);

// nohup and the like have said that a hang-up is to be survived.
bool hang_up_counts();

}  // namespace beckon::core::cli
