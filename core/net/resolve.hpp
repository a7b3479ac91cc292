// DNS that can be given up. `getaddrinfo` runs on a thread of Asio's and cannot be interrupted; the coroutine stops
// waiting for it, on its limit or when cancelled, and leaves it to end by itself. Destroying the io_context still
// waits for that thread: a process in a hurry has to leave with _Exit.
#pragma once

#include "base/task.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <string>
#include <vector>

namespace beckon::core {

struct Resolved {
  boost::system::error_code error;  // `timed_out` when given up
  std::vector<asio::ip::tcp::endpoint> endpoints;  // in the system's order of preference
};

// An address in text is answered at once, and so is "localhost", which is this machine whatever DNS says.
// Throws only when cancelled.
task<Resolved> resolve(std::string host, std::uint16_t port, Milliseconds limit);

}  // namespace beckon::core
