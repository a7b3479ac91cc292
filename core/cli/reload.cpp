#include "cli/reload.hpp"

#include <boost/asio/redirect_error.hpp>

#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <functional>
#include <optional>
#include <tuple>

namespace beckon::core::cli {
namespace {

constexpr Milliseconds look_every = 2s;

// The terminal that we were started from has been closed.
bool terminal_is_gone() {
  for (const int descriptor : {STDIN_FILENO, STDERR_FILENO}) {
    pollfd one{descriptor, 0, 0};
    struct stat facts {};
    const bool terminal = ::fstat(descriptor, &facts) == 0 && S_ISCHR(facts.st_mode);
    if (terminal && ::poll(&one, 1, 0) == 1 && (one.revents & (POLLHUP | POLLERR)) != 0) return true;
  }
  return false;
}

// What a change of the file changes; editors replace it, so its number counts.
using Fingerprint = std::tuple<dev_t, ino_t, off_t, time_t, long>;

std::optional<Fingerprint> fingerprint(const std::filesystem::path& file) {
  struct stat facts {};
  if (::stat(file.c_str(), &facts) != 0) return std::nullopt;
  return Fingerprint(facts.st_dev, facts.st_ino, facts.st_size, facts.st_mtim.tv_sec, facts.st_mtim.tv_nsec);
}

// Nobody listens any more; the signal stays caught.
struct Unheard {
  SignalSet& signals;
  ~Unheard() { signals.cancel(); }
};

}  // namespace

bool hang_up_counts() {
  struct sigaction present {};
  return ::sigaction(SIGHUP, nullptr, &present) != 0 || present.sa_handler != SIG_IGN;
}

task<void> keep_current(std::filesystem::path file, Daemon& daemon, SignalSet& hang_ups, ServiceManager& manager) {
  const auto executor = co_await asio::this_coro::executor;
  Timer look(executor);
  bool asked = false;
  const std::function<void(boost::system::error_code, int)> heard = [&](boost::system::error_code cancelled, int) {
    if (cancelled) return;
    asked = true;
    look.cancel();
    hang_ups.async_wait(heard);
  };
  hang_ups.async_wait(heard);
  const Unheard unheard{hang_ups};
  auto taken = fingerprint(file), seen = taken;
  for (;;) {
    look.expires_after(look_every);
    boost::system::error_code ignored;
    auto wait = look.async_wait(asio::redirect_error(use_task, ignored));
    co_await std::move(wait);
    const auto state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != asio::cancellation_type::none) co_return;
    const auto now = fingerprint(file);
    // A file that is being written is left alone until it has been quiet for a while.
    const bool quiet = std::exchange(seen, now) == now;
    const bool changed = now && now != taken && quiet;
    if (!std::exchange(asked, false) && !changed) continue;
    if (terminal_is_gone()) {
      ::raise(SIGTERM);
      co_return;
    }
    taken = now;
    manager.reloading();
    auto reloading = daemon.reload();
    const bool taken_over = co_await std::move(reloading);
    manager.reloaded(taken_over);
  }
}

}  // namespace beckon::core::cli
