// Settings against a plugin's own option table, before the plugin sees anything.
#pragma once

#include "config/config.hpp"

#include <beckon/sink_abi.h>

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace beckon::core {

// Asks the plugin's own `check` about settings and target. Answers what kept it from answering, as the end of a sentence
// that begins with the plugin; nothing when it did, whether or not it complained.
using PluginCheck = std::function<std::optional<std::string>(const beckon_values* settings, const beckon_values* target,
                                                             const beckon_complaints* complaints)>;

struct SinkOptions {
  OptionValues settings;   // everything but target options, defaults filled in
  OptionValues target;     // the defaults that [sinks.x] gives its target options
  std::map<std::string, Place, std::less<>> places;  // where [sinks.x] says them
  Place place;             // of [sinks.x]
  bool insecure = false;
  bool sound = true;       // nothing was wrong in [sinks.x] itself
  PluginCheck check;       // unset: the plugin has none
};

// Types, required, choices, unknown names with "did you mean", URLs; then the plugin's own `check`, unless the plugin
// has target options: then `check_target` or `check_unused` asks it, with settings and target together.
// Appends to `errors`. Secrets found are remembered for redaction. Paths and folders are resolved against `folder`.
// A plugin that makes connections of its own may have a path option `ca_file`: it is the host's, of [sinks.x] or [bot].
SinkOptions check_sink(const SinkConfig& sink, const beckon_sink_table& table, const std::filesystem::path& folder,
                       std::vector<ConfigError>& errors);
// The same for a plugin that is asked elsewhere: `check` stands for the table's.
SinkOptions check_sink(const SinkConfig& sink, const beckon_sink_table& table, PluginCheck check,
                       const std::filesystem::path& folder, std::vector<ConfigError>& errors);

// A subscription's target: the sink's defaults under the subscription's own values; required target options must be
// there. What many subscriptions share (a default of the sink) is complained about once.
OptionValues check_target(const SubscriptionConfig& subscription, const SinkOptions& sink,
                          const beckon_sink_table& table, const std::filesystem::path& folder,
                          std::vector<ConfigError>& errors);

// A sink that no subscription uses: the plugin's own `check`, as far as [sinks.x] alone says where to. Where a required
// target option is left to the subscriptions, there is nothing to ask it yet.
void check_unused(const SinkOptions& sink, const beckon_sink_table& table, std::vector<ConfigError>& errors);

// False when a target option stands in the file but came to nothing: `target` says less than was meant, and its identity
// must not be compared.
bool is_complete(const SubscriptionConfig& subscription, const SinkOptions& sink, const beckon_sink_table& table,
                 const OptionValues& target);

// What identifies an endpoint: plugin, effective target and secret options, in a canonical form. Holds secrets: for
// hashing only. Two subscriptions with one repository, login and endpoint are an error; the caller compares these.
std::string endpoint_identity(const beckon_sink_table& table, const OptionValues& settings, const OptionValues& target);

// Subscriptions with the same forge, repository, login and endpoint: an error at the later one that names the earlier.
// `endpoints[i]` is the identity of `subscriptions[i]`'s endpoint; an empty one is not compared.
void find_duplicates(const std::vector<SubscriptionConfig>& subscriptions, const std::vector<std::string>& endpoints,
                     std::vector<ConfigError>& errors);

}  // namespace beckon::core
