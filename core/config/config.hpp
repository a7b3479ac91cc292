// TOML → plain values. Every error has FILE:LINE:COL, says what is wrong and what to do, and all are reported at once.
// The TOML tree is freed before `load_config` returns.
#pragma once

#include "base/log.hpp"
#include "base/time.hpp"
#include "config/web.hpp"
#include "model/delivery.hpp"
#include "outbox/outbox.hpp"

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace beckon::core {

// Where a subscription comes from: the configuration itself, or the daemon's own file beside the state, of those that were
// added at run time (config/added.hpp).
enum class Origin : std::uint8_t { config, added };

struct Place {
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  Origin file = Origin::config;
};

struct ConfigError {
  Place place;
  std::string message;
  bool warning = false;
  bool duplicate = false;             // it would be sound if another subscription were not there already
  // What is wrong with an added subscription leaves out that one; everything else goes on.
  bool is_fatal() const { return !warning && place.file == Origin::config; }
};

struct ForgeConfig {
  std::string name;
  std::string api_url = "https://api.github.com";
  std::string token;                  // resolved; empty: anonymous
  std::string proxy;
  std::string ca_file;
  bool insecure = false;              // plain http beyond loopback
  std::string token_variable;         // of a command without a file: see GithubOptions
  Place place;
};

// A value as it stands in TOML, not yet checked against the plugin's option table.
struct Setting {
  std::string name;
  OptionValue value;
  bool from_secret_source = false;    // { env = ... } and its like
  Place place;                        // of the key
  Place value_place;
  bool exposed = false;               // written out in a file that others than its owner can read
  bool failed = false;                // it stands there, but could not be read, and that has been said
};

struct SinkConfig {
  std::string name;
  std::string plugin;
  std::vector<Setting> settings;      // without the keys that belong to the host
  std::string proxy;
  std::string ca_file;
  bool insecure = false;
  std::optional<bool> isolate;        // in a process of its own; not written: as its library asks for
  std::uint64_t memory_limit = std::uint64_t{512} << 20;   // bytes, of that process
  Place place;
  Place plugin_place;
};

// One repository × one login × one endpoint: the lists of the file are already multiplied out.
struct SubscriptionConfig {
  std::string name;
  std::string forge = "github";
  std::string repository;             // "owner/name" as configured
  std::string login;                  // lower case; "org/team"
  std::string sink;
  std::vector<Setting> target;
  Milliseconds interval{60s};
  Milliseconds backfill{0};
  std::shared_ptr<const Filter> filter;   // shared by all that say the same
  Place place;                        // of the table, or of the entry of `sinks` that it came from
};

// What the operator's own subscription is called; no other one may be.
inline constexpr const char* alerts_name = "(alerts)";

struct Config {
  std::filesystem::path file;
  std::filesystem::path state;        // absolute, or ":memory:"
  std::filesystem::path added_file;   // of what was added at run time; empty: not looked for
  Place state_place;                  // no line: not written, the default
  std::vector<std::filesystem::path> plugin_folders;
  std::vector<Place> plugin_places;   // of each of these
  std::string alerts;                 // the sink that tells the operator; empty: nobody is told
  Place alerts_place;
  std::vector<ForgeConfig> forges;
  std::vector<SinkConfig> sinks;
  std::vector<SubscriptionConfig> subscriptions;
  WebConfig web;
};

struct LoadedConfig {
  Config config;                      // meaningful only when there is no fatal error
  std::vector<ConfigError> errors;    // in the file's order; warnings included
  bool ok() const;
};

// `file` must exist; relative paths in it are taken from its folder. With what was added at run time, after its own
// subscriptions; an added one that is wrong is not among them.
LoadedConfig load_config(const std::filesystem::path& file);
// As if `added` were the text of the added ones.
LoadedConfig load_config(const std::filesystem::path& file, std::string added);
// The configuration alone, of a text (tests, demo). Of `file` only the folder and who may read it matter; it need not exist.
LoadedConfig parse_config(std::string_view text, const std::filesystem::path& file);

// By file, line and column; errors that `check_sink` and others have appended find their place.
void sort_errors(std::vector<ConfigError>& errors);

// "FILE:LINE:COL: error: message" ("left out" instead of "error" for an added subscription), in the file's order, each with
// the source line and a caret under the column. All of one file. What may
// be a secret is masked in the source line, and its comment is left out: shown are numbers, names of variables, files and credentials,
// and texts under keys that are known to be harmless: the host's own, and `plain_options` of the plugins.
std::string render_errors(const std::filesystem::path& file, const std::vector<ConfigError>& errors,
                          const std::vector<std::string>& plain_options = {});
// Its first line for one error: "FILE:LINE:COL: message".
std::string place_and_message(const std::filesystem::path& file, const ConfigError& error);

// ./config.toml, $XDG_CONFIG_HOME/beckon/config.toml (or ~/.config), /etc/beckon/config.toml; nullopt: none of them.
std::optional<std::filesystem::path> find_config();
// Where find_config looked, for the sentence that says so.
std::vector<std::filesystem::path> config_places();

// The closest of `known` to `word` if it is close enough for a "did you mean"; else empty.
std::string closest(std::string_view word, const std::vector<std::string>& known);

}  // namespace beckon::core
