// Who waits for an endpoint or a whole sink that is held. When the time has come one of them is woken, and its attempt
// speaks for all; when it works again, all are. Who waits here costs a number, no coroutine. Daemon's thread.
#pragma once

#include "base/task.hpp"
#include "outbox/outbox.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <unordered_set>
#include <utility>

namespace beckon::core {

class Holds {
 public:
  // `wake` may be called from within `wait` and `release`. It outlives the holds.
  Holds(Executor executor, std::function<void(std::int64_t subscription)> wake);
  ~Holds();   // wakes nobody
  Holds(const Holds&) = delete;

  void wait(std::int64_t subscription, std::int64_t endpoint, const Held& held);
  // What works again, or may.
  void release_endpoint(std::int64_t endpoint) { release({endpoint, {}}); }
  void release_sink(const std::string& sink) { release({0, sink}); }
  // Everybody looks again: what they wait for may be asked now.
  void release_all();
  std::size_t waiting() const;

 private:
  using Key = std::pair<std::int64_t, std::string>;   // an endpoint's row, or 0 and the sink's name
  struct Queue {
    std::unordered_set<std::int64_t> subscriptions;
    WallTime until{};
  };
  void release(const Key& key);
  void arm();
  void look();

  std::function<void(std::int64_t)> wake_;
  std::map<Key, Queue> queues_;
  Timer timer_;
};

}  // namespace beckon::core
