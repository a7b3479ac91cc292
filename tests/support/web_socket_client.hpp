// A WebSocket client for tests, by hand: RFC 6455's opening, unmasked frames in, masked ones out, pings answered or not.
#pragma once

#include "base/task.hpp"

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace beckon::core::testing {

class WebSocketClient {
 public:
  explicit WebSocketClient(Executor executor) : socket_(executor) {}

  // The status of the answer; 101: it is open. `headers` end with "\r\n" each.
  task<int> open(std::uint16_t port, std::string target, std::string headers = {}) {
    boost::system::error_code error;
    const asio::ip::tcp::endpoint server(asio::ip::address_v4::loopback(), port);
    co_await socket_.async_connect(server, asio::redirect_error(use_task, error));
    if (error) co_return 0;
    const std::string text = "GET " + target + " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port) +
                             "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                             "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" + headers + "\r\n";
    co_await asio::async_write(socket_, asio::buffer(text), asio::redirect_error(use_task, error));
    while (!error && bytes_.find("\r\n\r\n") == bytes_.npos) co_await more(error);
    const auto end = bytes_.find("\r\n\r\n");
    if (end == bytes_.npos) co_return 0;
    head = bytes_.substr(0, end + 4);
    bytes_.erase(0, end + 4);
    co_return std::stoi(head.substr(9, 3));
  }

  // The next text; nullopt: closed by the other side (then `close_code` and `reason`), or cut off.
  task<std::optional<std::string>> receive() {
    for (;;) {
      boost::system::error_code error;
      while (!error && !whole()) co_await more(error);
      if (error) co_return std::nullopt;
      const auto [opcode, payload] = take();
      if (opcode == 1) co_return payload;
      if (opcode == 9 && answers_pings) co_await say(10, payload);
      if (opcode == 8) {
        if (payload.size() >= 2) {
          close_code = (static_cast<unsigned char>(payload[0]) << 8) | static_cast<unsigned char>(payload[1]);
          reason = payload.substr(2);
        }
        co_await say(8, payload);
        co_return std::nullopt;
      }
    }
  }
  task<void> say(unsigned char opcode, std::string payload) {
    std::string frame{static_cast<char>(0x80 | opcode)};
    if (payload.size() < 126) frame += static_cast<char>(0x80 | payload.size());
    else frame += {static_cast<char>(0x80 | 126), static_cast<char>(payload.size() >> 8), static_cast<char>(payload.size() & 255)};
    frame += std::string(4, '\0') + payload;   // masked with zeros
    boost::system::error_code ignored;
    co_await asio::async_write(socket_, asio::buffer(frame), asio::redirect_error(use_task, ignored));
  }
  // Like a cable that is pulled: no word of parting. Closed properly: say(8, "").
  void vanish() {
    boost::system::error_code ignored;
    socket_.close(ignored);
  }
  bool is_open() const { return socket_.is_open(); }

  std::string head;
  int close_code = 0;
  std::string reason;
  bool answers_pings = true;

 private:
  task<void> more(boost::system::error_code& error) {
    std::array<char, 4096> into;
    const auto buffer = asio::buffer(into);
    const auto count = co_await socket_.async_read_some(buffer, asio::redirect_error(use_task, error));
    bytes_.append(into.data(), count);
  }
  unsigned char at(std::size_t i) const { return static_cast<unsigned char>(bytes_[i]); }
  std::pair<std::size_t, std::size_t> extent() const {   // header, payload
    const std::size_t small = at(1) & 127;
    if (small < 126) return {2, small};
    const std::size_t width = small == 126 ? 2 : 8;
    if (bytes_.size() < 2 + width) return {2 + width, SIZE_MAX / 2};
    std::size_t length = 0;
    for (std::size_t i = 0; i < width; ++i) length = (length << 8) | at(2 + i);
    return {2 + width, length};
  }
  bool whole() const {
    if (bytes_.size() < 2) return false;
    const auto [header, payload] = extent();
    return bytes_.size() >= header + payload;
  }
  std::pair<int, std::string> take() {
    const auto [header, payload] = extent();
    std::pair<int, std::string> frame(at(0) & 15, bytes_.substr(header, payload));
    bytes_.erase(0, header + payload);
    return frame;
  }

  asio::basic_stream_socket<asio::ip::tcp, Executor> socket_;
  std::string bytes_;
};

}  // namespace beckon::core::testing
