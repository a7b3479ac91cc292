// Configuration and plugins brought together and checked: what `beckon check` reports and what the daemon runs.
#pragma once

#include "config/config.hpp"
#include "config/options.hpp"

#include "plugins/loader.hpp"

#include <deque>
#include <memory>
#include <string>
#include <vector>

namespace beckon::core {

struct PlannedSink {
  SinkConfig config;
  const beckon_sink_table* table = nullptr;   // the plugin's; without entries if it is isolated
  plugins::Plugin plugin;
  bool isolated = false;                      // in a process of its own
  SinkOptions options;
};

// Subscriptions that say the same share one.
struct PlannedEndpoint {
  const PlannedSink* sink = nullptr;
  std::shared_ptr<const OptionValues> target;
};

struct PlannedRepository {
  std::string forge;
  std::string name;           // "owner/name", as it is written first
};

struct PlannedSubscription {
  std::string name;
  const PlannedRepository* repository = nullptr;
  std::string login;
  Milliseconds interval{60s};
  Milliseconds backfill{0};
  std::shared_ptr<const Filter> filter;
  std::shared_ptr<const PlannedEndpoint> endpoint;
  Place place;                                // in which of the two files, and where
};

struct Plan {
  std::filesystem::path file;
  std::filesystem::path added_file;   // of what was added at run time; empty: there is none
  std::filesystem::path state;
  std::vector<ForgeConfig> forges;
  std::deque<PlannedSink> sinks;      // endpoints point into it: never copied
  std::deque<PlannedRepository> repositories;   // each once for a forge, whatever its case; likewise never copied
  std::vector<PlannedSubscription> subscriptions;
  WebConfig web;
  std::shared_ptr<const PlannedEndpoint> alerts;   // whom to tell what the operator should know; may be unset
  std::vector<ConfigError> errors;    // in the files' order, warnings included
  plugins::Found found;               // refusals of libraries, and of folders that the file does not name
  std::vector<std::string> plain_options;   // names of options that no plugin calls secret: their values may be shown
  bool ok() const;                    // what is wrong, leaves out no more than added subscriptions
  bool leaves_out() const;            // and some it does
  const std::filesystem::path& file_of(const ConfigError& error) const;
};

// Finds the plugins, checks every sink and target against its plugin's options. Libraries are tried in a child process
// first, and asked there if their sink is isolated; it blocks meanwhile.
std::unique_ptr<Plan> make_plan(LoadedConfig loaded);

}  // namespace beckon::core
