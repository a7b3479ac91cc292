#include "net/connection.hpp"

#include "net/resolve.hpp"
#include "net/wire.hpp"

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <optional>

#include <openssl/bio.h>
#include <openssl/ssl.h>

#include <sys/socket.h>

namespace beckon::core {
namespace {

using boost::asio::ip::tcp;
using boost::system::error_code;
using Clock = std::chrono::steady_clock;
using Socket = asio::basic_stream_socket<tcp, Executor>;
using TlsStream = asio::ssl::stream<Socket&>;

HttpError trouble(HttpFailure failure, std::string message) {
  HttpError error;
  error.failure = failure;
  error.message = std::move(message);
  return error;
}

// Never less than a millisecond: a timer of zero would win against work that needs no waiting.
Milliseconds until(SteadyTime deadline) {
  return std::max(Milliseconds(1), std::chrono::ceil<Milliseconds>(deadline - Clock::now()));
}

class StreamConnection final : public Connection, public std::enable_shared_from_this<StreamConnection> {
 public:
  StreamConnection(Executor executor, Route route, std::shared_ptr<TlsContext> tls, std::string user_agent)
      : route_(std::move(route)),
        context_(std::move(tls)),
        user_agent_(std::move(user_agent)),
        socket_(executor),
        timer_(executor) {}

  task<Opened> open(Milliseconds limit) override {
    limit_ = limit;
    const auto deadline = Clock::now() + limit;
    auto resolved = co_await resolve(route_.hop().host, route_.hop().port, limit);
    if (resolved.error) co_return resolve_trouble(resolved.error);
    const auto connected = co_await connect(std::move(resolved.endpoints), deadline);
    if (connected) co_return connect_trouble(connected);
    error_code ignored;
    socket_.set_option(tcp::no_delay(true), ignored);
    expire_after(until(deadline));
    if (route_.tunnelled()) {
      auto tunnel = co_await dig_tunnel();
      if (!tunnel) co_return tunnel;
    }
    if (route_.url.secure()) {
      auto secured = co_await shake_hands();
      if (!secured) co_return secured;
    }
    co_return Opened();
  }

  task<std::size_t> read_some(asio::mutable_buffer into, error_code& error) override {
    std::size_t count = 0;
    if (tls_)
      count = co_await tls_->async_read_some(into, asio::redirect_error(use_task, error));
    else
      count = co_await socket_.async_read_some(into, asio::redirect_error(use_task, error));
    note_expiry(error);
    co_return count;
  }

  task<void> write(std::string_view bytes, error_code& error) override {
    const asio::const_buffer buffer(bytes.data(), bytes.size());
    if (tls_)
      co_await asio::async_write(*tls_, buffer, asio::redirect_error(use_task, error));
    else
      co_await asio::async_write(socket_, buffer, asio::redirect_error(use_task, error));
    note_expiry(error);
  }

  void expire_after(Milliseconds limit) override {
    expired_ = false;
    expiry_ = Clock::now() + limit;
    timer_.expires_at(expiry_);
    timer_.async_wait([weak = weak_from_this(), when = expiry_](error_code cancelled) {
      const auto self = weak.lock();
      // A wait that was replaced too late to be cancelled must not end what came after it.
      if (cancelled || !self || self->expiry_ != when) return;
      self->expired_ = true;
      error_code ignored;
      self->socket_.close(ignored);
    });
  }

  bool resting() const override {
    if (!socket_.is_open() || has_unread_records()) return false;
    char byte = 0;
    const auto count = ::recv(const_cast<Socket&>(socket_).native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
  }

 private:
  // What came with the answer in one piece and has left the socket, but was not asked for: it waits within TLS.
  bool has_unread_records() const {
    if (!tls_) return false;
    auto* session = const_cast<TlsStream&>(*tls_).native_handle();
    return SSL_has_pending(session) == 1 || BIO_ctrl_pending(SSL_get_rbio(session)) > 0;
  }

  void note_expiry(error_code& error) const {
    if (error && expired_) error = asio::error::timed_out;
  }

  // Each address gets an equal share of the time that is left, so that a silent first one does not eat it all.
  task<error_code> connect(std::vector<tcp::endpoint> endpoints, SteadyTime deadline) {
    error_code error = asio::error::host_not_found;
    auto left = endpoints.size();
    for (const auto& endpoint : endpoints) {
      error_code ignored;
      socket_.close(ignored);
      error.clear();
      expire_after(until(deadline) / static_cast<int>(left--));
      co_await socket_.async_connect(endpoint, asio::redirect_error(use_task, error));
      note_expiry(error);
      if (!error) break;
    }
    co_return error;
  }

  task<Opened> dig_tunnel() {
    const auto target = route_.url.host_and_port();
    HttpRequest request;
    request.method = "CONNECT";
    HttpHeaders ours;
    ours.emplace_back("User-Agent", user_agent_);
    if (!route_.proxy->authorization.empty()) ours.emplace_back("Proxy-Authorization", route_.proxy->authorization);
    error_code error;
    const auto text = wire::request_text(request, target, target, ours);
    co_await write(text, error);
    wire::ResponseReader reader(wire::Bounds(), true);
    auto progress = wire::Progress::more;
    std::array<char, 4096> bytes;
    while (!error && progress == wire::Progress::more) {
      const auto count = co_await read_some(asio::buffer(bytes), error);
      if (!error) progress = reader.feed(std::string_view(bytes.data(), count));
    }
    const auto proxy = "the proxy " + route_.hop().host_and_port();
    if (error == asio::error::timed_out) co_return timeout_trouble(proxy + " did not open a tunnel");
    if (error) co_return trouble(HttpFailure::proxy, proxy + " closed the connection without an answer");
    if (progress != wire::Progress::done)
      co_return trouble(HttpFailure::proxy, proxy + " gave an answer that is not a proxy's");
    const auto status = reader.take().status;
    if (status == 407 && route_.proxy->authorization.empty())
      co_return trouble(HttpFailure::proxy, proxy + " wants a user and password (407); put them into the proxy's URL: "
                                                    "http://USER:PASSWORD@HOST:PORT");
    if (status == 407)
      co_return trouble(HttpFailure::proxy, proxy + " refused our user and password (407); put the right ones into the "
                                                    "proxy's URL: http://USER:PASSWORD@HOST:PORT");
    if (status / 100 != 2)
      co_return trouble(HttpFailure::proxy, proxy + " refused to connect to " + target + " (" + std::to_string(status) +
                                                "); ask whoever runs it, or name the host in no_proxy");
    // The origin does not speak first in TLS: what came behind the header is the proxy's. (A refusal may have a body.)
    if (reader.left_over()) co_return trouble(HttpFailure::proxy, proxy + " gave an answer that is not a proxy's");
    co_return Opened();
  }

  task<Opened> shake_hands() {
    const auto peer = route_.url.host_and_port();
    tls_.emplace(socket_, *context_);
    if (!expect_peer(tls_->native_handle(), route_.url.host))
      co_return trouble(HttpFailure::tls, "no certificate could be checked for the host name of " + peer);
    error_code error;
    co_await tls_->async_handshake(TlsStream::client, asio::redirect_error(use_task, error));
    note_expiry(error);
    if (error == asio::error::timed_out) co_return timeout_trouble(peer + " did not complete the TLS handshake");
    if (error) co_return trouble(HttpFailure::tls, explain_handshake(tls_->native_handle(), error, peer));
    co_return Opened();
  }

  std::string hop_name() const {
    if (route_.proxy) return "the proxy " + route_.hop().host_and_port();
    return route_.hop().host_and_port();
  }

  HttpError timeout_trouble(std::string what) const {
    return trouble(HttpFailure::timeout, what + " within " + format_duration(limit_));
  }

  HttpError resolve_trouble(error_code error) const {
    const auto host = hop_name();
    if (error == asio::error::timed_out) return timeout_trouble("the address of " + host + " was not found");
    auto failure = HttpFailure::dns;
    if (route_.proxy) failure = HttpFailure::proxy;
    return trouble(failure, "the address of " + host + " was not found: " + error.message() +
                                "; check the name, and this machine's DNS");
  }

  HttpError connect_trouble(error_code error) const {
    if (error == asio::error::timed_out) return timeout_trouble(hop_name() + " did not take the connection");
    auto failure = HttpFailure::connect;
    if (route_.proxy) failure = HttpFailure::proxy;
    return trouble(failure, "no connection to " + hop_name() + ": " + error.message());
  }

  Route route_;
  std::shared_ptr<TlsContext> context_;
  std::string user_agent_;
  Socket socket_;
  std::optional<TlsStream> tls_;
  Timer timer_;
  SteadyTime expiry_;
  bool expired_ = false;
  Milliseconds limit_{};
};

}  // namespace

const ParsedUrl& Route::hop() const {
  if (proxy) return proxy->url;
  return url;
}

std::string Route::key() const {
  if (proxy && !tunnelled()) return "via " + proxy->url.authority();
  return url.origin();
}

std::shared_ptr<Connection> make_connection(Executor executor, Route route, std::shared_ptr<TlsContext> tls,
                                            std::string user_agent) {
  return std::make_shared<StreamConnection>(executor, std::move(route), std::move(tls), std::move(user_agent));
}

}  // namespace beckon::core
