// A WebSocket connection that a client of ours has opened (RFC 6455). Daemon's thread. Text messages alone.
#pragma once

#include "base/task.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace beckon::core {

class WebSocket {
 public:
  virtual ~WebSocket() = default;
  // Queues a message, which many sockets may share. A peer that leaves more than the server's bound lie is cut off: the
  // message is lost with the connection, and the next `receive` says so. Without effect on one that is closed.
  virtual void send(std::shared_ptr<const std::string> text) = 0;
  // What the peer says next. nullopt: the connection is over, by either side, or because the peer has vanished (pings go
  // unanswered). One wait at a time.
  virtual task<std::optional<std::string>> receive() = 0;
  // After what is queued, in good order. Codes: 1000 done, 1008 refused, 1011 our fault, 1013 come again later, 4000..4999 ours.
  virtual void close(std::uint16_t code, std::string_view reason) = 0;
};

// What is said on it, from its first message to its end; the connection closes when this returns. Kept alive meanwhile.
using WebSocketSession = std::function<task<void>(WebSocket&)>;

}  // namespace beckon::core
