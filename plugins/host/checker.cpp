#include "plugins/host/checker.hpp"

#include "plugins/host/process.hpp"
#include "plugins/wire/frame.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace beckon::plugins {

using wire::Kind;
using Clock = std::chrono::steady_clock;

class Checker::Conversation {
 public:
  explicit Conversation(HostProcess process) : process_(std::move(process)) {}

  std::optional<std::string> ask(std::string_view payload, const beckon_complaints& complaints, std::chrono::milliseconds limit) {
    const auto end = Clock::now() + limit;
    const std::string question = wire::frame(Kind::check, ++asked_, payload);
    std::string_view unsent = question;
    for (;;) {
      const wire::Next next = wire::next_frame(buffer_);
      if (next.state == wire::Next::State::garbage) return garbage();
      if (next.state == wire::Next::State::whole) {
        bool done = false;
        auto why = take(next.frame, complaints, done);
        buffer_.erase(0, next.size);
        if (why || done) return why;
        continue;
      }
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now());
      if (left.count() <= 0) return "it did not answer while it checked these options";
      if (!exchange(unsent, left)) return how_it_ended();
    }
  }

 private:
  static std::string garbage() { return "its process gave an answer that nobody can have asked for"; }

  std::optional<std::string> take(const wire::Frame& frame, const beckon_complaints& complaints, bool& done) {
    wire::Decoder decoder(frame.payload);
    wire::Text first, second;
    if (frame.kind == Kind::log || frame.kind == Kind::report) return std::nullopt;
    if (frame.call != asked_) return garbage();
    if (frame.kind == Kind::checked && frame.payload.empty()) {
      done = true;
      return std::nullopt;
    }
    if (frame.kind == Kind::complaint && wire::unpack(decoder, first, second)) {
      complaints.complain(complaints.context, {first.text.data(), first.text.size()}, {second.text.data(), second.text.size()});
      return std::nullopt;
    }
    if (frame.kind == Kind::refused && wire::unpack(decoder, first)) return std::string(first.text);
    return garbage();
  }

  // Sends and reads what can be at once; false when the process has ended and everything it said is read.
  bool exchange(std::string_view& unsent, std::chrono::milliseconds left) {
    const int socket = process_.socket.get();
    const auto wanted = static_cast<short>(unsent.empty() ? POLLIN : POLLIN | POLLOUT);
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
      const ssize_t sent = ::send(socket, unsent.data(), unsent.size(), MSG_NOSIGNAL);
      if (sent > 0) unsent.remove_prefix(static_cast<std::size_t>(sent));
    }
    return waiting[0].revents == 0;
  }

  std::string how_it_ended() {
    ExitStatus status;
    process_.wait(std::chrono::seconds(1), status);
    std::string text = status.out_of_memory() ? std::string("it wanted more memory than it may have")
                       : status.by_signal()   ? "it crashed " + status.in_brackets()
                                              : "it ended its process " + status.in_brackets();
    text += " while it checked these options";
    const std::string line = last_line(output_);
    return line.empty() ? text : text + ", saying \"" + line + "\"";
  }

  HostProcess process_;
  std::uint64_t asked_ = 0;
  std::string buffer_, output_;
};

Checker::Checker(std::filesystem::path library, std::uint64_t memory_limit, std::chrono::milliseconds limit)
    : library_(std::move(library)), memory_limit_(memory_limit), limit_(limit) {}

Checker::~Checker() = default;

std::optional<std::string> Checker::ask(const beckon_values& settings, const beckon_values& target,
                                        const beckon_complaints& complaints) {
  if (failed_) return failed_;
  const auto payload = wire::pack(settings, target);
  if (!payload) return "these options are too large to be checked in a process of its own";
  if (!conversation_) {
    HostProcess::Options options;
    options.library = library_;
    options.memory_limit = memory_limit_;
    auto started = HostProcess::start(options);
    if (auto* why = std::get_if<std::string>(&started)) return failed_ = "it " + *why;
    conversation_ = std::make_unique<Conversation>(std::move(std::get<HostProcess>(started)));
  }
  if (auto why = conversation_->ask(*payload, complaints, limit_)) {
    conversation_.reset();
    failed_ = std::move(why);
  }
  return failed_;
}

}  // namespace beckon::plugins
