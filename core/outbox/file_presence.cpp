#include "outbox/file_presence.hpp"

#include <sys/stat.h>

#include <cerrno>
#include <utility>

namespace beckon::core {

FilePresence::FilePresence(std::filesystem::path file) : file_(std::move(file)) {
  struct stat facts {};
  watched_ = ::stat(file_.c_str(), &facts) == 0;
  device_ = facts.st_dev;
  inode_ = facts.st_ino;
}

bool FilePresence::lost(SteadyTime now) {
  if (!watched_ || now < look_at_) return false;
  look_at_ = now + looks_every;
  struct stat facts {};
  const bool known = ::stat(file_.c_str(), &facts) == 0;
  if (!known && errno != ENOENT && errno != ENOTDIR) return false;   // the disk is in trouble, or a folder is closed
  if (known && facts.st_dev == device_ && facts.st_ino == inode_) return false;
  watched_ = false;
  return true;
}

}  // namespace beckon::core
