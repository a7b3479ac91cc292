#include "plugins/loader.hpp"

#include "plugins/elf.hpp"
#include "plugins/host/process.hpp"

#include <boost/dll/shared_library.hpp>

#include <dlfcn.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <system_error>

namespace beckon::plugins {
namespace {

namespace dll = boost::dll;
namespace fs = std::filesystem;

// RTLD_NODELETE: a library stays although its handle goes, because what it exports is used until the process ends.
constexpr auto how_to_open = static_cast<dll::load_mode::type>(
    static_cast<unsigned>(dll::load_mode::rtld_now) | static_cast<unsigned>(dll::load_mode::rtld_local) |
    RTLD_NODELETE);

// Boost wraps dlerror's text, which begins with the path that the refusal names anyway.
std::string dlerror_text(std::string text, const std::string& library) {
  constexpr std::string_view before = "dlerror system message: ";
  if (const auto begin = text.find(before); begin != std::string::npos) {
    text.erase(0, begin + before.size());
    if (const auto end = text.rfind("): "); end != std::string::npos) text.erase(end);
  }
  if (text.rfind(library + ": ", 0) == 0) text.erase(0, library.size() + 2);
  return text;
}

std::string cannot_load(const std::string& dlerror) {
  const bool lacks_symbol = dlerror.find("undefined symbol") != std::string::npos;
  const bool lacks_library = dlerror.find("cannot open shared object file") != std::string::npos;
  return "cannot be loaded: " + dlerror +
         (lacks_symbol    ? "; link the library that has it (LIBRARIES of beckon_add_sink)"
          : lacks_library ? "; install that library"
                          : "; build it again on this machine");
}

std::string no_entry(const dll::shared_library& library) {
  for (unsigned major = 0; major < 100; ++major) {
    if (major != BECKON_ABI_MAJOR && library.has("beckon_sink_v" + std::to_string(major))) {
      return "is built for plugin major " + std::to_string(major) + ", this Beckon speaks " +
             std::to_string(BECKON_ABI_MAJOR) + "; build it against this Beckon's headers";
    }
  }
  return "is no sink: it does not export " BECKON_SINK_SYMBOL "; end one source with BECKON_SINK(...), outside of "
         "unnamed namespaces, or take it out of this folder";
}

std::variant<Plugin, Refusal> load(const fs::path& path) {
  dll::shared_library library;
  try {
    library.load(path, how_to_open);  // not the error_code overload: that one loses dlerror's text
  } catch (const std::system_error& e) {
    return Refusal{path, cannot_load(dlerror_text(e.what(), path.string()))};
  }
  if (!library.has(BECKON_SINK_SYMBOL)) return Refusal{path, no_entry(library)};
  try {
    return check_table(library.get<const beckon_sink_table*()>(BECKON_SINK_SYMBOL)(), path);
  } catch (const std::exception& e) {
    return Refusal{path, std::string("throws out of its entry function: ") + e.what() +
                             "; catch it there, or use BECKON_SINK"};
  } catch (...) {
    return Refusal{path, "throws out of its entry function; catch it there, or use BECKON_SINK"};
  }
}

std::vector<fs::path> split(std::string_view list) {
  std::vector<fs::path> folders;
  while (!list.empty()) {
    const std::size_t end = std::min(list.find(':'), list.size());
    if (end > 0) folders.emplace_back(list.substr(0, end));
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return folders;
}

// $BECKON_SINKS, where it says something.
std::vector<fs::path> folders_of_environment() {
  const char* named = std::getenv("BECKON_SINKS");
  return named ? split(named) : std::vector<fs::path>();
}

// Who named the folder that is not there decides where to mend it.
std::string how_to_mend(const fs::path& folder) {
  const auto named = folders_of_environment();
  if (std::find(named.begin(), named.end(), folder) != named.end()) return "make this folder, or take it out of $BECKON_SINKS";
  if (named.empty() && shipped_folders().front() == folder)
    return "Beckon's own sinks belong there: install Beckon again, or set $BECKON_SINKS to their folder";
  return "make this folder of plugins, or take it out of the configuration";
}

// The libraries of one folder, by file name; or why there are none to be seen.
std::variant<std::vector<fs::path>, Refusal> libraries_in(const fs::path& folder) {
  std::error_code error;
  std::vector<fs::path> libraries;
  fs::directory_iterator entry(folder, error);
  for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
    if (entry->path().extension() == ".so") libraries.push_back(entry->path());
  }
  if (error == std::errc::no_such_file_or_directory) {
    return Refusal{folder, "does not exist; " + how_to_mend(folder)};
  }
  if (error) {
    return Refusal{folder, "cannot be searched for plugins (" + error.message() +
                               "); check the path and its permissions"};
  }
  std::sort(libraries.begin(), libraries.end());
  return libraries;
}

fs::path made_absolute(const fs::path& given) {
  std::error_code error;
  const fs::path library = fs::absolute(given, error);
  return error ? given : library;
}

std::string_view text_of(const beckon_str& text) { return text.size ? std::string_view(text.data, text.size) : std::string_view(); }

// The same folder, whatever it was called.
fs::path identity(const fs::path& folder) {
  std::error_code error;
  const fs::path canonical = fs::weakly_canonical(folder, error);
  return error ? folder : canonical;
}

// Ours need no trial, so that they work where the program for it is not installed.
std::variant<Plugin, Refusal> open_shipped(const fs::path& library) {
  return find_host_program().empty() ? open_here(made_absolute(library)) : open_plugin(library);
}

}  // namespace

std::variant<Plugin, Refusal> open_here(const fs::path& library) {
  if (auto why = why_not_a_library(library)) return Refusal{library, *why};
  return load(library);
}

std::variant<Plugin, Refusal> describe_plugin(const fs::path& given) {
  const fs::path library = made_absolute(given);
  if (auto why = why_not_a_library(library)) return Refusal{library, *why};
  auto described = describe(library);
  if (auto* why = std::get_if<std::string>(&described)) return Refusal{library, *why};
  Plugin plugin;
  plugin.path = library;
  plugin.described = std::get<std::shared_ptr<const Description>>(described);
  plugin.table = &plugin.described->table();
  plugin.name = std::string(text_of(plugin.table->name));
  plugin.version = std::string(text_of(plugin.table->version));
  plugin.is_worker = plugin.described->entries().is_worker;
  plugin.has_check = plugin.described->entries().has_check;
  plugin.hears_feedback = plugin.described->entries().hears_feedback;
  return plugin;
}

std::variant<Plugin, Refusal> open_plugin(const fs::path& given) {
  auto described = describe_plugin(given);
  if (std::holds_alternative<Refusal>(described)) return described;
  return load(std::get<Plugin>(described).path);
}

Found find_plugins(const std::vector<fs::path>& folders) {
  Found found;
  std::map<std::string, Plugin> by_name;
  std::set<fs::path> searched, shipped;
  for (const fs::path& folder : shipped_folders()) shipped.insert(identity(folder));
  for (const fs::path& folder : folders) {
    if (!searched.insert(identity(folder)).second) continue;
    const bool is_ours = shipped.contains(identity(folder));
    auto libraries = libraries_in(folder);
    if (auto* refusal = std::get_if<Refusal>(&libraries)) {
      found.refusals.push_back(*refusal);
      continue;
    }
    for (const fs::path& library : std::get<std::vector<fs::path>>(libraries)) {
      auto opened = is_ours ? open_shipped(library) : describe_plugin(library);
      if (auto* refusal = std::get_if<Refusal>(&opened)) {
        found.refusals.push_back(*refusal);
        continue;
      }
      Plugin& plugin = std::get<Plugin>(opened);
      plugin.shipped = is_ours;
      const auto [first, is_first] = by_name.try_emplace(plugin.name, plugin);
      if (!is_first) {
        found.refusals.push_back({plugin.path, "is a second plugin with the name \"" + plugin.name + "\", after " +
                                                   first->second.path.string() + "; remove or rename one of them"});
      }
    }
  }
  for (auto& [name, plugin] : by_name) found.plugins.push_back(std::move(plugin));
  return found;
}

std::vector<fs::path> shipped_folders() {
  if (auto named = folders_of_environment(); !named.empty()) return named;
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  const fs::path above = program.parent_path().parent_path();
  if (program.parent_path().filename() == "bin" && fs::is_directory(above / "sinks", error)) return {above / "sinks"};
  return {above / "lib/beckon/sinks"};
}

}  // namespace beckon::plugins
