// The reader's values that may come from outside the file, and those whose types only a plugin knows.
#include "config/locate.hpp"
#include "config/nodes.hpp"
#include "config/reader.hpp"
#include "config/secrets.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

namespace beckon::core {
namespace {

// Each of them is what may stand in a table in a value's place: { env = "NAME" }.
struct Source {
  std::string_view key;
  std::string_view expected;
};
constexpr std::array<Source, 3> sources{{{"env", "the name of an environment variable"},
                                         {"file", "the path of a file"},
                                         {"credential", "the name of a systemd credential"}}};

const Source* find_source(std::string_view key) {
  const auto at = std::find_if(sources.begin(), sources.end(), [&](const Source& source) { return source.key == key; });
  return at == sources.end() ? nullptr : &*at;
}

// Well-formed or not, as opposed to a table of values.
bool is_source(const toml::table& table) {
  return !table.empty() &&
         std::all_of(table.begin(), table.end(), [](const auto& item) { return find_source(item.first.str()) != nullptr; });
}

Result<std::string> read_source(std::string_view kind, const std::string& text, const std::filesystem::path& folder) {
  if (kind == "env") return secret_from_environment(text);
  if (kind == "file") return secret_from_file(resolve_path(text, folder));
  return secret_from_credential(text);
}

}  // namespace

std::optional<std::string> Reader::from_source(std::string_view key, const toml::table& table) {
  if (table.size() > 1) {
    error(place_of(table.source()), fmt::format("{}: either env or file or credential, not several", key));
    return std::nullopt;
  }
  const auto& node = table.begin()->second;
  const Source& source = *find_source(table.begin()->first.str());
  const auto* text = node.as_string();
  if (text == nullptr || text->get().empty()) {
    error(place_of(node.source()),
          fmt::format("{}: expected {}, found {}", key, source.expected, text == nullptr ? what(node) : "an empty string"));
    return std::nullopt;
  }
  auto value = read_source(source.key, text->get(), reading_->folder);
  if (!value) {
    error(place_of(node.source()), fmt::format("{}: {}", key, value.error().message));
    return std::nullopt;
  }
  return std::move(*value);
}

std::optional<Setting> Reader::secret(std::string_view key) {
  const auto* node = find(key);
  if (node == nullptr) return std::nullopt;
  Setting setting;
  setting.name = key;
  setting.place = key_place(key);
  setting.value_place = place_of(node->source());
  constexpr std::string_view expected = "a string, { env = \"NAME\" }, { file = \"PATH\" } or { credential = \"NAME\" }";
  if (const auto* table = node->as_table()) {
    if (!is_source(*table)) {
      error(setting.value_place, fmt::format("{}: expected {}, found another table", key, expected));
      return std::nullopt;
    }
    auto value = from_source(key, *table);
    if (!value) return std::nullopt;
    setting.value.value = std::move(*value);
    setting.from_secret_source = true;
    return setting;
  }
  auto written = text(key, expected);
  if (!written) return std::nullopt;
  setting.value.value = std::move(written->value);
  setting.exposed = reading_->exposed;
  return setting;
}

std::optional<OptionValue> Reader::option_value(std::string_view key, const toml::node& node, bool& sourced) {
  if (const auto* text = node.as_string()) return OptionValue{text->get()};
  if (const auto* number = node.as_integer()) return OptionValue{number->get()};
  if (const auto* flag = node.as_boolean()) return OptionValue{flag->get()};

  // A string, or a source of one, inside a list or table.
  const auto member = [&](const toml::node& item) -> std::optional<std::string> {
    if (const auto* text = item.as_string()) return text->get();
    if (const auto* table = item.as_table(); table != nullptr && is_source(*table)) {
      sourced = true;
      return from_source(key, *table);
    }
    wrong_type(key, item, "only strings in it");
    return std::nullopt;
  };
  if (const auto* list = node.as_array()) {
    OptionValue result;
    auto& items = result.value.emplace<std::vector<std::string>>();
    for (const auto& item : *list)
      if (auto text = member(item)) items.push_back(std::move(*text));
    return result;
  }
  if (const auto* table = node.as_table()) {
    if (is_source(*table)) {
      sourced = true;
      auto text = from_source(key, *table);
      if (!text) return std::nullopt;
      return OptionValue{std::move(*text)};
    }
    OptionValue result;
    auto& items = result.value.emplace<std::map<std::string, std::string>>();
    for (const auto& [name, item] : *table)
      if (auto text = member(item)) items.emplace(name.str(), std::move(*text));
    return result;
  }
  wrong_type(key, node, "a string, a whole number, true or false, a list or a table");
  return std::nullopt;
}

std::vector<Setting> Reader::settings() {
  std::vector<Setting> result;
  for (auto& [key, place] : unknown_keys()) {
    const auto& node = *table_->get(key);
    Setting setting;
    setting.place = place;
    setting.value_place = place_of(node.source());
    setting.exposed = reading_->exposed;
    auto value = option_value(key, node, setting.from_secret_source);
    // A value that nobody knows is like no other: no two subscriptions are the same for the lack of it.
    setting.failed = !value;
    if (value) setting.value = std::move(*value);
    else setting.value.value = fmt::format("unread at {}:{}", place.line, place.column);
    setting.name = std::move(key);
    result.push_back(std::move(setting));
  }
  for (const auto& [key, node] : *table_) asked_.push_back(key.str());
  return result;
}

}  // namespace beckon::core
