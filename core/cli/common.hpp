// What several commands need.
#pragma once

#include "base/log.hpp"
#include "daemon.hpp"
#include "plan.hpp"

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace beckon::core::cli {

// Opens the log, and settles how `complain` speaks. Once, when the options have been read.
void open_log(LogLevel level, LogFormat format);

// What to type to call this program again: "beckon", or what scripts/run has put into $BECKON_INVOKED_AS.
std::string program();

// One sentence on stderr, whatever the log's level: "beckon: ...", or a line of JSON where the log is JSON.
void complain(std::string_view sentence);

// Flushes stdout. What could not be written is an error of its own: then `failed`, else `code`.
int close_output(int code);

// The configuration file; "" looks in the usual places. nullopt, after a complaint, when there is none.
std::optional<std::filesystem::path> config_file(const std::string& config);

// The plan of a configuration file; prints every error. nullptr: exit with bad_config.
std::unique_ptr<Plan> load_plan(const std::string& config);
// With places and source lines, or as lines of JSON.
void print_errors(const Plan& plan);
// Of a plan that comes from no file.
void print_sentences(const Plan& plan);

// What attempts under way get for their answers in an orderly stop: containers are killed after 10 s.
inline constexpr Milliseconds stop_patience{8s};

// Runs a daemon until SIGINT or SIGTERM, orderly; a second signal ends at once. It follows its configuration file (see
// cli/reload.hpp). `for_reader`: the terminal is all there is, so it ends too on SIGHUP and when nobody reads stdout any
// more, nothing is kept, and there is no file to follow.
int run_until_signal(std::shared_ptr<const Plan> plan, bool for_reader = false, std::optional<ListenAddress> page = {});

// Ends the process without waiting for a name look-up or a worker that hangs; everything of ours is closed by then.
[[noreturn]] void leave(int code);

}  // namespace beckon::core::cli
