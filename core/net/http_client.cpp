#include "net/http.hpp"

#include "net/connection.hpp"
#include "net/pool.hpp"
#include "net/proxy.hpp"
#include "net/tls.hpp"
#include "net/wire.hpp"

#include <boost/asio/error.hpp>

#include <algorithm>
#include <array>

namespace beckon::core {
namespace {

using boost::system::error_code;
using Clock = std::chrono::steady_clock;

// Shared with the requests under way, so that the client may go before they end.
struct Shared {
  Shared(Executor where, HttpClientOptions chosen, std::shared_ptr<const Proxy> way,
         std::shared_ptr<TlsContext> context)
      : executor(where),
        options(std::move(chosen)),
        proxy(std::move(way)),
        tls(std::move(context)),
        pool(where, options.idle, options.idle_per_origin) {}

  Executor executor;
  HttpClientOptions options;
  std::shared_ptr<const Proxy> proxy;
  std::shared_ptr<TlsContext> tls;
  Pool pool;
};

HttpError trouble(HttpFailure failure, std::string message) {
  HttpError error;
  error.failure = failure;
  error.message = std::move(message);
  return error;
}

std::string size_for_people(std::size_t bytes) {
  if (bytes >= 1u << 20 && bytes % (1u << 20) == 0) return std::to_string(bytes >> 20) + " MiB";
  if (bytes >= 1u << 10 && bytes % (1u << 10) == 0) return std::to_string(bytes >> 10) + " KiB";
  return std::to_string(bytes) + " bytes";
}

boost::system::result<Route, HttpError> plan(const Shared& client, const HttpRequest& request) {
  auto url = parse_url(request.url);
  if (!url) return trouble(HttpFailure::bad_url, url.error().message);
  const auto peer = url->host_and_port();
  if (!url->userinfo.empty())
    return trouble(HttpFailure::bad_url, "the URL for " + peer + " holds a user or password; they belong in a header");
  if (const auto why = wire::objection(request); !why.empty())
    return trouble(HttpFailure::bad_url, "the request to " + peer + " cannot be sent: " + why);
  const bool loopback = url->is_loopback();
  if (!url->secure() && !loopback && !client.options.allow_plain_http)
    return trouble(HttpFailure::refused_plain, "plain http to " + peer +
                                                   " can be read and changed by others on the way; use https, or set "
                                                   "insecure = true if you accept that");
  Route route;
  if (client.proxy && !loopback && !bypasses_proxy(client.options.no_proxy, *url)) route.proxy = client.proxy;
  route.url = std::move(*url);
  return route;
}

std::string text_of(const Shared& client, const Route& route, const HttpRequest& request) {
  HttpHeaders ours;
  ours.emplace_back("User-Agent", client.options.user_agent);
  auto target = route.url.target;
  if (route.proxy && !route.tunnelled()) {
    target.insert(0, route.url.origin());
    if (!route.proxy->authorization.empty()) ours.emplace_back("Proxy-Authorization", route.proxy->authorization);
  }
  return wire::request_text(request, target, route.url.authority(), ours);
}

// How far one attempt came.
struct Attempt {
  explicit Attempt(HttpError why) : result(std::move(why)) {}

  HttpResult result;
  bool written = false;   // the whole request left
  bool stale = false;     // the peer hung up without a byte of answer
  bool reusable = false;
};

task<Attempt> exchange(std::shared_ptr<Connection> connection, std::string peer, const std::string& text, bool head,
                       HttpLimits limits) {
  Attempt attempt(trouble(HttpFailure::cut_short, peer + " closed the connection before it had the whole request"));
  const auto limit = format_duration(limits.total);
  const auto late = trouble(HttpFailure::timeout, peer + " gave no complete answer within " + limit);
  wire::Bounds bounds;
  bounds.header = limits.max_header;
  bounds.body = limits.max_body;
  wire::ResponseReader reader(bounds, head);
  error_code error;
  connection->expire_after(limits.total);
  co_await connection->write(text, error);
  if (error == asio::error::timed_out) {
    attempt.result = late;
    co_return attempt;
  }
  if (error) {
    attempt.stale = true;
    co_return attempt;
  }
  attempt.written = true;
  std::array<char, 16 << 10> bytes;
  auto progress = wire::Progress::more;
  while (progress == wire::Progress::more) {
    const auto count = co_await connection->read_some(asio::buffer(bytes), error);
    if (count > 0) progress = reader.feed(std::string_view(bytes.data(), count));
    if (!error || progress != wire::Progress::more) continue;
    // Only a stream that was ended in order can end a body without a length.
    if (error == asio::error::eof && reader.started() && reader.end() == wire::Progress::done) {
      progress = wire::Progress::done;
      continue;
    }
    if (error == asio::error::timed_out) {
      attempt.result = late;
      co_return attempt;
    }
    attempt.stale = !reader.started();
    auto when = " before its answer was complete";
    if (attempt.stale) when = " without an answer";
    attempt.result = trouble(HttpFailure::cut_short, peer + " closed the connection" + when);
    co_return attempt;
  }
  if (progress == wire::Progress::too_large) {
    auto what = "the header of the answer of ";
    auto size = size_for_people(limits.max_header);
    if (reader.in_body()) {
      what = "the answer of ";
      size = size_for_people(limits.max_body);
    }
    attempt.result = trouble(HttpFailure::too_large, what + peer + " is over " + size + "; not read");
  } else if (progress == wire::Progress::malformed) {
    attempt.result = trouble(HttpFailure::malformed, "the answer of " + peer + " is not HTTP/1.1; check host and port");
  } else {
    attempt.reusable = !error && reader.reusable();
    attempt.result = reader.take();
  }
  co_return attempt;
}

// RFC 9110, 9.2.2: carried out twice is the same as once.
bool is_idempotent(std::string_view method) { return method != "POST" && method != "PATCH"; }

// One retry, and only for a connection that had rested too long for the other side: nothing came back on it, so the
// request was most likely never read. A POST that left whole may have been carried out all the same: whether it is sent
// again is for the caller to say.
task<HttpResult> attempt_twice(std::shared_ptr<Shared> client, Route route, HttpRequest request, HttpLimits limits) {
  const auto key = route.key();
  const auto peer = route.url.host_and_port();
  const auto text = text_of(*client, route, request);
  bool may_have_arrived = false;
  auto connection = client->pool.take(key);
  for (bool reused = connection != nullptr;; reused = false) {
    if (!reused) {
      connection = make_connection(client->executor, route, client->tls, client->options.user_agent);
      const auto opened = co_await connection->open(limits.connect);
      if (!opened) {
        auto error = opened.error();
        error.ambiguous = may_have_arrived;
        co_return error;
      }
    }
    const auto began = Clock::now();
    auto attempt = co_await exchange(connection, peer, text, request.method == "HEAD", limits);
    if (attempt.result) {
      if (attempt.reusable) client->pool.keep(key, std::move(connection));
      co_return std::move(attempt.result);
    }
    may_have_arrived = may_have_arrived || attempt.written;
    const bool harmless = !attempt.written || is_idempotent(request.method);
    if (!reused || !attempt.stale || !harmless) {
      auto error = attempt.result.error();
      error.ambiguous = may_have_arrived;
      co_return error;
    }
    limits.total = std::max(Milliseconds(1), limits.total - std::chrono::ceil<Milliseconds>(Clock::now() - began));
  }
}

task<HttpResult> send_to_end(std::shared_ptr<Shared> client, HttpRequest request, HttpLimits limits) {
  auto route = plan(*client, request);
  if (!route) co_return route.error();
  auto result = co_await attempt_twice(client, std::move(*route), std::move(request), limits);
  // A failure that is our own cancellation is not the peer's.
  const auto state = co_await asio::this_coro::cancellation_state;
  if (!result && state.cancelled() != asio::cancellation_type::none)
    throw boost::system::system_error(asio::error::operation_aborted);
  co_return result;
}

class Client final : public HttpClient {
 public:
  explicit Client(std::shared_ptr<Shared> shared) : shared_(std::move(shared)) {}

  task<HttpResult> send(HttpRequest request, HttpLimits limits) override {
    return send_to_end(shared_, std::move(request), limits);
  }

 private:
  std::shared_ptr<Shared> shared_;
};

}  // namespace

Result<std::unique_ptr<HttpClient>> make_http_client(Executor executor, HttpClientOptions options) {
  std::shared_ptr<const Proxy> proxy;
  if (!options.proxy.empty()) {
    auto parsed = parse_proxy(options.proxy);
    if (!parsed) return parsed.error();
    proxy = std::make_shared<const Proxy>(std::move(*parsed));
  }
  HttpRequest sample;
  sample.headers.emplace_back("User-Agent", options.user_agent);
  if (const auto why = wire::objection(sample); !why.empty()) return fail("the user agent cannot be used: " + why);
  auto tls = make_tls_context(options.ca_file);
  if (!tls) return tls.error();
  auto shared = std::make_shared<Shared>(executor, std::move(options), std::move(proxy), std::move(*tls));
  return std::make_unique<Client>(std::move(shared));
}

}  // namespace beckon::core
