#include "plugins/table.hpp"

#include "plugins/loader.hpp"

#include <optional>
#include <set>
#include <string_view>

namespace beckon::plugins {
namespace {

using Wrong = std::optional<std::string>;

constexpr std::uint32_t most_threads = 64;  // all of them are made when the sink is opened
constexpr std::size_t size_of_1_0 = offsetof(beckon_sink_table, deliver) + sizeof(beckon_sink_table::deliver);

std::string_view text_of(const beckon_str& text) {
  return text.data ? std::string_view(text.data, text.size) : std::string_view();
}

// Names are ASCII; whatever else a stranger put there is not for a terminal.
std::string quoted(std::string_view text) {
  std::string shown = "\"";
  for (const char c : text.substr(0, 64)) shown += c < 0x20 || c > 0x7e ? '?' : c;
  return shown + '"';
}

std::string host_version() { return std::to_string(BECKON_ABI_MAJOR) + "." + std::to_string(BECKON_ABI_MINOR); }

Wrong wrong_default(const beckon_option& option, const std::string& called) {
  const std::string_view value = text_of(option.default_value);
  if (value.empty()) return std::nullopt;
  if (option.flags & BECKON_REQUIRED) return called + " is required and has a default; drop one of the two";
  if (option.type == BECKON_BOOL && value != "true" && value != "false") {
    return called + " is a boolean with the default " + quoted(value) + "; write true or false";
  }
  if (option.type == BECKON_INT) {
    const std::string_view digits = value.substr(value[0] == '-' || value[0] == '+' ? 1 : 0);
    if (digits.empty() || digits.size() > 18 || digits.find_first_not_of("0123456789") != std::string_view::npos) {
      return called + " is an integer with the default " + quoted(value) + "; write a number";
    }
  }
  if (option.type == BECKON_ENUM) {
    for (std::size_t i = 0; i < option.choice_count; ++i) {
      if (text_of(*option.choices[i]) == value) return std::nullopt;
    }
    return called + " has the default " + quoted(value) + ", which is not one of its choices; add it to them";
  }
  return std::nullopt;
}

Wrong wrong_option(const beckon_option& option, std::size_t index) {
  const std::string_view name = text_of(option.name);
  if (name.empty()) return "option " + std::to_string(index + 1) + " has no name; give it one";
  const std::string called = "option " + quoted(name);
  if (!is_plugin_name(name)) return called + " has an unusable name" + name_rule;
  if (option.type < BECKON_STRING || option.type > BECKON_MAP) {
    return called + " has the unknown type " + std::to_string(option.type) + "; use one of sink_abi.h";
  }
  if (option.type == BECKON_ENUM && (!option.choices || option.choice_count == 0)) {
    return called + " is an enumeration without choices; list them";
  }
  for (std::size_t i = 0; option.choices && i < option.choice_count; ++i) {
    if (!option.choices[i] || text_of(*option.choices[i]).empty()) {
      return called + " has an empty choice; every choice is a text";
    }
  }
  return wrong_default(option, called);
}

Wrong wrong_options(const beckon_sink_table& table) {
  if (table.option_count != 0 && !table.options) {
    return "says that it has " + std::to_string(table.option_count) + " options and has none; set `options`";
  }
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < table.option_count; ++i) {
    const beckon_option* option = table.options[i];
    const std::string which = "option " + std::to_string(i + 1);
    if (!option) return "has a broken option table: " + which + " is null; every entry points to an option";
    if (option->size < sizeof(beckon_option)) {
      return "has a broken option table: " + which + " is smaller than an option of 1.0; set `size` to its sizeof";
    }
    if (Wrong wrong = wrong_option(*option, i)) return "has a broken option table: " + *wrong;
    if (!names.insert(text_of(option->name)).second) {
      return "has a broken option table: option " + quoted(text_of(option->name)) + " is there twice; rename one";
    }
  }
  return std::nullopt;
}

// A sink is what it implements. Both kinds in one table would leave open which of them a delivery takes.
Wrong wrong_kind(const beckon_sink_table& table) {
  if (table.render && !table.interpret) {
    return "is half a webhook sink: it has render and lacks interpret; implement both";
  }
  if (table.interpret && !table.render) {
    return "is half a webhook sink: it has interpret and lacks render; implement both";
  }
  if (!table.render && !table.deliver) {
    return "delivers nothing: implement render and interpret (a webhook sink) or deliver (a worker sink)";
  }
  if (table.render && table.deliver) {
    return "is two kinds at once: it has render and interpret, and deliver; make two sinks of it";
  }
  return std::nullopt;
}

Wrong wrong_version(const beckon_sink_table& table) {
  if (!BECKON_HAS(&table, beckon_sink_table, major)) {
    return "has a table of " + std::to_string(table.size) + " bytes, too small to be one; set `size` to its sizeof";
  }
  if (table.major != BECKON_ABI_MAJOR) {
    return "is built for plugin major " + std::to_string(table.major) + ", this Beckon speaks " +
           std::to_string(BECKON_ABI_MAJOR) + "; build it against this Beckon's headers";
  }
  if (table.size < size_of_1_0) {
    return "has a table of " + std::to_string(table.size) + " bytes, version 1.0 has " + std::to_string(size_of_1_0) +
           "; set `size` to its sizeof";
  }
  if (table.needs_host_minor > BECKON_ABI_MINOR) {
    return "needs plugin version " + std::to_string(table.major) + "." + std::to_string(table.needs_host_minor) +
           ", this Beckon speaks " + host_version() + "; update Beckon, or build the sink against this one";
  }
  return std::nullopt;
}

Wrong wrong_names(const beckon_sink_table& table) {
  if (Wrong wrong = wrong_version(table)) return wrong;
  const std::string_view name = text_of(table.name);
  if (name.empty()) return "has no name; set `name`";
  if (!is_plugin_name(name)) return "has the unusable name " + quoted(name) + name_rule;
  if (text_of(table.version).empty()) return "has no version; set `version`";
  return std::nullopt;
}

Wrong wrong_threads(const beckon_sink_table& table) {
  if (table.max_concurrency > most_threads) {
    return "wants " + std::to_string(table.max_concurrency) + " threads; ask for " + std::to_string(most_threads) +
           " at most in `max_concurrency`";
  }
  return std::nullopt;
}

Wrong wrong_table(const beckon_sink_table* table) {
  if (!table) return "gives no table (its entry function returned null); return the table, or use BECKON_SINK";
  if (Wrong wrong = wrong_names(*table)) return wrong;
  if (!table->open) return "lacks the required entry open; implement it";
  if (!table->close) return "lacks the required entry close; implement it";
  if (Wrong wrong = wrong_kind(*table)) return wrong;
  if (Wrong wrong = wrong_threads(*table)) return wrong;
  return wrong_options(*table);
}

}  // namespace

bool is_plugin_name(std::string_view name) {
  if (name.empty() || name.size() > 64 || name[0] < 'a' || name[0] > 'z') return false;
  return name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_-") == std::string_view::npos;
}

std::optional<std::string> why_not_described(const beckon_sink_table& table) {
  if (Wrong wrong = wrong_names(table)) return wrong;
  if (Wrong wrong = wrong_threads(table)) return wrong;
  return wrong_options(table);
}

std::variant<Plugin, Refusal> check_table(const beckon_sink_table* table, const std::filesystem::path& library) {
  if (Wrong wrong = wrong_table(table)) return Refusal{library, *wrong};
  Plugin plugin;
  plugin.path = library;
  plugin.table = table;
  plugin.name = std::string(text_of(table->name));
  plugin.version = std::string(text_of(table->version));
  plugin.is_worker = table->deliver != nullptr;
  plugin.has_check = table->check != nullptr;
  plugin.hears_feedback = hears_feedback(*table);
  return plugin;
}

}  // namespace beckon::plugins
