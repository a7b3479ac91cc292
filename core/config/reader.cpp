#include "config/reader.hpp"

#include "config/nodes.hpp"
#include "config/syntax.hpp"
#include "config/values.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace beckon::core {

Reader::Reader(const toml::table& table, std::string title, Place place, Reading& reading)
    : table_(&table), reading_(&reading), title_(std::move(title)), place_(place) {}

const toml::node* Reader::find(std::string_view key) {
  if (std::find(asked_.begin(), asked_.end(), key) == asked_.end()) asked_.push_back(key);
  return table_->get(key);
}

bool Reader::has(std::string_view key) { return find(key) != nullptr; }

Place Reader::key_place(std::string_view key) const {
  const auto found = table_->find(key);
  return found == table_->end() ? place_ : place_of(found->first.source());
}

bool Reader::is_empty_list(std::string_view key) const {
  const auto* node = table_->get(key);
  return node != nullptr && node->is_array() && node->as_array()->empty();
}

void Reader::wrong_type(std::string_view key, const toml::node& node, std::string_view expected) {
  error(place_of(node.source()), fmt::format("{}: expected {}, found {}", key, expected, what(node)));
}

std::optional<Located<std::string>> Reader::text(std::string_view key, std::string_view expected) {
  const auto* node = find(key);
  if (node == nullptr) return std::nullopt;
  const auto* text = node->as_string();
  if (text == nullptr) {
    wrong_type(key, *node, expected);
    return std::nullopt;
  }
  const auto place = place_of(node->source());
  if (text->get().empty()) {
    error(place, fmt::format("{}: expected {}, found an empty string", key, expected));
    return std::nullopt;
  }
  return Located<std::string>{text->get(), place};
}

std::optional<bool> Reader::flag(std::string_view key) {
  const auto* node = find(key);
  if (node == nullptr) return std::nullopt;
  if (const auto* flag = node->as_boolean()) return flag->get();
  wrong_type(key, *node, "true or false (without quotes)");
  return std::nullopt;
}

std::optional<Milliseconds> Reader::duration(std::string_view key, Milliseconds least, Milliseconds most) {
  const auto written = text(key, "a duration such as \"60s\"");
  if (!written) return std::nullopt;
  const auto duration = parse_duration(written->value);
  if (!duration && !is_endless_duration(written->value)) {
    error(written->place, fmt::format("{}: {} is no duration: write a whole number and a unit, as in \"90s\", \"5m\", "
                                      "\"12h\" or \"7d\"",
                                      key, in_quotes(written->value)));
    return std::nullopt;
  }
  if (!duration || *duration < least || *duration > most) {
    error(written->place, fmt::format("{}: {} is out of range: at least \"{}\", at most \"{}\"", key,
                                      in_quotes(written->value), format_duration(least), format_duration(most)));
    return std::nullopt;
  }
  return duration;
}

bool Reader::is_empty_text(std::string_view key) const {
  const auto* node = table_->get(key);
  return node != nullptr && node->is_string() && node->as_string()->get().empty();
}

std::optional<std::size_t> Reader::count(std::string_view key, std::size_t least, std::size_t most) {
  const auto* node = find(key);
  if (node == nullptr) return std::nullopt;
  const auto* number = node->as_integer();
  if (number == nullptr) {
    wrong_type(key, *node, "a whole number");
    return std::nullopt;
  }
  const std::int64_t count = number->get();
  if (count >= static_cast<std::int64_t>(least) && count <= static_cast<std::int64_t>(most)) return static_cast<std::size_t>(count);
  error(place_of(node->source()), fmt::format("{}: out of range: at least {}, at most {}", key, least, most));
  return std::nullopt;
}

std::optional<std::uint64_t> Reader::size(std::string_view key, std::uint64_t least, std::uint64_t most) {
  const auto* node = find(key);
  if (node == nullptr) return std::nullopt;
  std::optional<std::uint64_t> bytes;
  if (const auto* number = node->as_integer()) {
    bytes = static_cast<std::uint64_t>(std::max<std::int64_t>(number->get(), 0));
  } else {
    const auto written = text(key, "a size such as \"512MiB\", or a number of bytes");
    if (!written) return std::nullopt;
    bytes = parse_size(written->value);
    if (!bytes) {
      error(written->place, fmt::format("{}: {} is no size: write a whole number and a unit, as in \"512MiB\" or \"2GiB\"", key,
                                        in_quotes(written->value)));
      return std::nullopt;
    }
  }
  if (*bytes >= least && *bytes <= most) return bytes;
  error(place_of(node->source()), fmt::format("{}: out of range: at least {}, at most {}", key, format_size(least), format_size(most)));
  return std::nullopt;
}

std::optional<std::vector<Located<std::string>>> Reader::texts(std::string_view key, std::string_view expected) {
  const auto* node = find(key);
  if (node == nullptr) return std::nullopt;
  const auto* list = node->as_array();
  if (list == nullptr) {
    wrong_type(key, *node, expected);
    return std::nullopt;
  }
  std::vector<Located<std::string>> result;
  for (const auto& item : *list) {
    const auto place = place_of(item.source());
    const auto* text = item.as_string();
    if (text == nullptr) wrong_type(key, item, "a string in the list");
    else if (text->get().empty()) error(place, fmt::format("{}: an empty string in the list", key));
    else result.push_back({text->get(), place});
  }
  return result;
}

std::optional<Reader> Reader::table(std::string_view key) {
  const auto* node = find(key);
  if (node == nullptr) return std::nullopt;
  const auto header = title_.empty() ? fmt::format("[{}]", key) : std::string(key);
  if (const auto* table = node->as_table()) return Reader(*table, header, place_of(table->source()), *reading_);
  wrong_type(key, *node, title_.empty() ? fmt::format("a table {}", header) : "a table { ... }");
  return std::nullopt;
}

std::vector<std::pair<Located<std::string>, Reader>> Reader::named_tables(std::string_view key) {
  std::vector<std::pair<Located<std::string>, Reader>> result;
  const auto* node = find(key);
  if (node == nullptr) return result;
  const auto* parent = node->as_table();
  if (parent == nullptr) {
    wrong_type(key, *node, fmt::format("tables [{}.NAME]", key));
    return result;
  }
  for (const auto& [name, child] : *parent) {
    const auto place = place_of(name.source());
    const auto title = fmt::format("[{}.{}]", key, name.str());
    if (const auto* table = child.as_table())
      result.emplace_back(Located<std::string>{std::string(name.str()), place},
                          Reader(*table, title, place_of(table->source()), *reading_));
    else
      error(place, fmt::format("{}: expected a table, found {}: put it under [{}.NAME]", in_quotes(name.str()),
                               what(child), key));
  }
  std::stable_sort(result.begin(), result.end(),
                   [](const auto& a, const auto& b) { return stands_before(a.first.place, b.first.place); });
  return result;
}

std::vector<Reader> Reader::table_list(std::string_view key) {
  std::vector<Reader> result;
  const auto* node = find(key);
  if (node == nullptr) return result;
  const auto* list = node->as_array();
  if (list == nullptr) {
    error(place_of(node->source()),
          fmt::format("{}: expected a list of tables, found {}: write [[{}]], with two brackets, once for each", key,
                      what(*node), key));
    return result;
  }
  result.reserve(list->size());
  for (const auto& item : *list) {
    if (const auto* table = item.as_table())
      result.emplace_back(*table, fmt::format("[[{}]]", key), place_of(table->source()), *reading_);
    else wrong_type(key, item, "a table");
  }
  return result;
}

std::optional<std::vector<Entry>> Reader::entries(std::string_view key) {
  const auto* node = find(key);
  if (node == nullptr) return std::nullopt;
  const auto* list = node->as_array();
  if (list == nullptr) {
    wrong_type(key, *node, "a list");
    return std::nullopt;
  }
  std::vector<Entry> result;
  for (const auto& item : *list) {
    const auto place = place_of(item.source());
    if (const auto* text = item.as_string()) {
      if (text->get().empty()) error(place, fmt::format("{}: an empty string in the list", key));
      else result.push_back({place, text->get(), std::nullopt});
    } else if (const auto* table = item.as_table()) {
      result.push_back({place, {}, Reader(*table, fmt::format("an entry of {}", key), place, *reading_)});
    } else {
      wrong_type(key, item, "a string or a table { name = \"...\", ... } in the list");
    }
  }
  return result;
}

std::vector<Located<std::string>> Reader::unknown_keys() const {
  std::vector<Located<std::string>> result;
  for (const auto& [key, node] : *table_)
    if (std::find(asked_.begin(), asked_.end(), key.str()) == asked_.end())
      result.push_back({std::string(key.str()), place_of(key.source())});
  std::sort(result.begin(), result.end(), [](const auto& a, const auto& b) { return stands_before(a.place, b.place); });
  return result;
}

void Reader::finish() {
  const auto unknown = unknown_keys();
  if (unknown.empty()) return;
  const std::vector<std::string> known(asked_.begin(), asked_.end());
  for (const auto& [key, place] : unknown) {
    const auto meant = closest(key, known);
    const auto where = title_.empty() ? std::string("at the top of the file") : "in " + title_;
    if (!meant.empty())
      error(place, fmt::format("unknown key {} {}: did you mean {}?", in_quotes(key), where, in_quotes(meant)));
    else error(place, fmt::format("unknown key {} {}: known are {}", in_quotes(key), where, fmt::join(known, ", ")));
  }
}

TomlDocument::TomlDocument(std::string_view text, Reading& reading) {
  if (auto problem = check_text(text)) {
    reading.errors.push_back(std::move(*problem));
    return;
  }
  try {
    table_ = std::make_unique<toml::table>(toml::parse(text));
  } catch (const toml::parse_error& failure) {
    reading.errors.push_back(explain_syntax(text, place_of(failure.source()), failure.description()));
  }
}

TomlDocument::~TomlDocument() = default;

Reader TomlDocument::root(Reading& reading) const { return Reader(*table_, {}, Place{1, 1}, reading); }

}  // namespace beckon::core
