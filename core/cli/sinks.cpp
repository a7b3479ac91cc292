#include "cli/commands.hpp"
#include "cli/common.hpp"

#include <spdlog/fmt/fmt.h>

#include <iostream>

namespace beckon::core::cli {
namespace {

// A stranger's library says what it likes, and a terminal obeys.
std::string text(const beckon_str& s) { return log::printable(s.size ? std::string_view(s.data, s.size) : std::string_view()); }

std::string_view type_name(std::uint32_t type) {
  switch (type) {
    case BECKON_STRING: return "string";
    case BECKON_INT: return "integer";
    case BECKON_BOOL: return "boolean";
    case BECKON_DURATION: return "duration";
    case BECKON_URL: return "url";
    case BECKON_PATH: return "path";
    case BECKON_ENUM: return "choice";
    case BECKON_LIST: return "list";
    case BECKON_MAP: return "map";
  }
  return "unknown";
}

void print_options(const plugins::Plugin& plugin) {
  const beckon_sink_table& table = *plugin.table;
  std::cout << fmt::format("{} {} - {}\n{}, a {} sink\n\n", plugin.name, plugin.version, text(table.about),
                           plugin.path.string(), plugin.is_worker ? "worker" : "webhook");
  for (std::size_t i = 0; i < table.option_count; ++i) {
    const beckon_option& option = *table.options[i];
    std::string traits(type_name(option.type));
    if (option.flags & BECKON_REQUIRED) traits += ", required";
    if (option.flags & BECKON_SECRET) traits += ", secret";
    if (option.flags & BECKON_TARGET) traits += ", target";
    if (option.default_value.size) traits += fmt::format(", default {}", text(option.default_value));
    std::cout << fmt::format("  {:<14} {}\n", text(option.name), traits);
    std::cout << fmt::format("  {:<14} {}\n", "", text(option.doc));
    for (std::size_t c = 0; c < option.choice_count; ++c)
      std::cout << fmt::format("  {:<14} {} {}\n", "", c == 0 ? "one of" : "      ", text(*option.choices[c]));
  }
  std::cout << "\nA target option may stand in [sinks.x] as a default and in a subscription's target, where it wins.\n";
}

// The configuration's folders too, where one can be read: `sinks` must also work before there is any.
plugins::Found look() {
  auto folders = plugins::shipped_folders();
  if (const auto file = find_config()) {
    const LoadedConfig loaded = load_config(*file);
    folders.insert(folders.end(), loaded.config.plugin_folders.begin(), loaded.config.plugin_folders.end());
  }
  return plugins::find_plugins(folders);
}

}  // namespace

int sinks(const std::string& name) {
  const plugins::Found found = look();
  for (const auto& refusal : found.refusals) complain(fmt::format("{} {}", refusal.path.string(), refusal.sentence));
  if (name.empty()) {
    for (const auto& plugin : found.plugins) {
      std::cout << fmt::format("{:<12} {:<8} {}\n", plugin.name, plugin.version, text(plugin.table->about));
      if (!plugin.shipped) std::cout << fmt::format("{:<12} {:<8} {}\n", "", "", plugin.path.string());
    }
    if (found.plugins.empty()) complain("no sinks found; name their folder in plugins = [...] under [bot], or in $BECKON_SINKS");
    return found.plugins.empty() || !found.refusals.empty() ? failed : ok;
  }
  std::vector<std::string> names;
  for (const auto& plugin : found.plugins) {
    if (plugin.name == name) {
      print_options(plugin);
      return ok;
    }
    names.push_back(plugin.name);
  }
  const std::string close = closest(name, names);
  complain(fmt::format("there is no sink \"{}\"{}", name,
                       close.empty() ? fmt::format("; there {} {}", names.size() == 1 ? "is" : "are", fmt::join(names, ", "))
                                     : fmt::format("; did you mean \"{}\"?", close)));
  return failed;
}

}  // namespace beckon::core::cli
