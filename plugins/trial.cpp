#include "plugins/trial.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <string_view>

namespace beckon::plugins {
namespace {

// The child's standard output and error come through the same pipe; its answer is what follows this byte.
constexpr char answer_mark = '\x1e';
constexpr std::string_view fine = "+";
constexpr std::string_view refused = "-";
constexpr std::size_t most_output = 64 * 1024;

void write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

// noexcept: an exception of the work must not run on into the parent's code.
[[noreturn]] void be_the_child(int out, const std::function<std::optional<std::string>()>& work) noexcept {
  const rlimit no_core{};
  ::setrlimit(RLIMIT_CORE, &no_core);
  ::dup2(out, STDOUT_FILENO);
  ::dup2(out, STDERR_FILENO);
  const std::optional<std::string> why = work();
  write_all(out, std::string(1, answer_mark).append(why ? refused : fine).append(why.value_or("")));
  ::_exit(0);
}

// Reads until the child is done; false when it takes too long.
bool read_all(int fd, std::string& output, std::chrono::milliseconds limit) {
  using Clock = std::chrono::steady_clock;
  const auto deadline = Clock::now() + limit;
  char buffer[4096];
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
    if (left.count() <= 0) return false;
    pollfd waiting{fd, POLLIN, 0};
    const int ready = ::poll(&waiting, 1, static_cast<int>(left.count()));
    if (ready < 0 && errno != EINTR) return false;
    if (ready <= 0) continue;
    const ssize_t got = ::read(fd, buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return true;
    output.append(buffer, static_cast<std::size_t>(got));
    if (output.size() > most_output) output.erase(0, output.size() - most_output);
  }
}

// The last words that say something, for people.
std::string last_line(std::string_view output) {
  while (!output.empty() && (output.back() == '\n' || output.back() == ' ')) output.remove_suffix(1);
  output.remove_prefix(output.rfind('\n') + 1);
  output.remove_prefix(std::min(output.find_first_not_of(' '), output.size()));
  std::string line(output.substr(0, 200));
  for (char& c : line) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  }
  return line;
}

std::string how_it_died(int status, std::string_view output) {
  std::string text = WIFSIGNALED(status)
                         ? std::string("crashes when it is loaded (") + ::strsignal(WTERMSIG(status)) + ")"
                         : "ends the process when it is loaded (exit code " + std::to_string(WEXITSTATUS(status)) + ")";
  const std::string line = last_line(output);
  if (!line.empty()) text += ", saying \"" + line + "\"";
  return text + "; keep its static constructors and its entry function free of work";
}

}  // namespace

std::optional<std::string> try_in_child(const std::function<std::optional<std::string>()>& work,
                                        std::chrono::milliseconds limit) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return std::nullopt;
  const pid_t child = ::fork();
  if (child == 0) be_the_child(ends[1], work);
  ::close(ends[1]);
  if (child < 0) {
    ::close(ends[0]);
    return std::nullopt;
  }
  std::string output;
  const bool in_time = read_all(ends[0], output, limit);
  ::close(ends[0]);
  if (!in_time) ::kill(child, SIGKILL);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {}

  const std::size_t mark = output.rfind(answer_mark);
  if (mark != std::string::npos) {
    const std::string answer = output.substr(mark + 1);
    if (answer == fine) return std::nullopt;
    if (answer.compare(0, refused.size(), refused) == 0) return answer.substr(refused.size());
  }
  if (!in_time) return "hangs when it is loaded; keep its static constructors and its entry function free of work";
  return how_it_died(status, output);
}

}  // namespace beckon::plugins
