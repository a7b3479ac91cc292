#include "core/net/raw_server.hpp"
#include "net/http_server.hpp"
#include "support/run.hpp"
#include "support/web_socket_client.hpp"

#include <gmock/gmock.h>

#include <algorithm>

namespace beckon::core {
namespace {

using namespace testing;
using ::testing::HasSubstr;

struct WebServer : ::testing::Test {
  void serve(WebSocketSession session) {
    auto handler = [session = std::move(session)](HttpRequest request, std::string client) { return answer(session, request, client); };
    auto listening = serve_web(context.get_executor(), std::move(handler), options);
    ASSERT_TRUE(listening) << listening.error().message;
    server = std::move(*listening);
  }
  static task<HttpReply> answer(WebSocketSession session, HttpRequest request, std::string client) {
    HttpReply reply;
    reply.response.status = 200;
    reply.response.body = request.url + " for " + client;
    if (request.url == "/socket") reply.session = session;
    co_return reply;
  }
  static task<void> echo(WebSocket& socket) {
    for (;;) {
      auto listening = socket.receive();
      auto said = co_await std::move(listening);
      if (!said) co_return;
      if (*said == "bye") co_return socket.close(4001, "as you wish");
      socket.send(std::make_shared<const std::string>(*said + *said));
    }
  }
  task<std::string> ask(std::string text) {
    Socket socket(context.get_executor());
    const asio::ip::tcp::endpoint endpoint(asio::ip::address_v4::loopback(), server->port());
    co_await socket.async_connect(endpoint, use_task);
    auto saying = say(socket, std::move(text));
    co_await std::move(saying);
    auto reading = read_head(socket);
    std::string head = co_await std::move(reading);
    if (head.empty()) co_return head;   // hung up already; Asio does not tell that twice
    auto closing = until_closed(socket);
    co_await std::move(closing);
    co_return head;
  }

  asio::io_context context{1};
  WebServerOptions options;
  std::unique_ptr<HttpServer> server;
};

TEST_F(WebServer, AnswersWithTheClientsAddress) {
  serve(echo);
  const auto text = run(context, [&] { return ask("GET /x HTTP/1.1\r\nConnection: close\r\n\r\n"); });
  EXPECT_THAT(text, HasSubstr("/x for 127.0.0.1"));
}

TEST_F(WebServer, AWebSocketCarriesTextsBothWaysAndClosesInGoodOrder) {
  serve(echo);
  run(context, [&]() -> task<void> {
    WebSocketClient client(context.get_executor());
    auto opening = client.open(server->port(), "/socket");
    const int status = co_await std::move(opening);
    EXPECT_EQ(status, 101);
    EXPECT_THAT(client.head, HasSubstr("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")) << "RFC 6455's own example";
    const std::string large(30'000, 'x');
    for (const std::string& word : {std::string("ab"), large}) {
      auto saying = client.say(1, word);
      co_await std::move(saying);
      auto receiving = client.receive();
      const auto heard = co_await std::move(receiving);
      EXPECT_EQ(heard, word + word);
    }
    auto parting = client.say(1, "bye");
    co_await std::move(parting);
    auto receiving = client.receive();
    const auto end = co_await std::move(receiving);
    EXPECT_FALSE(end);
    EXPECT_EQ(client.close_code, 4001);
    EXPECT_EQ(client.reason, "as you wish");
  });
}

TEST_F(WebServer, OnlyWhoAsksForAWebSocketGetsOne) {
  serve(echo);
  const auto text = run(context, [&] { return ask("GET /socket HTTP/1.1\r\nConnection: close\r\n\r\n"); });
  EXPECT_THAT(text, HasSubstr("200 OK"));
}

// One session that tells when it has ended.
struct Told {
  bool ended = false;
  static task<void> listen(std::shared_ptr<Told> told, WebSocket& socket) {
    auto listening = socket.receive();
    co_await std::move(listening);
    told->ended = true;
  }
};

TEST_F(WebServer, APeerThatVanishesEndsItsSession) {
  options.silence = 200ms;
  const auto told = std::make_shared<Told>();
  serve([told](WebSocket& socket) { return Told::listen(told, socket); });
  run(context, [&]() -> task<void> {
    WebSocketClient client(context.get_executor());
    client.answers_pings = false;
    auto opening = client.open(server->port(), "/socket");
    co_await std::move(opening);
    // It is there, reads nothing and answers nothing: like a machine that has lost its network.
    while (!told->ended) co_await sleep_for(5ms);
  });
  EXPECT_TRUE(told->ended);
}

TEST_F(WebServer, APeerThatAnswersPingsStays) {
  options.silence = 100ms;
  const auto told = std::make_shared<Told>();
  serve([told](WebSocket& socket) { return Told::listen(told, socket); });
  run(context, [&]() -> task<void> {
    WebSocketClient client(context.get_executor());
    auto opening = client.open(server->port(), "/socket");
    co_await std::move(opening);
    auto listening = client.receive();
    asio::co_spawn(context.get_executor(), std::move(listening), [](std::exception_ptr, std::optional<std::string>) {});
    co_await sleep_for(500ms);
    EXPECT_FALSE(told->ended);
    client.vanish();
    while (!told->ended) co_await sleep_for(5ms);
  });
}

TEST_F(WebServer, APeerThatTakesNothingIsCutOff) {
  options.queued = 1u << 20;
  bool over = false;
  serve([&over](WebSocket& socket) -> task<void> { return [](bool& over, WebSocket& socket) -> task<void> {
    const auto large = std::make_shared<const std::string>(256u << 10, 'x');
    for (int i = 0; i < 200; ++i) socket.send(large);
    auto listening = socket.receive();
    const auto heard = co_await std::move(listening);
    over = !heard;
  }(over, socket); });
  run(context, [&]() -> task<void> {
    WebSocketClient client(context.get_executor());
    auto opening = client.open(server->port(), "/socket");
    co_await std::move(opening);
    while (!over) co_await sleep_for(5ms);
  });
  EXPECT_TRUE(over);
}

TEST_F(WebServer, ARequestThatDoesNotComeToItsEndIsCutOff) {
  options.request = 100ms;
  serve(echo);
  const auto text = run(context, [&] { return ask("GET /x HTTP/1.1\r\nX-Slow: "); });
  EXPECT_EQ(text, "");
}

TEST_F(WebServer, AConnectionThatRestsTooLongIsClosed) {
  options.rest = 100ms;
  serve(echo);
  const auto text = run(context, [&] { return ask("GET /x HTTP/1.1\r\n\r\n"); });   // and says no more
  EXPECT_THAT(text, HasSubstr("200 OK"));
}

TEST_F(WebServer, OpenWebSocketsKeepTheirPlaceWhenTheHouseIsFull) {
  options.connections = 2;
  serve(echo);
  run(context, [&]() -> task<void> {
    WebSocketClient first(context.get_executor()), second(context.get_executor()), third(context.get_executor());
    auto opening = first.open(server->port(), "/socket");
    const int one = co_await std::move(opening);
    auto opening_second = second.open(server->port(), "/socket");
    const int two = co_await std::move(opening_second);
    auto opening_third = third.open(server->port(), "/socket");
    const int three = co_await std::move(opening_third);
    EXPECT_EQ(one, 101);
    EXPECT_EQ(two, 101);
    EXPECT_EQ(three, 0);
  });
}

TEST_F(WebServer, ClosingTheServerEndsItsSessions) {
  const auto told = std::make_shared<Told>();
  serve([told](WebSocket& socket) { return Told::listen(told, socket); });
  run(context, [&]() -> task<void> {
    WebSocketClient client(context.get_executor());
    auto opening = client.open(server->port(), "/socket");
    co_await std::move(opening);
    server.reset();
    auto receiving = client.receive();
    const auto end = co_await std::move(receiving);
    EXPECT_FALSE(end);
  });
  context.restart();
  context.run_for(1s);   // whatever is left comes to its end
  EXPECT_EQ(told.use_count(), 1) << "a session holds on to it";
}

TEST_F(WebServer, AnAddressInUseIsAnErrorInWords) {
  serve(echo);
  options.port = server->port();
  const auto second = serve_web(context.get_executor(), [](HttpRequest, std::string) -> task<HttpReply> { co_return HttpReply(); }, options);
  ASSERT_FALSE(second);
  EXPECT_THAT(second.error().message, HasSubstr("cannot listen on 127.0.0.1 port"));
}

}  // namespace
}  // namespace beckon::core
