#include "terminal.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <ctime>

#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace beckon::console {
namespace {

constexpr std::size_t width_without_terminal = 100;
constexpr std::size_t chunk = 1024;   // what a pipe or a terminal takes at once, when it says that it is ready
constexpr std::int64_t slice_ms = 100;

std::int64_t now_ms() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

std::string_view environment(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

// A library must not change how the process treats signals: SIGPIPE is held back in this thread, and taken away if our
// own write made one.
class WithoutSigpipe {
 public:
  WithoutSigpipe() {
    sigset_t pending;
    sigemptyset(&pipe_);
    sigaddset(&pipe_, SIGPIPE);
    sigpending(&pending);
    was_pending_ = sigismember(&pending, SIGPIPE) == 1;
    pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
  }
  ~WithoutSigpipe() {
    const timespec at_once{};
    if (!was_pending_) {
      while (sigtimedwait(&pipe_, nullptr, &at_once) == -1 && errno == EINTR) {
      }
    }
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  WithoutSigpipe(const WithoutSigpipe&) = delete;
  WithoutSigpipe& operator=(const WithoutSigpipe&) = delete;

 private:
  sigset_t pipe_{};
  sigset_t before_{};
  bool was_pending_ = false;
};

}  // namespace

bool wants_colour(Colour colour, int fd) {
  if (colour != Colour::automatic) return colour == Colour::always;
  const std::string_view terminal = environment("TERM");
  return isatty(fd) && environment("NO_COLOR").empty() && !terminal.empty() && terminal != "dumb";
}

std::size_t width_of(int fd) {
  winsize size{};
  return ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : width_without_terminal;
}

Written write_all(int fd, std::string_view text, std::int64_t deadline_ms, const std::function<bool()>& cancelled) {
  const WithoutSigpipe guard;
  Written written;
  while (written.bytes < text.size()) {
    const std::int64_t left = deadline_ms - now_ms();
    if (left <= 0) return written;
    pollfd ready{fd, POLLOUT, 0};
    const int polled = poll(&ready, 1, static_cast<int>(std::min(left, slice_ms)));
    if (polled == 0 && cancelled()) return written;   // what can be written is
    if (polled == 0 || (polled < 0 && errno == EINTR)) continue;
    const std::string_view part = text.substr(written.bytes, chunk);
    const ssize_t n = write(fd, part.data(), part.size());
    if (n >= 0) {
      written.bytes += static_cast<std::size_t>(n);
    } else if (errno != EINTR && errno != EAGAIN) {
      written.error = errno;
      return written;
    }
  }
  written.complete = true;
  return written;
}

}  // namespace beckon::console
