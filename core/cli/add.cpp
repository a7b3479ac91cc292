// add and remove: subscriptions at run time. What is given on the command line goes to the daemon as it is; it says what is
// wrong with it.
#include "cli/answer_json.hpp"
#include "cli/commands.hpp"
#include "cli/common.hpp"
#include "cli/operator.hpp"

#include "config/options.hpp"
#include "config/values.hpp"
#include "control/target.hpp"
#include "model/abi_values.hpp"

#include <charconv>
#include <iostream>

namespace beckon::core::cli {
namespace {

using json = nlohmann::ordered_json;   // what is written has the order in which a person says it

// The option table of a sink's plugin says which values are numbers, lists and so on; without one everything is text.
const beckon_sink_table* table_of(const LoadedConfig& loaded, const std::string& sink, plugins::Found& found) {
  const auto& sinks = loaded.config.sinks;
  const auto configured = std::find_if(sinks.begin(), sinks.end(), [&](const SinkConfig& one) { return one.name == sink; });
  if (configured == sinks.end()) return nullptr;
  auto folders = plugins::shipped_folders();
  folders.insert(folders.end(), loaded.config.plugin_folders.begin(), loaded.config.plugin_folders.end());
  found = plugins::find_plugins(folders);
  for (const auto& plugin : found.plugins)
    if (plugin.name == configured->plugin) return plugin.table;
  return nullptr;
}

// What is behind "=": a text as the option's type has it in JSON, or where it is to be read from. Never resolved here.
json value_of(const beckon_option* option, const std::string& text) {
  if (text.starts_with("env:")) return {{"env", text.substr(4)}};
  if (text.starts_with("file:")) return {{"file", std::filesystem::absolute(text.substr(5)).lexically_normal().string()}};
  if (option && option->type == BECKON_INT) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error == std::errc() && end == text.data() + text.size()) return number;
  }
  if (option && option->type == BECKON_BOOL && (text == "true" || text == "false")) return text == "true";
  return text;
}

// "key=value" into `target`; a sentence, which quotes no value, when it is none.
std::string set(json& target, const std::string& given, const beckon_sink_table* table) {
  const std::size_t equals = given.find('=');
  if (equals == 0 || equals == std::string::npos) return "--set takes KEY=VALUE, and this is none of it";
  const std::string key = given.substr(0, equals), text = given.substr(equals + 1);
  const beckon_option* option = table ? find_option(*table, key) : nullptr;
  if (option && option->type == BECKON_LIST) {
    target[key].push_back(value_of(option, text));
    return {};
  }
  if (option && option->type == BECKON_MAP) {
    const std::size_t second = text.find('=');
    if (second == std::string::npos) return fmt::format("{0} is a table: write --set {0}=NAME=VALUE, once for each", key);
    target[key][text.substr(0, second)] = value_of(option, text.substr(second + 1));
    return {};
  }
  if (target.contains(key)) return key + " is set twice";
  target[key] = value_of(option, text);
  return {};
}

}  // namespace

int add(const AddOptions& options) {
  json body = {{"repo", options.repository}, {"user", options.login}, {"sink", options.sink}};
  for (const auto& [key, value] : {std::pair("name", options.name), {"forge", options.forge}, {"interval", options.interval},
                                   {"backfill", options.backfill}})
    if (!value.empty()) body[key] = value;
  if (!options.settings.empty()) {
    const auto file = config_file(options.config);
    if (!file) return bad_config;
    plugins::Found found;   // owns the table
    const beckon_sink_table* table = table_of(load_config(*file), options.sink, found);
    json target = json::object();
    for (const std::string& given : options.settings) {
      const std::string wrong = set(target, given, table);
      if (wrong.empty()) continue;
      complain(wrong);
      return usage;
    }
    body["target"] = std::move(target);
  }
  const Answer answer = ask_operator(options.config, "POST", "/api/v1/subscriptions",
                                     body.dump(-1, ' ', false, json::error_handler_t::replace));
  if (answer.code != ok) return answer.code;
  const auto said = nlohmann::json::parse(answer.body, nullptr, false);
  if (!said.is_object()) return strange_answer(answer);
  std::cout << log::printable(fmt::format("{} is added: {} in {} is told through {}", in_quotes(text_in(said, "name")),
                                          text_in(said, "user"), text_in(said, "repo"), text_in(said, "sink")))
            << when_it_counts(answer) << '\n';
  return ok;
}

int remove(const std::string& config, const std::string& name) {
  const Answer answer = ask_operator(config, "DELETE", "/api/v1/subscriptions/" + percent_encoded(name), {});
  if (answer.code != ok) return answer.code;
  std::cout << log::printable(in_quotes(name) + " is removed") << when_it_counts(answer) << '\n';
  return ok;
}

}  // namespace beckon::core::cli
