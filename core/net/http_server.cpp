#include "net/http_server.hpp"

#include "net/http_hall.hpp"
#include "net/unix_address.hpp"
#include "net/unix_socket.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cstring>
#include <optional>

namespace beckon::core {
namespace {

using boost::asio::ip::tcp;
using boost::system::error_code;
using Protocol = asio::generic::stream_protocol;

class Server final : public HttpServer {
 public:
  Server(Executor executor, WebHandler handler, HallRules rules) : executor_(executor) {
    hall_->handler = std::move(handler);
    hall_->rules = std::move(rules);
  }

  error_code listen_on(const tcp::endpoint& endpoint) {
    auto listener = std::make_shared<HallListener>(hall_, executor_);
    StreamAcceptor& acceptor = listener->acceptor;
    error_code error;
    acceptor.open(endpoint.protocol(), error);
    if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error) acceptor.bind(endpoint, error);
    if (!error) acceptor.listen(tcp::acceptor::max_listen_connections, error);
    if (error) return error;
    const auto local = acceptor.local_endpoint(error);
    if (error) return error;
    std::memcpy(bound_.data(), local.data(), std::min<std::size_t>(local.size(), bound_.capacity()));
    start(std::move(listener));
    return {};
  }

  void listen_at(UnixListener file) {
    auto listener = std::make_shared<HallListener>(hall_, executor_);
    listener->acceptor.assign(Protocol(AF_UNIX, 0), file.release());
    file_.emplace(std::move(file));
    start(std::move(listener));
  }

  ~Server() override {
    file_.reset();   // first: whoever calls now hears that nobody is there
    error_code ignored;
    if (hall_->acceptor) hall_->acceptor->close(ignored);
    for (auto* peer : hall_->peers) {
      peer->close();
      // A handler may be waiting. Emitting re-enters its coroutine, so it is left for a later turn.
      auto end = [peer = peer->shared_from_this()] { peer->cancel.emit(asio::cancellation_type::terminal); };
      asio::post(executor_, std::move(end));
    }
  }

  std::uint16_t port() const override { return bound_.port(); }
  std::string origin() const override {
    if (bound_.port() == 0) return {};
    const auto address = bound_.address();
    const std::string host = address.is_v6() ? "[" + address.to_string() + "]" : address.to_string();
    return fmt::format("http://{}:{}", host, bound_.port());
  }
  std::size_t connections() const override {
    std::size_t open = 0;
    for (const auto* peer : hall_->peers) open += peer->socket.is_open() ? 1 : 0;
    return open;
  }

 private:
  void start(std::shared_ptr<HallListener> listener) {
    auto ended = [](std::exception_ptr) {};
    asio::co_spawn(executor_, receive_peers(std::move(listener)), std::move(ended));
  }

  Executor executor_;
  std::shared_ptr<Hall> hall_ = std::make_shared<Hall>();
  std::optional<UnixListener> file_;
  tcp::endpoint bound_;
};

task<HttpReply> reply_with(std::shared_ptr<const HttpHandler> handler, HttpRequest request) {
  auto answering = (*handler)(std::move(request));
  HttpReply reply;
  reply.response = co_await std::move(answering);
  co_return reply;
}

// Who asks does not matter.
WebHandler from_anybody(HttpHandler handler) {
  auto shared = std::make_shared<const HttpHandler>(std::move(handler));
  return [shared = std::move(shared)](HttpRequest request, std::string) { return reply_with(shared, std::move(request)); };
}

}  // namespace

std::unique_ptr<HttpServer> serve_http(Executor executor, HttpHandler handler, std::uint16_t port) {
  auto server = std::make_unique<Server>(executor, from_anybody(std::move(handler)), HallRules());
  if (const auto error = server->listen_on({asio::ip::address_v4::loopback(), port}))
    throw boost::system::system_error(error, "listening on loopback");
  return server;
}

Result<std::unique_ptr<HttpServer>> serve_web(Executor executor, WebHandler handler, const WebServerOptions& options) {
  error_code error;
  const auto address = asio::ip::make_address(options.address, error);
  if (error) return fail(fmt::format("{} is no address to listen on: write one like 127.0.0.1 or ::1", options.address));
  HallRules rules;
  rules.max_body = options.max_body;
  rules.most_peers = options.connections;
  rules.most_of_one_client = options.connections_of_one_client;
  rules.request = options.request;
  rules.rest = options.rest;
  rules.answer = options.answer;
  rules.web_socket.silence = options.silence;
  rules.web_socket.queued = options.queued;
  auto server = std::make_unique<Server>(executor, std::move(handler), std::move(rules));
  if (const auto failure = server->listen_on({address, options.port}))
    return fail(fmt::format("cannot listen on {} port {}: {}", options.address, options.port, failure.message()));
  return std::unique_ptr<HttpServer>(std::move(server));
}

Result<std::unique_ptr<HttpServer>> serve_http_at(Executor executor, HttpHandler handler, const std::filesystem::path& path) {
  auto file = UnixListener::open(path);
  if (!file) return file.error();
  HallRules rules;
  rules.max_body = 1u << 20;
  rules.own_user_only = true;
  rules.most_peers = 64;
  auto server = std::make_unique<Server>(executor, from_anybody(std::move(handler)), std::move(rules));
  server->listen_at(std::move(*file));
  return std::unique_ptr<HttpServer>(std::move(server));
}

}  // namespace beckon::core
