#include "model/abi_values.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <string>
#include <vector>

namespace beckon::core {
namespace {

// A plugin's table with an option for each name and type.
class Table {
 public:
  explicit Table(std::vector<std::pair<const char*, std::uint32_t>> options) {
    for (const auto& [name, type] : options) {
      beckon_option& row = rows_.emplace_back();
      row.size = sizeof row;
      row.name = borrow(name);
      row.type = type;
      pointers_.push_back(&row);
    }
    table_.size = sizeof table_;
    table_.options = pointers_.data();
    table_.option_count = pointers_.size();
  }
  Table(const Table&) = delete;
  const beckon_sink_table& get() const { return table_; }

 private:
  std::deque<beckon_option> rows_;
  std::vector<const beckon_option*> pointers_;
  beckon_sink_table table_{};
};

const beckon_value& value_of(const AbiValues& values, std::string_view name) {
  for (std::size_t i = 0; i < values.get()->value_count; ++i)
    if (view(values.get()->values[i]->name) == name) return *values.get()->values[i];
  throw std::out_of_range(std::string(name));
}

std::vector<std::string> items_of(const beckon_value& value) {
  std::vector<std::string> items;
  for (std::size_t i = 0; i < value.item_count; ++i) items.emplace_back(view(*value.items[i]));
  return items;
}

TEST(AbiValues, EveryTypeOfValueCrosses) {
  const Table table({{"name", BECKON_STRING}, {"count", BECKON_INT}, {"loud", BECKON_BOOL}, {"pause", BECKON_DURATION},
                     {"cc", BECKON_LIST}, {"extra", BECKON_MAP}});
  const OptionValues held{{"name", {std::string("ada")}},
                          {"count", {std::int64_t{-7}}},
                          {"loud", {true}},
                          {"pause", {Milliseconds{90s}}},
                          {"cc", {std::vector<std::string>{"x", "y"}}},
                          {"extra", {std::map<std::string, std::string>{{"k", "v"}, {"l", ""}}}}};
  const AbiValues values(table.get(), held);
  ASSERT_EQ(values.get()->value_count, 6u);
  EXPECT_EQ(view(value_of(values, "name").text), "ada");
  EXPECT_EQ(value_of(values, "count").number, -7);
  EXPECT_EQ(value_of(values, "loud").number, 1);
  EXPECT_EQ(value_of(values, "pause").number, 90'000);
  EXPECT_EQ(items_of(value_of(values, "cc")), (std::vector<std::string>{"x", "y"}));
  EXPECT_EQ(items_of(value_of(values, "extra")), (std::vector<std::string>{"k", "v", "l", ""}));
}

TEST(AbiValues, AValueHasTheTypeThatThePluginDeclares) {
  const std::vector<std::pair<const char*, std::uint32_t>> texts = {
      {"a", BECKON_STRING}, {"b", BECKON_URL}, {"c", BECKON_PATH}, {"d", BECKON_ENUM}};
  const Table table(texts);
  OptionValues held;
  for (const auto& [name, type] : texts) held[name] = {std::string("text")};
  const AbiValues values(table.get(), held);
  for (const auto& [name, type] : texts) EXPECT_EQ(value_of(values, name).type, type) << name;
}

TEST(AbiValues, WhatThePluginDoesNotKnowIsLeftOut) {
  const Table table({{"known", BECKON_STRING}});
  const OptionValues held{{"known", {std::string("x")}}, {"unknown", {std::string("y")}}};
  const AbiValues values(table.get(), held);
  ASSERT_EQ(values.get()->value_count, 1u);
  EXPECT_EQ(view(values.get()->values[0]->name), "known");
}

TEST(AbiValues, NoValuesAreNone) {
  const OptionValues none;
  EXPECT_EQ(AbiValues(Table({}).get(), none).get()->value_count, 0u);
}

}  // namespace
}  // namespace beckon::core
