// The host program's end of the socket: blocking, for one reader and any number of writers.
#pragma once

#include "plugins/wire/frame.hpp"

#include <mutex>
#include <optional>
#include <string>

namespace beckon::plugins {

class Channel {
 public:
  explicit Channel(int fd) : fd_(fd) {}
  // The next frame, whose payload is valid until the next call; nothing at the end, or when what comes is no frame.
  std::optional<wire::Frame> read();
  // Any thread. Failures are not told: without its reader the process ends soon.
  void send(wire::Kind kind, std::uint64_t call, std::string_view payload = {});
  template <class... Structs>
  void send_packed(wire::Kind kind, std::uint64_t call, const Structs&... structs) {
    if (const auto payload = wire::pack(structs...)) send(kind, call, *payload);
  }

 private:
  int fd_;
  std::string buffer_;
  std::size_t taken_ = 0;   // of the buffer, by the last frame
  std::mutex sending_;
};

}  // namespace beckon::plugins
