// Which connections are kept, for how long, and what happens when the other side had enough of one.
#include "core/net/client_fixture.hpp"
#include "net/http_server.hpp"

namespace beckon::core {
namespace {

using namespace testing;

class KeepAlive : public ClientTest {};

TEST_F(KeepAlive, KeepsTheConnection) {
  RawServer server(context, answer_each);
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(get(server.url()));
  EXPECT_EQ(server.accepted(), 1);
}

TEST_F(KeepAlive, BodilessAnswersKeepTheConnectionInStep) {
  const auto server = serve_http(context.get_executor(), [](HttpRequest request) -> task<HttpResponse> {
    HttpResponse response;
    response.status = 200;
    if (request.url == "/304") response.status = 304;
    if (request.url == "/204") response.status = 204;
    response.body = "a body";
    co_return response;
  });
  HttpRequest head;
  head.method = "HEAD";
  head.url = server->origin() + "/";
  for (int round = 0; round < 2; ++round) {
    EXPECT_EQ(get(server->origin() + "/304")->status, 304);
    EXPECT_EQ(get(server->origin() + "/204")->body, "");
    EXPECT_EQ(send(head)->body, "");
    EXPECT_EQ(get(server->origin() + "/")->body, "a body");
  }
  EXPECT_EQ(server->connections(), 1u);
}

TEST_F(KeepAlive, KeepsNoMoreThanTheCap) {
  RawServer server(context, answer_each);
  options.idle_per_origin = 2;
  client = make_http_client(context.get_executor(), options).value();
  HttpRequest request;
  request.url = server.url();
  int done = 0;
  for (int i = 0; i < 5; ++i) {
    auto one = client->send(request, HttpLimits());
    asio::co_spawn(context.get_executor(), std::move(one), [&](std::exception_ptr, HttpResult) { ++done; });
  }
  context.restart();
  while (done < 5 || server.closed() < 3) ASSERT_GT(context.run_one_for(5s), 0u);
  EXPECT_EQ(server.accepted(), 5);
  EXPECT_EQ(server.closed(), 3);
}

TEST_F(KeepAlive, RestIsLimited) {
  RawServer server(context, answer_each);
  options.idle = 20ms;
  ASSERT_TRUE(get(server.url()));
  context.restart();
  while (server.closed() < 1) ASSERT_GT(context.run_one_for(5s), 0u);
  ASSERT_TRUE(get(server.url()));
  EXPECT_EQ(server.accepted(), 2);
}

TEST_F(KeepAlive, ConnectionThatWasClosedAtRestIsNotTriedAgain) {
  int requests = 0;
  RawServer server(context, [&](Socket& socket, int) -> task<void> {
    co_await read_head(socket);
    ++requests;
    co_await say(socket, plain_ok);
  });
  ASSERT_TRUE(post(server.url()));
  context.restart();
  while (server.closed() < 1) ASSERT_GT(context.run_one_for(5s), 0u);
  ASSERT_TRUE(post(server.url()));
  EXPECT_EQ(server.accepted(), 2);
  EXPECT_EQ(requests, 2);
}

// The first connection answers once and hangs up on its second request without a word.
TEST_F(KeepAlive, StaleConnectionIsRetriedOnceOnAFreshOne) {
  RawServer server(context, [&](Socket& socket, int nth) -> task<void> {
    co_await read_head(socket);
    co_await say(socket, plain_ok);
    if (nth == 1) co_await read_head(socket);
  });
  ASSERT_TRUE(get(server.url()));
  const auto result = get(server.url());
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(server.accepted(), 2);
}

TEST_F(KeepAlive, RetryIsNeverALoop) {
  RawServer server(context, [&](Socket& socket, int nth) -> task<void> {
    co_await read_head(socket);
    if (nth > 1) co_return;
    co_await say(socket, plain_ok);
    co_await read_head(socket);
  });
  ASSERT_TRUE(get(server.url()));
  const auto result = get(server.url());
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().failure, HttpFailure::cut_short);
  EXPECT_TRUE(result.error().ambiguous);
  EXPECT_EQ(server.accepted(), 2);
}

// The first attempt may have been carried out, whatever became of the second.
TEST_F(KeepAlive, RetryThatCannotConnectIsStillAmbiguous) {
  RawServer server(context, [&](Socket& socket, int) -> task<void> {
    co_await read_head(socket);
    co_await say(socket, plain_ok);
    co_await read_head(socket);
    server.stop_listening();
  });
  ASSERT_TRUE(get(server.url()));
  const auto result = get(server.url());
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().failure, HttpFailure::connect);
  EXPECT_TRUE(result.error().ambiguous);
}

// The peer may have read the whole of it, carried it out, and died before it could answer.
TEST_F(KeepAlive, PostThatLeftWholeIsNotSentAgain) {
  int requests = 0;
  RawServer server(context, [&](Socket& socket, int) -> task<void> {
    co_await read_head(socket);
    ++requests;
    co_await say(socket, plain_ok);
    co_await read_head(socket);
    ++requests;
  });
  ASSERT_TRUE(post(server.url()));
  const auto result = post(server.url());
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().failure, HttpFailure::cut_short);
  EXPECT_TRUE(result.error().ambiguous);
  EXPECT_EQ(requests, 2);
  EXPECT_EQ(server.accepted(), 1);
}

TEST_F(KeepAlive, StaleConnectionThatBeganAnAnswerIsNotRetried) {
  RawServer server(context, [&](Socket& socket, int) -> task<void> {
    co_await read_head(socket);
    co_await say(socket, plain_ok);
    co_await read_head(socket);
    co_await say(socket, "HTTP/1.1 2");
  });
  ASSERT_TRUE(post(server.url()));
  const auto result = post(server.url());
  ASSERT_FALSE(result);
  EXPECT_TRUE(result.error().ambiguous);
  EXPECT_EQ(server.accepted(), 1);
}

}  // namespace
}  // namespace beckon::core
