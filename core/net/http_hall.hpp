// What every HTTP server of this process does with a connection, from its accept to its end. Private to this room.
#pragma once

#include "net/http_server.hpp"
#include "net/web_socket_stream.hpp"

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/cancellation_signal.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>

namespace beckon::core {

using StreamAcceptor = asio::basic_socket_acceptor<asio::generic::stream_protocol, Executor>;

struct HttpPeer;

struct HallRules {
  std::size_t max_body = 16u << 20;
  bool own_user_only = false;            // of a Unix socket
  std::size_t most_peers = 0;            // 0: as many as come
  std::size_t most_of_one_client = 0;    // 0: as many as come
  // How long a connection may take for a whole request, may rest before the next one, may take for an answer; zero: for ever.
  Milliseconds request{0};
  Milliseconds rest{0};
  Milliseconds answer{0};
  WebSocketLimits web_socket;
};

// Knows who is connected but owns nothing that belongs to the io_context: the coroutines do. So server and io_context
// may die in either order.
struct Hall {
  WebHandler handler;
  HallRules rules;
  std::uint64_t last_peer = 0;
  StreamAcceptor* acceptor = nullptr;
  std::set<HttpPeer*> peers;
  std::map<std::string, std::size_t> clients;   // connections of each, where they are counted
};

struct HttpPeer : std::enable_shared_from_this<HttpPeer> {
  HttpPeer(std::shared_ptr<Hall> where, Executor executor);
  ~HttpPeer();
  // Closes the connection when that much time has passed before the next call; zero: never.
  void give(Milliseconds time);
  void close();

  std::shared_ptr<Hall> hall;
  StreamSocket socket;
  Timer patience;
  asio::cancellation_signal cancel;
  std::uint64_t number = 0;         // in the order of coming
  bool is_served = false;           // it has asked, and waits for its answer
  std::string client;               // its address; empty of a Unix socket
  std::string counted_as;           // among the hall's clients; empty: not counted
};

struct HallListener {
  HallListener(std::shared_ptr<Hall> where, Executor executor);
  ~HallListener();

  std::shared_ptr<Hall> hall;
  StreamAcceptor acceptor;
};

// Takes connections until the acceptor is closed.
task<void> receive_peers(std::shared_ptr<HallListener> listener);

}  // namespace beckon::core
