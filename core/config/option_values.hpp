// One option of a plugin: from TOML or from its default to a checked value. Private to this room.
#pragma once

#include "base/result.hpp"
#include "config/config.hpp"
#include "model/abi_values.hpp"

#include <filesystem>
#include <string>

namespace beckon::core {

inline bool has_flag(const beckon_option& option, std::uint32_t flag) { return (option.flags & flag) != 0; }

// What an option is for, in a message: "a URL", "one of "a", "b"".
std::string expectation(const beckon_option& option);

// `value` as `option` wants it. A value out of a secret source is text, so numbers and truth are read from text there.
// The error is a sentence without the option's name; it never quotes a secret.
Result<OptionValue> convert(const beckon_option& option, const Setting& setting, const std::filesystem::path& folder,
                            bool insecure);

// The table's default_value; lists are written "a, b", maps "key = value, ...". Fails when the plugin's author erred.
Result<OptionValue> default_of(const beckon_option& option, const std::filesystem::path& folder);

}  // namespace beckon::core
