// One function a command; each returns the process's exit code.
#pragma once

#include "base/time.hpp"

#include <optional>
#include <string>

namespace beckon::core::cli {

// sysexits.h's EX_CONFIG for the configuration; 2 is what shells use for usage.
inline constexpr int ok = 0, failed = 1, usage = 2, bad_config = 78;

struct RunOptions {
  std::string config;
  bool once = false;
  Milliseconds deadline{60s};
};
int run(const RunOptions& options);

int check(const std::string& config);
int status(const std::string& config, bool json);

struct WatchOptions {
  std::string repository;
  std::string login;
  Milliseconds since{0};
  Milliseconds interval{60s};
  std::string api_url = "https://api.github.com";
  std::string token_env = "GITHUB_TOKEN";
};
int watch(const WatchOptions& options);

int sinks(const std::string& name);
int mentions(const std::string& file, bool json_lines);
int demo();

}  // namespace beckon::core::cli
