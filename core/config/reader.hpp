// A TOML document, read key by key. The reader hands out typed values with their places, notes which keys were asked
// for, and gathers what is wrong instead of stopping at it. Private to this room; toml++ shows only in reader*.cpp.
#pragma once

#include "base/time.hpp"
#include "config/config.hpp"

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace toml {
inline namespace v3 {
class node;
class table;
}  // namespace v3
}  // namespace toml

namespace beckon::core {

// Everything wrong so far, and what reading needs to know of the file.
struct Reading {
  std::filesystem::path folder;  // of the file
  bool exposed = false;          // others than its owner can read the file
  Origin file = Origin::config;  // which of the two it is
  std::vector<ConfigError> errors;

  void error(Place place, std::string message) { errors.push_back({place, std::move(message), false}); }
  void warn(Place place, std::string message) { errors.push_back({place, std::move(message), true}); }
  void duplicate(Place place, std::string message) { errors.push_back({place, std::move(message), false, true}); }
};

template <class T>
struct Located {
  T value;
  Place place;
};

struct Entry;

// One table. A getter returns nullopt for a key that is absent, and for one that is wrong after it has said so: then
// `has` tells the two apart. Valid as long as the document and the `Reading`.
class Reader {
 public:
  Reader(const toml::table& table, std::string title, Place place, Reading& reading);

  Place place() const { return place_; }
  const std::string& title() const { return title_; }  // "[sinks.team]"
  bool has(std::string_view key);
  Place key_place(std::string_view key) const;
  bool is_empty_list(std::string_view key) const;
  bool is_empty_text(std::string_view key) const;

  std::optional<Located<std::string>> text(std::string_view key, std::string_view expected = "a string");
  std::optional<bool> flag(std::string_view key);
  std::optional<Milliseconds> duration(std::string_view key, Milliseconds least, Milliseconds most);
  std::optional<std::size_t> count(std::string_view key, std::size_t least, std::size_t most);
  // Bytes, as a number or as "512MiB".
  std::optional<std::uint64_t> size(std::string_view key, std::uint64_t least, std::uint64_t most);
  // A list of non-empty strings.
  std::optional<std::vector<Located<std::string>>> texts(std::string_view key,
                                                         std::string_view expected = "a list of strings");
  // A string, { env = ... }, { file = ... } or { credential = ... }, as a setting.
  std::optional<Setting> secret(std::string_view key);
  std::optional<Reader> table(std::string_view key);
  // The tables of [key.NAME], in the file's order.
  std::vector<std::pair<Located<std::string>, Reader>> named_tables(std::string_view key);
  // The tables of [[key]].
  std::vector<Reader> table_list(std::string_view key);
  // A list of strings and tables.
  std::optional<std::vector<Entry>> entries(std::string_view key);
  // Every key that nobody asked for, as settings, `failed` ones too: after this nothing is unknown.
  std::vector<Setting> settings();

  void error(Place place, std::string message) { reading_->error(place, std::move(message)); }
  // Reports the keys that nobody asked for. To be called last.
  void finish();
  // Takes a key for asked, when it has been answered otherwise.
  void accept(std::string_view key) { asked_.push_back(key); }
  // The names of all keys with their places, in the file's order.
  std::vector<Located<std::string>> unknown_keys() const;

 private:
  const toml::node* find(std::string_view key);
  void wrong_type(std::string_view key, const toml::node& node, std::string_view expected);
  std::optional<OptionValue> option_value(std::string_view key, const toml::node& node, bool& from_source);
  std::optional<std::string> from_source(std::string_view key, const toml::table& table);

  const toml::table* table_;
  Reading* reading_;
  std::string title_;
  Place place_;
  std::vector<std::string_view> asked_;  // literals
};

// An item of a list that may hold strings and tables.
struct Entry {
  Place place;
  std::string text;  // of a string
  std::optional<Reader> table;
};

class TomlDocument {
 public:
  // Syntax errors are reported to `reading`; then the document is empty and `valid` false.
  TomlDocument(std::string_view text, Reading& reading);
  ~TomlDocument();
  bool valid() const { return table_ != nullptr; }
  Reader root(Reading& reading) const;

 private:
  std::unique_ptr<toml::table> table_;
};

}  // namespace beckon::core
