#include "config/added.hpp"

#include "config/reader.hpp"
#include "config/secrets.hpp"
#include "config/subscriptions.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace beckon::core {
namespace {

constexpr std::size_t max_added = 64u << 20;
constexpr std::string_view introduction =
    "# Subscriptions that were added while Beckon ran. `beckon remove NAME` takes one out; it may be moved into the\n"
    "# configuration as it stands here.\n";

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size() - 1) + 1;
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return lines;
}

bool begins_with(std::string_view line, std::string_view what) {
  const auto begin = std::min(line.find_first_not_of(" \t"), line.size());
  return line.substr(begin).starts_with(what);
}

}  // namespace

std::filesystem::path added_file(const std::filesystem::path& state) {
  if (state.empty() || state == ":memory:") return {};
  std::error_code unknown;
  const auto real = std::filesystem::weakly_canonical(state, unknown);
  return (unknown ? state : real).string() + ".subscriptions.toml";
}

Result<std::string> read_added_text(const std::filesystem::path& file) {
  std::error_code unknown;
  if (file.empty() || std::filesystem::status(file, unknown).type() == std::filesystem::file_type::not_found) return std::string();
  return read_file(file, max_added);
}

void read_added(const std::optional<std::string>& text, const SubscriptionDefaults& defaults, Config& config, Reading& reading) {
  config.added_file = added_file(config.state);
  if (config.added_file.empty()) return;
  Reading own;
  own.folder = reading.folder;   // an entry means the same in either file
  own.file = Origin::added;
  own.exposed = readable_by_others(config.added_file);
  const auto written = text ? Result<std::string>(*text) : read_added_text(config.added_file);
  if (!written) {
    own.error({}, written.error().message);
  } else {
    const TomlDocument document(*written, own);
    if (document.valid()) {
      auto root = document.root(own);
      read_added_subscriptions(root.table_list("subscriptions"), defaults, config, own);
      root.finish();
    }
  }
  for (auto& error : own.errors) {
    error.place.file = Origin::added;
    reading.errors.push_back(std::move(error));
  }
}

Result<std::vector<AddedEntry>> added_entries(std::string_view text) {
  Reading reading;
  std::vector<AddedEntry> entries;
  const TomlDocument document(text, reading);
  if (!document.valid()) {
    const auto& first = reading.errors.front();
    return fail(fmt::format("line {}: {}", first.place.line, first.message));
  }
  auto root = document.root(reading);
  for (auto& table : root.table_list("subscriptions")) {
    auto name = table.text("name");
    entries.push_back({table.place().line, name ? std::move(name->value) : std::string()});
  }
  return entries;
}

std::string toml_string(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') quoted += '\\';
    if (byte < 0x20 || byte == 0x7f) quoted += fmt::format("\\u{:04x}", byte);
    else quoted += c;
  }
  return quoted + '"';
}

std::string with_entry(std::string text, std::string_view entry) {
  if (text.empty()) text = introduction;
  if (!text.ends_with('\n')) text += '\n';
  return text + '\n' + std::string(entry);
}

std::uint32_t line_of_next(std::string_view text) {
  const std::string before = with_entry(std::string(text), {});
  return static_cast<std::uint32_t>(std::count(before.begin(), before.end(), '\n') + 1);
}

Result<std::string> without_entry(std::string_view text, std::uint32_t line) {
  const auto lines = lines_of(text);
  const std::size_t header = line - 1;
  if (header >= lines.size() || !begins_with(lines[header], "[["))
    return fail(fmt::format("the entry at line {} does not begin with [[subscriptions]]: take it out by hand", line));
  const auto is_comment = [&](std::size_t at) { return begins_with(lines[at], "#"); };
  const auto is_blank = [&](std::size_t at) { return lines[at].find_first_not_of(" \t\r\n") == std::string_view::npos; };
  auto first = header;
  while (first > 0 && is_comment(first - 1)) --first;
  if (first == 0) first = header;   // it is about the file
  auto last = header + 1;
  while (last < lines.size() && !begins_with(lines[last], "[[")) ++last;
  const bool is_end = last == lines.size();
  while (!is_end && is_comment(last - 1)) --last;   // of the next one
  std::string kept;
  for (std::size_t at = 0; at < lines.size(); ++at)
    if (at < first || at >= last) kept += lines[at];
  // The line between two entries goes with one of them.
  if (is_end && first > 0 && is_blank(first - 1)) kept.resize(kept.size() - lines[first - 1].size());
  return kept;
}

}  // namespace beckon::core
