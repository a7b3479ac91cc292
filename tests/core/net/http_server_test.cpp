#include "net/http_server.hpp"

#include "base/log.hpp"
#include "core/net/raw_server.hpp"
#include "support/run.hpp"

#include <gmock/gmock.h>

#include <stdexcept>

namespace beckon::core {
namespace {

using namespace testing;
using ::testing::HasSubstr;
using ::testing::StartsWith;

task<HttpResponse> echo(HttpRequest request) {
  HttpResponse response;
  response.status = 200;
  response.headers.emplace_back("X-Method", request.method);
  response.body = request.url + "|" + request.body;
  co_return response;
}

task<std::string> talk(std::uint16_t port, std::string text) {
  Socket socket(co_await asio::this_coro::executor);
  const asio::ip::tcp::endpoint server(asio::ip::address_v4::loopback(), port);
  co_await socket.async_connect(server, use_task);
  co_await say(socket, std::move(text));
  std::string all;
  std::array<char, 4096> bytes;
  boost::system::error_code error;
  while (!error) {
    const auto into = asio::buffer(bytes);
    const auto count = co_await socket.async_read_some(into, asio::redirect_error(use_task, error));
    all.append(bytes.data(), count);
  }
  co_return all;
}

std::string exchange(HttpHandler handler, const std::string& text) {
  asio::io_context context(1);
  const auto server = serve_http(context.get_executor(), std::move(handler));
  return run(context, [&] { return talk(server->port(), text); });
}

TEST(HttpServer, AnswersPipelinedRequestsInOrder) {
  const std::string last = "POST /b HTTP/1.1\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi";
  const auto text = exchange(echo, "GET /a HTTP/1.1\r\n\r\n" + last);
  EXPECT_THAT(text, StartsWith("HTTP/1.1 200 OK\r\nX-Method: GET\r\nContent-Length: 3\r\n\r\n/a|"));
  EXPECT_THAT(text, HasSubstr("/b|hi"));
}

TEST(HttpServer, HeadHasNoBody) {
  const auto text = exchange(echo, "HEAD /abc HTTP/1.1\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(text, HasSubstr("Content-Length: 5\r\n"));
  EXPECT_TRUE(text.ends_with("\r\n\r\n"));
}

TEST(HttpServer, NonsenseIsToldAndClosed) {
  EXPECT_THAT(exchange(echo, "NONSENSE\r\n\r\n"), StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(exchange(echo, "POST / HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n"), StartsWith("HTTP/1.1 413 "));
}

TEST(HttpServer, HandlerThatThrowsAnswers500) {
  std::string lines;
  log::capture(&lines);
  auto bad = [](HttpRequest) -> task<HttpResponse> {
    throw std::runtime_error("out of tea");
    co_return HttpResponse();
  };
  const auto text = exchange(bad, "GET / HTTP/1.1\r\nConnection: close\r\n\r\n");
  log::capture(nullptr);
  EXPECT_THAT(text, StartsWith("HTTP/1.1 500 "));
  EXPECT_THAT(lines, HasSubstr("out of tea"));
}

TEST(HttpServer, HandlerMayCloseTheConnection) {
  auto closing = [](HttpRequest) -> task<HttpResponse> {
    HttpResponse response;
    response.status = 200;
    response.headers.emplace_back("Connection", "close");
    co_return response;
  };
  EXPECT_THAT(exchange(closing, "GET / HTTP/1.1\r\n\r\n"), HasSubstr("Connection: close"));
}

TEST(HttpServer, TakenPortIsAnError) {
  asio::io_context context(1);
  const auto server = serve_http(context.get_executor(), echo);
  EXPECT_THROW(serve_http(context.get_executor(), echo, server->port()), boost::system::system_error);
}

// The handler waits; the server goes: its connection is closed and the handler is cancelled, not left to dangle.
TEST(HttpServer, GoingAwayEndsConnectionsAndHandlers) {
  asio::io_context context(1);
  bool cancelled = false;
  std::unique_ptr<HttpServer> server;
  auto patient = [&](HttpRequest) -> task<HttpResponse> {
    asio::post(context, [&] {
      EXPECT_EQ(server->connections(), 1u);
      server.reset();
    });
    try {
      co_await sleep_for(1h);
    } catch (const boost::system::system_error&) {
      cancelled = true;
      throw;
    }
    co_return HttpResponse();
  };
  server = serve_http(context.get_executor(), patient);
  EXPECT_EQ(run(context, [&] { return talk(server->port(), "GET / HTTP/1.1\r\n\r\n"); }), "");
  context.restart();
  context.run_for(1s);
  EXPECT_TRUE(cancelled);
}

TEST(HttpServer, MayOutliveItsContext) {
  std::unique_ptr<HttpServer> server;
  {
    asio::io_context context(1);
    server = serve_http(context.get_executor(), [](HttpRequest) -> task<HttpResponse> {
      co_await sleep_for(1h);
      co_return HttpResponse();
    });
    const auto port = server->port();
    auto pending = [&]() -> task<std::string> { return talk(port, "GET / HTTP/1.1\r\n\r\n"); };
    asio::co_spawn(context.get_executor(), pending(), [](std::exception_ptr, std::string) {});
    while (server->connections() == 0) context.run_one();
  }
  EXPECT_EQ(server->connections(), 0u);
}

}  // namespace
}  // namespace beckon::core
