#include "plugins/host/describe.hpp"

#include "plugins/host/process.hpp"
#include "plugins/table.hpp"

#include <poll.h>
#include <unistd.h>

#include <cerrno>

namespace beckon::plugins {
namespace {

constexpr std::size_t most_output = 64 * 1024;
constexpr std::string_view mend = "; keep its static constructors and its entry function free of work";

// Whatever is there to be read; false at its end.
bool read_some(int fd, std::string& bytes) {
  char buffer[16 * 1024];
  for (;;) {
    const ssize_t got = ::read(fd, buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errno == EAGAIN;
    if (got == 0) return false;
    bytes.append(buffer, static_cast<std::size_t>(got));
    if (bytes.size() > wire::most_frame) return false;
  }
}

void read_output(int fd, std::string& output) {
  read_some(fd, output);
  if (output.size() > most_output) output.erase(0, output.size() - most_output);
}

// Not until the end of the streams: what the library has started may hold them open.
bool read_until_exit(HostProcess& process, std::string& answer, std::string& output, std::chrono::milliseconds limit) {
  using Clock = std::chrono::steady_clock;
  const auto deadline = Clock::now() + limit;
  bool socket_open = true, output_open = true;
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
    if (left.count() <= 0) return false;
    pollfd waiting[] = {{process.exit_event(), POLLIN, 0},
                        {socket_open ? process.socket.get() : -1, POLLIN, 0},
                        {output_open ? process.output.get() : -1, POLLIN, 0}};
    if (::poll(waiting, 3, static_cast<int>(left.count())) < 0 && errno != EINTR) return false;
    const bool ended = waiting[0].revents != 0;
    if (waiting[1].revents || ended) socket_open = read_some(process.socket.get(), answer);
    if (waiting[2].revents & POLLIN || ended) read_output(process.output.get(), output);
    else if (waiting[2].revents) output_open = false;
    if (ended) return true;
  }
}

std::string how_it_died(const ExitStatus& status, std::string_view output) {
  std::string text = status.out_of_memory() ? std::string("takes more memory when it is loaded than it may")
                     : status.by_signal()   ? "crashes when it is loaded " + status.in_brackets()
                                            : "ends the process when it is loaded " + status.in_brackets();
  const std::string line = last_line(output);
  if (!line.empty()) text += ", saying \"" + line + "\"";
  return text.append(mend);
}

}  // namespace

std::shared_ptr<const Description> Description::read(std::string payload) {
  std::shared_ptr<Description> made(new Description(std::move(payload)));
  made->table_.size = sizeof made->table_;
  if (!wire::unpack(made->decoder_, made->entries_, made->table_)) return nullptr;
  if (why_not_described(made->table_)) return nullptr;
  return made;
}

std::string Description::shape() const {
  beckon_sink_table bare = table_;
  bare.version = bare.about = {};
  bare.minor = bare.needs_host_minor = bare.handles_probe = bare.max_batch = 0;
  bare.stale_after = 0;
  return wire::pack(entries_, bare).value_or(std::string());
}

std::variant<std::shared_ptr<const Description>, std::string> describe(const std::filesystem::path& library,
                                                                       std::chrono::milliseconds limit) {
  HostProcess::Options options;
  options.library = library;
  options.job = HostProcess::Job::describe;
  auto started = HostProcess::start(options);
  if (auto* why = std::get_if<std::string>(&started)) return std::move(*why);
  auto& process = std::get<HostProcess>(started);
  std::string answer, output;
  const bool in_time = read_until_exit(process, answer, output, limit);
  ExitStatus status;
  if (!in_time) process.kill();
  process.wait(std::chrono::seconds(1), status);
  if (!in_time) return std::string("hangs when it is loaded").append(mend);
  const wire::Next next = wire::next_frame(answer);
  if (next.state == wire::Next::State::whole && next.size == answer.size()) {
    wire::Text sentence;
    wire::Decoder decoder(next.frame.payload);
    if (next.frame.kind == wire::Kind::refused && wire::unpack(decoder, sentence)) return std::string(sentence.text);
    if (next.frame.kind == wire::Kind::described)
      if (auto description = Description::read(std::string(next.frame.payload))) return description;
  }
  if (answer.empty()) return how_it_died(status, output);
  return std::string("writes into descriptors that are not its own when it is loaded").append(mend);
}

}  // namespace beckon::plugins
