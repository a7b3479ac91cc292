#include "config/locate.hpp"

#include "config/config.hpp"
#include "config/values.hpp"

#include <cstdlib>
#include <string>

namespace beckon::core {
namespace {

namespace fs = std::filesystem;

// XDG: a relative path in these variables is to be ignored.
std::optional<fs::path> folder_of_variable(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr || *value != '/') return std::nullopt;
  return fs::path(value);
}

bool is_file(const fs::path& path) {
  std::error_code ignored;
  const auto status = fs::status(path, ignored);
  return fs::exists(status) && !fs::is_directory(status);
}

}  // namespace

fs::path resolve_path(std::string_view text, const fs::path& folder) {
  if (text.starts_with("~/"))
    if (const auto home = folder_of_variable("HOME")) return (*home / text.substr(2)).lexically_normal();
  return (folder / text).lexically_normal();
}

Result<std::string> default_state() {
  if (const char* folders = std::getenv("STATE_DIRECTORY"); folders != nullptr && *folders == '/') {
    const std::string_view all = folders;  // systemd lists several with colons
    return (fs::path(all.substr(0, all.find(':'))) / "beckon.db").string();
  }
  if (const auto state = folder_of_variable("XDG_STATE_HOME")) return (*state / "beckon" / "beckon.db").string();
  if (const auto home = folder_of_variable("HOME")) return (*home / ".local/state/beckon/beckon.db").string();
  return fail("there is no place for the state: set state = \"/var/lib/beckon/beckon.db\" under [bot], or HOME");
}

std::vector<fs::path> config_places() {
  std::vector<fs::path> places{"./config.toml"};
  if (const auto config = folder_of_variable("XDG_CONFIG_HOME")) places.push_back(*config / "beckon" / "config.toml");
  else if (const auto home = folder_of_variable("HOME")) places.push_back(*home / ".config" / "beckon" / "config.toml");
  places.emplace_back("/etc/beckon/config.toml");
  return places;
}

std::optional<fs::path> find_config() {
  for (const auto& place : config_places())
    if (is_file(place)) return place;
  return std::nullopt;
}

}  // namespace beckon::core
