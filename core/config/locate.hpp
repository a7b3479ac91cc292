// Where files are: paths as configured, and the state's default place.
#pragma once

#include "base/result.hpp"

#include <filesystem>
#include <string>
#include <string_view>

namespace beckon::core {

// Absolute and lexically normal: "~/" is the home folder, a relative path is taken from `folder`.
std::filesystem::path resolve_path(std::string_view text, const std::filesystem::path& folder);

// beckon.db in $STATE_DIRECTORY (systemd), else in $XDG_STATE_HOME/beckon, else in ~/.local/state/beckon.
Result<std::string> default_state();

}  // namespace beckon::core
