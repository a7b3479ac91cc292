// A small HTTP/1.1 server for loopback: the embedded forge of `beckon demo`, and the stand-ins of the tests. Over a socket
// in the file system: net/unix_socket.hpp.
#pragma once

#include "net/http.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace beckon::core {

// `url` holds the target alone ("/path?query"). The handler runs on the server's executor and may wait.
using HttpHandler = std::function<task<HttpResponse>(HttpRequest)>;

class HttpServer {
 public:
  virtual ~HttpServer() = default;              // closes every connection
  virtual std::uint16_t port() const = 0;       // 0: a Unix socket, which has no origin either
  virtual std::string origin() const = 0;       // "http://127.0.0.1:PORT"
  virtual std::size_t connections() const = 0;  // open now
};

// Listens on 127.0.0.1; port 0 takes a free one. Body limit 16 MiB. Throws when the port cannot be bound.
std::unique_ptr<HttpServer> serve_http(Executor executor, HttpHandler handler, std::uint16_t port = 0);

}  // namespace beckon::core
