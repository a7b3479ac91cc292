// /api/v1/events: those who listen are told the status, whenever it has changed. Daemon's thread.
#pragma once

#include "control/operations.hpp"
#include "net/web_socket.hpp"
#include "web/messages.hpp"

#include <functional>
#include <memory>
#include <set>

namespace beckon::core {

class StatusEvents : public std::enable_shared_from_this<StatusEvents> {
 public:
  // What a listener's socket speaks; keeps this alive.
  WebSocketSession session();
  // Asks for the status while somebody listens, each second, and less often where that takes long; until cancelled.
  // `operations` answers nullptr while there are none.
  task<void> run(std::function<Operations*()> operations);

 private:
  static task<void> listen(std::shared_ptr<StatusEvents> events, WebSocket& socket);
  void tell(WebMessage now);

  std::set<WebSocket*> listeners_;
  WebMessage last_;                  // what they know
  std::function<void()> arrived_;    // the first of them need not wait
};

// A tab has nothing to say; what it says all the same is dropped.
task<void> hear_out(WebSocket& socket);

}  // namespace beckon::core
