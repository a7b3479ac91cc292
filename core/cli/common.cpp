#include "cli/common.hpp"

#include "base/redaction.hpp"
#include "cli/commands.hpp"
#include "cli/reload.hpp"
#include "service.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/redirect_error.hpp>

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <iterator>

namespace beckon::core::cli {
namespace {

bool json = false;

std::string_view name_of(int signal) {
  switch (signal) {
    case SIGINT: return "SIGINT";
    case SIGHUP: return "SIGHUP";
    default: return "SIGTERM";
  }
}

// Of a pipe or a terminal whose other side is gone; a file always has a reader.
bool reader_is_gone() {
  pollfd output{STDOUT_FILENO, 0, 0};
  return ::poll(&output, 1, 0) == 1 && (output.revents & (POLLERR | POLLHUP | POLLNVAL)) != 0;
}

task<void> cancel_without_reader(SignalSet& signals) {
  while (!reader_is_gone()) {
    auto pause = sleep_for(200ms);
    co_await std::move(pause);
  }
  signals.cancel();
}

task<void> stop_on_signal(SignalSet& signals, Daemon& daemon, Milliseconds patience, const std::string& gave_up,
                          asio::cancellation_signal& reloads, ServiceManager& manager) {
  boost::system::error_code nobody_reads;
  auto first = signals.async_wait(asio::redirect_error(use_task, nobody_reads));
  const int number = co_await std::move(first);
  reloads.emit(asio::cancellation_type::terminal);
  manager.stopping();
  if (!gave_up.empty()) co_return;
  if (nobody_reads) log::info("daemon", "standard output is closed: finishing what is under way");
  else log::info("daemon", "{}: finishing what is under way; a second signal ends at once", name_of(number));
  signals.async_wait([](boost::system::error_code failure, int) {
    if (!failure) leave(failed);
  });
  auto stopping = daemon.stop(patience);
  co_await std::move(stopping);
  signals.cancel();
}

}  // namespace

void open_log(LogLevel level, LogFormat format) {
  json = format == LogFormat::json;
  log::open(level, format);
}

std::string program() {
  const char* named = std::getenv("BECKON_INVOKED_AS");
  const std::string name = named ? named : "";
  const bool printable = std::none_of(name.begin(), name.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; });
  return name.empty() || !printable ? "beckon" : name;
}

void complain(std::string_view sentence) {
  if (json) log::write(LogLevel::error, "beckon", sentence);
  else std::cerr << "beckon: " << log::printable(redact(sentence)) << '\n';
}

int close_output(int code) {
  errno = 0;
  std::cout.flush();
  const bool flushed = std::fflush(stdout) == 0;
  const int why = errno;
  if (std::cout && flushed && !std::ferror(stdout)) return code;
  complain(why ? fmt::format("standard output cannot be written: {}", std::strerror(why))
               : "standard output cannot be written");
  return failed;
}

void print_errors(const Plan& plan) {
  if (json) {
    for (const ConfigError& error : plan.errors)
      log::write(error.warning ? LogLevel::warn : LogLevel::error, "config", place_and_message(plan.file_of(error), error));
  } else {
    for (const Origin origin : {Origin::config, Origin::added}) {
      std::vector<ConfigError> errors;   // of that file
      std::copy_if(plan.errors.begin(), plan.errors.end(), std::back_inserter(errors),
                   [&](const ConfigError& error) { return error.place.file == origin; });
      std::cerr << render_errors(origin == Origin::added ? plan.added_file : plan.file, errors, plan.plain_options);
    }
  }
  for (const auto& refusal : plan.found.refusals) {
    const std::string sentence = fmt::format("{} {}", refusal.path.string(), refusal.sentence);
    if (json) log::write(LogLevel::error, "plugins", sentence);
    else std::cerr << sentence << '\n';
  }
}

void print_sentences(const Plan& plan) {
  for (const ConfigError& error : plan.errors) complain(error.message);
  for (const auto& refusal : plan.found.refusals) complain(fmt::format("{} {}", refusal.path.string(), refusal.sentence));
}

std::optional<std::filesystem::path> config_file(const std::string& config) {
  if (!config.empty()) return config;
  if (auto found = find_config()) return found;
  std::string places;
  for (const auto& place : config_places()) places += (places.empty() ? "" : ", ") + place.string();
  complain(fmt::format("no configuration found; looked for {}. Start from config.example.toml, or try `{} watch "
                       "OWNER/REPO LOGIN`, which needs none", places, program()));
  return std::nullopt;
}

std::unique_ptr<Plan> load_plan(const std::string& config) {
  const auto file = config_file(config);
  if (!file) return nullptr;
  auto plan = make_plan(load_config(*file));
  print_errors(*plan);
  return plan->ok() ? std::move(plan) : nullptr;
}

int run_until_signal(std::shared_ptr<const Plan> plan, bool for_reader, std::optional<ListenAddress> page) {
  asio::io_context context(1);
  const std::filesystem::path file = plan->file;
  auto daemon = make_daemon(context.get_executor(), std::move(plan), std::move(page));
  if (!daemon) {
    complain(daemon.error().message);
    return failed;
  }
  SignalSet signals(context.get_executor(), SIGINT, SIGTERM);
  SignalSet hang_ups(context.get_executor());
  if (hang_up_counts()) (for_reader ? signals : hang_ups).add(SIGHUP);
  int open = 2;
  asio::cancellation_signal reloads;
  const auto rethrow = [](std::exception_ptr failure) {
    if (failure) std::rethrow_exception(failure);
  };
  const auto unless_cancelled = [](std::exception_ptr failure) {
    try {
      if (failure) std::rethrow_exception(failure);
    } catch (const boost::system::system_error& error) {
      if (error.code() != asio::error::operation_aborted) throw;
    }
  };
  const auto ended = [&](std::exception_ptr failure) {
    rethrow(failure);
    if (--open == 0) context.stop();
  };
  std::string gave_up;
  ServiceManager manager(context.get_executor());
  auto running = (*daemon)->run([&manager] { manager.up(); });
  asio::co_spawn(context.get_executor(), std::move(running), [&](std::exception_ptr failure, Result<void> result) {
    rethrow(failure);
    if (!result) {
      gave_up = result.error().message;
      signals.cancel();
    }
    ended(nullptr);
  });
  const Milliseconds patience = for_reader ? 0ms : stop_patience;
  auto stopping = stop_on_signal(signals, **daemon, patience, gave_up, reloads, manager);
  asio::co_spawn(context.get_executor(), std::move(stopping), ended);
  if (!for_reader) {
    auto keeping = keep_current(file, **daemon, hang_ups, manager);
    asio::co_spawn(context.get_executor(), std::move(keeping), asio::bind_cancellation_slot(reloads.slot(), unless_cancelled));
  }
  if (for_reader) asio::co_spawn(context.get_executor(), cancel_without_reader(signals), rethrow);
  asio::co_spawn(context.get_executor(), keep_alive(manager), rethrow);
  asio::co_spawn(context.get_executor(), keep_told(manager, **daemon), rethrow);
  context.run();
  daemon->reset();
  if (!gave_up.empty()) {
    complain(gave_up);
    leave(failed);
  }
  log::info("daemon", "{}", for_reader ? "stopped" : "stopped; what is owed stays owed");
  leave(ok);
}

void leave(int code) {
  std::fflush(nullptr);
  std::_Exit(code);
}

}  // namespace beckon::core::cli
