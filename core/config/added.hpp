// Subscriptions that were added at run time stand in one file beside the state, STATE.subscriptions.toml, in the syntax of
// the configuration: a person can read it, and move what is in it into the configuration. The daemon writes it; each entry
// stands alone. It may hold secrets, and so is for its owner alone.
#pragma once

#include "base/result.hpp"
#include "config/config.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace beckon::core {

struct Reading;
struct SubscriptionDefaults;

// Empty for a state in memory, which keeps nothing. A link to a state file is no second one.
std::filesystem::path added_file(const std::filesystem::path& state);

// A file that is not there has no text.
Result<std::string> read_added_text(const std::filesystem::path& file);

// Appends them to those of `config`, and what is wrong with them to `reading`, which is that of the configuration. `text`:
// instead of what stands in the file.
void read_added(const std::optional<std::string>& text, const SubscriptionDefaults& defaults, Config& config, Reading& reading);

struct AddedEntry {
  std::uint32_t line = 0;   // of its header
  std::string name;         // as it is written; empty: it is not
};
// Fails with the first place that is no TOML: "line 3: a quote is missing".
Result<std::vector<AddedEntry>> added_entries(std::string_view text);

// In quotes, as a value or a key.
std::string toml_string(std::string_view text);
// `entry` begins with its header. It stands last, at the line that `line_of_next` says.
std::string with_entry(std::string text, std::string_view entry);
std::uint32_t line_of_next(std::string_view text);
// Without the entry whose header is at `line`, and the comment above it. Fails for one that is written in another way than
// under a [[subscriptions]] of its own.
Result<std::string> without_entry(std::string_view text, std::uint32_t line);

}  // namespace beckon::core
