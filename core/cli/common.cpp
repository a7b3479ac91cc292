#include "cli/common.hpp"

#include "base/log.hpp"
#include "cli/commands.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/signal_set.hpp>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <iostream>

namespace beckon::core::cli {
namespace {

using SignalSet = asio::basic_signal_set<Executor>;

task<void> stop_on_signal(asio::io_context& context, Daemon& daemon) {
  SignalSet signals(context.get_executor(), SIGINT, SIGTERM);
  auto first = signals.async_wait(use_task);
  const int number = co_await std::move(first);
  log::info("daemon", "{}: finishing what is under way; a second signal ends at once", number == SIGINT ? "SIGINT" : "SIGTERM");
  signals.async_wait([](boost::system::error_code failure, int) {
    if (!failure) leave(failed);
  });
  auto stopping = daemon.stop();
  co_await std::move(stopping);
  signals.cancel();
}

}  // namespace

void print_errors(const Plan& plan) {
  std::cerr << render_errors(plan.file, plan.errors);
  for (const auto& refusal : plan.found.refusals)
    std::cerr << refusal.path.string() << ' ' << refusal.sentence << '\n';
}

std::unique_ptr<Plan> load_plan(const std::string& config) {
  std::filesystem::path file = config;
  if (config.empty()) {
    const auto found = find_config();
    if (!found) {
      std::cerr << "beckon: no configuration found; looked for:\n";
      for (const auto& place : config_places()) std::cerr << "  " << place.string() << '\n';
      std::cerr << "Start from config.example.toml, or try `beckon watch OWNER/REPO LOGIN`, which needs none.\n";
      return nullptr;
    }
    file = *found;
  }
  auto plan = make_plan(load_config(file));
  print_errors(*plan);
  return plan->ok() ? std::move(plan) : nullptr;
}

int run_until_signal(const Plan& plan) {
  asio::io_context context(1);
  auto daemon = make_daemon(context.get_executor(), plan);
  if (!daemon) {
    std::cerr << "beckon: " << daemon.error().message << '\n';
    return failed;
  }
  int open = 2;
  const auto ended = [&](std::exception_ptr failure) {
    if (failure) std::rethrow_exception(failure);
    if (--open == 0) context.stop();
  };
  asio::co_spawn(context.get_executor(), (*daemon)->run(), ended);
  asio::co_spawn(context.get_executor(), stop_on_signal(context, **daemon), ended);
  context.run();
  daemon->reset();
  log::info("daemon", "stopped; what is owed stays owed");
  leave(ok);
}

void leave(int code) {
  std::cout.flush();
  std::fflush(nullptr);
  std::_Exit(code);
}

}  // namespace beckon::core::cli
