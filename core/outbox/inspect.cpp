#include "outbox/inspect.hpp"

#include "outbox/schema.hpp"

#include <fmt/format.h>

#include <sys/vfs.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <string_view>

namespace beckon::core {
namespace {

namespace fs = std::filesystem;

// The kernel's own file systems, where even root makes no folder. linux/magic.h.
bool is_of_the_kernel(const fs::path& folder) {
  struct statfs facts {};
  if (::statfs(folder.c_str(), &facts) != 0) return false;
  constexpr std::array<unsigned long, 2> magics = {0x9fa0 /* proc */, 0x62656572 /* sysfs */};
  for (const unsigned long magic : magics)
    if (static_cast<unsigned long>(facts.f_type) == magic) return true;
  return false;
}

Result<void> inspect_folder(const fs::path& folder) {
  std::error_code ignored;
  fs::path there = folder;  // the nearest one that exists
  while (there.has_relative_path() && fs::status(there, ignored).type() == fs::file_type::not_found)
    there = there.parent_path();
  const auto cannot = [&](std::string_view why) {
    if (there == folder)
      return fail(fmt::format("the folder {} cannot be written to ({}): let this user write to it, or name another "
                              "`state` file", folder.string(), why));
    return fail(fmt::format("the folder {} cannot be made in {} ({}): let this user make it, or name another `state` file",
                            folder.string(), there.string(), why));
  };
  if (!fs::is_directory(there, ignored))
    return fail(fmt::format("{} is no folder, so nothing can be kept under it: name another `state` file", there.string()));
  if (::access(there.c_str(), W_OK | X_OK) != 0) return cannot(std::strerror(errno));
  if (is_of_the_kernel(there)) return cannot("it belongs to the kernel");
  return {};
}

// From SQLite's file format: the header string at 0, user_version at 60, application_id at 68; the schema's tree begins
// at 100: its kind (13 is a leaf), and at 103 the number of its cells.
struct Header {
  static constexpr std::size_t size = 105;
  std::array<char, size> bytes{};
  std::size_t read = 0;

  std::uint32_t number(std::size_t at, std::size_t count) const {
    std::uint32_t value = 0;
    for (std::size_t i = at; i < at + count; ++i) value = value << 8 | static_cast<unsigned char>(bytes[i]);
    return value;
  }
};

}  // namespace

Result<void> inspect_outbox(const fs::path& file) {
  std::error_code ignored;
  const auto status = fs::status(file, ignored);
  if (fs::is_directory(status))
    return fail(fmt::format("{} is a folder: name a file in it, such as {}", file.string(), (file / "beckon.db").string()));
  if (auto fit = inspect_folder(file.parent_path()); !fit) return fit.error();
  if (status.type() == fs::file_type::not_found) return {};
  if (!fs::is_regular_file(status)) return fail(fmt::format("{} is no regular file: name another `state` file", file.string()));
  if (::access(file.c_str(), R_OK | W_OK) != 0)
    return fail(fmt::format("{} cannot be read and written ({}): let this user do so, or name another `state` file",
                            file.string(), std::strerror(errno)));
  Header header;
  std::ifstream in(file, std::ios::binary);
  in.read(header.bytes.data(), header.bytes.size());
  header.read = static_cast<std::size_t>(in.gcount());
  if (header.read == 0) return {};
  constexpr std::string_view magic("SQLite format 3\0", 16);
  if (!std::string_view(header.bytes.data(), header.read).starts_with(magic))
    return fail(fmt::format("{} is no state file of beckon, or is damaged; it is left as it is: name another `state` file",
                            file.string()));
  // What a crash has left beside the file may change what it says.
  if (header.read < Header::size || fs::exists(file.string() + "-journal", ignored)) return {};
  const bool empty = header.number(68, 4) == 0 && header.number(100, 1) == 13 && header.number(103, 2) == 0;
  if (!empty && header.number(68, 4) != application_id)
    return fail(fmt::format("{} is a database of another program: name another `state` file", file.string()));
  const auto version = header.number(60, 4);
  if (version > migrations().size())
    return fail(fmt::format("{} was written by a newer beckon (its version is {}, this program knows {}): run that one, or "
                            "name another `state` file", file.string(), version, migrations().size()));
  return {};
}

}  // namespace beckon::core
