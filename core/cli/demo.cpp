// The whole road without a network beyond loopback: an embedded forge replays a small conversation; the real feed, outbox,
// supervisor and plugins do the rest. A stand-in for Slack shows what a chat service may answer.
#include "base/log.hpp"
#include "cli/commands.hpp"
#include "cli/common.hpp"
#include "cli/reload.hpp"
#include "forge/embedded.hpp"
#include "net/http_server.hpp"

#include <spdlog/fmt/fmt.h>

#include <boost/asio/redirect_error.hpp>

#include <unistd.h>

#include <iostream>

namespace beckon::core::cli {
namespace {

constexpr const char* repository = "lighthouse/keeper";

void narrate(std::string_view text) { std::cout << "\n-- " << text << std::endl; }

// Answers as Slack's incoming webhooks do: one is busy at first, another has been removed.
class ChatStandIn {
 public:
  explicit ChatStandIn(Executor executor)
      : server_(serve_http(executor, [this](HttpRequest request) { return answer(std::move(request)); })) {}

  std::string url(const std::string& hook) const { return server_->origin() + "/services/DEMO/" + hook; }
  std::size_t accepted() const { return accepted_; }

 private:
  task<HttpResponse> answer(HttpRequest request) {
    HttpResponse response;
    response.headers = {{"Content-Type", "text/plain"}};
    response.status = 200;
    response.body = "ok";
    if (request.url.ends_with("/linus-hook")) {
      response.status = 404;
      response.body = "no_service";
      std::cout << "   [chat] 404 no_service: this webhook was removed" << std::endl;
    } else if (!refused_once_) {
      refused_once_ = true;
      response.status = 429;
      response.headers.emplace_back("Retry-After", "2");
      response.body = "rate_limited";
      std::cout << "   [chat] 429: too fast, come back in 2 seconds" << std::endl;
    } else {
      ++accepted_;
      std::cout << fmt::format("   [chat] 200 ok: a message of {} bytes", request.body.size()) << std::endl;
    }
    co_return response;
  }

  bool refused_once_ = false;
  std::size_t accepted_ = 0;
  std::unique_ptr<HttpServer> server_;
};

LoadedConfig make_config(const EmbeddedForge& forge, const ChatStandIn& chat) {
  LoadedConfig loaded;
  Config& config = loaded.config;
  config.file = std::filesystem::current_path() / "demo";
  config.state = ":memory:";
  ForgeConfig host;
  host.name = "github";
  host.api_url = forge.api_url();
  host.token = "demo-token";
  config.forges.push_back(std::move(host));
  config.sinks.push_back({"terminal", "console"});
  config.sinks.push_back({"chat", "slack"});
  const auto subscribe = [&](std::string login, std::string sink, std::string webhook) {
    SubscriptionConfig subscription;
    subscription.name = login + " in the " + sink;
    subscription.repository = repository;
    subscription.login = std::move(login);
    subscription.sink = std::move(sink);
    subscription.interval = 400ms;
    subscription.filter = std::make_shared<const Filter>();
    if (!webhook.empty()) {
      Setting url;
      url.name = "webhook_url";
      url.value.value = std::move(webhook);
      url.from_secret_source = true;
      subscription.target.push_back(std::move(url));
    }
    config.subscriptions.push_back(std::move(subscription));
  };
  subscribe("ada", "terminal", "");
  subscribe("grace", "chat", chat.url("grace-hook"));
  subscribe("linus", "chat", chat.url("linus-hook"));
  return loaded;
}

task<void> play(EmbeddedForge& forge, ChatStandIn& chat, Daemon& daemon) {
  const auto now = [] { return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()); };
  const auto comment = [&](std::string author, std::string body) {
    return forge.add_post(repository, PostKind::comment, 7, std::move(author), std::move(body), now());
  };
  // The first poll is the baseline; whatever is older than a subscription is not told.
  co_await sleep_for(1200ms);

  narrate("vera writes `@ada` in code: that is no mention, and nobody is told");
  comment("vera", "The decorator is called `@ada` here:\n\n```\n@ada\ndef lamp(): ...\n```\n");
  co_await sleep_for(1500ms);

  narrate("vera mentions @ada: told at once, in the terminal");
  const auto id = comment("vera", "@ada the lamp flickers at **night**; could you look at [the log](https://example.org/log)?");
  co_await sleep_for(1800ms);

  narrate("vera edits that comment, twice: @ada has been told and is not told again");
  forge.edit_post(PostKind::comment, id, "@ada the lamp flickers at night, *still*.", now());
  co_await sleep_for(1200ms);
  forge.edit_post(PostKind::comment, id, "@ada the lamp flickers at night, still. Edited again.", now());
  co_await sleep_for(1200ms);

  narrate("three mentions of @grace; her chat is rate-limited, so they wait, and catch up");
  comment("vera", "@grace can you take the morning watch?");
  co_await sleep_for(900ms);
  comment("ada", "And @grace, the spare bulb is in the cellar.");
  comment("ada", "@grace, see also #7.");
  for (int i = 0; i < 40 && chat.accepted() < 2; ++i) co_await sleep_for(150ms);

  narrate("@linus has left: his webhook is gone, a probe confirms it, and his syncer is let go");
  const std::size_t before = daemon.subscriptions();
  comment("vera", "@linus are you still there?");
  for (int i = 0; i < 30 && daemon.subscriptions() == before; ++i) co_await sleep_for(100ms);
  std::cout << fmt::format("   {} of {} subscriptions go on", daemon.subscriptions(), before) << std::endl;
}

// The page's usual place, or any other if somebody is there.
ListenAddress free_address(Executor executor) {
  auto address = *parse_listen(default_web_listen);
  WebServerOptions usual;
  usual.port = address.port;
  const auto nobody = [](HttpRequest, std::string) -> task<HttpReply> { co_return HttpReply(); };
  if (!serve_web(executor, nobody, usual)) address.port = 0;
  return address;
}

void tell_address(const Daemon& daemon) {
  std::cout << fmt::format("\nThe live page, where you can watch this too:\n  {}/#watch/{}/ada", daemon.page(), repository) << std::endl;
}

// Somebody is looking at the page: now and then there is something to see, until Ctrl-C.
task<void> keep_page_open(EmbeddedForge& forge, const Daemon& daemon) {
  SignalSet signals(co_await asio::this_coro::executor, SIGINT, SIGTERM);
  narrate("the page stays open, and vera goes on mentioning @ada; Ctrl-C ends it");
  tell_address(daemon);
  bool over = false;
  signals.async_wait([&over](boost::system::error_code, int) { over = true; });
  for (int i = 0; !over; ++i) {
    if (i % 50 == 0) {
      const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
      forge.add_post(repository, PostKind::comment, 7, "vera", fmt::format("@ada, a *reminder*, number {}: the lamp.", i / 50 + 1), now);
    }
    co_await sleep_for(200ms);
  }
}

}  // namespace

int demo(bool web) {
  asio::io_context context(1);
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  auto forge = make_embedded_forge(context.get_executor());
  forge->add_repository(repository);
  forge->open_thread(repository, 7, false, "The lamp flickers", "vera", "It flickers. (@ada was told of this long ago.)",
                     now - std::chrono::hours(48));
  ChatStandIn chat(context.get_executor());
  const std::shared_ptr<const Plan> plan = make_plan(make_config(*forge, chat));
  if (!plan->ok()) {
    print_sentences(*plan);
    return failed;
  }
  std::optional<ListenAddress> address;
  if (web) address = free_address(context.get_executor());
  auto daemon = make_daemon(context.get_executor(), plan, address);
  if (!daemon) {
    complain(daemon.error().message);
    return failed;
  }
  std::cout << "Beckon's demo: a repository on an embedded forge, polled twice a second; three subscribers.\n"
               "  ada   reads her terminal\n  grace reads a chat that is busy at first\n  linus has left the chat" << std::endl;
  int code = failed;
  int open = 2;
  const auto ended = [&](std::exception_ptr failure) {
    if (failure) std::rethrow_exception(failure);
    if (--open == 0) context.stop();
  };
  asio::co_spawn(context.get_executor(), (*daemon)->run(nullptr),
                 [&](std::exception_ptr failure, const Result<void>& ran) {
                   if (!ran) {
                     complain(ran.error().message);
                     context.stop();
                   }
                   ended(failure);
                 });
  auto show = [&]() -> task<void> {
    while (web && (*daemon)->page().empty()) co_await sleep_for(10ms);
    if (web) tell_address(**daemon);
    auto playing = play(*forge, chat, **daemon);
    co_await std::move(playing);
    code = (*daemon)->subscriptions() == 2 && chat.accepted() >= 2 ? ok : failed;
    if (web && ::isatty(STDIN_FILENO) && ::isatty(STDOUT_FILENO)) {
      auto keeping = keep_page_open(*forge, **daemon);
      co_await std::move(keeping);
    }
    auto stopping = (*daemon)->stop(0ms);
    co_await std::move(stopping);
  };
  asio::co_spawn(context.get_executor(), std::move(show), ended);
  context.run();
  daemon->reset();
  if (code == ok)
    std::cout << fmt::format("\nThat was the whole road. Next:\n"
                             "  {0} watch OWNER/REPO LOGIN     a real repository, in this terminal, without a configuration\n"
                             "  {0} sinks slack                what the Slack sink can be told\n"
                             "  cp config.example.toml config.toml && {0} check && {0} run", program()) << std::endl;
  leave(close_output(code));
}

}  // namespace beckon::core::cli
