// Finds sink libraries, checks their tables, and refuses the broken ones with a sentence. Each is opened in a short-lived
// child process first (host/describe.hpp), so one that crashes, hangs or throws while it is loaded is refused like any
// other. The sinks that come with this program are opened here too; a stranger's is only when somebody asks for it with
// `open_here`. A library is never unloaded: what it exports stays valid until the process ends. Any thread.
#pragma once

#include "plugins/host/describe.hpp"

#include <beckon/sink_abi.h>

#include <filesystem>
#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace beckon::plugins {

struct Plugin {
  std::filesystem::path path;
  // Checked: of this major, of one kind (both at once is refused). Complete in a library that was opened here; else it
  // says the same and has no entries.
  const beckon_sink_table* table = nullptr;
  std::string name;
  std::string version;
  bool is_worker = false;
  bool has_check = false;
  bool hears_feedback = false;
  bool shipped = false;      // found in one of `shipped_folders`
  std::shared_ptr<const Description> described;   // owns the table of a library that was not opened here

  bool is_open() const { return table && table->open; }
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

// Tried first, then opened in this process.
std::variant<Plugin, Refusal> open_plugin(const std::filesystem::path& library);
// Only asked what it says of itself, in a child process.
std::variant<Plugin, Refusal> describe_plugin(const std::filesystem::path& library);
// Opens a library in this process without a trial: for one that has passed it, and for the host program.
std::variant<Plugin, Refusal> open_here(const std::filesystem::path& library);
// The second door: tests compile a sink into the test program and come in here.
std::variant<Plugin, Refusal> check_table(const beckon_sink_table* table, const std::filesystem::path& library);

// The folders of the sinks that come with this program: $BECKON_SINKS (with colons between several), the build tree's
// when the program runs from one, else ../lib/beckon/sinks beside the program.
std::vector<std::filesystem::path> shipped_folders();

}  // namespace beckon::plugins
