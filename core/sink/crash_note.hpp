// A library in this process may take the process with it. Then a note is left of whose delivery it was at work on, so
// that the next process does not try the same for ever. What ends the process from outside leaves no note.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>
#include <vector>

namespace beckon::core {

// Notes go to `file` from now on: one subscription a line, for each crash (SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT) inside of
// a plugin. Once, before threads start; it is made by the first note. Whoever had a handler for these signals has its turn
// after us.
void keep_crash_notes(const std::filesystem::path& file);
// The notes of earlier processes.
std::vector<std::int64_t> read_crash_notes(const std::filesystem::path& file);
// They have been taken into account.
void clear_crash_notes(const std::filesystem::path& file);

// While it lives, this thread is inside of a plugin.
class InsidePlugin {
 public:
  explicit InsidePlugin(std::string_view subscription);
  ~InsidePlugin();
  InsidePlugin(const InsidePlugin&) = delete;
  InsidePlugin& operator=(const InsidePlugin&) = delete;
};

}  // namespace beckon::core
