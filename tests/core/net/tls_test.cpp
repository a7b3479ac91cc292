#include "core/net/tls_fixture.hpp"

namespace beckon::core {
namespace {

using namespace testing;
using ::testing::HasSubstr;
using ::testing::Not;

class Tls : public TlsTest {
 protected:
  // One request to a server with that certificate, at `host`.
  HttpResult ask(const Certificate& certificate, const std::string& host, int versions_up_to = 0) {
    auto certified = serve_with(certificate);
    if (versions_up_to) SSL_CTX_set_max_proto_version(certified.native_handle(), versions_up_to);
    RawServer server(context, over_tls(certified, answer_all));
    port = server.port();
    auto result = get(server.url("/secret", "https", host));
    if (!result) {
      EXPECT_THAT(result.error().message, Not(HasSubstr("secret")));
    }
    return result;
  }

  void expect_refusal(const HttpResult& result, const std::string& says) {
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().failure, HttpFailure::tls);
    EXPECT_FALSE(result.error().ambiguous);
    EXPECT_THAT(result.error().message, HasSubstr(says));
    EXPECT_THAT(result.error().message, HasSubstr(":" + std::to_string(port)));
    EXPECT_EQ(handshakes, 0);
  }

  std::uint16_t port = 0;
};

TEST_F(Tls, GoodCertificateIsAcceptedAndTheNameIsSent) {
  const auto result = ask(make_certificate(&authority, names({"DNS:forge.localhost"})), "forge.localhost");
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(result->body, "ok");
  EXPECT_EQ(asked_for, "forge.localhost");
}

TEST_F(Tls, WildcardCoversOneLabel) {
  EXPECT_TRUE(ask(make_certificate(&authority, names({"DNS:*.forge.localhost"})), "api.forge.localhost"));
}

TEST_F(Tls, AddressIsVerifiedAndNotSentAsAName) {
  const auto result = ask(make_certificate(&authority, names({"IP:127.0.0.1"})), "127.0.0.1");
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(asked_for, "");
}

TEST_F(Tls, WrongNameIsRefused) {
  expect_refusal(ask(make_certificate(&authority, names({"DNS:other.localhost"})), "forge.localhost"), "another name");
}

TEST_F(Tls, WrongAddressIsRefused) {
  const auto certificate = make_certificate(&authority, names({"IP:127.0.0.2", "DNS:127.0.0.1"}));
  expect_refusal(ask(certificate, "127.0.0.1"), "another name");
}

TEST_F(Tls, ExpiredCertificateIsRefused) {
  auto wish = names({"DNS:localhost"});
  wish.valid_to = -60;
  expect_refusal(ask(make_certificate(&authority, wish), "localhost"), "has expired");
}

TEST_F(Tls, CertificateOfTheFutureIsRefused) {
  auto wish = names({"DNS:localhost"});
  wish.valid_from = 3000;
  expect_refusal(ask(make_certificate(&authority, wish), "localhost"), "clock");
}

TEST_F(Tls, UnknownAuthorityIsRefusedWithTheWayOut) {
  const auto stranger = make_authority("Another Authority");
  expect_refusal(ask(make_certificate(&stranger, names({"DNS:localhost"})), "localhost"), "ca_file");
}

TEST_F(Tls, AuthorityThatOnlyBearsTheNameOfOursIsRefused) {
  const auto impostor = make_authority();
  expect_refusal(ask(make_certificate(&impostor, names({"DNS:localhost"})), "localhost"), "ca_file");
}

TEST_F(Tls, SelfSignedCertificateIsRefused) {
  expect_refusal(ask(make_certificate(nullptr, names({"DNS:localhost"})), "localhost"), "ca_file");
}

TEST_F(Tls, OurAuthorityIsUnknownWithoutCaFile) {
  options.ca_file.clear();
  expect_refusal(ask(make_certificate(&authority, names({"DNS:localhost"})), "localhost"), "ca_file");
}

TEST_F(Tls, OldVersionsAreRefused) {
  expect_refusal(ask(make_certificate(&authority, names({"DNS:localhost"})), "localhost", TLS1_1_VERSION), "1.2");
}

TEST_F(Tls, Version12IsEnough) {
  EXPECT_TRUE(ask(make_certificate(&authority, names({"DNS:localhost"})), "localhost", TLS1_2_VERSION));
}

TEST_F(Tls, PlainServerOnTheTlsPortIsTold) {
  RawServer server(context, [](Socket& socket, int) -> task<void> {
    co_await say(socket, "HTTP/1.1 400 Bad Request\r\n\r\n");
    co_await until_closed(socket);
  });
  port = server.port();
  expect_refusal(get(server.url("/", "https")), "does not speak TLS");
}

TEST_F(Tls, CutInTheHandshakeIsTold) {
  RawServer server(context, [](Socket& socket, int) -> task<void> {
    std::array<char, 64> some;
    const auto into = asio::buffer(some);
    co_await socket.async_read_some(into, use_task);
  });
  port = server.port();
  expect_refusal(get(server.url("/", "https")), "during the TLS handshake");
}

TEST_F(Tls, SilenceInTheHandshakeMeetsTheConnectLimit) {
  RawServer server(context, [](Socket& socket, int) -> task<void> { co_await until_closed(socket); });
  HttpLimits limits;
  limits.connect = 50ms;
  const auto result = get(server.url("/", "https"), limits);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().failure, HttpFailure::timeout);
  EXPECT_FALSE(result.error().ambiguous);
  EXPECT_THAT(result.error().message, HasSubstr("TLS handshake within 50ms"));
}

class TlsTalk : public TlsTest {
 protected:
  TlsTalk() : certified(serve_with(make_certificate(&authority, names({"DNS:localhost"})))) {}
  std::string url(const RawServer& server) { return server.url("/", "https", "localhost"); }
  asio::ssl::context certified;
};

TEST_F(TlsTalk, ConnectionIsKept) {
  RawServer server(context, over_tls(certified, answer_all));
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(get(url(server)));
  EXPECT_EQ(handshakes, 1);
}

TEST_F(TlsTalk, StaleConnectionIsRetriedOnce) {
  RawServer server(context, over_tls(certified, [](TlsPeer& peer, int nth) -> task<void> {
    co_await read_head(peer);
    co_await say(peer, plain_ok);
    if (nth == 1) co_await read_head(peer);
  }));
  ASSERT_TRUE(get(url(server)));
  const auto result = get(url(server));
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(handshakes, 2);
}

// Two records in one segment: the second is out of the socket when the first is read, and would be taken for the answer
// to the next request.
TEST_F(TlsTalk, ConnectionThatSaidMoreThanItWasAskedIsNotUsedAgain) {
  constexpr std::size_t record = 512;  // OpenSSL makes no shorter ones
  const std::string header = "HTTP/1.1 200 OK\r\nContent-Length: 400\r\nX-Filler: ";
  const std::string body(400, 'x');
  const std::string answer = header + std::string(record - header.size() - 4 - body.size(), '.') + "\r\n\r\n" + body;
  RawServer server(context, over_tls(certified, [&](TlsPeer& peer, int nth) -> task<void> {
    SSL_set_max_send_fragment(peer.native_handle(), record);
    co_await read_head(peer);
    std::string said = plain_ok;
    if (nth == 1) said = answer + "HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nunwanted";
    co_await say(peer, said);
    co_await until_closed(peer);
  }));
  EXPECT_EQ(get(url(server))->body, body);
  EXPECT_EQ(get(url(server))->body, "ok");
  EXPECT_EQ(handshakes, 2);
}

TEST_F(TlsTalk, WholeMessageNeedsNoGoodbye) {
  RawServer server(context, over_tls(certified, [](TlsPeer& peer, int) -> task<void> {
    co_await read_head(peer);
    co_await say(peer, plain_ok);
  }));
  EXPECT_TRUE(get(url(server)));
}

// Anybody on the way can cut a TCP connection; only the peer can say good-bye in TLS.
TEST_F(TlsTalk, BodyWithoutALengthNeedsAGoodbye) {
  bool polite = false;
  RawServer server(context, over_tls(certified, [&](TlsPeer& peer, int) -> task<void> {
    co_await read_head(peer);
    co_await say(peer, "HTTP/1.1 200 OK\r\n\r\nto the end");
    boost::system::error_code ignored;
    if (polite) co_await peer.async_shutdown(asio::redirect_error(use_task, ignored));
  }));
  const auto cut = get(url(server));
  ASSERT_FALSE(cut);
  EXPECT_EQ(cut.error().failure, HttpFailure::cut_short);
  polite = true;
  const auto whole = get(url(server));
  ASSERT_TRUE(whole) << whole.error().message;
  EXPECT_EQ(whole->body, "to the end");
}

TEST_F(TlsTalk, LargeBodiesPassBothWays) {
  const std::string large(3u << 20, 'x');
  RawServer server(context, over_tls(certified, [&](TlsPeer& peer, int) -> task<void> {
    std::string received;
    std::array<char, 16 << 10> bytes;
    while (!received.ends_with("!")) {
      const auto into = asio::buffer(bytes);
      const auto count = co_await peer.async_read_some(into, use_task);
      received.append(bytes.data(), count);
    }
    co_await say(peer, "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(large.size()) + "\r\n\r\n" + large);
  }));
  HttpRequest request;
  request.method = "PUT";
  request.url = url(server);
  request.body = large + "!";
  const auto result = send(request);
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(result->body, large);
}

}  // namespace
}  // namespace beckon::core
