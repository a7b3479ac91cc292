#include "core/net/client_fixture.hpp"
#include "net/http_server.hpp"

namespace beckon::core {
namespace {

using namespace testing;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class Http : public ClientTest {};

TEST_F(Http, CarriesARequestThereAndBack) {
  HttpRequest seen;
  const auto server = serve_http(context.get_executor(), [&](HttpRequest request) -> task<HttpResponse> {
    seen = request;
    HttpResponse response;
    response.status = 201;
    response.headers.emplace_back("ETag", "\"x\"");
    response.body = "made";
    co_return response;
  });
  options.user_agent = "beckon/9";
  HttpRequest request;
  request.method = "PATCH";
  request.url = server->origin() + "/a/b?c=%20d#e";
  request.headers.emplace_back("X-Token", "t");
  request.body = std::string(300'000, 'x');
  const auto result = send(request);
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(result->status, 201);
  EXPECT_EQ(result->body, "made");
  EXPECT_EQ(find_header(result->headers, "etag"), "\"x\"");
  EXPECT_EQ(seen.method, "PATCH");
  EXPECT_EQ(seen.url, "/a/b?c=%20d");
  EXPECT_EQ(seen.body, request.body);
  EXPECT_EQ(find_header(seen.headers, "User-Agent"), "beckon/9");
  EXPECT_EQ(find_header(seen.headers, "X-Token"), "t");
  EXPECT_EQ(find_header(seen.headers, "Host"), "127.0.0.1:" + std::to_string(server->port()));
  EXPECT_EQ(find_header(seen.headers, "Accept-Encoding"), "");
}

TEST_F(Http, LocalhostIsThisMachine) {
  RawServer server(context, [](Socket& socket, int) -> task<void> {
    co_await read_head(socket);
    co_await say(socket, plain_ok);
  });
  const auto result = get(server.url("/", "http", "forge.localhost"));
  ASSERT_TRUE(result) << result.error().message;
}

TEST_F(Http, CutAfterTheRequestIsAmbiguous) {
  RawServer server(context, [](Socket& socket, int) -> task<void> { co_await read_head(socket); });
  const auto result = post(server.url("/secret/path"));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().failure, HttpFailure::cut_short);
  EXPECT_TRUE(result.error().ambiguous);
  EXPECT_THAT(result.error().message, StartsWith("127.0.0.1:" + std::to_string(server.port())));
  EXPECT_THAT(result.error().message, Not(HasSubstr("secret")));
  EXPECT_EQ(server.accepted(), 1);
}

// Far more than the socket buffers take, so the request cannot have left.
TEST_F(Http, CutWithinTheRequestIsNotAmbiguous) {
  RawServer server(context, [](Socket& socket, int) -> task<void> { co_await read_head(socket); });
  HttpRequest request;
  request.method = "POST";
  request.url = server.url();
  request.body = std::string(32u << 20, 'x');
  const auto result = send(request);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().failure, HttpFailure::cut_short);
  EXPECT_FALSE(result.error().ambiguous);
}

TEST_F(Http, RefusedConnectionIsNotAmbiguous) {
  std::uint16_t port = 0;
  {
    asio::io_context elsewhere;
    RawServer gone(elsewhere, answer_each);
    port = gone.port();
  }
  const auto result = post("http://127.0.0.1:" + std::to_string(port) + "/secret");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().failure, HttpFailure::connect);
  EXPECT_FALSE(result.error().ambiguous);
  EXPECT_THAT(result.error().message, HasSubstr("Connection refused"));
  EXPECT_THAT(result.error().message, Not(HasSubstr("secret")));
}

TEST_F(Http, HalfABodyIsAnError) {
  RawServer server(context, [](Socket& socket, int) -> task<void> {
    co_await read_head(socket);
    co_await say(socket, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
  });
  const auto result = get(server.url());
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().failure, HttpFailure::cut_short);
  EXPECT_TRUE(result.error().ambiguous);
}

TEST_F(Http, BodyWithoutALengthEndsWithTheConnection) {
  RawServer server(context, [](Socket& socket, int) -> task<void> {
    co_await read_head(socket);
    co_await say(socket, "HTTP/1.0 200 OK\r\n\r\nto the end");
  });
  const auto result = get(server.url());
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(result->body, "to the end");
}

TEST_F(Http, ChunkedAnswerAfterInterimOnesArrivesWhole) {
  RawServer server(context, [](Socket& socket, int) -> task<void> {
    co_await read_head(socket);
    co_await say(socket, "HTTP/1.1 100 Continue\r\n\r\n");
    co_await say(socket, "HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    co_await say(socket, "3\r\nabc\r\n");
    co_await say(socket, "0\r\n\r\n");
  });
  const auto result = get(server.url());
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(result->body, "abc");
}

TEST_F(Http, LargeBodyIsRefusedBeforeItIsRead) {
  RawServer server(context, [](Socket& socket, int) -> task<void> {
    co_await read_head(socket);
    co_await say(socket, "HTTP/1.1 200 OK\r\nContent-Length: 1000000000000\r\n\r\n");
    co_await until_closed(socket);
  });
  HttpLimits limits;
  limits.max_body = 1000;
  const auto result = get(server.url(), limits);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().failure, HttpFailure::too_large);
  EXPECT_TRUE(result.error().ambiguous);
  EXPECT_THAT(result.error().message, HasSubstr(" is over 1000 bytes; not read"));
}

TEST_F(Http, EndlessHeadersAreTooLarge) {
  RawServer server(context, [](Socket& socket, int) -> task<void> {
    co_await read_head(socket);
    co_await say(socket, "HTTP/1.1 200 OK\r\n");
    for (int i = 0; i < 10'000; ++i) co_await say(socket, "X-Endless: " + std::string(100, 'x') + "\r\n");
  });
  const auto result = get(server.url());
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().failure, HttpFailure::too_large);
  EXPECT_THAT(result.error().message, HasSubstr("the header of the answer of 127.0.0.1:"));
  EXPECT_THAT(result.error().message, HasSubstr(" is over 64 KiB; not read"));
}

TEST_F(Http, NonsenseIsMalformed) {
  RawServer server(context, [](Socket& socket, int) -> task<void> {
    co_await say(socket, "220 mail.example ESMTP\r\n");
    co_await until_closed(socket);
  });
  const auto result = get(server.url());
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().failure, HttpFailure::malformed);
}

// A byte now and then never lets a limit per read expire; the limit over all does.
TEST_F(Http, DrippingBodyMeetsTheTotalLimit) {
  RawServer server(context, [](Socket& socket, int) -> task<void> {
    co_await read_head(socket);
    co_await say(socket, "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n");
    boost::system::error_code gone;
    while (!gone) {
      co_await asio::async_write(socket, asio::buffer("x", 1), asio::redirect_error(use_task, gone));
      co_await sleep_for(5ms);
    }
  });
  HttpLimits limits;
  limits.total = 60ms;
  const auto began = std::chrono::steady_clock::now();
  const auto result = get(server.url(), limits);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().failure, HttpFailure::timeout);
  EXPECT_TRUE(result.error().ambiguous);
  EXPECT_THAT(result.error().message, HasSubstr("60ms"));
  EXPECT_LT(std::chrono::steady_clock::now() - began, 5s);
}

TEST_F(Http, SilenceAfterTheRequestMeetsTheTotalLimitWithoutARetry) {
  RawServer server(context, [&](Socket& socket, int) -> task<void> {
    co_await read_head(socket);
    co_await say(socket, plain_ok);
    co_await until_closed(socket);
  });
  HttpLimits limits;
  limits.total = 50ms;
  ASSERT_TRUE(post(server.url(), limits));
  const auto result = post(server.url(), limits);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().failure, HttpFailure::timeout);
  EXPECT_TRUE(result.error().ambiguous);
  EXPECT_EQ(server.accepted(), 1);
}

TEST_F(Http, PeerThatTakesNothingIsATimeoutThatIsNotAmbiguous) {
  RawServer server(context, [](Socket&, int) -> task<void> { co_await sleep_for(1h); });
  HttpRequest request;
  request.method = "POST";
  request.url = server.url();
  request.body = std::string(32u << 20, 'x');
  HttpLimits limits;
  limits.total = 100ms;
  const auto result = send(request, limits);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().failure, HttpFailure::timeout);
  EXPECT_FALSE(result.error().ambiguous);
}

TEST_F(Http, RedirectsAreNotFollowed) {
  RawServer server(context, [&](Socket& socket, int) -> task<void> {
    co_await read_head(socket);
    co_await say(socket, "HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n");
  });
  const auto result = get(server.url());
  ASSERT_TRUE(result);
  EXPECT_EQ(result->status, 302);
  EXPECT_EQ(find_header(result->headers, "Location"), "/elsewhere");
  EXPECT_EQ(server.accepted(), 1);
}

TEST_F(Http, PlainHttpBeyondThisMachineIsRefused) {
  const auto result = get("http://forge.example/secret");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().failure, HttpFailure::refused_plain);
  EXPECT_THAT(result.error().message, HasSubstr("forge.example:80"));
  EXPECT_THAT(result.error().message, Not(HasSubstr("secret")));
}

TEST_F(Http, HeaderInjectionNeverReachesTheWire) {
  RawServer server(context, answer_each);
  HttpRequest request;
  request.url = server.url();
  request.headers.emplace_back("X-Name", "a\r\nX-Evil: sesame");
  auto result = send(request);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().failure, HttpFailure::bad_url);
  EXPECT_THAT(result.error().message, Not(HasSubstr("sesame")));
  result = get(server.url("/a\r\nX-Evil: sesame"));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().failure, HttpFailure::bad_url);
  result = get("http://user:sesame@127.0.0.1:" + std::to_string(server.port()) + "/");
  ASSERT_FALSE(result);
  EXPECT_THAT(result.error().message, Not(HasSubstr("sesame")));
  EXPECT_EQ(server.accepted(), 0);
}

TEST_F(Http, ClientThatCannotWorkIsNotMade) {
  HttpClientOptions bad;
  bad.ca_file = "/does/not/exist.pem";
  auto made = make_http_client(context.get_executor(), bad);
  ASSERT_FALSE(made);
  EXPECT_THAT(made.error().message, HasSubstr("/does/not/exist.pem"));
  bad = HttpClientOptions();
  bad.proxy = "socks5://proxy:1";
  EXPECT_FALSE(make_http_client(context.get_executor(), bad));
  bad = HttpClientOptions();
  bad.user_agent = "beckon\r\nX-Evil: 1";
  EXPECT_FALSE(make_http_client(context.get_executor(), bad));
}

}  // namespace
}  // namespace beckon::core
