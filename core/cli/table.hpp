// Aligned columns for a terminal.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace beckon::core::cli {

struct Column {
  std::string title;
  bool right = false;
  std::size_t least = 0;    // its width at least; at most it is 60, and what is longer sticks out
};

// Cells may be text from anywhere: they are made printable here. Whatever a row lacks is empty.
std::string table(const std::vector<Column>& columns, const std::vector<std::vector<std::string>>& rows);

}  // namespace beckon::core::cli
