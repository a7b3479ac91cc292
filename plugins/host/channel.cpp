#include "plugins/host/channel.hpp"

#include <unistd.h>

#include <cerrno>

namespace beckon::plugins {

std::optional<wire::Frame> Channel::read() {
  buffer_.erase(0, taken_);
  taken_ = 0;
  for (;;) {
    const wire::Next next = wire::next_frame(buffer_);
    if (next.state == wire::Next::State::garbage) return std::nullopt;
    if (next.state == wire::Next::State::whole) {
      taken_ = next.size;
      return next.frame;
    }
    char bytes[64 * 1024];
    const ssize_t got = ::read(fd_, bytes, sizeof bytes);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return std::nullopt;
    buffer_.append(bytes, static_cast<std::size_t>(got));
  }
}

void Channel::send(wire::Kind kind, std::uint64_t call, std::string_view payload) {
  const std::string bytes = wire::frame(kind, call, payload);
  std::string_view left = bytes;
  const std::lock_guard lock(sending_);
  while (!left.empty()) {
    const ssize_t written = ::write(fd_, left.data(), left.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;
    left.remove_prefix(static_cast<std::size_t>(written));
  }
}

}  // namespace beckon::plugins
