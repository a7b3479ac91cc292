// beckon-sink-host: one sink's library in a process of its own, so that what it does wrong costs nobody else anything.
//   beckon-sink-host --describe LIBRARY    one frame (wire/frame.hpp) on standard output: its checked table, or why it is
//                                          refused; exit code 0 or 1
//   beckon-sink-host --serve LIBRARY       calls and answers over descriptor 3, until it is closed
//   beckon-sink-host --try-out LIBRARY     the shared contract, over descriptor 3
// Also: --memory BYTES, --parent PID (ends with that process). It is started by beckon.
#include "plugins/host/channel.hpp"
#include "plugins/host/confine.hpp"
#include "plugins/host/process.hpp"
#include "plugins/host/prove.hpp"
#include "plugins/host/serve.hpp"
#include "plugins/loader.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <charconv>
#include <cstdio>
#include <cstring>
#include <string_view>

#if defined(BECKON_ADDRESS_SANITIZER)
// A library that crashes is to die of its signal, as without the sanitizer.
extern "C" const char* __asan_default_options() { return "handle_segv=0:handle_sigbus=0:handle_sigfpe=0:handle_sigill=0"; }
#endif

namespace {

using namespace beckon::plugins;

struct Arguments {
  std::string_view mode;
  std::filesystem::path library;
  std::uint64_t memory = default_memory_limit;
  std::uint64_t parent = 0;
};

bool read_number(std::string_view text, std::uint64_t& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

bool read_arguments(int count, char** values, Arguments& arguments) {
  for (int i = 1; i + 1 < count; i += 2) {
    const std::string_view name = values[i], value = values[i + 1];
    if (name == "--describe" || name == "--serve" || name == "--try-out") {
      arguments.mode = name;
      arguments.library = value;
    } else if (name == "--memory") {
      if (!read_number(value, arguments.memory)) return false;
    } else if (name == "--parent") {
      if (!read_number(value, arguments.parent)) return false;
    } else {
      return false;
    }
  }
  return count % 2 == 1 && !arguments.mode.empty();
}

// What the library prints goes to standard error, so that standard output carries the answer alone.
int describe_to_stdout(const std::filesystem::path& library) {
  const int answer = ::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
  ::dup2(STDERR_FILENO, STDOUT_FILENO);
  Channel channel(answer);
  const auto opened = open_here(library);
  if (const auto* refusal = std::get_if<Refusal>(&opened)) {
    channel.send_packed(wire::Kind::refused, 0, wire::Text{refusal->sentence});
    return 1;
  }
  send_table(channel, wire::Kind::described, 0, *std::get<Plugin>(opened).table);
  return 0;
}

template <class Work>
int work_at_3(const std::filesystem::path& library, Work work) {
  constexpr int socket = 3;
  if (::fcntl(socket, F_SETFD, FD_CLOEXEC) != 0) {
    std::fputs("beckon-sink-host: this needs a socket at descriptor 3; beckon starts it like that\n", stderr);
    return 2;
  }
  Channel channel(socket);
  work(channel, open_here(library));
  return 0;
}

}  // namespace

int main(int count, char** values) {
  Arguments arguments;
  if (!read_arguments(count, values, arguments)) {
    std::fputs("usage: beckon-sink-host --describe|--serve|--try-out LIBRARY [--memory BYTES] [--parent PID]\n"
               "beckon starts it, once for each sink that runs in a process of its own\n", stderr);
    return 2;
  }
  confine(static_cast<pid_t>(arguments.parent), arguments.memory);
  const int code = arguments.mode == "--serve"     ? work_at_3(arguments.library, serve)
                   : arguments.mode == "--try-out" ? work_at_3(arguments.library, prove)
                                                   : describe_to_stdout(arguments.library);
  // Static destructors of the library are none of our business, as in the daemon.
  std::fflush(nullptr);
  ::_exit(code);
}
