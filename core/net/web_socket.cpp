#include "net/web_socket.hpp"

#include "base/log.hpp"
#include "net/web_socket_stream.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/websocket/rfc6455.hpp>
#include <boost/beast/websocket/stream.hpp>

#include <deque>
#include <strings.h>

namespace beckon::core {
namespace {

namespace beast = boost::beast;
namespace websocket = beast::websocket;
using boost::system::error_code;

// The connection's own share: what callbacks of a write under way refer to lives until they have come.
class OpenWebSocket final : public WebSocket, public std::enable_shared_from_this<OpenWebSocket> {
 public:
  OpenWebSocket(std::shared_ptr<StreamSocket> socket, const WebSocketLimits& limits)
      : socket_(std::move(socket)), stream_(*socket_), limits_(limits) {
    websocket::stream_base::timeout times;
    times.handshake_timeout = limits.handshake;
    times.idle_timeout = limits.silence;
    times.keep_alive_pings = true;
    stream_.set_option(times);
    stream_.read_message_max(limits.message);
    stream_.text(true);
    stream_.auto_fragment(false);   // a message is one frame: it is in memory as a whole anyway
  }

  task<bool> accept(HttpRequest request) {
    beast::http::request<beast::http::empty_body> asked;
    asked.method(beast::http::verb::get);
    asked.target(request.url);
    asked.version(11);
    for (const auto& [name, value] : request.headers) asked.insert(name, value);
    const auto decorate = [](websocket::response_type& answer) { answer.set(beast::http::field::server, "beckon"); };
    stream_.set_option(websocket::stream_base::decorator(decorate));
    error_code error;
    co_await stream_.async_accept(asked, asio::redirect_error(use_task, error));
    co_return !error;
  }

  void send(std::shared_ptr<const std::string> text) override {
    if (over_ || closing_) return;
    queued_ += text->size();
    if (queued_ > limits_.queued) {
      log::info("web", "a client takes nothing of what it is sent, and is cut off");
      cut_off();
      return;
    }
    queue_.push_back(std::move(text));
    pump();
  }

  task<std::optional<std::string>> receive() override {
    if (over_) co_return std::nullopt;
    beast::flat_buffer bytes;
    error_code error;
    co_await stream_.async_read(bytes, asio::redirect_error(use_task, error));
    if (!error && stream_.got_text()) co_return beast::buffers_to_string(bytes.data());
    over_ = true;
    co_return std::nullopt;
  }

  void close(std::uint16_t code, std::string_view reason) override {
    if (over_ || closing_) return;
    // A reason has 123 bytes, and ends between two characters.
    std::size_t length = std::min<std::size_t>(reason.size(), 123);
    while (length < reason.size() && length > 0 && (static_cast<unsigned char>(reason[length]) & 0xC0) == 0x80) --length;
    closing_.emplace(static_cast<websocket::close_code>(code), std::string_view(reason.substr(0, length)));
    pump();
  }

  // Reads until the peer has answered the close, within the limits of silence.
  task<void> finish() {
    while (!over_) {
      auto listening = receive();
      const auto heard = co_await std::move(listening);
      if (!heard) co_return;
    }
  }

  void cut_off() {
    over_ = true;
    queue_.clear();
    error_code ignored;
    stream_.next_layer().close(ignored);
  }

 private:
  void pump() {
    if (writing_ || over_) return;
    if (!queue_.empty()) {
      writing_ = true;
      const auto buffer = asio::buffer(*queue_.front());
      auto done = [self = shared_from_this(), text = queue_.front()](error_code error, std::size_t) { self->written(error); };
      stream_.async_write(buffer, std::move(done));
    } else if (closing_ && !std::exchange(said_close_, true)) {
      writing_ = true;
      auto done = [self = shared_from_this()](error_code) { self->writing_ = false; };
      stream_.async_close(*closing_, std::move(done));
    }
  }

  void written(error_code error) {
    writing_ = false;
    if (error || queue_.empty()) return;   // the reading side hears of the error too
    queued_ -= queue_.front()->size();
    queue_.pop_front();
    pump();
  }

  std::shared_ptr<StreamSocket> socket_;
  websocket::stream<StreamSocket&, false> stream_;   // without compression: its memory is larger than what is said
  WebSocketLimits limits_;
  std::deque<std::shared_ptr<const std::string>> queue_;   // the first is being written
  std::size_t queued_ = 0;
  bool writing_ = false;
  bool over_ = false;
  std::optional<websocket::close_reason> closing_;
  bool said_close_ = false;
};

}  // namespace

bool wants_web_socket(const HttpRequest& request) {
  const std::string upgrade(find_header(request.headers, "upgrade"));
  return request.method == "GET" && ::strcasecmp(upgrade.c_str(), "websocket") == 0;
}

task<void> run_web_socket(std::shared_ptr<StreamSocket> socket, HttpRequest request, WebSocketSession session,
                          WebSocketLimits limits) {
  const auto open = std::make_shared<OpenWebSocket>(std::move(socket), limits);
  auto accepting = open->accept(std::move(request));
  const bool accepted = co_await std::move(accepting);
  if (!accepted) co_return;
  std::string failure;
  try {
    auto speaking = session(*open);
    co_await std::move(speaking);
  } catch (const std::exception& thrown) {
    failure = thrown.what();
  }
  const auto state = co_await asio::this_coro::cancellation_state;
  if (state.cancelled() != asio::cancellation_type::none) {
    open->cut_off();
    co_return;
  }
  if (!failure.empty()) log::error("web", "a WebSocket's session failed: {}", failure);
  open->close(failure.empty() ? 1000 : 1011, failure.empty() ? "" : "the daemon failed here; its log says how");
  auto finishing = open->finish();
  co_await std::move(finishing);
  open->cut_off();
}

}  // namespace beckon::core
