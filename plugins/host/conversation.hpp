// A host process as one who asks and waits sees it: questions go out, frames come in, each in its time, until it ends.
// Blocks; one thread.
#pragma once

#include "plugins/host/process.hpp"
#include "plugins/wire/frame.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace beckon::plugins {

class Conversation {
 public:
  explicit Conversation(HostProcess process) : process_(std::move(process)) {}

  // Sent while `next` waits.
  void ask(wire::Kind kind, std::string_view payload);
  enum class Heard { frame, garbage, nothing, end };   // `nothing`: until the time was over; `end`: of the process
  // The next frame that answers the last question; its payload is valid until the next call.
  Heard next(std::chrono::steady_clock::time_point end, wire::Frame& frame);
  // After the end: "it crashed (Segmentation fault)".
  std::string how_it_ended();
  // ", saying \"...\"", or nothing: the last line that it printed.
  std::string last_words() const;

 private:
  bool exchange(std::chrono::milliseconds left);

  HostProcess process_;
  std::uint64_t asked_ = 0;
  std::string unsent_;
  std::string buffer_, output_;
  std::size_t taken_ = 0;   // of the buffer, by the last frame
};

}  // namespace beckon::plugins
