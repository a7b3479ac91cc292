#include "plugins/host/conversation.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

namespace beckon::plugins {

using wire::Kind;

void Conversation::ask(Kind kind, std::string_view payload) { unsent_ += wire::frame(kind, ++asked_, payload); }

Conversation::Heard Conversation::next(std::chrono::steady_clock::time_point end, wire::Frame& frame) {
  for (;;) {
    buffer_.erase(0, taken_);
    taken_ = 0;
    const wire::Next next = wire::next_frame(buffer_);
    if (next.state == wire::Next::State::garbage) return Heard::garbage;
    if (next.state == wire::Next::State::whole) {
      taken_ = next.size;
      frame = next.frame;
      if (frame.kind == Kind::log || frame.kind == Kind::report) continue;   // of no call
      return frame.call == asked_ ? Heard::frame : Heard::garbage;
    }
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
    if (left.count() <= 0) return Heard::nothing;
    if (!exchange(left)) return Heard::end;
  }
}

// Sends and reads what can be at once; false when the process has ended and everything it said is read.
bool Conversation::exchange(std::chrono::milliseconds left) {
  const int socket = process_.socket.get();
  const auto wanted = static_cast<short>(unsent_.empty() ? POLLIN : POLLIN | POLLOUT);
  pollfd waiting[] = {{process_.exit_event(), POLLIN, 0}, {socket, wanted, 0}, {process_.output.get(), POLLIN, 0}};
  if (::poll(waiting, 3, static_cast<int>(left.count())) < 0) return errno == EINTR;
  char bytes[16 * 1024];
  if (waiting[2].revents & POLLIN) {
    if (const ssize_t got = ::read(process_.output.get(), bytes, sizeof bytes); got > 0) output_.append(bytes, static_cast<std::size_t>(got));
    if (output_.size() > 4096) output_.erase(0, output_.size() - 4096);
  }
  if (waiting[1].revents & POLLIN) {
    const ssize_t got = ::read(socket, bytes, sizeof bytes);
    if (got > 0) buffer_.append(bytes, static_cast<std::size_t>(got));
    if (got > 0) return true;
    if (got == 0) process_.kill();   // it has closed its socket: nothing can come any more
  } else if (waiting[1].revents & POLLOUT) {
    const ssize_t sent = ::send(socket, unsent_.data(), unsent_.size(), MSG_NOSIGNAL);
    if (sent > 0) unsent_.erase(0, static_cast<std::size_t>(sent));
  }
  return waiting[0].revents == 0;
}

std::string Conversation::how_it_ended() {
  ExitStatus status;
  process_.wait(std::chrono::seconds(1), status);
  if (status.out_of_memory()) return "it wanted more memory than it may have";
  return (status.by_signal() ? "it crashed " : "it ended its process ") + status.in_brackets();
}

std::string Conversation::last_words() const {
  const std::string line = last_line(output_);
  return line.empty() ? line : ", saying \"" + line + "\"";
}

}  // namespace beckon::plugins
