#include "net/wire.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/rfc7230.hpp>
#include <boost/beast/http/status.hpp>
#include <boost/beast/http/string_body.hpp>

#include <algorithm>
#include <array>
#include <optional>

namespace beckon::core::wire {
namespace {

namespace http = boost::beast::http;

// What both directions share: Beast's parser, and the bytes that it could not use yet.
template <bool is_request>
class Message {
 public:
  Message(Bounds bounds, bool headless) : bounds_(bounds), headless_(headless) { renew(); }

  void renew() {
    parser_.emplace();
    in_header_ = 0;
    parser_->eager(true);
    parser_->skip(headless_);
    parser_->header_limit(static_cast<std::uint32_t>(bounds_.header));
    parser_->body_limit(bounds_.body);
  }

  Progress feed(std::string_view bytes) {
    std::size_t used = 0;
    if (pending_.empty()) {
      const auto progress = put(bytes, used);
      pending_.assign(bytes.substr(used));
      return progress;
    }
    pending_.append(bytes);
    const auto progress = put(pending_, used);
    pending_.erase(0, used);
    return progress;
  }

  Progress end() {
    if (!parser_->got_some()) return Progress::malformed;
    boost::system::error_code error;
    parser_->put_eof(error);
    return error || !parser_->is_done() ? Progress::malformed : Progress::done;
  }

  HttpHeaders headers() const {
    HttpHeaders all;
    for (const auto& field : parser_->get())
      all.emplace_back(std::string(field.name_string()), std::string(field.value()));
    return all;
  }

  http::parser<is_request, http::string_body>& parser() { return *parser_; }
  const http::parser<is_request, http::string_body>& parser() const { return *parser_; }
  bool has_left_over() const { return !pending_.empty(); }

 private:
  // Beast sets no limit to what must be whole before it is taken, a chunk's extensions and trailers, and counts a header that
  // came in one piece more mildly. So it is shown no more at once than a header may have, and of a header what is left of
  // that: then no answer hangs on how the network cut it.
  Progress put(std::string_view bytes, std::size_t& used) {
    boost::system::error_code error;
    while (used < bytes.size() && !parser_->is_done()) {
      const auto most = bounds_.header - (parser_->is_header_done() ? 0 : in_header_);
      const auto shown = bytes.substr(used, most);
      const auto taken = parser_->put(boost::asio::const_buffer(shown.data(), shown.size()), error);
      used += taken;
      if (!parser_->is_header_done()) in_header_ += taken;
      if (error == http::error::need_more) {
        if (taken == 0) return shown.size() == most ? Progress::too_large : Progress::more;
        if (used - taken + shown.size() == bytes.size()) return Progress::more;
        continue;
      }
      if (error == http::error::body_limit || error == http::error::header_limit ||
          error == http::error::buffer_overflow)
        return Progress::too_large;
      if (error) return Progress::malformed;
    }
    return parser_->is_done() ? Progress::done : Progress::more;
  }

  Bounds bounds_;
  bool headless_;
  std::size_t in_header_ = 0;  // bytes of a header that is not yet whole
  std::optional<http::parser<is_request, http::string_body>> parser_;
  std::string pending_;
};

bool same_name(std::string_view a, std::string_view b) { return boost::beast::iequals(a, b); }

bool is_token(std::string_view text) {
  constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](unsigned char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           marks.find(static_cast<char>(c)) != marks.npos;
  });
}

bool is_field_value(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](unsigned char c) { return c == '\t' || (c >= 0x20 && c != 0x7f); });
}

// Those that frame the message or speak to the next hop; and Accept-Encoding, since nothing here could decode.
constexpr std::array<std::string_view, 13> reserved = {
    "Accept-Encoding", "Connection", "Content-Length",      "Expect",           "Host",
    "HTTP2-Settings",  "Keep-Alive", "Proxy-Authorization", "Proxy-Connection", "TE",
    "Trailer",         "Transfer-Encoding", "Upgrade"};

void append_header(std::string& text, std::string_view name, std::string_view value) {
  text.append(name).append(": ").append(value).append("\r\n");
}

}  // namespace

class ResponseReader::Parser : public Message<false> {
 public:
  using Message::Message;
  bool started = false;
  int interim = 0;
};

ResponseReader::ResponseReader(Bounds bounds, bool headless) : parser_(std::make_unique<Parser>(bounds, headless)) {}
ResponseReader::~ResponseReader() = default;

Progress ResponseReader::feed(std::string_view bytes) {
  constexpr int interim_limit = 16;
  if (!bytes.empty()) parser_->started = true;
  auto progress = parser_->feed(bytes);
  while (progress == Progress::done) {
    const auto status = parser_->parser().get().result_int();
    if (status >= 200) break;
    // Nobody asked for another protocol, and nobody needs an endless row of promises.
    if (status < 100 || status == 101 || ++parser_->interim > interim_limit) return Progress::malformed;
    parser_->renew();
    progress = parser_->feed({});
  }
  return progress;
}

Progress ResponseReader::end() {
  if (parser_->end() != Progress::done || parser_->parser().get().result_int() < 200) return Progress::malformed;
  return Progress::done;
}

bool ResponseReader::started() const { return parser_->started; }
bool ResponseReader::left_over() const { return parser_->has_left_over(); }
bool ResponseReader::in_body() const { return parser_->parser().is_header_done(); }
bool ResponseReader::reusable() const { return parser_->parser().keep_alive() && !parser_->has_left_over(); }

HttpResponse ResponseReader::take() {
  HttpResponse response;
  auto& message = parser_->parser().get();
  response.status = static_cast<int>(message.result_int());
  response.headers = parser_->headers();
  response.body = std::move(message.body());
  return response;
}

class RequestReader::Parser : public Message<true> {
 public:
  using Message::Message;
};

RequestReader::RequestReader(Bounds bounds) : parser_(std::make_unique<Parser>(bounds, false)) {}
RequestReader::~RequestReader() = default;
Progress RequestReader::feed(std::string_view bytes) { return parser_->feed(bytes); }
bool RequestReader::keep_alive() const { return parser_->parser().keep_alive(); }

HttpRequest RequestReader::take() {
  HttpRequest request;
  auto& message = parser_->parser().get();
  request.method = std::string(message.method_string());
  request.url = std::string(message.target());
  request.headers = parser_->headers();
  request.body = std::move(message.body());
  parser_->renew();
  return request;
}

std::string objection(const HttpRequest& request) {
  if (!is_token(request.method) || request.method == "CONNECT")
    return "the HTTP method is not one that can be sent";
  for (const auto& [name, value] : request.headers) {
    if (!is_token(name)) return "a header name holds a character that is not allowed there";
    if (!is_field_value(value)) return "the value of the header " + name + " holds a line break or a control character";
    for (const auto taken : reserved)
      if (same_name(name, taken)) return "the header " + name + " is set by the HTTP client alone; leave it out";
  }
  return {};
}

std::string request_text(const HttpRequest& request, std::string_view target, std::string_view host,
                         const HttpHeaders& ours) {
  std::string text;
  text.reserve(256 + target.size() + request.body.size() + 64 * request.headers.size());
  text.append(request.method).append(" ").append(target).append(" HTTP/1.1\r\n");
  append_header(text, "Host", host);
  for (const auto& [name, value] : ours)
    if (find_header(request.headers, name).empty()) append_header(text, name, value);
  for (const auto& [name, value] : request.headers) append_header(text, name, value);
  const bool carries = request.method == "POST" || request.method == "PUT" || request.method == "PATCH";
  if (carries || !request.body.empty()) append_header(text, "Content-Length", std::to_string(request.body.size()));
  text.append("\r\n").append(request.body);
  return text;
}

std::string response_text(const HttpResponse& response, bool head_request, bool keep_alive) {
  const bool bodiless = response.status / 100 == 1 || response.status == 204 || response.status == 304;
  std::string text = "HTTP/1.1 " + std::to_string(response.status) + " ";
  text.append(http::obsolete_reason(static_cast<http::status>(response.status))).append("\r\n");
  for (const auto& [name, value] : response.headers)
    if (!same_name(name, "Content-Length") && !same_name(name, "Connection")) append_header(text, name, value);
  if (!bodiless) append_header(text, "Content-Length", std::to_string(response.body.size()));
  if (!keep_alive) append_header(text, "Connection", "close");
  text.append("\r\n");
  if (!bodiless && !head_request) text.append(response.body);
  return text;
}

}  // namespace beckon::core::wire
