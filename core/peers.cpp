#include "peers.hpp"

#include "base/log.hpp"

namespace beckon::core {

std::unique_ptr<Forge> make_forge(HttpClient& client, const ForgeConfig& config) {
  GithubOptions options;
  options.name = config.name;
  options.api_url = config.api_url;
  options.token_variable = config.token_variable;
  if (!config.token.empty()) options.token = [token = config.token]() -> task<Result<std::string>> { co_return token; };
  return make_github(client, std::move(options));
}

Result<HttpClient*> Peers::client(Executor executor, const std::string& proxy, const std::string& ca_file, bool insecure) {
  auto& client = clients_[std::tuple(proxy, ca_file, insecure)];
  if (!client) {
    HttpClientOptions options;
    options.proxy = proxy;
    options.ca_file = ca_file;
    options.allow_plain_http = insecure;
    apply_proxy_environment(options);
    auto made = make_http_client(executor, options);
    if (!made) return made.error();
    client = std::move(*made);
  }
  return client.get();
}

Result<Peers> Peers::open(Executor executor, const Plan& plan, Report report) {
  Peers peers;
  for (const ForgeConfig& config : plan.forges) {
    auto client = peers.client(executor, config.proxy, config.ca_file, config.insecure);
    if (!client) return fail(fmt::format("forge \"{}\": {}", config.name, client.error().message));
    peers.forges_.emplace(config.name, make_forge(**client, config));
  }
  for (const PlannedSink& planned : plan.sinks) {
    auto client = peers.client(executor, planned.config.proxy, planned.config.ca_file, planned.config.insecure);
    if (!client) return fail(fmt::format("sink \"{}\": {}", planned.config.name, client.error().message));
    auto sink = open_sink(planned.config.name, *planned.table, planned.options.settings, SinkHost{**client, executor, report});
    if (!sink) return sink.error();
    peers.sinks_.emplace(planned.config.name, std::move(*sink));
  }
  return peers;
}

}  // namespace beckon::core
