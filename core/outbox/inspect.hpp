// A look at a state file from outside, without opening or making anything.
#pragma once

#include "base/result.hpp"

#include <filesystem>

namespace beckon::core {

// Why open_outbox would refuse `file`, as far as that can be seen without writing: a folder that cannot be made or
// written to, a file that is not ours, newer, or none at all. It may be in use at the time.
Result<void> inspect_outbox(const std::filesystem::path& file);

}  // namespace beckon::core
