#include "net/tls.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/error.hpp>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

namespace beckon::core {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

std::string explain_certificate(long verdict, std::string_view peer) {
  const std::string certificate = "the certificate of " + std::string(peer);
  switch (verdict) {
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_CERT_UNTRUSTED:
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:
      return certificate + " is not signed by an authority that this machine trusts; set ca_file to the authority's " +
             "certificate if it is your own, or install the package ca-certificates";
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return certificate + " has expired; whoever runs that host must renew it (or this machine's clock is wrong)";
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return certificate + " is not valid yet; check this machine's clock";
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return certificate + " was issued for another name; check the host in the URL";
    case X509_V_ERR_CERT_REVOKED:
      return certificate + " was revoked by its authority; do not trust that host until it has a new one";
    default:
      return certificate + " was refused: " + X509_verify_cert_error_string(verdict);
  }
}

}  // namespace

Result<std::shared_ptr<TlsContext>> make_tls_context(const std::string& ca_file) {
  auto context = std::make_shared<TlsContext>(TlsContext::tls_client);
  auto* native = context->native_handle();
  SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
  // Resting connections give their buffers back: 34 KB each.
  SSL_CTX_set_mode(native, SSL_MODE_RELEASE_BUFFERS);
  error_code error;
  context->set_verify_mode(asio::ssl::verify_peer, error);
  // A machine without a store is told so by the first handshake, with what to install.
  error_code no_store;
  context->set_default_verify_paths(no_store);
  ERR_clear_error();
  if (!ca_file.empty()) {
    context->load_verify_file(ca_file, error);
    if (error) {
      ERR_clear_error();
      return fail("ca_file " + ca_file + " cannot be used: " + error.message() +
                  "; it must be a readable file with certificates in PEM form");
    }
  }
  return context;
}

bool expect_peer(ssl_st* session, const std::string& host) {
  error_code no_address;
  asio::ip::make_address(host, no_address);
  auto* expected = SSL_get0_param(session);
  if (!no_address) return X509_VERIFY_PARAM_set1_ip_asc(expected, host.c_str()) == 1;
  X509_VERIFY_PARAM_set_hostflags(expected, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  return X509_VERIFY_PARAM_set1_host(expected, host.c_str(), host.size()) == 1 &&
         SSL_set_tlsext_host_name(session, host.c_str()) == 1;
}

std::string explain_handshake(ssl_st* session, error_code error, std::string_view peer) {
  const std::string host(peer);
  if (error == asio::error::eof || error == asio::ssl::error::stream_truncated ||
      error == asio::error::connection_reset || error == asio::error::broken_pipe)
    return host + " closed the connection during the TLS handshake; does TLS belong on that port?";
  if (error.category() != asio::error::get_ssl_category())
    return "the TLS handshake with " + host + " failed: " + error.message();
  // Asio hands out the oldest error of OpenSSL's queue, which need not be the one that says "certificate".
  const long verdict = SSL_get_verify_result(session);
  if (verdict != X509_V_OK) return explain_certificate(verdict, peer);
  switch (ERR_GET_REASON(static_cast<unsigned long>(error.value()))) {
    case SSL_R_WRONG_VERSION_NUMBER:
    case SSL_R_HTTP_REQUEST:
    case SSL_R_PACKET_LENGTH_TOO_LONG:
      return host + " does not speak TLS; check the port, or whether the URL should begin with http://";
    case SSL_R_UNSUPPORTED_PROTOCOL:
    case SSL_R_TLSV1_ALERT_PROTOCOL_VERSION:
      return host + " offers no TLS of version 1.2 or later; whoever runs it must update it";
    default:
      return "the TLS handshake with " + host + " failed: " + error.message();
  }
}

}  // namespace beckon::core
