// What TLS means here: 1.2 or later, the peer's certificate verified against the system's store (and `ca_file`), for
// the very name or address that was asked for. And sentences for when it is not so.
#pragma once

#include "base/result.hpp"

#include <boost/system/error_code.hpp>

#include <memory>
#include <string>
#include <string_view>

struct ssl_st;

namespace boost::asio::ssl {
class context;
}

namespace beckon::core {

using TlsContext = boost::asio::ssl::context;

// Fails when `ca_file` is named and cannot be used.
Result<std::shared_ptr<TlsContext>> make_tls_context(const std::string& ca_file);

// Sends the name along (SNI; never an address) and has the certificate checked for it.
bool expect_peer(ssl_st* session, const std::string& host);

// Why the handshake failed and what to do. `peer` is "host:port".
std::string explain_handshake(ssl_st* session, boost::system::error_code error, std::string_view peer);

}  // namespace beckon::core
