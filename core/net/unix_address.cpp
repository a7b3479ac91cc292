#include "net/unix_address.hpp"

#include <spdlog/fmt/fmt.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

namespace beckon::core {
namespace {

Descriptor new_socket() { return Descriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)); }

// Only a socket whose process is gone.
Result<void> remove_stale(const std::filesystem::path& path, const UnixAddress& address) {
  struct stat facts {};
  if (::lstat(path.c_str(), &facts) != 0) return {};
  if (!S_ISSOCK(facts.st_mode))
    return fail(fmt::format("{} is in the way, and is no socket: move it, or name another `state` file", path.string()));
  const Descriptor caller = new_socket();
  const int failure = ::connect(caller.number(), address.data(), address.size) == 0 ? 0 : errno;
  if (failure == 0 || failure == EAGAIN) return fail(fmt::format("another process listens at {}", path.string()));
  if (failure != ECONNREFUSED)
    return fail(fmt::format("{} is in the way, and cannot be asked ({})", path.string(), std::strerror(failure)));
  ::unlink(path.c_str());
  return {};
}

}  // namespace

Descriptor::~Descriptor() {
  if (number_ >= 0) ::close(number_);
}

Result<UnixAddress> unix_address(const std::filesystem::path& path) {
  UnixAddress made;
  made.address.sun_family = AF_UNIX;
  std::string text = path.string();
  constexpr std::size_t longest = sizeof(made.address.sun_path) - 1;
  if (text.size() > longest) {
    const auto folder = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
    made.folder = Descriptor(::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!made.folder) return fail(fmt::format("{} cannot be opened: {}", folder.string(), std::strerror(errno)));
    text = fmt::format("/proc/self/fd/{}/{}", made.folder.number(), path.filename().string());
    if (text.size() > longest)
      return fail(fmt::format("{} has a name that is too long for a socket: give the `state` file a shorter one", path.string()));
  }
  std::memcpy(made.address.sun_path, text.data(), text.size());
  return made;
}

Result<UnixListener> UnixListener::open(const std::filesystem::path& path) {
  auto address = unix_address(path);
  if (!address) return address.error();
  const auto cannot = [&](const char* what) {
    return fail(fmt::format("{} cannot be {} ({})", path.string(), what, std::strerror(errno)));
  };
  UnixListener listener;
  listener.socket_ = new_socket();
  const int socket = listener.socket_.number();
  // Linux gives the file the mode that its socket has by then, so nobody finds it open for a moment.
  if (socket < 0 || ::fchmod(socket, 0600) != 0) return cannot("made");
  if (::bind(socket, address->data(), address->size) != 0) {
    if (errno != EADDRINUSE) return cannot("made");
    if (auto removed = remove_stale(path, *address); !removed) return removed.error();
    if (::bind(socket, address->data(), address->size) != 0) return cannot("made");
  }
  struct stat facts {};
  if (::lstat(path.c_str(), &facts) == 0) {
    listener.path_ = path;
    listener.device_ = facts.st_dev;
    listener.inode_ = facts.st_ino;
  }
  if (::listen(socket, 64) != 0) return cannot("listened at");
  return listener;
}

UnixListener::UnixListener(UnixListener&& other) noexcept
    : path_(std::exchange(other.path_, {})),
      socket_(std::move(other.socket_)),
      device_(other.device_),
      inode_(other.inode_) {}

void UnixListener::remove_file() {
  struct stat facts {};
  if (!path_.empty() && ::lstat(path_.c_str(), &facts) == 0 && facts.st_dev == device_ && facts.st_ino == inode_)
    ::unlink(path_.c_str());
  path_.clear();
}

bool is_own_user(int socket) {
  ucred peer{};
  socklen_t size = sizeof peer;
  if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return false;
  return peer.uid == ::geteuid() || peer.uid == 0;
}

}  // namespace beckon::core
