#include "cli/given_options.hpp"

#include "base/redaction.hpp"
#include "config/secrets.hpp"
#include "config/values.hpp"
#include "model/abi_values.hpp"

#include "plugins/host/checker.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>

namespace beckon::core::cli {
namespace {

Result<std::string> resolve(const std::string& value) {
  if (value.starts_with("env:")) return secret_from_environment(value.substr(4));
  if (value.starts_with("file:")) return secret_from_file(value.substr(5));
  return value;
}

class Reader {
 public:
  explicit Reader(const beckon_sink_table& table) : table_(table) { sink_.name = sink_.plugin = std::string(view(table.name)); }

  void take(const std::string& text) {
    const std::size_t equals = text.find('=');
    if (equals == 0 || equals == std::string::npos) {
      complain("--set takes KEY=VALUE, and this is none of it");   // not quoted: it may be a secret
      return;
    }
    const std::string name = text.substr(0, equals);
    auto value = resolve(text.substr(equals + 1));
    if (!value) return complain(fmt::format("{}: {}", name, value.error().message));
    const beckon_option* option = find_option(table_, name);
    if (option && (option->flags & BECKON_SECRET)) remember_secret(*value);
    auto& known = sink_.settings;
    const auto same = std::find_if(known.begin(), known.end(), [&](const Setting& setting) { return setting.name == name; });
    if (same == known.end()) {
      Setting& setting = known.emplace_back();
      setting.name = name;
      setting.from_secret_source = true;   // so numbers and truth are read from text, and no error quotes it
      set(setting, option, *value);
    } else if (option && (option->type == BECKON_LIST || option->type == BECKON_MAP)) {
      set(*same, option, *value);
    } else {
      complain(name + " is set twice");
    }
  }

  void complain(std::string sentence) { errors_.push_back(std::move(sentence)); }

  // What the configuration would say, in words of a command line.
  void complain_of_missing() {
    for (std::size_t i = 0; i < table_.option_count; ++i) {
      const beckon_option& option = *table_.options[i];
      const std::string name(view(option.name));
      const bool given = std::any_of(sink_.settings.begin(), sink_.settings.end(), [&](const auto& s) { return s.name == name; });
      if ((option.flags & BECKON_REQUIRED) && !given)
        complain(fmt::format("{0} is missing: add --set {0}=... ({1})", name, view(option.doc)));
    }
  }

  const SinkConfig& sink() const { return sink_; }
  std::vector<std::string> take_errors() { return std::move(errors_); }
  bool is_sound() const { return errors_.empty(); }

 private:
  void set(Setting& setting, const beckon_option* option, const std::string& value) {
    if (option && option->type == BECKON_LIST) {
      if (!std::holds_alternative<std::vector<std::string>>(setting.value.value)) setting.value.value = std::vector<std::string>();
      std::get<std::vector<std::string>>(setting.value.value).push_back(value);
    } else if (option && option->type == BECKON_MAP) {
      if (!std::holds_alternative<std::map<std::string, std::string>>(setting.value.value)) setting.value.value = std::map<std::string, std::string>();
      const std::size_t equals = std::min(value.find('='), value.size());
      if (equals == value.size()) return complain(fmt::format("{0} is a table: write --set {0}=NAME=VALUE, once for each", setting.name));
      std::get<std::map<std::string, std::string>>(setting.value.value)[value.substr(0, equals)] = value.substr(equals + 1);
    } else {
      setting.value.value = value;
    }
  }

  const beckon_sink_table& table_;
  SinkConfig sink_;
  std::vector<std::string> errors_;
};

}  // namespace

GivenOptions read_given(const std::vector<std::string>& given, const plugins::Plugin& plugin) {
  Reader reader(*plugin.table);
  for (const std::string& text : given) reader.take(text);
  reader.complain_of_missing();
  GivenOptions options;
  std::vector<ConfigError> errors;
  PluginCheck check;
  if (plugin.has_check && reader.is_sound())
    check = [checker = std::make_shared<plugins::Checker>(plugin.path, reader.sink().memory_limit)](
                const beckon_values* settings, const beckon_values* target, const beckon_complaints* complaints) {
      return checker->ask(*settings, *target, *complaints);
    };
  if (reader.is_sound()) {
    const SinkOptions sink = check_sink(reader.sink(), *plugin.table, check, std::filesystem::current_path(), errors);
    check_unused(sink, *plugin.table, errors);
    options.settings = sink.settings;
    options.target = sink.target;
  }
  options.errors = reader.take_errors();
  for (const ConfigError& error : errors) options.errors.push_back(error.message);
  return options;
}

}  // namespace beckon::core::cli
