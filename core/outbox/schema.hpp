// The tables, and how a file gets to them: created, migrated by user_version, or refused with a sentence. A file that
// is not ours, newer, or damaged is never written to.
#pragma once

#include "base/result.hpp"
#include "outbox/sqlite.hpp"

#include <filesystem>
#include <span>

namespace beckon::core {

inline constexpr int application_id = 0x42434b4e;  // "BCKN": tells our files from other SQLite databases

// Step N of the list leads from version N to N + 1; step 0 creates the tables.
std::span<const char* const> migrations();

// Creates the file (mode 0600) and its folder where they are missing. ":memory:" keeps everything in memory.
// Before a known file is migrated, a copy is left beside it: FILE.before-vN.
// The caller holds the file's lock.
Result<Database> open_database(const std::filesystem::path& file, std::span<const char* const> steps = migrations());

}  // namespace beckon::core
