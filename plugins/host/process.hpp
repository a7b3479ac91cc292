// A child process for one library: the program `beckon-sink-host`. It inherits nothing but its end of a socket, a pipe for
// what it prints, and a few harmless variables. It leads a session and a process group of its own: Ctrl-C in a terminal
// reaches the daemon alone, and what the library itself has started goes with it.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <variant>
#include <vector>

namespace beckon::plugins {

inline constexpr std::uint64_t default_memory_limit = std::uint64_t{512} << 20;
// What the host leaves with when an allocation fails.
inline constexpr int exit_out_of_memory = 86;

// $BECKON_SINK_HOST; else beside the running program, or in ../libexec/beckon. Empty when there is none.
std::filesystem::path find_host_program();
// For that case: the end of a sentence.
std::string no_host_program();

// An owned descriptor.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(other.release()) {}
  Descriptor& operator=(Descriptor&& other) noexcept;
  ~Descriptor() { reset(); }
  int get() const { return fd_; }
  int release();
  void reset();

 private:
  int fd_ = -1;
};

// How a process ended, for sentences. `status` as of waitid.
struct ExitStatus {
  int code = 0;             // CLD_EXITED, CLD_KILLED, CLD_DUMPED
  int status = 0;           // exit code or signal
  bool by_signal() const;
  bool out_of_memory() const;
  // "(Segmentation fault)", "(exit code 3)"
  std::string in_brackets() const;
};

// Owns the process: kills its group and waits for it when destroyed. Any thread, but see below: the kernel kills the child
// when the thread that made it ends, so a long-lived one is made on a long-lived thread.
class HostProcess {
 public:
  enum class Job {
    serve,      // calls and answers over the socket
    describe,   // writes one frame, described or refused, and ends
    try_out     // the shared contract (contract/try_out.hpp)
  };
  struct Options {
    std::filesystem::path library;
    std::uint64_t memory_limit = default_memory_limit;
    Job job = Job::serve;
  };
  // Or the end of a sentence why not.
  static std::variant<HostProcess, std::string> start(const Options& options);

  HostProcess(HostProcess&& other) noexcept;
  HostProcess& operator=(HostProcess&&) = delete;
  ~HostProcess();

  pid_t pid() const { return pid_; }
  int exit_event() const { return exit_.get(); }   // readable when the process has ended
  Descriptor socket;        // a stream; close-on-exec and non-blocking, as the next
  Descriptor output;        // what it prints
  // SIGKILL to the whole group. It may have ended already; it is not waited for.
  void kill();
  // Waits at most that long for its end and takes it from the process table. False: it still runs.
  bool wait(std::chrono::milliseconds limit, ExitStatus& status);

 private:
  HostProcess(pid_t pid, Descriptor exit, Descriptor socket, Descriptor output);
  pid_t pid_ = -1;          // -1: waited for
  Descriptor exit_;
};

// Lines of a child's output, for people: the last one that says something, cut and without control characters.
std::string last_line(std::string_view output);

}  // namespace beckon::plugins
