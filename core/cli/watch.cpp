#include "base/log.hpp"
#include "base/redaction.hpp"
#include "cli/commands.hpp"
#include "cli/common.hpp"

#include <algorithm>
#include <cstdlib>
#include <iostream>

namespace beckon::core::cli {

int watch(const WatchOptions& options) {
  const auto slash = options.repository.find('/');
  if (slash == std::string::npos || slash == 0 || slash + 1 == options.repository.size() ||
      options.repository.find('/', slash + 1) != std::string::npos) {
    std::cerr << "beckon: \"" << options.repository << "\" is no repository; write OWNER/REPO\n";
    return usage;
  }
  LoadedConfig loaded;
  Config& config = loaded.config;
  config.file = std::filesystem::current_path() / "watch";
  config.state = ":memory:";
  ForgeConfig forge;
  forge.name = "github";
  forge.api_url = options.api_url;
  while (forge.api_url.ends_with('/')) forge.api_url.pop_back();
  if (const char* token = std::getenv(options.token_env.c_str())) forge.token = token;
  remember_secret(forge.token);
  if (forge.token.empty())
    std::cerr << "beckon: $" << options.token_env << " is not set: reading anonymously, at most 60 requests an hour, so polls are rare\n";
  config.forges.push_back(std::move(forge));
  config.sinks.push_back({"terminal", "console"});
  SubscriptionConfig subscription;
  subscription.repository = options.repository;
  subscription.login = options.login.starts_with('@') ? options.login.substr(1) : options.login;
  std::transform(subscription.login.begin(), subscription.login.end(), subscription.login.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  subscription.name = options.repository + " " + subscription.login;
  subscription.sink = "terminal";
  subscription.interval = options.interval;
  subscription.backfill = options.since;
  subscription.filter = std::make_shared<const Filter>();
  config.subscriptions.push_back(std::move(subscription));

  const auto plan = make_plan(std::move(loaded));
  if (!plan->ok()) {
    print_errors(*plan);
    return failed;
  }
  std::cerr << "beckon: watching " << options.repository << " for @" << plan->subscriptions.front().login
            << "; Ctrl-C ends it\n";
  return run_until_signal(*plan);
}

}  // namespace beckon::core::cli
