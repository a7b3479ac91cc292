// A session bus of the test's own, in a folder of its own, and on it a stand-in for the desktop's notification server
// (python3-dbusmock) and one for the browser. All are ended with the test. Sets DBUS_SESSION_BUS_ADDRESS.
#pragma once

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace beckon::testing {

// A program that is killed with the object.
class Child {
 public:
  Child(std::vector<std::string> arguments, const std::filesystem::path& output) {
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&files, 1, output.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    posix_spawn_file_actions_adddup2(&files, 1, 2);
    std::vector<char*> argv;
    for (std::string& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    const int failure = posix_spawnp(&pid_, argv[0], &files, nullptr, argv.data(), environ);
    posix_spawn_file_actions_destroy(&files);
    if (failure != 0) throw std::runtime_error(arguments[0] + " does not start; scripts/setup tests installs it");
  }
  ~Child() {
    if (pid_ > 0) kill(pid_, SIGKILL);
    wait();
  }
  Child(Child&& other) noexcept : pid_(std::exchange(other.pid_, -1)) {}
  Child& operator=(Child&&) = delete;

  // For its end.
  void wait() {
    if (pid_ > 0) waitpid(pid_, nullptr, 0);
    pid_ = -1;
  }

 private:
  pid_t pid_ = -1;
};

template <class Met>
bool soon(const Met& met) {
  for (int i = 0; i < 2'000; ++i) {
    if (met()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return false;
}

class SessionBus {
 public:
  SessionBus() {
    std::string name = std::filesystem::temp_directory_path() / "beckon-bus-XXXXXX";
    if (!mkdtemp(name.data())) throw std::runtime_error("no folder for the test: " + name);
    folder_ = name;
    std::ofstream(folder_ / "bus.conf")
        << "<!DOCTYPE busconfig PUBLIC \"-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN\""
           " \"http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd\">\n<busconfig><type>session</type>"
        << "<listen>unix:path=" << socket() << "</listen><auth>EXTERNAL</auth><policy context=\"default\">"
           "<allow send_destination=\"*\" eavesdrop=\"true\"/><allow eavesdrop=\"true\"/><allow own=\"*\"/>"
           "</policy></busconfig>\n";
    setenv("DBUS_SESSION_BUS_ADDRESS", ("unix:path=" + socket()).c_str(), 1);
    start();
  }
  ~SessionBus() {
    stop();
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  SessionBus(const SessionBus&) = delete;
  SessionBus& operator=(const SessionBus&) = delete;

  void start() {
    bus_.emplace_back(
        std::vector<std::string>{"dbus-daemon", "--nofork", "--nopidfile", "--config-file=" + (folder_ / "bus.conf").string()},
        folder_ / "bus.log");
    if (!soon([&] { return answers(); })) throw std::runtime_error("the bus does not start: " + read("bus.log"));
  }
  void stop() {
    bus_.clear();
    std::filesystem::remove(socket());
  }

  // The stand-in; what it hears is written to the file "server.log".
  Child serve_notifications(const std::string& capabilities) const {
    // Debian's own Python has Debian's packages.
    return Child({"/usr/bin/python3", "-m", "dbusmock", "--session", "-t", "notification_daemon", "-p",
                  "{\"capabilities\": \"" + capabilities + "\"}"},
                 folder_ / "server.log");
  }

  // A program that writes what it was started with to the file "opened". Returns its folder, for PATH.
  std::string stand_in_for_xdg_open() const {
    const auto program = folder_ / "xdg-open";
    const std::string written = folder_ / "opened";
    std::ofstream(program) << "#!/bin/sh\n{ echo \"$@\"; echo \"token $XDG_ACTIVATION_TOKEN $DESKTOP_STARTUP_ID\"\n"
                              "[ ! -e /proc/$$/fd/200 ] || echo inherited; } > " << written << ".new\n"
                              "mv " << written << ".new " << written << "\n";
    std::filesystem::permissions(program, std::filesystem::perms::owner_all);
    return folder_;
  }

  const std::filesystem::path& folder() const { return folder_; }
  std::string read(const std::string& name) const {
    std::ifstream file(folder_ / name, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

 private:
  std::string socket() const { return folder_ / "bus"; }

  bool answers() const {
    const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    socket().copy(address.sun_path, sizeof address.sun_path - 1);
    const bool is_there = connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    close(fd);
    return is_there;
  }

  std::filesystem::path folder_;
  std::vector<Child> bus_;  // one or none
};

}  // namespace beckon::testing
