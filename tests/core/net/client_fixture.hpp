// A client on a context of its own, and one call to send through it.
#pragma once

#include "core/net/raw_server.hpp"
#include "net/http.hpp"
#include "support/run.hpp"

#include <gmock/gmock.h>

#include <memory>
#include <string>

namespace beckon::core::testing {

class ClientTest : public ::testing::Test {
 protected:
  // With time limits so long that only a test of time limits can meet them.
  HttpResult send(HttpRequest request, HttpLimits limits = HttpLimits()) {
    if (!client) client = make_http_client(context.get_executor(), options).value();
    return run(context, [&] { return client->send(request, limits); });
  }

  HttpResult get(const std::string& url, HttpLimits limits = HttpLimits()) {
    HttpRequest request;
    request.url = url;
    return send(request, limits);
  }

  HttpResult post(const std::string& url, HttpLimits limits = HttpLimits()) {
    HttpRequest request;
    request.method = "POST";
    request.url = url;
    request.body = "payload";
    return send(request, limits);
  }

  asio::io_context context{1};
  HttpClientOptions options;
  std::unique_ptr<HttpClient> client;  // made by the first `send`
};

inline constexpr auto plain_ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

// A script that answers request after request on one connection.
inline task<void> answer_each(Socket& socket, int) {
  for (;;) {
    const auto head = co_await read_head(socket);
    if (head.empty()) co_return;
    co_await say(socket, plain_ok);
  }
}

}  // namespace beckon::core::testing
