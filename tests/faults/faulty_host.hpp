// A host on loopback, with or without TLS, whose wire a test can make bad and good again.
#pragma once

#include "net/http_server.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ssl/context.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace beckon::core::testing {

enum class Fault {
  none,
  refused,            // nobody listens
  reset,              // RST in the middle of the answer; the request is not carried out
  black_hole,         // takes the request and never answers
  cut_short,          // half of the answer, then the end; the request is not carried out. Over TLS without a goodbye
  lost_answer,        // the request is carried out, and no answer comes
  slow_body,          // a byte now and then
  endless_header,
  redirect_loop,      // 302 to itself
  cut_handshake,      // TLS only
  wrong_certificate   // TLS only
};
std::string_view to_string(Fault fault);

class FaultyHost {
 public:
  struct Tls {
    boost::asio::ssl::context good;
    boost::asio::ssl::context wrong;
  };

  explicit FaultyHost(asio::io_context& context, std::unique_ptr<Tls> tls = nullptr);
  ~FaultyHost();                       // closes every connection at the context's next turns
  FaultyHost(const FaultyHost&) = delete;

  void set(Fault fault);
  std::string origin() const;
  // Connections or requests that have met the fault; nobody can count those that are refused.
  int met() const;
  // When each request was whole.
  const std::vector<SteadyTime>& arrivals() const;

  HttpHandler handler;                 // `url` holds the target alone

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace beckon::core::testing
