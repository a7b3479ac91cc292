#include "plan.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <unordered_map>

namespace beckon::core {
namespace {

const plugins::Plugin* find_plugin(const plugins::Found& found, const std::string& name) {
  const auto at = std::find_if(found.plugins.begin(), found.plugins.end(), [&](const auto& p) { return p.name == name; });
  return at == found.plugins.end() ? nullptr : &*at;
}

std::string no_such_plugin(const plugins::Found& found, const std::string& name) {
  std::vector<std::string> names;
  std::string listed;
  for (const auto& plugin : found.plugins) {
    names.push_back(plugin.name);
    listed += (listed.empty() ? "" : ", ") + plugin.name;
  }
  const std::string close = closest(name, names);
  std::string text = fmt::format("there is no plugin \"{}\"", name);
  if (!close.empty()) text += fmt::format("; did you mean \"{}\"?", close);
  text += listed.empty() ? " (no plugin was found at all; see `beckon sinks`)" : fmt::format(" (found: {})", listed);
  return text;
}

// One endpoint for all that say the same.
class Endpoints {
 public:
  std::shared_ptr<const PlannedEndpoint> share(const PlannedSink& sink, OptionValues target) {
    PlannedEndpoint made;
    made.sink = &sink;
    made.identity = endpoint_identity(*sink.table, sink.options.settings, target);
    auto& known = known_[sink.config.name + '\n' + made.identity];
    if (!known) {
      made.target = std::move(target);
      known = std::make_shared<const PlannedEndpoint>(std::move(made));
    }
    return known;
  }

 private:
  std::unordered_map<std::string, std::shared_ptr<const PlannedEndpoint>> known_;
};

}  // namespace

bool Plan::ok() const {
  return std::none_of(errors.begin(), errors.end(), [](const ConfigError& e) { return !e.warning; });
}

std::unique_ptr<Plan> make_plan(LoadedConfig loaded) {
  auto plan = std::make_unique<Plan>();
  Config& config = loaded.config;
  plan->file = config.file;
  plan->state = config.state;
  plan->errors = std::move(loaded.errors);

  std::vector<std::filesystem::path> folders = plugins::shipped_folders();
  folders.insert(folders.end(), config.plugin_folders.begin(), config.plugin_folders.end());
  plan->found = plugins::find_plugins(folders);

  const auto folder = config.file.parent_path();
  for (SinkConfig& sink : config.sinks) {
    PlannedSink& planned = plan->sinks.emplace_back();
    planned.config = std::move(sink);
    if (const auto* plugin = find_plugin(plan->found, planned.config.plugin)) {
      planned.table = plugin->table;
      planned.options = check_sink(planned.config, *plugin->table, folder, plan->errors);
    } else if (!planned.config.plugin.empty()) {
      plan->errors.push_back({planned.config.place, no_such_plugin(plan->found, planned.config.plugin)});
    }
  }

  Endpoints endpoints;
  std::unordered_map<std::string, const PlannedSink*> sinks;
  for (const PlannedSink& sink : plan->sinks) sinks.emplace(sink.config.name, &sink);
  std::vector<std::string> identities;
  for (const SubscriptionConfig& subscription : config.subscriptions) {
    const auto sink = sinks.find(subscription.sink);
    std::string& identity = identities.emplace_back();
    if (sink == sinks.end() || !sink->second->table) continue;  // said already
    OptionValues target = check_target(subscription, sink->second->options, *sink->second->table, folder, plan->errors);
    auto endpoint = endpoints.share(*sink->second, std::move(target));
    identity = endpoint->identity;
    plan->subscriptions.push_back({subscription.name, subscription.forge, subscription.repository, subscription.login,
                                   subscription.interval, subscription.backfill, subscription.filter, std::move(endpoint)});
  }
  find_duplicates(config.subscriptions, identities, plan->errors);
  sort_errors(plan->errors);
  plan->forges = std::move(config.forges);
  return plan;
}

}  // namespace beckon::core
