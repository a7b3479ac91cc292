#include "config/options.hpp"

#include "base/redaction.hpp"
#include "config/canonical.hpp"
#include "config/naming.hpp"
#include "config/option_values.hpp"
#include "config/values.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

namespace beckon::core {
namespace {

void remember(const OptionValue& value) {
  if (const auto* text = std::get_if<std::string>(&value.value)) remember_secret(*text);
  if (const auto* list = std::get_if<std::vector<std::string>>(&value.value))
    for (const auto& item : *list) remember_secret(item);
  if (const auto* map = std::get_if<std::map<std::string, std::string>>(&value.value))
    for (const auto& [key, item] : *map) remember_secret(item);
}

// Many subscriptions may run into one and the same line: it is told once.
void add_once(std::vector<ConfigError>& errors, ConfigError error) {
  const bool told = std::any_of(errors.begin(), errors.end(), [&](const ConfigError& e) {
    return e.place.line == error.place.line && e.place.column == error.place.column && e.message == error.message;
  });
  if (!told) errors.push_back(std::move(error));
}

std::vector<std::string> option_names(const beckon_sink_table& table, bool only_target) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < table.option_count; ++i)
    if (!only_target || has_flag(*table.options[i], BECKON_TARGET)) names.emplace_back(view(table.options[i]->name));
  return names;
}

std::string doc_of(const beckon_option& option) {
  const auto doc = view(option.doc);
  return doc.empty() ? std::string() : fmt::format(" ({})", doc);
}

// `host`: keys beside the options that the same table may hold.
void unknown_option(const Setting& setting, const beckon_sink_table& table, bool only_target,
                    const std::vector<std::string>& host, std::vector<ConfigError>& errors) {
  const auto plugin = view(table.name);
  const auto names = option_names(table, only_target);
  auto candidates = names;
  candidates.insert(candidates.end(), host.begin(), host.end());
  const auto meant = closest(setting.name, candidates);
  const auto kind = only_target ? "target option" : "option";
  std::string way_out;
  if (!meant.empty()) way_out = fmt::format("did you mean {}?", in_quotes(meant));
  else if (names.empty()) way_out = fmt::format("it has no {}s", kind);
  else way_out = fmt::format("it has {}", fmt::join(names, ", "));
  errors.push_back({setting.place, fmt::format("unknown {} {} of the plugin {}: {}", kind, in_quotes(setting.name),
                                               in_quotes(plugin), way_out)});
}

// The checked value; nullopt after an error. Secrets are remembered before anything can be said about them.
std::optional<OptionValue> take(const beckon_option& option, const Setting& setting,
                                const std::filesystem::path& folder, bool insecure, std::vector<ConfigError>& errors) {
  if (has_flag(option, BECKON_SECRET)) {
    remember(setting.value);
    if (setting.exposed && !setting.from_secret_source)
      errors.push_back({setting.value_place,
                        fmt::format("{}: it stands in plain text in a file that others can read: chmod 600 the "
                                    "file, or write {{ env = \"NAME\" }} or {{ file = \"PATH\" }}",
                                    setting.name),
                        true});
  }
  auto value = convert(option, setting, folder, insecure);
  if (value) return std::move(*value);
  errors.push_back({setting.value_place, fmt::format("{}: {}", setting.name, value.error().message)});
  return std::nullopt;
}

// Where a complaint about an option is to stand.
template <class PlaceOf>
void ask_plugin(const beckon_sink_table& table, const PluginCheck& check, const OptionValues& settings,
                const OptionValues& target, PlaceOf place_of, std::vector<ConfigError>& errors) {
  if (!check) return;
  struct Context {
    PlaceOf& place_of;
    std::vector<ConfigError>& errors;
  } context{place_of, errors};
  const AbiValues abi_settings(table, settings);
  const AbiValues abi_target(table, target);
  beckon_complaints complaints{};
  complaints.size = sizeof complaints;
  complaints.context = &context;
  complaints.complain = [](void* opaque, beckon_str option, beckon_str sentence) noexcept {
    auto& heard = *static_cast<Context*>(opaque);
    const std::string name(view(option));
    // The plugin's words may quote a value: no known secret leaves, and no control character forges a line.
    auto words = redact(view(sentence));
    std::replace_if(
        words.begin(), words.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; }, ' ');
    add_once(heard.errors, {heard.place_of(name), name.empty() ? words : fmt::format("{}: {}", name, words)});
  };
  if (const auto why = check(abi_settings.get(), abi_target.get(), &complaints))
    add_once(errors, {place_of({}), fmt::format("the plugin {} is at fault: {}", in_quotes(view(table.name)), redact(*why))});
}

// Of a plugin in this process. A library may throw through its C entry in spite of the contract.
PluginCheck own_check(const beckon_sink_table& table) {
  if (table.check == nullptr) return {};
  return [check = table.check](const beckon_values* settings, const beckon_values* target, const beckon_complaints* complaints) {
    std::optional<std::string> why;
    try {
      check(settings, target, complaints);
    } catch (...) {
      why = "it threw while it checked these options";
    }
    return why;
  };
}

void ask_about_sink(const beckon_sink_table& table, const SinkOptions& sink, std::vector<ConfigError>& errors) {
  ask_plugin(
      table, sink.check, sink.settings, sink.target,
      [&](const std::string& name) {
        const auto found = sink.places.find(name);
        return found == sink.places.end() ? sink.place : found->second;
      },
      errors);
}

bool has_target_options(const beckon_sink_table& table) { return !option_names(table, true).empty(); }

std::size_t count_errors(const std::vector<ConfigError>& errors) {
  return static_cast<std::size_t>(
      std::count_if(errors.begin(), errors.end(), [](const auto& e) { return !e.warning; }));
}

}  // namespace

SinkOptions check_sink(const SinkConfig& sink, const beckon_sink_table& table, const std::filesystem::path& folder,
                       std::vector<ConfigError>& errors) {
  return check_sink(sink, table, own_check(table), folder, errors);
}

SinkOptions check_sink(const SinkConfig& sink, const beckon_sink_table& table, PluginCheck check,
                       const std::filesystem::path& folder, std::vector<ConfigError>& errors) {
  static const std::vector<std::string> host{"plugin", "proxy", "ca_file", "insecure", "isolate", "memory_limit"};
  const auto errors_before = count_errors(errors);
  SinkOptions options;
  options.check = std::move(check);
  options.place = sink.place;
  options.insecure = sink.insecure;
  for (const auto& setting : sink.settings) {
    const auto* option = find_option(table, setting.name);
    if (option == nullptr) {
      unknown_option(setting, table, false, host, errors);
      continue;
    }
    options.places.emplace(setting.name, setting.place);
    if (setting.failed) {
      options.sound = false;
      continue;
    }
    auto value = take(*option, setting, folder, sink.insecure, errors);
    if (value) (has_flag(*option, BECKON_TARGET) ? options.target : options.settings)[setting.name] = std::move(*value);
  }
  for (std::size_t i = 0; i < table.option_count; ++i) {
    const auto& option = *table.options[i];
    const std::string name(view(option.name));
    const bool is_target = has_flag(option, BECKON_TARGET);
    if (options.places.contains(name)) continue;
    if (name == "ca_file" && option.type == BECKON_PATH && !is_target && !sink.ca_file.empty()) {
      options.settings[name] = OptionValue{sink.ca_file};
    } else if (option.default_value.size != 0) {
      auto value = default_of(option, folder);
      if (value) (is_target ? options.target : options.settings)[name] = std::move(*value);
      else
        errors.push_back({sink.place, fmt::format("the plugin {} is at fault: its default for {} is wrong: {}",
                                                  in_quotes(view(table.name)), name, value.error().message)});
    } else if (has_flag(option, BECKON_REQUIRED) && !is_target) {
      errors.push_back({sink.place, fmt::format("[sinks.{}]: {} is missing: add {} = {}{}", sink.name, name, name,
                                                expectation(option), doc_of(option))});
    }
  }
  options.sound = options.sound && count_errors(errors) == errors_before;
  if (options.sound && !has_target_options(table)) ask_about_sink(table, options, errors);
  return options;
}

void check_unused(const SinkOptions& sink, const beckon_sink_table& table, std::vector<ConfigError>& errors) {
  if (!sink.sound || !has_target_options(table)) return;  // said, or asked, already
  for (std::size_t i = 0; i < table.option_count; ++i) {
    const auto& option = *table.options[i];
    const bool needed = has_flag(option, BECKON_TARGET) && has_flag(option, BECKON_REQUIRED);
    if (needed && !sink.target.contains(view(option.name))) return;
  }
  ask_about_sink(table, sink, errors);
}

OptionValues check_target(const SubscriptionConfig& subscription, const SinkOptions& sink,
                          const beckon_sink_table& table, const std::filesystem::path& folder,
                          std::vector<ConfigError>& errors) {
  const auto errors_before = count_errors(errors);
  bool readable = true;
  auto target = sink.target;
  for (const auto& setting : subscription.target) {
    const auto* option = find_option(table, setting.name);
    if (option == nullptr) {
      unknown_option(setting, table, true, {}, errors);
    } else if (!has_flag(*option, BECKON_TARGET)) {
      errors.push_back(
          {setting.place, fmt::format("{} is no target option: it belongs into [sinks.{}], where it is meant for all "
                                      "of its subscriptions",
                                      setting.name, subscription.sink)});
    } else if (setting.failed) {
      readable = false;
      target.erase(setting.name);
    } else if (auto value = take(*option, setting, folder, sink.insecure, errors)) {
      target[setting.name] = std::move(*value);
    }
  }
  for (std::size_t i = 0; i < table.option_count; ++i) {
    const auto& option = *table.options[i];
    const std::string name(view(option.name));
    if (!has_flag(option, BECKON_TARGET) || !has_flag(option, BECKON_REQUIRED) || target.contains(name)) continue;
    const bool given = sink.places.contains(name) || std::any_of(subscription.target.begin(), subscription.target.end(),
                                                                 [&](const auto& s) { return s.name == name; });
    if (given) continue;  // it stands there, wrong, and that has been said
    add_once(errors, {subscription.place,
                      fmt::format("{} is missing for the sink {}: add {} = {} to this subscription's target, or "
                                  "to [sinks.{}] for all{}",
                                  name, in_quotes(subscription.sink), name, expectation(option), subscription.sink,
                                  doc_of(option))});
  }
  if (readable && count_errors(errors) == errors_before && has_target_options(table))
    ask_plugin(
        table, sink.check, sink.settings, target,
        [&](const std::string& name) {
          for (const auto& setting : subscription.target)
            if (setting.name == name) return setting.place;
          const auto found = sink.places.find(name);
          if (found != sink.places.end()) return found->second;
          const auto* option = find_option(table, name);
          return option == nullptr || has_flag(*option, BECKON_TARGET) ? subscription.place : sink.place;
        },
        errors);
  return target;
}

bool is_complete(const SubscriptionConfig& subscription, const SinkOptions& sink, const beckon_sink_table& table,
                 const OptionValues& target) {
  const auto there = [&](const std::string& name) {
    const auto* option = find_option(table, name);
    return option == nullptr || !has_flag(*option, BECKON_TARGET) || target.contains(name);
  };
  return std::all_of(subscription.target.begin(), subscription.target.end(),
                     [&](const Setting& setting) { return there(setting.name); }) &&
         std::all_of(sink.places.begin(), sink.places.end(), [&](const auto& said) { return there(said.first); });
}

std::string endpoint_identity(const beckon_sink_table& table, const OptionValues& settings,
                              const OptionValues& target) {
  const auto member = [](std::string_view name, const OptionValue& value) {
    return fmt::format("{}:{}={}", name.size(), name, canonical(value));
  };
  const auto plugin = view(table.name);
  std::string identity = fmt::format("{}:{}|", plugin.size(), plugin);
  for (const auto& [name, value] : settings)
    if (const auto* option = find_option(table, name); option != nullptr && has_flag(*option, BECKON_SECRET))
      identity += member(name, value);
  identity += '|';
  for (const auto& [name, value] : target) identity += member(name, value);
  return identity;
}

void find_duplicates(const std::vector<SubscriptionConfig>& subscriptions, const std::vector<std::string>& endpoints,
                     std::vector<ConfigError>& errors) {
  std::unordered_map<std::string, std::size_t> first;
  first.reserve(subscriptions.size());
  for (std::size_t i = 0; i < subscriptions.size() && i < endpoints.size(); ++i) {
    if (endpoints[i].empty()) continue;
    const auto& later = subscriptions[i];
    const auto [seen, fresh] = first.emplace(
        fmt::format("{}\n{}\n{}\n{}", later.forge, lower(later.repository), later.login, endpoints[i]), i);
    if (fresh) continue;
    const auto& earlier = subscriptions[seen->second];
    errors.push_back(
        {later.place, fmt::format("{} tells the same place of {} in {} as {} at {}: take one of the two away, or "
                                  "give them different targets",
                                  in_quotes(later.name), later.login, later.repository, in_quotes(earlier.name),
                                  line_of_other(earlier.place, later.place)), false, true});
  }
}

}  // namespace beckon::core
