#include "plugins/host/process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <system_error>
#include <utility>

extern char** environ;

namespace beckon::plugins {
namespace {

namespace fs = std::filesystem;

std::string because(int error) { return std::generic_category().message(error); }

// Above whatever the child is to have as 0 to 3, so that no duplicate overwrites one that is still to be duplicated.
Descriptor out_of_the_way(int fd) {
  Descriptor given(fd);
  return Descriptor(::fcntl(given.get(), F_DUPFD_CLOEXEC, 10));
}

struct Pair {
  Descriptor here, there;
};

std::optional<Pair> socket_pair() {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return std::nullopt;
  Pair pair{out_of_the_way(ends[0]), out_of_the_way(ends[1])};
  if (pair.here.get() < 0 || pair.there.get() < 0) return std::nullopt;
  ::fcntl(pair.here.get(), F_SETFL, O_NONBLOCK);
  return pair;
}

std::optional<Pair> output_pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return std::nullopt;
  Pair pair{out_of_the_way(ends[0]), out_of_the_way(ends[1])};
  if (pair.here.get() < 0 || pair.there.get() < 0) return std::nullopt;
  ::fcntl(pair.here.get(), F_SETFL, O_NONBLOCK);
  return pair;
}

// What a program needs to find its files, its language and the user's desktop; everything else may be a secret.
bool may_pass(std::string_view variable) {
  constexpr std::string_view names[] = {"PATH=", "HOME=", "LANG=", "TZ=", "TMPDIR=", "XDG_RUNTIME_DIR=",
                                        "DBUS_SESSION_BUS_ADDRESS=", "DISPLAY=", "WAYLAND_DISPLAY=", "XAUTHORITY=",
                                        "XDG_CURRENT_DESKTOP=", "XDG_DATA_DIRS="};
  return variable.starts_with("LC_") ||
         std::any_of(std::begin(names), std::end(names), [&](auto name) { return variable.starts_with(name); });
}

std::vector<char*> small_environment() {
  std::vector<char*> result;
  for (char** variable = environ; variable && *variable; ++variable)
    if (may_pass(*variable)) result.push_back(*variable);
  result.push_back(nullptr);
  return result;
}

std::string job_name(HostProcess::Job job) {
  switch (job) {
    case HostProcess::Job::describe: return "--describe";
    case HostProcess::Job::try_out: return "--try-out";
    case HostProcess::Job::serve: break;
  }
  return "--serve";
}

// posix_spawn, because the process may have threads and much memory: nothing of ours runs between fork and exec. The rest
// (limits, PR_SET_PDEATHSIG and so on) the program does itself before it opens the library.
class Spawning {
 public:
  Spawning() {
    ::posix_spawn_file_actions_init(&files_);
    ::posix_spawnattr_init(&attributes_);
  }
  ~Spawning() {
    ::posix_spawn_file_actions_destroy(&files_);
    ::posix_spawnattr_destroy(&attributes_);
  }
  Spawning(const Spawning&) = delete;
  Spawning& operator=(const Spawning&) = delete;

  int spawn(pid_t& pid, const fs::path& program, std::vector<std::string> arguments, int socket, int output, int talks_on) {
    ::posix_spawn_file_actions_addopen(&files_, 0, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_adddup2(&files_, output, 1);
    ::posix_spawn_file_actions_adddup2(&files_, output, 2);
    ::posix_spawn_file_actions_adddup2(&files_, socket, talks_on);
    ::posix_spawn_file_actions_addclosefrom_np(&files_, std::max(talks_on + 1, 3));
    ::posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    sigset_t none, all;
    ::sigemptyset(&none);
    ::sigfillset(&all);
    ::posix_spawnattr_setsigmask(&attributes_, &none);
    ::posix_spawnattr_setsigdefault(&attributes_, &all);
    std::vector<char*> argv;
    for (std::string& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    auto variables = small_environment();
    return ::posix_spawn(&pid, program.c_str(), &files_, &attributes_, argv.data(), variables.data());
  }

 private:
  posix_spawn_file_actions_t files_;
  posix_spawnattr_t attributes_;
};

}  // namespace

fs::path find_host_program() {
  if (const char* named = std::getenv("BECKON_SINK_HOST"); named && *named) return named;
  std::error_code error;
  const fs::path folder = fs::read_symlink("/proc/self/exe", error).parent_path();
  for (const fs::path& place : {folder / "beckon-sink-host", folder.parent_path() / "libexec/beckon/beckon-sink-host"})
    if (fs::is_regular_file(place, error)) return place;
  return {};
}

std::string no_host_program() {
  return "runs in a process of its own, and the program for that, beckon-sink-host, is neither beside this one nor in "
         "../libexec/beckon; install Beckon again, or name the program in $BECKON_SINK_HOST";
}

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  if (this != &other) {
    reset();
    fd_ = other.release();
  }
  return *this;
}

int Descriptor::release() { return std::exchange(fd_, -1); }

void Descriptor::reset() {
  if (const int fd = release(); fd >= 0) ::close(fd);
}

bool ExitStatus::by_signal() const { return code == CLD_KILLED || code == CLD_DUMPED; }

bool ExitStatus::out_of_memory() const { return code == CLD_EXITED && status == exit_out_of_memory; }

std::string ExitStatus::in_brackets() const {
  return by_signal() ? std::string("(") + ::strsignal(status) + ")" : "(exit code " + std::to_string(status) + ")";
}

HostProcess::HostProcess(pid_t pid, Descriptor exit, Descriptor socket, Descriptor output)
    : socket(std::move(socket)), output(std::move(output)), pid_(pid), exit_(std::move(exit)) {}

HostProcess::HostProcess(HostProcess&& other) noexcept
    : socket(std::move(other.socket)),
      output(std::move(other.output)),
      pid_(std::exchange(other.pid_, -1)),
      exit_(std::move(other.exit_)) {}

HostProcess::~HostProcess() {
  if (pid_ < 0) return;
  kill();
  ExitStatus ignored;
  wait(std::chrono::seconds(1), ignored);   // longer only if the kernel itself holds it; then it stays until we end
}

std::variant<HostProcess, std::string> HostProcess::start(const Options& options) {
  const fs::path program = find_host_program();
  if (program.empty()) return no_host_program();
  auto socket = socket_pair();
  auto output = socket ? output_pipe() : std::nullopt;
  if (!socket || !output) return "cannot be given a process of its own (" + because(errno) + ")";
  std::vector<std::string> arguments{program.string(), job_name(options.job), options.library.string(),
                                     "--memory", std::to_string(options.memory_limit), "--parent", std::to_string(::getpid())};
  pid_t pid = -1;
  Spawning spawning;
  const int failure = spawning.spawn(pid, program, std::move(arguments), socket->there.get(), output->there.get(),
                                     options.job == Job::describe ? 1 : 3);
  if (failure != 0) return "cannot be given a process of its own: " + program.string() + ": " + because(failure);
  // Nobody else waits for it, so the number is still its own.
  Descriptor exit(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  if (exit.get() < 0) {
    const int error = errno;
    ::kill(-pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
    return "cannot be watched in a process of its own (" + because(error) + ")";
  }
  return HostProcess(pid, std::move(exit), std::move(socket->here), std::move(output->here));
}

void HostProcess::kill() {
  if (pid_ > 0) ::kill(-pid_, SIGKILL);
}

bool HostProcess::wait(std::chrono::milliseconds limit, ExitStatus& status) {
  if (pid_ < 0) return true;
  using Clock = std::chrono::steady_clock;
  const auto end = Clock::now() + limit;
  for (;;) {
    const auto left = std::max(std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now()), std::chrono::milliseconds(0));
    pollfd ended{exit_.get(), POLLIN, 0};
    const int ready = ::poll(&ended, 1, static_cast<int>(left.count()));
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) return false;
    break;
  }
  kill();   // what is left of its group, while its number cannot be anybody else's
  siginfo_t info{};
  while (::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED) != 0 && errno == EINTR) {}
  status = {info.si_code, info.si_status};
  pid_ = -1;
  return true;
}

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

}  // namespace beckon::plugins
