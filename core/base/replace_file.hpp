// A file that is there whole, the old one or the new one, whenever the process or the machine ends.
#pragma once

#include "base/result.hpp"

#include <filesystem>
#include <string_view>

namespace beckon::core {

// For its owner alone (mode 0600). Through FILE.new beside it, which two writers at once would fight for. A link is replaced,
// not what it leads to. Blocks until the disk has it.
Result<void> replace_file(const std::filesystem::path& file, std::string_view text);

}  // namespace beckon::core
