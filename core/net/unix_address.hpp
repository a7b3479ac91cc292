// The file side of a Unix socket: addresses of any length, and a listening socket that takes its file away again.
#pragma once

#include "base/result.hpp"

#include <sys/socket.h>
#include <sys/types.h>
#include <sys/un.h>

#include <filesystem>
#include <utility>

namespace beckon::core {

class Descriptor {
 public:
  explicit Descriptor(int number = -1) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~Descriptor();
  int number() const { return number_; }
  int release() { return std::exchange(number_, -1); }
  explicit operator bool() const { return number_ >= 0; }

 private:
  int number_;
};

// An address holds 107 bytes. A longer path is reached through its opened folder, which stays open as long as this.
struct UnixAddress {
  sockaddr_un address{};
  Descriptor folder;
  const sockaddr* data() const { return reinterpret_cast<const sockaddr*>(&address); }
  static constexpr socklen_t size = sizeof(sockaddr_un);
};
Result<UnixAddress> unix_address(const std::filesystem::path& path);

// Non-blocking and listening. At its end the file goes, if it is still the one that was made.
class UnixListener {
 public:
  static Result<UnixListener> open(const std::filesystem::path& path);
  UnixListener(UnixListener&& other) noexcept;
  UnixListener& operator=(UnixListener&&) = delete;
  ~UnixListener() { remove_file(); }
  int release() { return socket_.release(); }   // the socket is another's from now on, the file is not
  void remove_file();

 private:
  UnixListener() = default;
  std::filesystem::path path_;
  Descriptor socket_;
  dev_t device_ = 0;
  ino_t inode_ = 0;
};

// The other end of a connected Unix socket is of this user, or root.
bool is_own_user(int socket);

}  // namespace beckon::core
