// The HTTP client as the rest of the daemon sees it. Nothing of Beast or TLS shows.
// Runs on the daemon's thread; every step has a time limit; a coroutine that awaits it may be cancelled at any step.
#pragma once

#include "base/result.hpp"
#include "base/task.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace beckon::core {

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

// The first header of that name, whatever its case; empty when absent.
std::string_view find_header(const HttpHeaders& headers, std::string_view name);

struct HttpRequest {
  std::string method = "GET";
  std::string url;             // http(s)://host[:port]/path?query
  HttpHeaders headers;
  std::string body;
};

struct HttpResponse {
  int status = 0;
  HttpHeaders headers;
  std::string body;
};

struct HttpLimits {
  Milliseconds connect{10s};       // DNS, TCP, proxy and TLS together
  Milliseconds total{30s};         // from the first byte out to the last byte in
  std::size_t max_body = 8u << 20; // a larger answer is `too_large`
  std::size_t max_header = 64u << 10;
};

enum class HttpFailure {
  bad_url,  // the request cannot be sent as it is: its URL, or a method or header that is not one
  refused_plain, dns, connect, proxy, tls, timeout, cut_short, too_large, malformed
};

struct HttpError {
  HttpFailure failure{};
  bool ambiguous = false;  // the whole request left and no complete answer came: it may have been carried out
  std::string message;     // a sentence that names host and port, never path, query or credentials
};
[[noreturn]] void throw_exception_from_error(const HttpError& error, const boost::source_location&);

using HttpResult = boost::system::result<HttpResponse, HttpError>;

class HttpClient {
 public:
  virtual ~HttpClient() = default;
  // Redirects are not followed: the caller knows where its credentials may go. Throws only when cancelled.
  // Host, Content-Length and the like are set here, and refused from the caller; a User-Agent of the caller's wins.
  // A kept connection that the peer closed unheard costs one retry; but a POST or PATCH that left whole is an ambiguous
  // error then. The client may go before its requests end.
  virtual task<HttpResult> send(HttpRequest request, HttpLimits limits) = 0;
};

struct HttpClientOptions {
  std::string user_agent = "beckon";
  std::string proxy;         // "http://[user:password@]host:port"; CONNECT for https, absolute form for http.
                             // This machine itself (loopback) is never asked for through it
  std::string no_proxy;      // as in NO_PROXY: hosts and domain suffixes, comma-separated; "*" for all
  std::string ca_file;       // PEM, in addition to the system's; empty: the system's alone
  bool allow_plain_http = false;  // otherwise plain http goes to loopback only
  Milliseconds idle{30s};    // how long a kept connection may rest
  std::size_t idle_per_origin = 64;
};

// Fails when the CA file cannot be read or the proxy's URL is wrong.
Result<std::unique_ptr<HttpClient>> make_http_client(Executor executor, HttpClientOptions options);

// Proxy settings from HTTPS_PROXY / https_proxy and NO_PROXY / no_proxy where `options` says nothing. HTTP_PROXY is
// ignored.
void apply_proxy_environment(HttpClientOptions& options);

}  // namespace beckon::core
