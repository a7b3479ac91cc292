// HTTP/1.1 as bytes in, messages out: no socket and no clock, so every hostile answer can be tested as a string.
// Beast parses behind these two classes and never sees a stream: that keeps TLS times Beast out of the build.
#pragma once

#include "net/http.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace beckon::core::wire {

struct Bounds {
  std::size_t header = 64u << 10;
  std::size_t body = 8u << 20;
};

enum class Progress { more, done, too_large, malformed };

// One response; interim ones (1xx) are skipped. After anything but `more` it takes no further bytes.
class ResponseReader {
 public:
  // `headless` answers end with their header, whatever it says: those to HEAD and CONNECT.
  ResponseReader(Bounds bounds, bool headless);
  ~ResponseReader();
  Progress feed(std::string_view bytes);
  Progress end();          // the peer ended the stream in good order: `done` if that ends the message, else `malformed`
  bool started() const;    // at least one byte came
  bool reusable() const;   // after `done`: the connection may carry another request
  bool left_over() const;  // bytes came behind the answer
  bool in_body() const;    // its header was whole
  HttpResponse take();

 private:
  class Parser;
  std::unique_ptr<Parser> parser_;
};

// Requests one after the other, as they come on a connection that is kept.
class RequestReader {
 public:
  explicit RequestReader(Bounds bounds);
  ~RequestReader();
  Progress feed(std::string_view bytes);  // empty `bytes` looks at what is left of the last feed
  bool keep_alive() const;                // of the request that is `done`
  HttpRequest take();                     // makes ready for the next one

 private:
  class Parser;
  std::unique_ptr<Parser> parser_;
};

// Why this request must not be put on the wire (a method or header that is not one, a header that is ours to set,
// or one that would end the line and smuggle another); empty when it may.
std::string objection(const HttpRequest& request);

// `target` stands in the request line: origin form, absolute form, or an authority for CONNECT. `host` is the Host
// header. `ours` are headers of the client itself.
std::string request_text(const HttpRequest& request, std::string_view target, std::string_view host,
                         const HttpHeaders& ours);

// Content-Length and Connection are set here.
std::string response_text(const HttpResponse& response, bool head_request, bool keep_alive);

}  // namespace beckon::core::wire
