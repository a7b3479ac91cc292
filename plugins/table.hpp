// The rules of a table, without and with its entries.
#pragma once

#include <beckon/sink_abi.h>

#include <optional>
#include <string>

namespace beckon::plugins {

// What is wrong with what a table says, its entries left aside, as the end of a sentence; nothing when it may be used.
std::optional<std::string> why_not_described(const beckon_sink_table& table);

// An entry that tables of 1.0 do not have.
inline bool hears_feedback(const beckon_sink_table& table) {
  return BECKON_HAS(&table, beckon_sink_table, feedback) && table.feedback;
}

}  // namespace beckon::plugins
