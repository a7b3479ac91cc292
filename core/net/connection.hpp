// One connection to an origin, plain or TLS, direct or through a proxy: opened once, read and written until it breaks.
// Operations fail with `timed_out` once the time set by `expire_after` is over; the connection is dead then.
// A coroutine cancelled in an operation leaves the connection unusable: drop it.
#pragma once

#include "net/http.hpp"
#include "net/proxy.hpp"
#include "net/tls.hpp"

#include <boost/asio/buffer.hpp>

#include <memory>
#include <string>
#include <string_view>

namespace beckon::core {

// Where a request goes and by which way.
struct Route {
  ParsedUrl url;
  std::shared_ptr<const Proxy> proxy;  // null: straight

  const ParsedUrl& hop() const;  // whom TCP is spoken with
  bool tunnelled() const { return proxy && url.secure(); }
  std::string key() const;       // connections with one key are interchangeable
};

using Opened = boost::system::result<void, HttpError>;

class Connection {
 public:
  virtual ~Connection() = default;  // closes
  // DNS, TCP (every address in turn), the proxy's CONNECT and TLS, all within `limit`.
  virtual task<Opened> open(Milliseconds limit) = 0;
  virtual task<std::size_t> read_some(asio::mutable_buffer into, boost::system::error_code& error) = 0;
  virtual task<void> write(std::string_view bytes, boost::system::error_code& error) = 0;
  // Replaces the expiry set before.
  virtual void expire_after(Milliseconds limit) = 0;
  // Open, and the peer has said nothing since the last answer: neither good-bye nor what nobody asked for.
  virtual bool resting() const = 0;
};

std::shared_ptr<Connection> make_connection(Executor executor, Route route, std::shared_ptr<TlsContext> tls,
                                            std::string user_agent);

}  // namespace beckon::core
