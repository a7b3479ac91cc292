#include "base/log.hpp"
#include "base/redaction.hpp"
#include "cli/commands.hpp"
#include "cli/common.hpp"
#include "config/secrets.hpp"
#include "config/values.hpp"
#include "peers.hpp"

#include <cstdlib>
#include <optional>

namespace beckon::core::cli {
namespace {

// There is no file to set insecure = true in.
Result<std::string> check_api_url(const std::string& text) {
  if (!check_url(text, false, true) && check_url(text, true, true))
    return fail("plain http can be read by everybody on the way: write https://HOST/api/v3");
  return check_url(text, false, true);
}

// Empty: there is none.
Result<std::string> read_token(const std::string& variable) {
  if (const auto name = check_variable_name(variable); !name) return fail("--token-env: " + name.error().message);
  const char* value = std::getenv(variable.c_str());
  const std::string token = value ? value : "";
  remember_secret(token);
  if (const auto good = check_token(token); !good) return fail(fmt::format("${}: {}", variable, good.error().message));
  return token;
}

LoadedConfig make_config(const WatchOptions& options, std::string api_url, std::string token, std::string repository,
                         std::string login) {
  LoadedConfig loaded;
  Config& config = loaded.config;
  config.file = std::filesystem::current_path() / "watch";
  config.state = ":memory:";
  ForgeConfig forge;
  forge.name = "github";
  forge.api_url = std::move(api_url);
  forge.token = std::move(token);
  forge.token_variable = options.token_env;
  config.forges.push_back(std::move(forge));
  config.sinks.push_back({"terminal", "console"});
  SubscriptionConfig subscription;
  subscription.name = repository + " " + login;
  subscription.repository = std::move(repository);
  subscription.login = std::move(login);
  subscription.sink = "terminal";
  subscription.interval = options.interval;
  subscription.backfill = options.since;
  subscription.filter = std::make_shared<const Filter>();
  config.subscriptions.push_back(std::move(subscription));
  return loaded;
}

bool waiting_may_help(ForgeFailure failure) {
  return failure != ForgeFailure::unauthorized && failure != ForgeFailure::forbidden &&
         failure != ForgeFailure::not_found && failure != ForgeFailure::blocked;
}

// The daemon asks again and again, since a file may be mended while it runs. Here somebody sits and waits: what will not
// come right by itself is told at once.
std::optional<std::string> why_hopeless(const ForgeConfig& config, const std::string& repository) {
  asio::io_context context(1);
  HttpClientOptions way;
  apply_proxy_environment(way);
  const auto client = make_http_client(context.get_executor(), way);
  if (!client) return client.error().message;
  const auto forge = make_forge(**client, config);
  std::optional<std::string> why;
  auto ask = [&]() -> task<void> {
    auto asking = forge->repository(repository);
    const auto answer = co_await std::move(asking);
    if (!answer && !waiting_may_help(answer.error().failure)) why = answer.error().message;
  };
  asio::co_spawn(context.get_executor(), ask(), [&](std::exception_ptr failure) {
    if (failure) std::rethrow_exception(failure);
    context.stop();
  });
  context.run();
  return why;
}

}  // namespace

int watch(const WatchOptions& options) {
  const auto repository = check_repository(options.repository);
  const auto login = check_login(options.login);
  const auto api_url = check_api_url(options.api_url);
  const auto token = read_token(options.token_env);
  const std::pair<const char*, const Result<std::string>*> all[] = {
      {"OWNER/REPO: ", &repository}, {"LOGIN: ", &login}, {"--api-url: ", &api_url}, {"", &token}};
  for (const auto& [what, checked] : all) {
    if (*checked) continue;
    complain(fmt::format("{}{}; see `{} watch --help`", what, checked->error().message, program()));
    return usage;
  }
  if (token->empty())
    log::warn("watch", "${} is not set: reading anonymously, at most 60 requests an hour, so polls are rare", options.token_env);
  const std::shared_ptr<const Plan> plan = make_plan(make_config(options, *api_url, *token, *repository, *login));
  if (!plan->ok()) {
    print_sentences(*plan);
    return failed;
  }
  if (const auto why = why_hopeless(plan->forges.front(), *repository)) {
    complain(*why);
    return failed;
  }
  log::info("watch", "watching {} for @{}; Ctrl-C ends it", *repository, *login);
  return run_until_signal(plan, true);
}

}  // namespace beckon::core::cli
