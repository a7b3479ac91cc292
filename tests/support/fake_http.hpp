// An HTTP client without a network: a function answers. Every request yields to the context once, as a real one would.
#pragma once

#include "forge/code_host.hpp"
#include "net/http.hpp"

#include <boost/asio/post.hpp>

#include <functional>
#include <string>
#include <vector>

namespace beckon::core::testing {

class FakeHttp final : public HttpClient {
 public:
  using Answer = std::function<HttpResult(const HttpRequest&)>;
  explicit FakeHttp(Answer answer) : answer_(std::move(answer)) {}

  task<HttpResult> send(HttpRequest request, HttpLimits) override {
    ++open_;
    most_open_ = std::max(most_open_, open_);
    requests.push_back(request);
    const auto executor = co_await asio::this_coro::executor;
    co_await asio::post(executor, use_task);
    --open_;
    co_return answer_(request);
  }

  int most_open() const { return most_open_; }
  std::vector<HttpRequest> requests;

 private:
  Answer answer_;
  int open_ = 0;
  int most_open_ = 0;
};

inline HttpResponse response(int status, std::string body = "[]", HttpHeaders headers = {}) {
  HttpResponse response;
  response.status = status;
  response.body = std::move(body);
  response.headers = std::move(headers);
  return response;
}

inline constexpr const char* hosted_at = "http://127.0.0.1:8080";

// Answers out of a code host in memory, which must have been made with `hosted_at`.
inline FakeHttp::Answer hosted_by(CodeHost& host) {
  return [&host](const HttpRequest& request) -> HttpResult {
    HttpRequest local = request;
    local.url.erase(0, std::string(hosted_at).size());
    return host.answer(local);
  };
}

}  // namespace beckon::core::testing
