#include "cli/table.hpp"

#include "base/log.hpp"

#include <algorithm>

namespace beckon::core::cli {
namespace {

constexpr std::size_t widest = 60;

// Characters, which is close enough to cells for names.
std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

void append(std::string& line, const Column& column, const std::string& cell, std::size_t width, bool last) {
  const std::size_t own = width_of(cell);
  const std::string padding(own < width ? width - own : 0, ' ');
  if (column.right) line += padding;
  line += cell;
  if (last) return;
  if (!column.right) line += padding;
  line += "  ";
}

}  // namespace

std::string table(const std::vector<Column>& columns, const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::vector<std::string>> lines(1);
  for (const Column& column : columns) lines[0].push_back(column.title);
  for (const auto& row : rows) {
    auto& line = lines.emplace_back();
    for (std::size_t i = 0; i < columns.size(); ++i) line.push_back(i < row.size() ? log::printable(row[i]) : std::string());
  }
  std::vector<std::size_t> widths;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    std::size_t width = columns[i].least;
    for (const auto& line : lines) width = std::max(width, std::min(widest, width_of(line[i])));
    widths.push_back(width);
  }
  std::string text;
  for (const auto& line : lines) {
    for (std::size_t i = 0; i < columns.size(); ++i) append(text, columns[i], line[i], widths[i], i + 1 == columns.size());
    while (text.ends_with(' ')) text.pop_back();
    text += '\n';
  }
  return text;
}

}  // namespace beckon::core::cli
