// Is this file a shared library that this very program can map? Asked before the loader sees the file: a truncated
// library is a bus error there, and "invalid ELF header" helps nobody.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace beckon::plugins {

// What is wrong with the file, as the end of a sentence that begins with its path; empty when it may be opened.
std::optional<std::string> why_not_a_library(const std::filesystem::path& file);

}  // namespace beckon::plugins
