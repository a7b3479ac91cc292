#include "plugins/host/confine.hpp"

#include "plugins/host/process.hpp"

#include <malloc.h>
#include <pthread.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <new>

namespace beckon::plugins {
namespace {

// Of every thread, ours and the library's: it counts as memory, touched or not.
constexpr std::size_t thread_stack = std::size_t{2} << 20;
constexpr std::uint64_t more_addresses = std::uint64_t{1} << 30;

void limit(__rlimit_resource_t resource, std::uint64_t most) {
  const rlimit both{static_cast<rlim_t>(most), static_cast<rlim_t>(most)};
  ::setrlimit(resource, &both);
}

void limit_memory(std::uint64_t most) {
  pthread_attr_t attributes;
  ::pthread_attr_init(&attributes);
  ::pthread_attr_setstacksize(&attributes, thread_stack);
  ::pthread_setattr_default_np(&attributes);
  ::pthread_attr_destroy(&attributes);
  std::set_new_handler([] { ::_exit(exit_out_of_memory); });
#if !defined(BECKON_ADDRESS_SANITIZER)   // its shadow alone takes terabytes of addresses
  if (most == 0) return;
#ifdef __GLIBC__
  ::mallopt(M_ARENA_MAX, 2);   // each reserves 64 MiB
#endif
  limit(RLIMIT_DATA, most);
  limit(RLIMIT_AS, most + more_addresses);
#else
  static_cast<void>(most);
  static_cast<void>(more_addresses);
#endif
}

}  // namespace

void confine(pid_t parent, std::uint64_t memory_limit) {
  if (parent != 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(0);   // it ended before we could ask for the signal
  }
  limit(RLIMIT_CORE, 0);
  ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);      // nor by a core_pattern that pipes, nor by a debugger of the same user
  ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  std::signal(SIGPIPE, SIG_IGN);             // as in the daemon's own network code
  limit_memory(memory_limit);
}

}  // namespace beckon::plugins
