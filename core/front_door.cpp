#include "front_door.hpp"

#include "base/log.hpp"
#include "net/http_server.hpp"
#include "web/site.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <utility>

namespace beckon::core {
namespace {

task<Farewell> keep_open(std::shared_ptr<Site> site, std::shared_ptr<HttpServer>) {
  auto running = site->run();
  co_await std::move(running);
  co_return Farewell();
}

constexpr rlim_t files_of_our_own = 512;   // the store, the sinks, the forge, and plugin hosts

// Each connection is an open file, and most systems begin with 1024.
std::size_t connections_that_fit(std::size_t wanted) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return wanted;
  const rlim_t needed = wanted + files_of_our_own;
  if (limit.rlim_cur < needed) {
    limit.rlim_cur = std::min(needed, limit.rlim_max);
    (void)::setrlimit(RLIMIT_NOFILE, &limit);
    ::getrlimit(RLIMIT_NOFILE, &limit);
  }
  if (limit.rlim_cur >= needed) return wanted;
  const std::size_t fit = limit.rlim_cur > 2 * files_of_our_own ? limit.rlim_cur - files_of_our_own : limit.rlim_cur / 2;
  log::warn("web", "this process may open {} files, so the page takes {} connections instead of {}: raise the limit (LimitNOFILE= of "
                   "systemd, `ulimit -Hn`), or lower `connections` in [web]", limit.rlim_cur, fit, wanted);
  return fit;
}

WebServerOptions options_of(const WebConfig& config) {
  WebServerOptions options;
  options.address = config.address;
  options.port = config.port;
  options.connections = connections_that_fit(config.connections);
  options.connections_of_one_client = config.connections_of_one_client;
  return options;
}

Result<ChildBody> open(Executor executor, const WebConfig& config, WebHouse& house, const std::function<void(std::string)>& opened) {
  const std::shared_ptr<Site> site = make_site(config, house);
  auto handler = [site](HttpRequest request, std::string client) { return site->answer(std::move(request), std::move(client)); };
  auto listening = serve_web(executor, std::move(handler), options_of(config));
  if (!listening) return fail("the page cannot be served: " + listening.error().message + "; name another `listen` in [web]");
  const std::shared_ptr<HttpServer> server = std::move(*listening);
  log::info("web", "the page is at {}/", server->origin());
  opened(server->origin());
  // Handed over, not shared: connections end with the child's coroutine, not with what made it.
  auto slot = std::make_shared<std::shared_ptr<HttpServer>>(server);
  return ChildBody([site, slot] { return keep_open(site, std::exchange(*slot, nullptr)); });
}

}  // namespace

TreeChild front_door(Executor executor, WebConfig config, WebHouse& house, std::function<void(std::string)> opened) {
  TreeChild child;
  child.rules.name = front_door_name;
  child.start = [executor, config = std::move(config), &house, opened = std::move(opened)]() -> task<Result<ChildBody>> {
    co_return open(executor, config, house, opened);
  };
  return child;
}

}  // namespace beckon::core
