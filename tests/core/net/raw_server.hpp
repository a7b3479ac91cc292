// A peer on loopback that says exactly what a test wants, byte by byte, on the test's own io_context.
#pragma once

#include "base/task.hpp"

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <functional>
#include <memory>
#include <string>

namespace beckon::core::testing {

using Socket = asio::basic_stream_socket<asio::ip::tcp, Executor>;

// Until the blank line behind a header. All that came; shorter when the peer hung up.
template <class Stream>
task<std::string> read_head(Stream& stream) {
  std::string text;
  std::array<char, 4096> bytes;
  boost::system::error_code error;
  while (!error && text.find("\r\n\r\n") == text.npos) {
    const auto into = asio::buffer(bytes);
    const auto count = co_await stream.async_read_some(into, asio::redirect_error(use_task, error));
    text.append(bytes.data(), count);
  }
  co_return text;
}

template <class Stream>
task<void> say(Stream& stream, std::string text) {
  boost::system::error_code error;
  co_await asio::async_write(stream, asio::buffer(text), asio::redirect_error(use_task, error));
}

// Waits until the peer hangs up.
template <class Stream>
task<void> until_closed(Stream& stream) {
  std::array<char, 4096> bytes;
  boost::system::error_code error;
  while (!error) {
    const auto into = asio::buffer(bytes);
    co_await stream.async_read_some(into, asio::redirect_error(use_task, error));
  }
}

class RawServer {
 public:
  // `nth` counts connections from 1. The connection is closed when the script ends.
  using Script = std::function<task<void>(Socket& socket, int nth)>;

  RawServer(asio::io_context& context, Script script, asio::ip::address where = asio::ip::address_v4::loopback())
      : state_(std::make_shared<State>(context, std::move(script), where)) {
    asio::co_spawn(context.get_executor(), accept(state_), [](std::exception_ptr) {});
  }

  void stop_listening() { state_->acceptor.close(); }
  std::uint16_t port() const { return state_->port; }
  int accepted() const { return state_->accepted; }
  int closed() const { return state_->closed; }
  std::string url(const std::string& target = "/", const std::string& scheme = "http",
                  const std::string& host = "127.0.0.1") const {
    return scheme + "://" + host + ":" + std::to_string(state_->port) + target;
  }

 private:
  struct State {
    State(asio::io_context& context, Script run, asio::ip::address where)
        : acceptor(context.get_executor(), {where, 0}), script(std::move(run)) {
      port = acceptor.local_endpoint().port();
    }
    asio::basic_socket_acceptor<asio::ip::tcp, Executor> acceptor;
    Script script;
    std::uint16_t port = 0;
    int accepted = 0;
    int closed = 0;
  };

  static task<void> play(std::shared_ptr<State> state, std::shared_ptr<Socket> socket, int nth) {
    co_await state->script(*socket, nth);
    socket->close();
    ++state->closed;
  }

  static task<void> accept(std::shared_ptr<State> state) {
    const auto executor = co_await asio::this_coro::executor;
    for (;;) {
      auto socket = std::make_shared<Socket>(executor);
      co_await state->acceptor.async_accept(*socket, use_task);
      asio::co_spawn(executor, play(state, socket, ++state->accepted), [](std::exception_ptr) {});
    }
  }

  std::shared_ptr<State> state_;
};

}  // namespace beckon::core::testing
