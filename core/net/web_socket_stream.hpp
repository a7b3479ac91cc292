// A WebSocket over a connection of the HTTP server. Private to this room: Beast's streams show in the .cpp alone.
#pragma once

#include "net/http.hpp"
#include "net/web_socket.hpp"

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/generic/stream_protocol.hpp>

#include <memory>

namespace beckon::core {

// TCP and Unix sockets alike.
using StreamSocket = asio::basic_stream_socket<asio::generic::stream_protocol, Executor>;

struct WebSocketLimits {
  // A peer that says nothing, not even to a ping, for so long has vanished. Pings go out after half of it.
  Milliseconds silence{15s};
  Milliseconds handshake{10s};
  std::size_t message = 64u << 10;       // of the peer's
  std::size_t queued = 4u << 20;         // bytes that it may leave lying
};

bool wants_web_socket(const HttpRequest& request);

// Answers `request`, which wants one, and speaks `session` to its end. The socket is closed then.
task<void> run_web_socket(std::shared_ptr<StreamSocket> socket, HttpRequest request, WebSocketSession session,
                          WebSocketLimits limits);

}  // namespace beckon::core
