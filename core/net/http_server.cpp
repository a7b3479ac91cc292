#include "net/http_server.hpp"

#include "base/log.hpp"
#include "net/unix_address.hpp"
#include "net/unix_socket.hpp"
#include "net/wire.hpp"

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/write.hpp>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <set>

namespace beckon::core {
namespace {

using boost::asio::ip::tcp;
using boost::system::error_code;
// TCP and Unix sockets alike.
using Protocol = asio::generic::stream_protocol;
using Socket = asio::basic_stream_socket<Protocol, Executor>;
using Acceptor = asio::basic_socket_acceptor<Protocol, Executor>;

struct Peer;

// Knows who is connected but owns nothing that belongs to the io_context: the coroutines do. So server and io_context
// may die in either order.
struct Hall {
  HttpHandler handler;
  std::size_t max_body = 16u << 20;
  bool own_user_only = false;
  std::size_t most_peers = 0;       // 0: as many as come
  std::uint64_t last_peer = 0;
  Acceptor* acceptor = nullptr;
  std::set<Peer*> peers;
};

struct Peer : std::enable_shared_from_this<Peer> {
  Peer(std::shared_ptr<Hall> where, Executor executor) : hall(std::move(where)), socket(executor) {
    hall->peers.insert(this);
    number = ++hall->last_peer;
  }
  ~Peer() { hall->peers.erase(this); }

  std::shared_ptr<Hall> hall;
  Socket socket;
  asio::cancellation_signal cancel;
  std::uint64_t number = 0;         // in the order of coming
  bool is_served = false;           // it has asked, and waits for its answer
};

struct Listener {
  Listener(std::shared_ptr<Hall> where, Executor executor) : hall(std::move(where)), acceptor(executor) {
    hall->acceptor = &acceptor;
  }
  ~Listener() { hall->acceptor = nullptr; }

  std::shared_ptr<Hall> hall;
  Acceptor acceptor;
};

task<HttpResponse> answer(const HttpHandler& handler, HttpRequest request) {
  HttpResponse response;
  std::string failure;
  try {
    response = co_await handler(std::move(request));
    co_return response;
  } catch (const std::exception& thrown) {
    failure = thrown.what();
  }
  // The server going away is no failure of the handler; the next wait ends this coroutine.
  const auto state = co_await asio::this_coro::cancellation_state;
  if (state.cancelled() == asio::cancellation_type::none) log::error("http", "a request handler failed: {}", failure);
  response.status = 500;
  co_return response;
}

bool wants_close(const HttpHeaders& headers) { return find_header(headers, "connection") == "close"; }

task<void> converse(std::shared_ptr<Peer> peer) {
  wire::Bounds bounds;
  bounds.body = peer->hall->max_body;
  wire::RequestReader reader(bounds);
  std::array<char, 16 << 10> bytes;
  error_code error;
  while (!error) {
    auto progress = reader.feed({});
    while (progress == wire::Progress::more) {
      const auto into = asio::buffer(bytes);
      const auto count = co_await peer->socket.async_read_some(into, asio::redirect_error(use_task, error));
      if (error) co_return;
      progress = reader.feed(std::string_view(bytes.data(), count));
    }
    bool keep = false;
    bool head = false;
    HttpResponse response;
    if (progress == wire::Progress::done) {
      keep = reader.keep_alive();
      auto request = reader.take();
      head = request.method == "HEAD";
      peer->is_served = true;
      response = co_await answer(peer->hall->handler, std::move(request));
      keep = keep && !wants_close(response.headers);
    } else {
      response.status = 400;
      if (progress == wire::Progress::too_large) response.status = 413;
    }
    const auto text = wire::response_text(response, head, keep);
    co_await asio::async_write(peer->socket, asio::buffer(text), asio::redirect_error(use_task, error));
    peer->is_served = false;
    if (!keep) break;
  }
  peer->socket.shutdown(Socket::shutdown_send, error);
}

// Whoever has kept a place longest without asking for anything gives it up, so that descriptors stay for the daemon's work.
void make_room(const Hall& hall, const Peer& newcomer) {
  if (hall.most_peers == 0 || hall.peers.size() <= hall.most_peers) return;
  Peer* longest = nullptr;
  for (Peer* peer : hall.peers)
    if (peer != &newcomer && !peer->is_served && peer->socket.is_open() && (!longest || peer->number < longest->number)) longest = peer;
  error_code ignored;
  if (longest) longest->socket.close(ignored);
}

task<void> receive(std::shared_ptr<Listener> listener) {
  const auto executor = co_await asio::this_coro::executor;
  while (listener->acceptor.is_open()) {
    error_code error;
    auto peer = std::make_shared<Peer>(listener->hall, executor);
    co_await listener->acceptor.async_accept(peer->socket, asio::redirect_error(use_task, error));
    if (!listener->acceptor.is_open()) co_return;
    if (error) {
      peer.reset();
      co_await sleep_for(100ms);  // out of file descriptors: others have to leave first
      continue;
    }
    make_room(*peer->hall, *peer);
    if (peer->hall->own_user_only && !is_own_user(peer->socket.native_handle())) continue;
    peer->socket.set_option(tcp::no_delay(true), error);
    // The completion handler keeps the signal alive until the coroutine has ended.
    auto ended = [peer](std::exception_ptr) {};
    asio::co_spawn(executor, converse(peer), asio::bind_cancellation_slot(peer->cancel.slot(), std::move(ended)));
  }
}

class Server final : public HttpServer {
 public:
  Server(Executor executor, HttpHandler handler) : executor_(executor) { hall_->handler = std::move(handler); }

  void listen_on_loopback(std::uint16_t port) {
    auto listener = std::make_shared<Listener>(hall_, executor_);
    const tcp::endpoint endpoint(asio::ip::address_v4::loopback(), port);
    listener->acceptor.open(endpoint.protocol());
    listener->acceptor.set_option(tcp::acceptor::reuse_address(true));
    listener->acceptor.bind(endpoint);
    listener->acceptor.listen();
    tcp::endpoint bound;
    const auto local = listener->acceptor.local_endpoint();
    std::memcpy(bound.data(), local.data(), std::min(local.size(), bound.capacity()));
    port_ = bound.port();
    start(std::move(listener));
  }

  void listen_at(UnixListener file) {
    hall_->max_body = 1u << 20;
    hall_->own_user_only = true;
    hall_->most_peers = 64;
    auto listener = std::make_shared<Listener>(hall_, executor_);
    listener->acceptor.assign(Protocol(AF_UNIX, 0), file.release());
    file_.emplace(std::move(file));
    start(std::move(listener));
  }

  ~Server() override {
    file_.reset();   // first: whoever calls now hears that nobody is there
    error_code ignored;
    if (hall_->acceptor) hall_->acceptor->close(ignored);
    for (auto* peer : hall_->peers) {
      peer->socket.close(ignored);
      // A handler may be waiting. Emitting re-enters its coroutine, so it is left for a later turn.
      auto end = [peer = peer->shared_from_this()] { peer->cancel.emit(asio::cancellation_type::terminal); };
      asio::post(executor_, std::move(end));
    }
  }

  std::uint16_t port() const override { return port_; }
  std::string origin() const override { return port_ == 0 ? "" : "http://127.0.0.1:" + std::to_string(port_); }
  std::size_t connections() const override {
    std::size_t open = 0;
    for (const auto* peer : hall_->peers) open += peer->socket.is_open() ? 1 : 0;
    return open;
  }

 private:
  void start(std::shared_ptr<Listener> listener) {
    auto ended = [](std::exception_ptr) {};
    asio::co_spawn(executor_, receive(std::move(listener)), std::move(ended));
  }

  Executor executor_;
  std::shared_ptr<Hall> hall_ = std::make_shared<Hall>();
  std::optional<UnixListener> file_;
  std::uint16_t port_ = 0;
};

}  // namespace

std::unique_ptr<HttpServer> serve_http(Executor executor, HttpHandler handler, std::uint16_t port) {
  auto server = std::make_unique<Server>(executor, std::move(handler));
  server->listen_on_loopback(port);
  return server;
}

Result<std::unique_ptr<HttpServer>> serve_http_at(Executor executor, HttpHandler handler, const std::filesystem::path& path) {
  auto file = UnixListener::open(path);
  if (!file) return file.error();
  auto server = std::make_unique<Server>(executor, std::move(handler));
  server->listen_at(std::move(*file));
  return std::unique_ptr<HttpServer>(std::move(server));
}

}  // namespace beckon::core
