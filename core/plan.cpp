#include "plan.hpp"

#include "base/log.hpp"
#include "config/values.hpp"
#include "net/proxy.hpp"
#include "outbox/inspect.hpp"

#include "plugins/host/checker.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <set>
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

// The operator has no target of its own: what there is to say of one belongs to the sink.
void say_of_alerts(std::string& message) {
  constexpr std::string_view theirs = " to this subscription's target, or";
  if (const auto at = message.find(theirs); at != std::string::npos) message.erase(at, theirs.size());
  message.insert(0, "alerts: ");
}

template <class Sinks>
std::string no_such_sink(const Sinks& sinks, const std::string& name) {
  std::vector<std::string> names;
  for (const auto& [known, sink] : sinks) names.push_back(known);
  const std::string close = closest(name, names);
  return fmt::format("alerts: there is no [sinks.{}]{}", name, close.empty() ? "" : fmt::format("; did you mean \"{}\"?", close));
}

// One endpoint for all that say the same.
class Endpoints {
 public:
  std::shared_ptr<const PlannedEndpoint> share(const PlannedSink& sink, OptionValues target, const std::string& identity) {
    auto& known = known_[sink.config.name + '\n' + identity];
    if (!known)
      known = std::make_shared<const PlannedEndpoint>(
          PlannedEndpoint{&sink, std::make_shared<const OptionValues>(std::move(target))});
    return known;
  }

 private:
  std::unordered_map<std::string, std::shared_ptr<const PlannedEndpoint>> known_;
};

class Repositories {
 public:
  explicit Repositories(std::deque<PlannedRepository>& all) : all_(all) {}

  const PlannedRepository* share(const std::string& forge, const std::string& name) {
    auto& known = known_[lower(forge + '\n' + name)];
    if (!known) known = &all_.emplace_back(PlannedRepository{forge, name});
    return known;
  }

 private:
  std::deque<PlannedRepository>& all_;
  std::unordered_map<std::string, const PlannedRepository*> known_;
};

// A proxy out of the environment serves all that have none of their own. It never quotes it: there may be a password.
void check_proxy_environment(const Config& config, std::vector<ConfigError>& errors) {
  const auto has_none = [](const auto& user) { return user.proxy.empty(); };
  const char* variable = proxy_variable();
  if (variable == nullptr || (std::none_of(config.forges.begin(), config.forges.end(), has_none) &&
                              std::none_of(config.sinks.begin(), config.sinks.end(), has_none)))
    return;
  if (const auto proxy = parse_proxy(std::getenv(variable)); !proxy)
    errors.push_back({{}, fmt::format("the environment variable {} names no proxy that can be used: only http://HOST:PORT is "
                                      "spoken to; correct it, or unset it", variable)});
}

void check_state(const Config& config, std::vector<ConfigError>& errors) {
  if (config.state.empty() || config.state == ":memory:") return;
  std::error_code ignored;
  if (std::filesystem::equivalent(config.state, config.file, ignored)) {
    errors.push_back({config.state_place, "state: this is the configuration itself: name another file, as in \"beckon.db\""});
  } else if (const auto fit = inspect_outbox(config.state); !fit) {
    errors.push_back({config.state_place, "state: " + fit.error().message});
  }
}

// A folder that the file names and that cannot be searched is an error of the file.
void place_refusals(const Config& config, Plan& plan) {
  std::erase_if(plan.found.refusals, [&](const plugins::Refusal& refusal) {
    const auto at = std::find(config.plugin_folders.begin(), config.plugin_folders.end(), refusal.path);
    const auto index = static_cast<std::size_t>(at - config.plugin_folders.begin());
    if (index >= config.plugin_places.size()) return false;
    plan.errors.push_back({config.plugin_places[index], fmt::format("plugins: {} {}", refusal.path.string(), refusal.sentence)});
    return true;
  });
}

// Option names that may be shown with their values: those that no plugin at hand calls secret.
std::vector<std::string> plain_options(const plugins::Found& found) {
  std::set<std::string> plain, secret;
  for (const auto& plugin : found.plugins)
    for (std::size_t i = 0; i < plugin.table->option_count; ++i) {
      const beckon_option& option = *plugin.table->options[i];
      (option.flags & BECKON_SECRET ? secret : plain).emplace(option.name.data, option.name.size);
    }
  std::vector<std::string> names;
  std::set_difference(plain.begin(), plain.end(), secret.begin(), secret.end(), std::back_inserter(names));
  return names;
}

// In this process or in one of its own: as the file says, else as the library's origin asks for.
void plan_sink(const plugins::Plugin& found, PlannedSink& sink, const std::filesystem::path& folder,
               std::vector<ConfigError>& errors) {
  sink.plugin = found;
  sink.isolated = sink.config.isolate.value_or(!found.shipped);
  if (!sink.isolated && !found.is_open()) {
    auto opened = plugins::open_here(found.path);
    if (const auto* refusal = std::get_if<plugins::Refusal>(&opened)) {
      errors.push_back({sink.config.plugin_place, fmt::format("plugin: {} {}", refusal->path.string(), refusal->sentence)});
      return;
    }
    sink.plugin = std::get<plugins::Plugin>(opened);
    log::debug("plugins", "\"{}\" runs {} in this process, because it says isolate = false", sink.config.name, found.path.string());
  }
  sink.table = sink.plugin.table;
  if (!sink.isolated) {
    sink.options = check_sink(sink.config, *sink.table, folder, errors);
    return;
  }
  PluginCheck check;
  if (found.has_check)
    check = [checker = std::make_shared<plugins::Checker>(found.path, sink.config.memory_limit)](
                const beckon_values* settings, const beckon_values* target, const beckon_complaints* complaints) {
      return checker->ask(*settings, *target, *complaints);
    };
  sink.options = check_sink(sink.config, *sink.table, std::move(check), folder, errors);
}

// What is found wrong with one subscription. Of an added one it stays with it, even where the cause is a line of the
// configuration: without it that line harms nobody.
class OwnErrors {
 public:
  OwnErrors(Place place, std::vector<ConfigError>& all) : place_(place), all_(all) {}
  ~OwnErrors() {
    for (ConfigError& error : own_) {
      if (error.place.file != Origin::added) error.place = place_;
      all_.push_back(std::move(error));
    }
  }
  std::vector<ConfigError>& errors() { return is_added() ? own_ : all_; }
  bool leave_out() const {
    return std::any_of(own_.begin(), own_.end(), [](const ConfigError& error) { return !error.warning; });
  }

 private:
  bool is_added() const { return place_.file == Origin::added; }

  Place place_;
  std::vector<ConfigError>& all_;
  std::vector<ConfigError> own_;
};

void leave_out_duplicates(Plan& plan) {
  for (const ConfigError& error : plan.errors) {
    if (!error.duplicate || error.is_fatal()) continue;
    std::erase_if(plan.subscriptions, [&](const PlannedSubscription& planned) {
      return planned.place.file == Origin::added && planned.place.line == error.place.line && planned.place.column == error.place.column;
    });
  }
}

}  // namespace

bool Plan::ok() const {
  return std::none_of(errors.begin(), errors.end(), [](const ConfigError& e) { return e.is_fatal(); });
}

bool Plan::leaves_out() const {
  return std::any_of(errors.begin(), errors.end(), [](const ConfigError& e) { return !e.warning && !e.is_fatal(); });
}

const std::filesystem::path& Plan::file_of(const ConfigError& error) const {
  return error.place.file == Origin::added ? added_file : file;
}

std::unique_ptr<Plan> make_plan(LoadedConfig loaded) {
  auto plan = std::make_unique<Plan>();
  Config& config = loaded.config;
  plan->file = config.file;
  plan->added_file = config.added_file;
  plan->state = config.state;
  plan->errors = std::move(loaded.errors);
  plan->web = std::move(config.web);

  std::vector<std::filesystem::path> folders = plugins::shipped_folders();
  folders.insert(folders.end(), config.plugin_folders.begin(), config.plugin_folders.end());
  plan->found = plugins::find_plugins(folders);
  place_refusals(config, *plan);
  plan->plain_options = plain_options(plan->found);
  check_state(config, plan->errors);
  check_proxy_environment(config, plan->errors);

  const auto folder = config.file.parent_path();
  for (SinkConfig& sink : config.sinks) {
    PlannedSink& planned = plan->sinks.emplace_back();
    planned.config = std::move(sink);
    if (const auto* plugin = find_plugin(plan->found, planned.config.plugin)) {
      plan_sink(*plugin, planned, folder, plan->errors);
    } else if (!planned.config.plugin.empty()) {
      plan->errors.push_back({planned.config.plugin_place, no_such_plugin(plan->found, planned.config.plugin)});
    }
  }

  Endpoints endpoints;
  Repositories repositories(plan->repositories);
  std::unordered_map<std::string, const PlannedSink*> sinks;
  for (const PlannedSink& sink : plan->sinks) sinks.emplace(sink.config.name, &sink);
  std::set<std::string> used;
  std::vector<std::string> identities;
  for (const SubscriptionConfig& subscription : config.subscriptions) {
    OwnErrors own(subscription.place, plan->errors);
    if (subscription.name == alerts_name)
      own.errors().push_back({subscription.place, fmt::format("name: \"{}\" is what Beckon calls its own alerts: choose another", alerts_name)});
    const auto sink = sinks.find(subscription.sink);
    std::string& identity = identities.emplace_back();
    if (sink == sinks.end() || !sink->second->table) continue;  // said already
    OptionValues target = check_target(subscription, sink->second->options, *sink->second->table, folder, own.errors());
    if (own.leave_out()) continue;
    used.insert(subscription.sink);
    const bool complete = is_complete(subscription, sink->second->options, *sink->second->table, target);
    identity = endpoint_identity(*sink->second->table, sink->second->options.settings, target);
    auto endpoint = endpoints.share(*sink->second, std::move(target), identity);
    if (!complete) identity.clear();
    plan->subscriptions.push_back({subscription.name, repositories.share(subscription.forge, subscription.repository),
                                   subscription.login, subscription.interval, subscription.backfill, subscription.filter,
                                   std::move(endpoint), subscription.place});
  }
  if (const auto sink = sinks.find(config.alerts); !config.alerts.empty() && sink != sinks.end() && sink->second->table) {
    used.insert(config.alerts);
    SubscriptionConfig operators;
    operators.sink = config.alerts;
    operators.place = config.alerts_place;
    const std::size_t before = plan->errors.size();
    OptionValues target = check_target(operators, sink->second->options, *sink->second->table, folder, plan->errors);
    for (std::size_t i = before; i < plan->errors.size(); ++i) say_of_alerts(plan->errors[i].message);
    const std::string identity = endpoint_identity(*sink->second->table, sink->second->options.settings, target);
    plan->alerts = endpoints.share(*sink->second, std::move(target), identity);
  } else if (!config.alerts.empty() && sink == sinks.end()) {
    plan->errors.push_back({config.alerts_place, no_such_sink(sinks, config.alerts)});
  }
  for (const PlannedSink& sink : plan->sinks)
    if (sink.table && !used.contains(sink.config.name)) check_unused(sink.options, *sink.table, plan->errors);
  for (PlannedSink& sink : plan->sinks) sink.options.check = {};   // and with it the process that was asked
  find_duplicates(config.subscriptions, identities, plan->errors);
  leave_out_duplicates(*plan);
  sort_errors(plan->errors);
  plan->forges = std::move(config.forges);
  return plan;
}

}  // namespace beckon::core
