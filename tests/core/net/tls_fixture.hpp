// A TLS server on loopback with a certificate of the test's own authority.
#pragma once

#include "core/net/certificates.hpp"
#include "core/net/client_fixture.hpp"

#include <boost/asio/ssl/stream.hpp>

#include <openssl/ssl.h>

namespace beckon::core::testing {

using TlsPeer = asio::ssl::stream<Socket&>;

class TlsTest : public ClientTest {
 protected:
  TlsTest() : authority(make_authority()), ca(authority) { options.ca_file = ca.path(); }

  // Shakes hands, then plays `script` on the TLS stream. Without a handshake the script is not played.
  using TlsScript = std::function<task<void>(TlsPeer& peer, int nth)>;
  RawServer::Script over_tls(asio::ssl::context& certified, TlsScript script) {
    return [this, &certified, script](Socket& socket, int nth) -> task<void> {
      TlsPeer peer(socket, certified);
      boost::system::error_code failed;
      co_await peer.async_handshake(TlsPeer::server, asio::redirect_error(use_task, failed));
      if (failed) co_return;
      ++handshakes;
      const char* name = SSL_get_servername(peer.native_handle(), TLSEXT_NAMETYPE_host_name);
      asked_for = name ? name : "";
      co_await script(peer, nth);
    };
  }

  static Wish names(std::vector<std::string> all) {
    Wish wish;
    wish.names = std::move(all);
    return wish;
  }

  Certificate authority;
  CaFile ca;
  int handshakes = 0;
  std::string asked_for;
};

inline task<void> answer_all(TlsPeer& peer, int) {
  for (;;) {
    const auto head = co_await read_head(peer);
    if (head.empty()) co_return;
    co_await say(peer, plain_ok);
  }
}

}  // namespace beckon::core::testing
