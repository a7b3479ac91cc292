// The rules of a table, without and with its entries.
#pragma once

#include <beckon/sink_abi.h>

#include <optional>
#include <string>
#include <string_view>

namespace beckon::plugins {

// Whether a sink, or an option of one, may be called that: names stand in TOML as bare keys and in metrics as labels.
bool is_plugin_name(std::string_view name);
// The end of a sentence about one that may not.
inline constexpr const char* name_rule = "; use a-z, 0-9, _ and -, a letter first, 64 at most";

// What is wrong with what a table says, its entries left aside, as the end of a sentence; nothing when it may be used.
std::optional<std::string> why_not_described(const beckon_sink_table& table);

// An entry that tables of 1.0 do not have.
inline bool hears_feedback(const beckon_sink_table& table) {
  return BECKON_HAS(&table, beckon_sink_table, feedback) && table.feedback;
}

}  // namespace beckon::plugins
