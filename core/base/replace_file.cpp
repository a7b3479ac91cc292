#include "base/replace_file.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <system_error>

namespace beckon::core {
namespace {

struct OpenFile {
  int fd;
  ~OpenFile() {
    if (fd >= 0) ::close(fd);
  }
};

bool write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const auto written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

// The name is as durable as the folder that holds it. Some file systems cannot do this to a folder, and need not.
bool sync_folder(const std::filesystem::path& folder) {
  const OpenFile opened{::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  return opened.fd >= 0 && (::fsync(opened.fd) == 0 || errno == EINVAL);
}

}  // namespace

Result<void> replace_file(const std::filesystem::path& file, std::string_view text) {
  const std::string fresh = file.string() + ".new";
  const auto cannot = [&](const std::string& name) {
    return fail(fmt::format("{} cannot be written: {}", name, std::system_category().message(errno)));
  };
  (void)::unlink(fresh.c_str());   // of a process that was killed
  {
    const OpenFile opened{::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600)};
    if (opened.fd < 0) return cannot(fresh);
    if (!write_all(opened.fd, text) || ::fsync(opened.fd) != 0) {
      const auto failure = cannot(fresh);
      (void)::unlink(fresh.c_str());
      return failure;
    }
  }
  if (::rename(fresh.c_str(), file.c_str()) != 0) {
    const auto failure = cannot(file.string());
    (void)::unlink(fresh.c_str());
    return failure;
  }
  if (!sync_folder(file.parent_path().empty() ? "." : file.parent_path())) return cannot(file.parent_path().string());
  return {};
}

}  // namespace beckon::core
