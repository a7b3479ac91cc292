// Finds sink libraries, opens them, checks their tables, and refuses the broken ones with a sentence. A library is
// never unloaded: what it exports stays valid until the process ends. Each is opened in a short-lived child process
// first, so one that crashes, hangs or throws while it is loaded is refused like any other. Call it while the process
// has one thread.
#pragma once

#include <beckon/sink_abi.h>

#include <filesystem>
#include <string>
#include <variant>
#include <vector>

namespace beckon::plugins {

struct Plugin {
  std::filesystem::path path;
  const beckon_sink_table* table = nullptr;  // checked: complete, of this major, of one kind (both at once is refused)
  std::string name;
  std::string version;
  bool is_worker = false;
};

struct Refusal {
  std::filesystem::path path;
  std::string sentence;  // goes on after the path: what is wrong with it, and what to do
};

struct Found {
  std::vector<Plugin> plugins;      // by name; of two with one name the first folder's wins, the other is refused
  std::vector<Refusal> refusals;
};

// Every "*.so" of the folders, in the folders' order, by file name. A folder that does not exist is a refusal; one that
// is listed twice is searched once.
Found find_plugins(const std::vector<std::filesystem::path>& folders);

std::variant<Plugin, Refusal> open_plugin(const std::filesystem::path& library);
// The second door: tests compile a sink into the test program and come in here.
std::variant<Plugin, Refusal> check_table(const beckon_sink_table* table, const std::filesystem::path& library);

// The folders of the sinks that come with this program: $BECKON_SINKS (with colons between several), the build tree's
// when the program runs from one, else ../lib/beckon/sinks beside the program.
std::vector<std::filesystem::path> shipped_folders();

}  // namespace beckon::plugins
