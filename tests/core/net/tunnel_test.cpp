// Requests through a proxy: a script on loopback that plays the proxy and, behind its tunnel, the origin too.
#include "core/net/tls_fixture.hpp"

namespace beckon::core {
namespace {

using namespace testing;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class Tunnel : public TlsTest {
 protected:
  Tunnel() : certified(serve_with(make_certificate(&authority, names({"DNS:api.test"})))) {}

  // Answers CONNECT with `reply`; then is the origin, if that was a yes.
  RawServer::Script proxy(std::string reply) {
    auto origin = over_tls(certified, [this](TlsPeer& peer, int) -> task<void> {
      for (;;) {
        const auto head = co_await read_head(peer);
        if (head.empty()) co_return;
        inner = head;
        co_await say(peer, plain_ok);
      }
    });
    return [this, reply, origin](Socket& socket, int nth) -> task<void> {
      outer = co_await read_head(socket);
      co_await say(socket, reply);
      if (reply.starts_with("HTTP/1.1 200")) co_await origin(socket, nth);
      co_await until_closed(socket);
    };
  }

  void use(const RawServer& server) { options.proxy = server.url("", "http", "me:open%20sesame@127.0.0.1"); }

  void expect_refusal(const HttpResult& result, const std::string& says) {
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().failure, HttpFailure::proxy);
    EXPECT_FALSE(result.error().ambiguous);
    EXPECT_THAT(result.error().message, HasSubstr(says));
    EXPECT_THAT(result.error().message, Not(HasSubstr("sesame")));
  }

  asio::ssl::context certified;
  std::string outer;
  std::string inner;
};

TEST_F(Tunnel, HttpsGoesThroughConnect) {
  RawServer server(context, proxy("HTTP/1.1 200 Connection established\r\n\r\n"));
  use(server);
  const auto result = get("https://api.test/path");
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_THAT(outer, StartsWith("CONNECT api.test:443 HTTP/1.1\r\nHost: api.test:443\r\n"));
  EXPECT_THAT(outer, HasSubstr("Proxy-Authorization: Basic bWU6b3BlbiBzZXNhbWU=\r\n"));
  EXPECT_THAT(inner, StartsWith("GET /path HTTP/1.1\r\nHost: api.test\r\n"));
  EXPECT_THAT(inner, Not(HasSubstr("Proxy-Authorization")));
  ASSERT_TRUE(get("https://api.test/again"));
  EXPECT_EQ(server.accepted(), 1);
}

TEST_F(Tunnel, LengthOfAnAnswerToConnectMeansNothing) {
  RawServer server(context, proxy("HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n"));
  use(server);
  EXPECT_TRUE(get("https://api.test/"));
}

TEST_F(Tunnel, CertificateIsTheOriginsNotTheProxys) {
  RawServer server(context, proxy("HTTP/1.1 200 OK\r\n\r\n"));
  use(server);
  const auto result = get("https://other.test/");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().failure, HttpFailure::tls);
  EXPECT_THAT(result.error().message, HasSubstr("other.test:443"));
}

TEST_F(Tunnel, RefusalsAreTold) {
  const std::pair<const char*, const char*> refusals[] = {
      {"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n", "user and password"},
      {"HTTP/1.1 403 Forbidden\r\n\r\n", "(403)"},
      {"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 5\r\n\r\nno DN", "refused to connect to api.test:443 (502)"},
      {"HTTP/1.1 200 OK\r\n\r\nunasked", "not a proxy's"},
      {"SSH-2.0-OpenSSH\r\n", "not a proxy's"}};
  for (const auto& [reply, says] : refusals) {
    RawServer server(context, proxy(reply));
    use(server);
    client.reset();
    expect_refusal(get("https://api.test/"), says);
    EXPECT_EQ(inner, "");
  }
}

TEST_F(Tunnel, WhoHasNoPasswordIsAskedForOneAndNotToldItIsWrong) {
  RawServer server(context, proxy("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 3\r\n\r\nno\n"));
  options.proxy = server.url("");
  expect_refusal(get("https://api.test/"), "wants a user and password (407)");
}

TEST_F(Tunnel, ProxyThatIsNotThereIsNamed) {
  {
    asio::io_context elsewhere;
    RawServer gone(elsewhere, proxy(""));
    use(gone);
  }
  expect_refusal(get("https://api.test/"), "no connection to the proxy 127.0.0.1:");
}

TEST_F(Tunnel, SilentProxyMeetsTheConnectLimit) {
  RawServer server(context, [](Socket& socket, int) -> task<void> { co_await until_closed(socket); });
  use(server);
  HttpLimits limits;
  limits.connect = 50ms;
  const auto result = get("https://api.test/", limits);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().failure, HttpFailure::timeout);
  EXPECT_THAT(result.error().message, HasSubstr("did not open a tunnel within 50ms"));
}

TEST_F(Tunnel, PlainHttpAsksInAbsoluteForm) {
  int hosts = 0;
  RawServer server(context, [&](Socket& socket, int) -> task<void> {
    for (;;) {
      const auto head = co_await read_head(socket);
      if (head.empty()) co_return;
      outer = head;
      ++hosts;
      co_await say(socket, plain_ok);
    }
  });
  use(server);
  options.allow_plain_http = true;
  ASSERT_TRUE(get("http://one.test/path?q"));
  EXPECT_THAT(outer, StartsWith("GET http://one.test/path?q HTTP/1.1\r\nHost: one.test\r\n"));
  EXPECT_THAT(outer, HasSubstr("Proxy-Authorization: Basic "));
  ASSERT_TRUE(get("http://two.test:8080/"));
  EXPECT_THAT(outer, StartsWith("GET http://two.test:8080/ HTTP/1.1\r\nHost: two.test:8080\r\n"));
  EXPECT_EQ(hosts, 2);
  EXPECT_EQ(server.accepted(), 1);
}

TEST_F(Tunnel, PlainHttpThroughAProxyNeedsTheSamePermission) {
  RawServer server(context, proxy("HTTP/1.1 200 OK\r\n\r\n"));
  use(server);
  const auto result = get("http://one.test/");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().failure, HttpFailure::refused_plain);
  EXPECT_EQ(server.accepted(), 0);
}

TEST_F(Tunnel, LoopbackAndNoProxyGoStraight) {
  RawServer proxied(context, proxy("HTTP/1.1 403 Forbidden\r\n\r\n"));
  RawServer straight(context, [](Socket& socket, int) -> task<void> {
    co_await read_head(socket);
    co_await say(socket, plain_ok);
  });
  use(proxied);
  EXPECT_TRUE(get(straight.url()));
  EXPECT_EQ(proxied.accepted(), 0);
}

}  // namespace
}  // namespace beckon::core
