// What the site asks of the daemon. On its thread.
#pragma once

#include "control/operations.hpp"
#include "net/http.hpp"
#include "net/web_socket.hpp"
#include "web/gate.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace beckon::core {

// What a tab wants to see.
struct WatchWish {
  std::string forge;
  std::string repository;               // checked: "owner/name"
  std::string login;                    // checked, lower case; "org/team"
  std::optional<std::int64_t> after;    // it has seen everything up to here
  WebIdentity viewer;
};

using ViewerId = std::int64_t;

// The tabs' side of the daemon: a supervised syncer for each.
class Viewing {
 public:
  virtual ~Viewing() = default;
  // A syncer is spawned, and tells the socket what it finds, until `leave`: nothing is sent to the socket after that.
  virtual ViewerId join(WatchWish wish, WebSocket& socket) = 0;
  virtual void leave(ViewerId viewer) = 0;
};

class WebHouse {
 public:
  virtual ~WebHouse() = default;
  virtual Operations* operations() = 0;      // nullptr: not yet, or not any more
  virtual std::shared_ptr<Viewing> viewing() = 0;
  // For signing in: goes out as the requests to that forge do.
  virtual std::shared_ptr<HttpClient> client(const std::string& forge) = 0;
  // The forge's API, without a slash at its end; empty: there is no such forge.
  virtual std::string api_url(const std::string& forge) = 0;
};

}  // namespace beckon::core
