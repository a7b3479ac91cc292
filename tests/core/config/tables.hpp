// Plugins' tables made by hand, and a configuration checked against one.
#pragma once

#include "core/config/support.hpp"

#include "config/options.hpp"

#include <deque>
#include <stdexcept>

namespace beckon::core::testing {

inline beckon_str str(std::string_view text) { return {text.data(), text.size()}; }

// A plugin's table, made by hand; what it is given must be literals.
class Table {
 public:
  Table() = default;
  Table(Table&&) = default;  // never copied: the rows are pointed to
  Table& operator=(Table&&) = delete;
  Table& option(const char* name, std::uint32_t type, std::uint32_t flags = 0, const char* by_default = "",
                std::initializer_list<const char*> choices = {}) {
    beckon_option row{};
    row.size = sizeof row;
    row.name = str(name);
    row.type = type;
    row.flags = flags;
    row.default_value = str(by_default);
    row.doc = str("what it is for");
    lists_.emplace_back();
    for (const auto* choice : choices) {
      texts_.push_back(str(choice));
      lists_.back().push_back(&texts_.back());
    }
    row.choices = lists_.back().data();
    row.choice_count = lists_.back().size();
    rows_.push_back(row);
    pointers_.push_back(&rows_.back());
    return *this;
  }
  void check(decltype(beckon_sink_table::check) check) { check_ = check; }
  beckon_sink_table get() const {
    beckon_sink_table table{};
    table.size = sizeof table;
    table.major = BECKON_ABI_MAJOR;
    table.name = str("fake");
    table.options = pointers_.data();
    table.option_count = pointers_.size();
    table.check = check_;
    return table;
  }

 private:
  std::deque<beckon_option> rows_;
  std::deque<beckon_str> texts_;
  std::deque<std::vector<const beckon_str*>> lists_;
  std::vector<const beckon_option*> pointers_;
  decltype(beckon_sink_table::check) check_ = nullptr;
};

struct Checked {
  Config config;
  SinkOptions sink;
  std::vector<OptionValues> targets;
  std::vector<ConfigError> errors;
};

// [sinks.x] with `settings` (from line 3 on), then `subscriptions`, all against the table.
inline Checked checked(const Table& made, const std::string& settings, const std::string& subscriptions = "",
                const std::filesystem::path& file = "/etc/beckon/config.toml") {
  const Variable state("STATE_DIRECTORY", "/var/lib/beckon");
  const auto table = made.get();
  auto loaded =
      parse_config("[sinks.x]\nplugin = \"fake\"\n" + settings + (subscriptions.empty() ? "" : subscriptions), file);
  EXPECT_TRUE(loaded.ok()) << joined(short_texts(loaded.errors));
  Checked result;
  result.config = std::move(loaded.config);
  result.sink = check_sink(result.config.sinks.at(0), table, file.parent_path(), result.errors);
  for (const auto& subscription : result.config.subscriptions)
    result.targets.push_back(check_target(subscription, result.sink, table, file.parent_path(), result.errors));
  sort_errors(result.errors);
  return result;
}

inline std::string watching(const std::string& user, const std::string& more = "") {
  return "[[subscriptions]]\nrepo = \"a/b\"\nuser = \"" + user + "\"\nsink = \"x\"\n" + more;
}

template <class T>
T get(const OptionValues& values, std::string_view name) {
  const auto found = values.find(name);
  if (found == values.end()) throw std::out_of_range(std::string(name));
  return std::get<T>(found->second.value);
}

inline Table every_type() {
  Table table;
  table.option("text", BECKON_STRING)
      .option("count", BECKON_INT)
      .option("loud", BECKON_BOOL)
      .option("wait", BECKON_DURATION);
  table.option("url", BECKON_URL)
      .option("path", BECKON_PATH)
      .option("color", BECKON_ENUM, 0, "", {"auto", "always", "never"});
  table.option("to", BECKON_LIST).option("headers", BECKON_MAP);
  return table;
}

}  // namespace beckon::core::testing
