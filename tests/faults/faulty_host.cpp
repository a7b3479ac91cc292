#include "faults/faulty_host.hpp"

#include "core/net/raw_server.hpp"
#include "net/wire.hpp"

#include <boost/asio/ssl/stream.hpp>

#include <fcntl.h>

#include <set>

namespace beckon::core::testing {
namespace {

using boost::asio::ip::tcp;
using boost::system::error_code;
using Acceptor = asio::basic_socket_acceptor<tcp, Executor>;

template <class Stream>
task<bool> put(Stream& stream, std::string text) {
  error_code error;
  co_await asio::async_write(stream, asio::buffer(text), asio::redirect_error(use_task, error));
  co_return !error;
}

}  // namespace

std::string_view to_string(Fault fault) {
  switch (fault) {
    case Fault::none: return "none";
    case Fault::refused: return "refused";
    case Fault::reset: return "reset";
    case Fault::black_hole: return "black hole";
    case Fault::cut_short: return "cut short";
    case Fault::lost_answer: return "lost answer";
    case Fault::slow_body: return "slow body";
    case Fault::endless_header: return "endless header";
    case Fault::redirect_loop: return "redirect loop";
    case Fault::cut_handshake: return "cut handshake";
    case Fault::wrong_certificate: return "wrong certificate";
  }
  return "";
}

struct FaultyHost::State : std::enable_shared_from_this<State> {
  State(asio::io_context& context, std::unique_ptr<Tls> wanted)
      : executor(context.get_executor()), acceptor(executor), tls(std::move(wanted)) {}

  void listen() {
    acceptor.open(tcp::v4());
    // A daemon that is started later must not hold the port open.
    ::fcntl(acceptor.native_handle(), F_SETFD, FD_CLOEXEC);
    acceptor.set_option(tcp::acceptor::reuse_address(true));
    acceptor.bind({asio::ip::address_v4::loopback(), port});
    acceptor.listen();
    port = acceptor.local_endpoint().port();
    asio::co_spawn(executor, accept(shared_from_this()), [](std::exception_ptr) {});
  }

  void close_all() {
    error_code ignored;
    for (Socket* socket : open) socket->close(ignored);
  }

  static task<void> accept(std::shared_ptr<State> state) {
    for (;;) {
      auto socket = std::make_shared<Socket>(state->executor);
      co_await state->acceptor.async_accept(*socket, use_task);
      ::fcntl(socket->native_handle(), F_SETFD, FD_CLOEXEC);
      asio::co_spawn(state->executor, greet(state, socket), [](std::exception_ptr) {});
    }
  }

  static task<void> greet(std::shared_ptr<State> state, std::shared_ptr<Socket> socket) {
    state->open.insert(socket.get());
    auto talking = state->tls ? talk_tls(state, *socket) : talk(state, *socket, *socket);
    co_await std::move(talking);
    state->open.erase(socket.get());
    error_code ignored;
    socket->close(ignored);
  }

  static task<void> talk_tls(std::shared_ptr<State> state, Socket& socket) {
    const Fault fault = state->fault;
    if (fault == Fault::cut_handshake || fault == Fault::wrong_certificate) ++state->met;
    if (fault == Fault::cut_handshake) {
      std::array<char, 64> bytes;
      error_code error;
      const auto into = asio::buffer(bytes);
      co_await socket.async_read_some(into, asio::redirect_error(use_task, error));
      co_return;
    }
    asio::ssl::stream<Socket&> peer(socket, fault == Fault::wrong_certificate ? state->tls->wrong : state->tls->good);
    error_code failed;
    co_await peer.async_handshake(asio::ssl::stream_base::server, asio::redirect_error(use_task, failed));
    if (failed) co_return;
    auto talking = talk(state, peer, socket);
    co_await std::move(talking);
  }

  template <class Stream>
  static task<void> talk(std::shared_ptr<State> state, Stream& stream, Socket& socket) {
    wire::Bounds bounds;
    wire::RequestReader reader(bounds);
    std::array<char, 16 << 10> bytes;
    error_code error;
    for (;;) {
      auto progress = reader.feed({});
      while (progress == wire::Progress::more) {
        const auto into = asio::buffer(bytes);
        const auto count = co_await stream.async_read_some(into, asio::redirect_error(use_task, error));
        if (error) co_return;
        progress = reader.feed(std::string_view(bytes.data(), count));
      }
      if (progress != wire::Progress::done) co_return;
      HttpRequest request = reader.take();
      state->arrivals.push_back(std::chrono::steady_clock::now());
      auto answering = answer(state, stream, socket, std::move(request));
      const bool goes_on = co_await std::move(answering);
      if (!goes_on) co_return;
    }
  }

  // False: the connection ends here.
  template <class Stream>
  static task<bool> answer(std::shared_ptr<State> state, Stream& stream, Socket& socket, HttpRequest request) {
    const Fault fault = state->fault;
    if (fault != Fault::none) ++state->met;
    HttpResponse response;
    response.status = 200;
    response.body = std::string(2000, ' ');
    if (fault == Fault::black_hole) {
      co_await until_closed(stream);
      co_return false;
    }
    if (fault == Fault::slow_body) {
      bool heard = co_await put(stream, "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n");
      while (heard) {
        co_await sleep_for(100ms);
        heard = co_await put(stream, " ");
      }
      co_return false;
    }
    if (fault == Fault::endless_header) {
      bool heard = co_await put(stream, "HTTP/1.1 200 OK\r\n");
      while (heard) heard = co_await put(stream, "X-More: " + std::string(1000, 'x') + "\r\n");
      co_return false;
    }
    if (fault == Fault::reset || fault == Fault::cut_short) {
      const std::string whole = wire::response_text(response, false, true);
      co_await put(stream, whole.substr(0, whole.size() / 2));
      if (fault == Fault::reset) socket.set_option(asio::socket_base::linger(true, 0));
      co_return false;
    }
    if (fault == Fault::redirect_loop) {
      response.status = 302;
      response.headers.emplace_back("Location", state->origin() + request.url);
    } else {
      auto handling = state->handler(std::move(request));
      response = co_await std::move(handling);
      if (fault == Fault::lost_answer) co_return false;
    }
    const bool heard = co_await put(stream, wire::response_text(response, false, true));
    co_return heard;
  }

  std::string origin() const { return (tls ? "https://127.0.0.1:" : "http://127.0.0.1:") + std::to_string(port); }

  Executor executor;
  Acceptor acceptor;
  std::unique_ptr<Tls> tls;
  std::uint16_t port = 0;
  Fault fault = Fault::none;
  int met = 0;
  std::vector<SteadyTime> arrivals;
  std::set<Socket*> open;
  HttpHandler handler;
};

FaultyHost::FaultyHost(asio::io_context& context, std::unique_ptr<Tls> tls)
    : state_(std::make_shared<State>(context, std::move(tls))) {
  state_->handler = [this](HttpRequest request) { return handler(std::move(request)); };
  state_->listen();
}

FaultyHost::~FaultyHost() {
  state_->acceptor.close();
  state_->close_all();
  state_->handler = [](HttpRequest) -> task<HttpResponse> { co_return HttpResponse(); };
}

void FaultyHost::set(Fault fault) {
  // A connection that is kept would never meet what happens at its beginning.
  if (fault != Fault::none) state_->close_all();
  const bool listening = state_->acceptor.is_open();
  state_->fault = fault;
  if (fault == Fault::refused && listening) state_->acceptor.close();
  if (fault != Fault::refused && !listening) state_->listen();
}

std::string FaultyHost::origin() const { return state_->origin(); }
int FaultyHost::met() const { return state_->met; }
const std::vector<SteadyTime>& FaultyHost::arrivals() const { return state_->arrivals; }

}  // namespace beckon::core::testing
