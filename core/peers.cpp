#include "peers.hpp"

#include "base/log.hpp"
#include "sink/isolated.hpp"

#include <set>

namespace beckon::core {
namespace {

bool same(const ForgeConfig& a, const ForgeConfig& b) {
  return a.api_url == b.api_url && a.token == b.token && a.proxy == b.proxy && a.ca_file == b.ca_file && a.insecure == b.insecure &&
         a.token_variable == b.token_variable;
}

// Keeps what it refers to for as long as the peer itself.
template <class Peer>
std::shared_ptr<Peer> with(std::shared_ptr<HttpClient> client, std::unique_ptr<Peer> peer) {
  struct Both {
    std::shared_ptr<HttpClient> client;
    std::unique_ptr<Peer> peer;
  };
  auto both = std::make_shared<Both>(Both{std::move(client), std::move(peer)});
  Peer* raw = both->peer.get();
  return std::shared_ptr<Peer>(std::move(both), raw);
}

template <class Config>
Result<std::shared_ptr<HttpClient>> make_client(Executor executor, const Config& config) {
  HttpClientOptions options;
  options.proxy = config.proxy;
  options.ca_file = config.ca_file;
  options.allow_plain_http = config.insecure;
  apply_proxy_environment(options);
  auto made = make_http_client(executor, options);
  if (!made) return made.error();
  return std::shared_ptr<HttpClient>(std::move(*made));
}

Result<std::unique_ptr<Sink>> open_described(const PlannedSink& planned, SinkHost host) {
  const std::string& name = planned.config.name;
  if (planned.isolated)
    return open_isolated_sink(name, planned.plugin, planned.options.settings, planned.config.memory_limit, std::move(host));
  return open_sink(name, *planned.table, planned.options.settings, std::move(host));
}

}  // namespace

std::unique_ptr<Forge> make_forge(HttpClient& client, const ForgeConfig& config) {
  GithubOptions options;
  options.name = config.name;
  options.api_url = config.api_url;
  options.token_variable = config.token_variable;
  if (!config.token.empty()) options.token = [token = config.token]() -> task<Result<std::string>> { co_return token; };
  return make_github(client, std::move(options));
}

Result<std::shared_ptr<Forge>> open_alone(Executor executor, const ForgeConfig& config) {
  auto client = make_client(executor, config);
  if (!client) return client.error();
  return with(*client, make_forge(**client, config));
}

Result<std::shared_ptr<Sink>> open_alone(Executor executor, const PlannedSink& planned) {
  auto client = make_client(executor, planned.config);
  if (!client) return client.error();
  auto sink = open_described(planned, SinkHost{**client, executor, {}});
  if (!sink) return sink.error();
  return with(*client, std::move(*sink));
}

template <class Config>
Result<std::shared_ptr<HttpClient>> Peers::client(Executor executor, const Config& config) {
  auto& client = clients_[way_of(config)];
  if (client) return client;
  auto made = make_client(executor, config);
  if (made) client = *made;
  return made;
}

// Target options are no part of the settings: they go with each delivery.
Peers::OpenSink Peers::described(const PlannedSink& planned, const Way& way) {
  OpenSink described;
  described.way = way;
  described.settings = planned.options.settings;
  if (planned.isolated) {
    std::error_code unknown;
    described.library = planned.plugin.path;
    described.written = std::filesystem::last_write_time(planned.plugin.path, unknown);
    described.memory_limit = planned.config.memory_limit;
  } else {
    described.table = planned.table;
  }
  return described;
}

void Peers::hurry_all() const {
  for (const auto& [name, open] : sinks_) open.sink->hurry();
}

void Peers::retire_unused(const Peers& successors) const {
  for (const auto& [name, open] : sinks_) {
    const auto next = successors.sinks_.find(name);
    const bool goes_on = next != successors.sinks_.end() && next->second.sink == open.sink;
    if (!goes_on && open.sink.use_count() == 1) open.sink->retire();
  }
}

void Peers::retire_all() const {
  for (const auto& [name, open] : sinks_) open.sink->retire();
}

bool Peers::OpenSink::is_as(const OpenSink& other) const {
  return way == other.way && settings == other.settings && table == other.table && library == other.library &&
         written == other.written && memory_limit == other.memory_limit;
}

Result<Peers> Peers::open(Executor executor, const Plan& plan, Report report) {
  return open(executor, plan, std::move(report), Peers());
}

Result<Peers> Peers::open(Executor executor, const Plan& plan, Report report, const Peers& before, std::function<void()> restarted) {
  Peers peers;
  peers.clients_ = before.clients_;
  std::set<Way> used;
  for (const ForgeConfig& config : plan.forges) {
    const Way way = way_of(config);
    used.insert(way);
    if (const auto known = before.forges_.find(config.name); known != before.forges_.end() && same(known->second.config, config)) {
      peers.forges_.insert(*known);
      continue;
    }
    auto client = peers.client(executor, config);
    if (!client) return fail(fmt::format("forge \"{}\": {}", config.name, client.error().message));
    peers.forges_.emplace(config.name, OpenForge{config, *client, with(*client, make_forge(**client, config))});
  }
  for (const PlannedSink& planned : plan.sinks) {
    const Way way = way_of(planned.config);
    used.insert(way);
    OpenSink wanted = described(planned, way);
    const auto known = before.sinks_.find(planned.config.name);
    if (known != before.sinks_.end() && known->second.is_as(wanted)) {
      peers.sinks_.insert(*known);
      continue;
    }
    auto client = peers.client(executor, planned.config);
    if (!client) return fail(fmt::format("sink \"{}\": {}", planned.config.name, client.error().message));
    auto sink = open_described(planned, SinkHost{**client, executor, report, restarted});
    if (!sink) return sink.error();
    wanted.sink = with(*client, std::move(*sink));
    peers.sinks_.emplace(planned.config.name, std::move(wanted));
  }
  std::erase_if(peers.clients_, [&used](const auto& entry) { return !used.contains(entry.first); });
  return peers;
}

std::shared_ptr<Forge> Peers::find_forge(const std::string& name) const {
  const auto found = forges_.find(name);
  return found == forges_.end() ? nullptr : found->second.forge;
}

std::shared_ptr<Forge> Peers::forge_with(const std::string& name, const std::string& token) const {
  const auto found = forges_.find(name);
  if (found == forges_.end()) return nullptr;
  ForgeConfig config = found->second.config;
  config.token = token;
  return with(found->second.client, make_forge(*found->second.client, config));
}

std::shared_ptr<HttpClient> Peers::client_of(const std::string& forge) const {
  const auto found = forges_.find(forge);
  return found == forges_.end() ? nullptr : found->second.client;
}

std::string Peers::api_url(const std::string& forge) const {
  const auto found = forges_.find(forge);
  return found == forges_.end() ? std::string() : found->second.config.api_url;
}

std::vector<std::shared_ptr<Sink>> Peers::that_hear_feedback() const {
  std::vector<std::shared_ptr<Sink>> found;
  for (const auto& [name, open] : sinks_)
    if (open.sink->info().hears_feedback) found.push_back(open.sink);
  return found;
}

std::map<std::string, std::shared_ptr<Forge>> Peers::forges() const {
  std::map<std::string, std::shared_ptr<Forge>> all;
  for (const auto& [name, open] : forges_) all.emplace(name, open.forge);
  return all;
}

std::map<std::string, SinkProcess> Peers::processes() const {
  std::map<std::string, SinkProcess> all;
  for (const auto& [name, open] : sinks_)
    if (auto process = open.sink->process()) all.emplace(name, std::move(*process));
  return all;
}

}  // namespace beckon::core
