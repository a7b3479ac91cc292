#include "net/http_hall.hpp"

#include "base/log.hpp"
#include "net/unix_address.hpp"
#include "net/wire.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <cstring>
#include <utility>

namespace beckon::core {
namespace {

using boost::asio::ip::tcp;
using boost::system::error_code;

task<HttpReply> answer(const WebHandler& handler, HttpRequest request, std::string client) {
  HttpReply reply;
  std::string failure;
  try {
    auto answering = handler(std::move(request), std::move(client));
    reply = co_await std::move(answering);
    co_return reply;
  } catch (const std::exception& thrown) {
    failure = thrown.what();
  }
  // The server going away is no failure of the handler; the next wait ends this coroutine.
  const auto state = co_await asio::this_coro::cancellation_state;
  if (state.cancelled() == asio::cancellation_type::none) log::error("http", "a request handler failed: {}", failure);
  reply.response.status = 500;
  co_return reply;
}

bool wants_close(const HttpHeaders& headers) { return find_header(headers, "connection") == "close"; }

int refusal_of(wire::Progress progress) { return progress == wire::Progress::too_large ? 413 : 400; }

task<void> speak_web_socket(std::shared_ptr<HttpPeer> peer, HttpRequest request, WebSocketSession session) {
  peer->give(0ms);   // the WebSocket's own limits hold from here on
  const std::shared_ptr<StreamSocket> socket(peer, &peer->socket);
  auto speaking = run_web_socket(socket, std::move(request), std::move(session), peer->hall->rules.web_socket);
  co_await std::move(speaking);
}

task<void> converse(std::shared_ptr<HttpPeer> peer) {
  const HallRules& rules = peer->hall->rules;
  wire::Bounds bounds;
  bounds.body = rules.max_body;
  wire::RequestReader reader(bounds);
  std::array<char, 16 << 10> bytes;
  error_code error;
  peer->give(rules.request);
  while (!error) {
    auto progress = reader.feed({});
    bool begun = false;
    while (progress == wire::Progress::more) {
      const auto into = asio::buffer(bytes);
      const auto count = co_await peer->socket.async_read_some(into, asio::redirect_error(use_task, error));
      if (error) co_return;
      if (!std::exchange(begun, true)) peer->give(rules.request);
      progress = reader.feed(std::string_view(bytes.data(), count));
    }
    bool keep = false;
    bool head = false;
    HttpReply reply;
    if (progress == wire::Progress::done) {
      keep = reader.keep_alive();
      auto request = reader.take();
      head = request.method == "HEAD";
      peer->is_served = true;
      peer->give(0ms);
      HttpRequest upgrade;
      if (wants_web_socket(request)) upgrade = request;
      auto answering = answer(peer->hall->handler, std::move(request), peer->client);
      reply = co_await std::move(answering);
      if (reply.session && !upgrade.url.empty()) {
        auto speaking = speak_web_socket(peer, std::move(upgrade), std::move(reply.session));
        co_await std::move(speaking);
        co_return;
      }
      keep = keep && !wants_close(reply.response.headers);
    } else {
      reply.response.status = refusal_of(progress);
    }
    const auto text = wire::response_text(reply.response, head, keep);
    peer->give(rules.answer);
    co_await asio::async_write(peer->socket, asio::buffer(text), asio::redirect_error(use_task, error));
    peer->is_served = false;
    peer->give(rules.rest);
    if (!keep) break;
  }
  peer->socket.shutdown(StreamSocket::shutdown_send, error);
}

// Whoever has kept a place longest without asking for anything gives it up, so that descriptors stay for the daemon's work.
void make_room(const Hall& hall, const HttpPeer& newcomer) {
  if (hall.rules.most_peers == 0 || hall.peers.size() <= hall.rules.most_peers) return;
  HttpPeer* longest = nullptr;
  for (HttpPeer* peer : hall.peers)
    if (peer != &newcomer && !peer->is_served && peer->socket.is_open() && (!longest || peer->number < longest->number)) longest = peer;
  if (longest) longest->close();
}

bool is_full(const Hall& hall) {
  if (hall.rules.most_peers == 0 || hall.peers.size() <= hall.rules.most_peers) return false;
  std::size_t open = 0;
  for (const HttpPeer* peer : hall.peers) open += peer->socket.is_open() ? 1 : 0;
  return open > hall.rules.most_peers;
}

// What of an address one client may have: a whole IPv4 address; of an IPv6 one the network, of which it has all addresses.
// Empty of this machine itself: whoever stands in front here speaks for many.
std::string client_key(const asio::ip::address& address) {
  if (address.is_loopback()) return {};
  if (address.is_v4()) return address.to_string();
  const auto v6 = address.to_v6();
  if (v6.is_v4_mapped()) return client_key(asio::ip::make_address_v4(asio::ip::v4_mapped, v6));
  auto network = v6.to_bytes();
  std::fill(network.begin() + 8, network.end(), 0);
  return asio::ip::address_v6(network).to_string() + "/64";
}

// False: it has as many connections as one client may have.
bool let_in(HttpPeer& peer) {
  error_code error;
  const auto remote = peer.socket.remote_endpoint(error);
  if (error || (remote.data()->sa_family != AF_INET && remote.data()->sa_family != AF_INET6)) return !error;
  tcp::endpoint endpoint;
  std::memcpy(endpoint.data(), remote.data(), std::min<std::size_t>(remote.size(), endpoint.capacity()));
  peer.client = endpoint.address().to_string();
  Hall& hall = *peer.hall;
  if (hall.rules.most_of_one_client == 0) return true;
  const std::string key = client_key(endpoint.address());
  if (key.empty()) return true;
  if (hall.clients[key] >= hall.rules.most_of_one_client) return false;
  ++hall.clients[key];
  peer.counted_as = key;
  return true;
}

}  // namespace

HttpPeer::HttpPeer(std::shared_ptr<Hall> where, Executor executor) : hall(std::move(where)), socket(executor), patience(executor) {
  hall->peers.insert(this);
  number = ++hall->last_peer;
}

HttpPeer::~HttpPeer() {
  hall->peers.erase(this);
  if (counted_as.empty()) return;
  const auto count = hall->clients.find(counted_as);
  if (--count->second == 0) hall->clients.erase(count);
}

void HttpPeer::give(Milliseconds time) {
  if (time == 0ms) {
    patience.cancel();
    return;
  }
  patience.expires_after(time);
  patience.async_wait([weak = weak_from_this()](error_code cancelled) {
    if (cancelled) return;
    if (const auto peer = weak.lock()) peer->close();
  });
}

void HttpPeer::close() {
  error_code ignored;
  socket.close(ignored);
}

HallListener::HallListener(std::shared_ptr<Hall> where, Executor executor) : hall(std::move(where)), acceptor(executor) {
  hall->acceptor = &acceptor;
}

HallListener::~HallListener() { hall->acceptor = nullptr; }

task<void> receive_peers(std::shared_ptr<HallListener> listener) {
  const auto executor = co_await asio::this_coro::executor;
  while (listener->acceptor.is_open()) {
    error_code error;
    auto peer = std::make_shared<HttpPeer>(listener->hall, executor);
    co_await listener->acceptor.async_accept(peer->socket, asio::redirect_error(use_task, error));
    if (!listener->acceptor.is_open()) co_return;
    if (error) {
      peer.reset();
      co_await sleep_for(100ms);  // out of file descriptors: others have to leave first
      continue;
    }
    make_room(*peer->hall, *peer);
    if (is_full(*peer->hall) || !let_in(*peer)) continue;
    if (peer->hall->rules.own_user_only && !is_own_user(peer->socket.native_handle())) continue;
    peer->socket.set_option(tcp::no_delay(true), error);
    // The completion handler keeps the signal alive until the coroutine has ended.
    auto ended = [peer](std::exception_ptr) {};
    asio::co_spawn(executor, converse(peer), asio::bind_cancellation_slot(peer->cancel.slot(), std::move(ended)));
  }
}

}  // namespace beckon::core
