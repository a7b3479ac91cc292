#include "outbox/file_lock.hpp"

#include <fcntl.h>
#include <spdlog/fmt/fmt.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <system_error>

namespace beckon::core {

FileLock::~FileLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Result<FileLock> FileLock::acquire(const std::filesystem::path& file) {
  // Beside the file itself: a link to it is no second file.
  std::error_code unknown;
  const auto real = std::filesystem::weakly_canonical(file, unknown);
  const std::string name = (unknown ? file : real).string() + ".lock";
  const bool was_there = std::filesystem::exists(name, unknown);
  FileLock lock(::open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  lock.was_there_ = was_there;
  if (lock.descriptor_ < 0) {
    return fail(
        fmt::format("{} cannot be written ({}); let this user write to its folder", name, std::strerror(errno)));
  }
  if (::flock(lock.descriptor_, LOCK_EX | LOCK_NB) == 0) {
    // Told to whoever comes second; nothing depends on it.
    const std::string pid = std::to_string(::getpid()) + "\n";
    if (::ftruncate(lock.descriptor_, 0) == 0) (void)!::pwrite(lock.descriptor_, pid.data(), pid.size(), 0);
    return lock;
  }
  if (errno != EWOULDBLOCK) return fail(fmt::format("{} cannot be locked: {}", name, std::strerror(errno)));
  char pid[32] = {};
  const auto size = ::pread(lock.descriptor_, pid, sizeof pid - 1, 0);
  std::string holder;
  for (auto i = 0; i < size && pid[i] >= '0' && pid[i] <= '9'; ++i) holder += pid[i];
  if (holder.empty()) holder = "unknown";
  return fail(
      fmt::format("{} is in use by another beckon (pid {}); stop that one, or give this one a `state` file of its own",
                  file.string(), holder));
}

}  // namespace beckon::core
