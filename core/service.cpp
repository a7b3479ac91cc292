#include "service.hpp"

#include "base/log.hpp"

#include <boost/asio/redirect_error.hpp>
#include <fmt/format.h>
#include <systemd/sd-daemon.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <system_error>
#include <utility>

namespace beckon::core {
namespace {

// After a start or a reload much changes at first: the subscriptions are enrolled when their repositories have answered.
constexpr Milliseconds first_pause = 2s, longest_pause = 60s;

}  // namespace

ServiceManager::ServiceManager(Executor executor) : resting_(executor), pause_(first_pause) {
  const char* socket = std::getenv("NOTIFY_SOCKET");
  listens_ = socket != nullptr && *socket != '\0';
  std::uint64_t microseconds = 0;
  // The variables stay set: of the processes that we start, only the user's browser inherits them, and systemd takes no
  // message from anybody but us (NotifyAccess=main).
  if (listens_ && ::sd_watchdog_enabled(0, &microseconds) > 0)
    alive_every_ = std::max(1ms, std::chrono::duration_cast<Milliseconds>(std::chrono::microseconds(microseconds / 2)));
}

void ServiceManager::send(const std::string& state) {
  if (!listens_) return;
  const int sent = ::sd_notify(0, state.c_str());
  if (sent < 0) log::debug("daemon", "the service manager cannot be told: {}", std::system_category().message(-sent));
}

void ServiceManager::renew() {
  is_new_ = true;
  pause_ = first_pause;
  resting_.cancel();
}

void ServiceManager::up() {
  up_ = true;
  send("READY=1");
  renew();
}

void ServiceManager::reloading() {
  if (!up_) return;
  const auto now = std::chrono::steady_clock::now().time_since_epoch();   // CLOCK_MONOTONIC
  send(fmt::format("RELOADING=1\nMONOTONIC_USEC={}", std::chrono::duration_cast<std::chrono::microseconds>(now).count()));
}

void ServiceManager::reloaded(bool taken_over) {
  if (!up_) return;
  refused_ = !taken_over;
  send("READY=1");
  renew();
}

void ServiceManager::stopping() {
  up_ = false;
  send("STOPPING=1\nSTATUS=finishing what is under way");
}

void ServiceManager::alive() { send("WATCHDOG=1"); }

void ServiceManager::tell(std::size_t subscriptions, std::optional<std::size_t> owed) {
  if (!up_) return;
  auto line = service_status(subscriptions, owed, refused_);
  if (line == told_) return;
  told_ = std::move(line);
  send("STATUS=" + told_);
}

task<void> ServiceManager::rest() {
  if (!is_new_) {
    resting_.expires_after(std::exchange(pause_, std::min(pause_ * 2, longest_pause)));
    boost::system::error_code ignored;
    auto wait = resting_.async_wait(asio::redirect_error(use_task, ignored));
    co_await std::move(wait);
  }
  is_new_ = false;
}

std::string service_status(std::size_t subscriptions, std::optional<std::size_t> owed, bool refused) {
  std::string line = fmt::format("watching for {} subscription{}", subscriptions, subscriptions == 1 ? "" : "s");
  if (!owed) line += "; the state file cannot be asked what is owed";
  else if (*owed == 0) line += "; nothing is owed";
  else line += fmt::format("; {} {} owed something", *owed, *owed == 1 ? "is" : "are");
  if (refused) line += "; the changed configuration is wrong and not taken over: see the log";
  return line;
}

task<void> keep_alive(ServiceManager& manager) {
  if (!manager.alive_every()) co_return;
  for (;;) {
    manager.alive();
    auto pause = sleep_for(*manager.alive_every());
    co_await std::move(pause);
  }
}

task<void> keep_told(ServiceManager& manager, Daemon& daemon) {
  while (manager.listens()) {
    auto asking = daemon.owed();
    const auto owed = co_await std::move(asking);
    manager.tell(daemon.subscriptions(), owed);
    auto resting = manager.rest();
    co_await std::move(resting);
  }
}

}  // namespace beckon::core
