// A small HTTP/1.1 server: for loopback (the embedded forge of `beckon demo`, the stand-ins of the tests), and one for clients
// that are not trusted, with limits and WebSockets. Over a socket in the file system: net/unix_socket.hpp.
#pragma once

#include "net/http.hpp"
#include "net/web_socket.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace beckon::core {

// `url` holds the target alone ("/path?query"). The handler runs on the server's executor and may wait.
using HttpHandler = std::function<task<HttpResponse>(HttpRequest)>;

struct HttpReply {
  HttpResponse response;
  // Of a request that asks for a WebSocket: what is to be said there. Unset, or of any other request: `response` goes out.
  WebSocketSession session;
};
// `client` is the address at the other end, without its port.
using WebHandler = std::function<task<HttpReply>(HttpRequest, std::string client)>;

class HttpServer {
 public:
  virtual ~HttpServer() = default;              // closes every connection
  virtual std::uint16_t port() const = 0;       // 0: a Unix socket, which has no origin either
  virtual std::string origin() const = 0;       // "http://127.0.0.1:PORT"
  virtual std::size_t connections() const = 0;  // open now
};

// Listens on 127.0.0.1; port 0 takes a free one. Body limit 16 MiB. Throws when the port cannot be bound.
std::unique_ptr<HttpServer> serve_http(Executor executor, HttpHandler handler, std::uint16_t port = 0);

struct WebServerOptions {
  std::string address = "127.0.0.1";            // of this machine, IPv4 or IPv6
  std::uint16_t port = 0;                       // 0: a free one
  std::size_t connections = 4096;               // together; who has rested longest gives way, else the newcomer goes
  std::size_t connections_of_one_client = 256;  // an IPv4 address or an IPv6 /64; this machine itself is not counted
  std::size_t max_body = 1u << 20;
  Milliseconds request{10s};                    // for a whole request
  Milliseconds rest{60s};                       // before the next one
  Milliseconds answer{30s};                     // for taking an answer
  // Of a WebSocket, pings included: then it has vanished. Long enough for a client, or a daemon, that is busy for a while.
  Milliseconds silence{15s};
  std::size_t queued = 4u << 20;                // bytes that a WebSocket's peer may leave lying before it is cut off
};

// Fails with a sentence when it cannot listen there.
Result<std::unique_ptr<HttpServer>> serve_web(Executor executor, WebHandler handler, const WebServerOptions& options);

}  // namespace beckon::core
