// One option of a plugin: from TOML or from its default to a checked value, and from there to the C structs. Private.
#pragma once

#include "base/result.hpp"
#include "config/config.hpp"

#include <beckon/sink_abi.h>

#include <deque>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace beckon::core {

inline std::string_view view(const beckon_str& text) {
  return text.size == 0 ? std::string_view() : std::string_view(text.data, text.size);
}
inline bool has_flag(const beckon_option& option, std::uint32_t flag) { return (option.flags & flag) != 0; }

const beckon_option* find_option(const beckon_sink_table& table, std::string_view name);

// What an option is for, in a message: "a URL", "one of "a", "b"".
std::string expectation(const beckon_option& option);

// `value` as `option` wants it. A value out of a secret source is text, so numbers and truth are read from text there.
// The error is a sentence without the option's name; it never quotes a secret.
Result<OptionValue> convert(const beckon_option& option, const Setting& setting, const std::filesystem::path& folder,
                            bool insecure);

// The table's default_value; lists are written "a, b", maps "key = value, ...". Fails when the plugin's author erred.
Result<OptionValue> default_of(const beckon_option& option, const std::filesystem::path& folder);

// Borrowed views of `values` as the boundary wants them; valid as long as this object and `values`.
class AbiValues {
 public:
  AbiValues(const beckon_sink_table& table, const OptionValues& values);
  AbiValues(const AbiValues&) = delete;
  AbiValues& operator=(const AbiValues&) = delete;
  const beckon_values* get() const { return &values_; }

 private:
  std::deque<beckon_value> storage_;
  std::deque<beckon_str> texts_;
  std::deque<std::vector<const beckon_str*>> items_;
  std::vector<const beckon_value*> pointers_;
  beckon_values values_{};
};

}  // namespace beckon::core
