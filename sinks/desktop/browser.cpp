#include "browser.hpp"

#include <beckon/weburl.hpp>

#include <cerrno>
#include <csignal>
#include <string_view>
#include <vector>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace beckon::desktop {
namespace {

class Start {
 public:
  Start() {
    posix_spawn_file_actions_init(&files_);
    posix_spawnattr_init(&attributes_);
    for (const int fd : {0, 1, 2}) posix_spawn_file_actions_addopen(&files_, fd, "/dev/null", O_RDWR, 0);
    posix_spawn_file_actions_addclosefrom_np(&files_, 3);
    posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes_, &none);
    posix_spawnattr_setsigdefault(&attributes_, &all);
  }
  ~Start() {
    posix_spawn_file_actions_destroy(&files_);
    posix_spawnattr_destroy(&attributes_);
  }
  Start(const Start&) = delete;
  Start& operator=(const Start&) = delete;

  bool operator()(char* const* arguments, char* const* variables) const {
    pid_t pid = 0;
    return posix_spawnp(&pid, arguments[0], &files_, &attributes_, arguments, variables) == 0;
  }

 private:
  posix_spawn_file_actions_t files_;
  posix_spawnattr_t attributes_;
};

}  // namespace

bool open_link(const std::string& url, const std::string& token) {
  std::string program = "xdg-open";
  std::string link = weburl::safe(url);
  if (link.empty()) return false;
  std::string wayland = "XDG_ACTIVATION_TOKEN=" + token, x11 = "DESKTOP_STARTUP_ID=" + token;
  std::vector<char*> variables;
  for (char** variable = environ; variable && *variable; ++variable) {
    const std::string_view set = *variable;
    if (set.rfind("XDG_ACTIVATION_TOKEN=", 0) != 0 && set.rfind("DESKTOP_STARTUP_ID=", 0) != 0) variables.push_back(*variable);
  }
  if (!token.empty()) variables.insert(variables.end(), {wayland.data(), x11.data()});
  variables.push_back(nullptr);
  char* const arguments[] = {program.data(), link.data(), nullptr};
  // All is prepared here: between fork and exit the child, a copy of one thread of many, may not allocate.
  const Start start;
  const pid_t between = fork();
  if (between == 0) _exit(start(arguments, variables.data()) ? 0 : 1);
  if (between < 0) return false;
  int status = 0;
  while (waitpid(between, &status, 0) < 0) {
    if (errno != EINTR) return false;
  }
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace beckon::desktop
