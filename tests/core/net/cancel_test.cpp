// A request may be given up anywhere, and client and io_context may go in any order. The sanitizers hear the rest.
#include "core/net/tls_fixture.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/post.hpp>

namespace beckon::core {
namespace {

using namespace testing;

class Cancel : public TlsTest {
 protected:
  // A script calls this where the request is to be given up.
  void give_up() {
    asio::post(context, [this] { signal.emit(asio::cancellation_type::terminal); });
  }

  // Sends and expects to be cancelled, and the server to see the connection closed.
  void expect_cancelled(const RawServer& server, const std::string& url) {
    if (!client) client = make_http_client(context.get_executor(), options).value();
    HttpRequest request;
    request.method = "POST";
    request.url = url;
    request.body = std::string(body_size, 'x');
    bool done = false;
    boost::system::error_code thrown;
    auto ended = [&](std::exception_ptr failure, HttpResult) {
      done = true;
      try {
        if (failure) std::rethrow_exception(failure);
      } catch (const boost::system::system_error& error) {
        thrown = error.code();
      }
    };
    auto work = client->send(request, HttpLimits());
    asio::co_spawn(context.get_executor(), std::move(work), asio::bind_cancellation_slot(signal.slot(), ended));
    context.restart();
    while (!done || server.closed() < server.accepted()) ASSERT_GT(context.run_one_for(5s), 0u);
    EXPECT_EQ(thrown, asio::error::operation_aborted);
  }

  std::size_t body_size = 7;
  asio::cancellation_signal signal;
};

TEST_F(Cancel, WhileTheServerThinks) {
  RawServer server(context, [this](Socket& socket, int) -> task<void> {
    co_await read_head(socket);
    give_up();
    co_await until_closed(socket);
  });
  expect_cancelled(server, server.url());
}

TEST_F(Cancel, InTheMiddleOfTheBody) {
  RawServer server(context, [this](Socket& socket, int) -> task<void> {
    co_await read_head(socket);
    co_await say(socket, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
    give_up();
    co_await until_closed(socket);
  });
  expect_cancelled(server, server.url());
}

TEST_F(Cancel, InTheMiddleOfTheRequest) {
  body_size = 32u << 20;
  RawServer server(context, [this](Socket& socket, int) -> task<void> {
    co_await read_head(socket);
    give_up();
    co_await sleep_for(1ms);  // the request stands still meanwhile: nobody reads
    co_await until_closed(socket);
  });
  expect_cancelled(server, server.url());
}

TEST_F(Cancel, InTheMiddleOfTheHandshake) {
  RawServer server(context, [this](Socket& socket, int) -> task<void> {
    std::array<char, 64> some;
    const auto into = asio::buffer(some);
    co_await socket.async_read_some(into, use_task);
    give_up();
    co_await until_closed(socket);
  });
  expect_cancelled(server, server.url("/", "https"));
}

TEST_F(Cancel, InTheMiddleOfTheTunnel) {
  RawServer server(context, [this](Socket& socket, int) -> task<void> {
    co_await read_head(socket);
    give_up();
    co_await until_closed(socket);
  });
  options.proxy = server.url("");
  expect_cancelled(server, "https://api.test/");
}

TEST_F(Cancel, InTheMiddleOfTlsTalk) {
  auto certified = serve_with(make_certificate(&authority, names({"DNS:localhost"})));
  RawServer server(context, over_tls(certified, [this](TlsPeer& peer, int) -> task<void> {
    co_await read_head(peer);
    co_await say(peer, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
    give_up();
    co_await until_closed(peer);
  }));
  expect_cancelled(server, server.url("/", "https", "localhost"));
}

// Not retried, though the connection was a kept one and nothing had come.
TEST_F(Cancel, OnAKeptConnection) {
  RawServer server(context, [this](Socket& socket, int) -> task<void> {
    co_await read_head(socket);
    co_await say(socket, plain_ok);
    co_await read_head(socket);
    give_up();
    co_await until_closed(socket);
  });
  ASSERT_TRUE(post(server.url()));
  expect_cancelled(server, server.url());
  EXPECT_EQ(server.accepted(), 1);
}

TEST_F(Cancel, ClientMayGoBeforeItsRequestsDo) {
  RawServer server(context, [this](Socket& socket, int) -> task<void> {
    co_await read_head(socket);
    client.reset();
    co_await say(socket, plain_ok);
  });
  client = make_http_client(context.get_executor(), options).value();
  HttpRequest request;
  request.url = server.url();
  auto work = client->send(request, HttpLimits());
  int status = 0;
  asio::co_spawn(context.get_executor(), std::move(work),
                 [&](std::exception_ptr, HttpResult result) { status = result.value().status; });
  while (status == 0) ASSERT_GT(context.run_one_for(5s), 0u);
  EXPECT_EQ(status, 200);
  EXPECT_EQ(client, nullptr);
}

// A connection at rest, one in use, one in the handshake; then the context goes, and the client after it.
TEST(Context, MayGoBeforeTheClient) {
  const auto authority = make_authority();
  auto certified = serve_with(make_certificate(&authority, Wish{{"DNS:localhost"}}));
  const CaFile ca(authority);
  HttpClientOptions options;
  options.ca_file = ca.path();
  std::unique_ptr<HttpClient> client;
  int waiting = 0;
  {
    asio::io_context context(1);
    client = make_http_client(context.get_executor(), options).value();
    RawServer plain(context, [&](Socket& socket, int nth) -> task<void> {
      co_await read_head(socket);
      if (nth == 1) co_await say(socket, plain_ok);
      ++waiting;
      co_await until_closed(socket);
    });
    RawServer silent(context, [&](Socket& socket, int) -> task<void> {
      std::array<char, 64> some;
      const auto into = asio::buffer(some);
      co_await socket.async_read_some(into, use_task);
      ++waiting;
      co_await until_closed(socket);
    });
    HttpRequest request;
    request.url = plain.url();
    const auto first = run(context, [&] { return client->send(request, HttpLimits()); });
    ASSERT_TRUE(first);
    auto ignore = [](std::exception_ptr, HttpResult) {};
    auto resting = client->send(request, HttpLimits());
    auto in_use = client->send(request, HttpLimits());
    request.url = silent.url("/", "https", "localhost");
    auto in_handshake = client->send(request, HttpLimits());
    asio::co_spawn(context.get_executor(), std::move(resting), ignore);
    asio::co_spawn(context.get_executor(), std::move(in_use), ignore);
    asio::co_spawn(context.get_executor(), std::move(in_handshake), ignore);
    context.restart();
    while (waiting < 3) ASSERT_GT(context.run_one_for(5s), 0u);
  }
  client.reset();
}

TEST(Context, MayGoWithAConnectionAtRest) {
  std::unique_ptr<HttpClient> client;
  {
    asio::io_context context(1);
    client = make_http_client(context.get_executor(), HttpClientOptions()).value();
    RawServer server(context, [&](Socket& socket, int) -> task<void> {
      co_await read_head(socket);
      co_await say(socket, plain_ok);
      co_await until_closed(socket);
    });
    HttpRequest request;
    request.url = server.url();
    const auto result = run(context, [&] { return client->send(request, HttpLimits()); });
    ASSERT_TRUE(result);
  }
  client.reset();
}

}  // namespace
}  // namespace beckon::core
