// DNS that can be given up: the coroutine stops waiting on its limit or when cancelled, and leaves the look-up, which cannot
// be interrupted, to end by itself (see name_lookups.hpp).
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
