// Connections at rest, ready for the next request to the same place. Each closes itself when its rest is over.
// May outlive its io_context: the sockets go when the io_context does.
#pragma once

#include "net/connection.hpp"

#include <memory>
#include <string>

namespace beckon::core {

class Pool {
 public:
  Pool(Executor executor, Milliseconds idle, std::size_t per_key);
  ~Pool();
  // The one that rested least, or null. What has been closed meanwhile is thrown away.
  std::shared_ptr<Connection> take(const std::string& key);
  void keep(const std::string& key, std::shared_ptr<Connection> connection);

 private:
  struct Shelf;
  std::shared_ptr<Shelf> shelf_;
  Milliseconds idle_;
  std::size_t per_key_;
};

}  // namespace beckon::core
