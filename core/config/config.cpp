#include "config/config.hpp"

#include "base/redaction.hpp"
#include "config/added.hpp"
#include "config/locate.hpp"
#include "config/reader.hpp"
#include "config/secrets.hpp"
#include "config/subscriptions.hpp"
#include "config/values.hpp"
#include "config/web_reader.hpp"

#include <fmt/format.h>

#include <openssl/err.h>
#include <openssl/x509_vfy.h>

#include <algorithm>
#include <cerrno>

#include <unistd.h>

namespace beckon::core {
namespace {

constexpr std::size_t max_file = 64u << 20;
constexpr std::string_view default_forge = "github";
// Of a sink's own process. What the smallest one takes for itself is a few megabytes.
constexpr std::uint64_t least_memory = std::uint64_t{32} << 20;
constexpr std::uint64_t most_memory = std::uint64_t{1} << 40;

struct Connection {
  std::string proxy;
  std::string ca_file;
};

// The string of a secret setting, after `check`; empty when absent or wrong.
template <class Check>
std::string checked_secret(Reader& table, std::string_view key, Check check, Reading& reading) {
  const auto setting = table.secret(key);
  if (!setting) return {};
  auto value = check(std::get<std::string>(setting->value.value));
  if (value) return std::move(*value);
  reading.error(setting->value_place, fmt::format("{}: {}", key, value.error().message));
  return {};
}

// By OpenSSL, which will read it for the connections too.
bool holds_certificates(const std::string& file) {
  const std::unique_ptr<X509_STORE, decltype(&X509_STORE_free)> store(X509_STORE_new(), X509_STORE_free);
  const bool holds = store && X509_STORE_load_file(store.get(), file.c_str()) == 1;
  ERR_clear_error();
  return holds;
}

// proxy and ca_file: the same keys in [bot], forges and sinks.
void read_connection(Reader& table, Connection& connection, Reading& reading) {
  if (table.has("proxy")) {
    connection.proxy = checked_secret(table, "proxy", check_proxy, reading);
    if (const auto at = connection.proxy.rfind('@'); at != std::string::npos) {
      const auto user = connection.proxy.substr(0, at);
      remember_secret(connection.proxy);
      remember_secret(user.substr(user.rfind(':') + 1));
    }
  }
  if (const auto file = table.text("ca_file", "the path of a PEM file")) {
    connection.ca_file = resolve_path(file->value, reading.folder);
    if (::access(connection.ca_file.c_str(), R_OK) != 0)
      reading.error(file->place, fmt::format("ca_file: cannot read {}: {}", in_quotes(connection.ca_file),
                                             std::system_category().message(errno)));
    else if (!holds_certificates(connection.ca_file))
      reading.error(file->place, fmt::format("ca_file: {} holds no certificates in PEM form (-----BEGIN CERTIFICATE-----)",
                                             in_quotes(connection.ca_file)));
  }
}

// A list of folders, absolute.
void read_plugin_folders(Reader& table, Config& config, const Reading& reading) {
  const auto written = table.texts("plugins", "a list of folders");
  if (!written) return;
  for (const auto& folder : *written) {
    config.plugin_folders.push_back(resolve_path(folder.value, reading.folder));
    config.plugin_places.push_back(folder.place);
  }
}

void read_state(std::optional<Located<std::string>> written, Config& config, Reading& reading) {
  if (!written) {
    auto state = default_state();
    if (state) config.state = std::move(*state);
    else reading.error({}, state.error().message);
  } else if (written->value == ":memory:") {
    config.state = written->value;
  } else if (written->value.starts_with("postgresql://") || written->value.starts_with("postgres://")) {
    reading.error(written->place,
                  "state: PostgreSQL is not supported by this version: name a file for SQLite, as in \"beckon.db\"");
  } else if (written->value.find("://") != std::string::npos) {
    reading.error(written->place, "state: expected the path of a file, as in \"beckon.db\", found a URL");
  } else if (written->value.ends_with('/')) {
    reading.error(written->place, fmt::format("state: {} is a folder: name a file in it", in_quotes(written->value)));
  } else {
    config.state = resolve_path(written->value, reading.folder);
    config.state_place = written->place;
  }
}

bool is_name(std::string_view name) {
  return !name.empty() && std::none_of(name.begin(), name.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

std::string read_api_url(Reader& table, const ForgeConfig& forge, Reading& reading) {
  const auto written = table.text("api_url", "a URL");
  if (!written) return forge.api_url;
  auto url = check_url(written->value, forge.insecure, true);
  if (!url) {
    reading.error(written->place, fmt::format("api_url: {}", url.error().message));
    return forge.api_url;
  }
  if (const auto text = lower(*url); text == "https://github.com" || text == "https://www.github.com")
    reading.error(written->place, "api_url: that is GitHub's web site: its API is \"https://api.github.com\"");
  return std::move(*url);
}

ForgeConfig read_forge(const Located<std::string>& name, Reader& table, const Connection& defaults, Reading& reading) {
  ForgeConfig forge;
  forge.name = name.value;
  forge.place = table.place();
  if (!is_name(name.value)) reading.error(name.place, "a forge needs a name: [forges.NAME]");
  static const std::vector<std::string> kinds{"github"};
  if (const auto kind = table.text("kind"); kind && kind->value != kinds.front())
    reading.error(kind->place, fmt::format("kind: {} is no kind of forge that this version knows: there is {}",
                                           in_quotes(kind->value), fmt::join(kinds, ", ")));
  forge.insecure = table.flag("insecure").value_or(false);
  forge.api_url = read_api_url(table, forge, reading);
  if (const auto token = table.secret("token")) {
    forge.token = std::get<std::string>(token->value.value);
    remember_secret(forge.token);
    if (const auto good = check_token(forge.token); !good)
      reading.error(token->value_place, fmt::format("token: {}", good.error().message));
    if (token->exposed)
      reading.warn(token->value_place,
                   "token: it stands in plain text in a file that others can read: chmod 600 the file, "
                   "or write { env = \"NAME\" } or { file = \"PATH\" }");
  }
  Connection connection = defaults;
  read_connection(table, connection, reading);
  forge.proxy = std::move(connection.proxy);
  forge.ca_file = std::move(connection.ca_file);
  table.finish();
  return forge;
}

SinkConfig read_sink(const Located<std::string>& name, Reader& table, const Connection& defaults, Reading& reading) {
  SinkConfig sink;
  sink.name = name.value;
  sink.place = table.place();
  if (!is_name(name.value)) reading.error(name.place, "a sink needs a name: [sinks.NAME]");
  if (auto plugin = table.text("plugin", "the name of a plugin, such as \"slack\"")) {
    sink.plugin = std::move(plugin->value);
    sink.plugin_place = plugin->place;
  } else if (!table.has("plugin")) {
    reading.error(table.place(), fmt::format("{}: plugin is missing: add plugin = \"NAME\" (`beckon sinks` lists them)",
                                             table.title()));
  }
  sink.insecure = table.flag("insecure").value_or(false);
  sink.isolate = table.flag("isolate");
  if (const auto limit = table.size("memory_limit", least_memory, most_memory)) sink.memory_limit = *limit;
  Connection connection = defaults;
  read_connection(table, connection, reading);
  sink.proxy = std::move(connection.proxy);
  sink.ca_file = std::move(connection.ca_file);
  sink.settings = table.settings();
  return sink;
}

struct RootRead {
  SubscriptionDefaults defaults;
  bool watches_nothing = false;
};

RootRead read_root(Reader root, Config& config, Reading& reading) {
  Connection connection;
  SubscriptionDefaults defaults;
  std::optional<Located<std::string>> state;
  if (auto bot = root.table("bot")) {
    state = bot->text("state", "the path of a file");
    read_plugin_folders(*bot, config, reading);
    if (auto alerts = bot->text("alerts", "the name of a sink")) {
      config.alerts = std::move(alerts->value);
      config.alerts_place = alerts->place;
    }
    read_defaults(*bot, defaults);
    read_connection(*bot, connection, reading);
    bot->finish();
    if (state || !bot->has("state")) read_state(std::move(state), config, reading);
  } else {
    read_state(std::nullopt, config, reading);
  }

  for (auto& [name, table] : root.named_tables("forges"))
    config.forges.push_back(read_forge(name, table, connection, reading));
  if (std::none_of(config.forges.begin(), config.forges.end(),
                   [](const auto& forge) { return forge.name == default_forge; })) {
    ForgeConfig forge;
    forge.name = default_forge;
    forge.proxy = connection.proxy;
    forge.ca_file = connection.ca_file;
    config.forges.insert(config.forges.begin(), std::move(forge));
  }
  if (auto web = root.table("web")) config.web = read_web(*web, config.forges, reading);
  config.web.interval = defaults.interval;
  for (auto& [name, table] : root.named_tables("sinks"))
    config.sinks.push_back(read_sink(name, table, connection, reading));

  auto subscriptions = root.table_list("subscriptions");
  const bool none = subscriptions.empty() && !root.has("subscriptions");
  read_subscriptions(std::move(subscriptions), defaults, config, reading);

  // A key that has slipped out of [bot] deserves a better word than "unknown".
  for (const auto& [key, place] : root.unknown_keys()) {
    for (const std::string_view known : {"state", "plugins", "alerts", "interval", "backfill", "ignore_authors", "include_own",
                                         "include_bots", "proxy", "ca_file"}) {
      if (key != known) continue;
      reading.error(place, fmt::format("{} belongs under [bot], or under the table that it is meant for", known));
      root.accept(known);
    }
  }
  root.finish();
  const bool wrong =
      std::any_of(reading.errors.begin(), reading.errors.end(), [](const auto& e) { return !e.warning; });
  return {std::move(defaults), none && !wrong};
}

// `added`: their text, or nothing for what stands in their file; nullptr: they do not count.
LoadedConfig parse(std::string_view text, const std::filesystem::path& file, const std::optional<std::string>* added) {
  LoadedConfig loaded;
  loaded.config.file = file;
  Reading reading;
  std::error_code failure;
  reading.folder = std::filesystem::absolute(file, failure).parent_path();
  reading.exposed = readable_by_others(file);
  RootRead root;
  {
    const TomlDocument document(text, reading);
    if (document.valid()) root = read_root(document.root(reading), loaded.config, reading);
  }
  if (added != nullptr) read_added(*added, root.defaults, loaded.config, reading);
  if (root.watches_nothing && loaded.config.subscriptions.empty())
    reading.warn({}, "there is nothing to watch: add a [[subscriptions]] with repo, user and sink");
  loaded.errors = std::move(reading.errors);
  sort_errors(loaded.errors);
  return loaded;
}

LoadedConfig refused(const std::filesystem::path& file, std::string sentence) {
  LoadedConfig loaded;
  loaded.config.file = file;
  loaded.errors.push_back({{}, std::move(sentence)});
  return loaded;
}

LoadedConfig load(const std::filesystem::path& file, const std::optional<std::string>& added) {
  std::error_code failure;
  const auto status = std::filesystem::status(file, failure);
  if (status.type() == std::filesystem::file_type::not_found)
    return refused(file,
                   "there is no such file: name another with --config, or write one (config.example.toml is a start)");
  if (std::filesystem::is_directory(status))
    return refused(file, "this is a folder: name the file in it with --config");
  const auto text = read_file(file, max_file);
  if (!text) return refused(file, text.error().message);
  return parse(*text, file, &added);
}

}  // namespace

bool LoadedConfig::ok() const {
  return std::none_of(errors.begin(), errors.end(), [](const auto& error) { return error.is_fatal(); });
}

LoadedConfig parse_config(std::string_view text, const std::filesystem::path& file) { return parse(text, file, nullptr); }

LoadedConfig load_config(const std::filesystem::path& file) { return load(file, std::nullopt); }

LoadedConfig load_config(const std::filesystem::path& file, std::string added) { return load(file, std::move(added)); }

}  // namespace beckon::core
