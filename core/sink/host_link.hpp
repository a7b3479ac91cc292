// One run of a sink's host process (plugins/host): calls go out, answers come back, each in its time, until the process
// ends, by itself or because we end it. Daemon's thread; every descriptor is one of the io_context's. Private to this room.
#pragma once

#include "base/result.hpp"
#include "base/task.hpp"
#include "model/outcome.hpp"
#include "supervisor/waiters.hpp"

#include "plugins/host/process.hpp"
#include "plugins/wire/frame.hpp"

#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <boost/asio/basic_stream_socket.hpp>

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace beckon::core {

// Why a run has ended.
struct HostFault {
  std::string code;      // plugin_crashed, plugin_hung, plugin_garbage, plugin_memory
  std::string reason;    // to stand within a sentence; without secrets
};

struct HostAnswer {
  plugins::wire::Kind kind{};
  std::string payload;                 // sound: it can be unpacked as its kind says
  std::optional<HostFault> fault;      // no answer: the run has ended
  bool was_under_way = false;          // with `fault`: the plugin was at it; else it can be asked anew
};

class HostLink : public std::enable_shared_from_this<HostLink> {
 public:
  struct Options {
    std::string name;                  // of the sink, for the log
    plugins::HostProcess::Options process;
    std::size_t at_work = 1;           // calls that the host takes up together; the others wait behind them
    std::function<void(std::string subscription, Outcome outcome)> report;   // may be unset
  };
  static Result<std::shared_ptr<HostLink>> start(Executor executor, Options options);
  HostLink(Executor executor, Options options, plugins::HostProcess process);

  // A call that has been under way for `limit` costs the process its life. Throws only when cancelled; the process then
  // goes on with it, and its answer is ignored.
  static task<HostAnswer> call(std::shared_ptr<HostLink> self, plugins::wire::Kind kind,
                               std::shared_ptr<const std::string> payload, Milliseconds limit);
  // Returns when the process is gone.
  static task<HostFault> ended(std::shared_ptr<HostLink> self);
  // Ends it for this reason; what follows is as if it had crashed.
  void end(std::string code, std::string reason);
  // Tells the plugin that the daemon ends.
  void hurry();
  // Asks it to finish, waits that long, then kills it. Blocks; nothing is called back any more but what waits for answers.
  void close(Milliseconds patience);
  // Only asks; then the patience of `close` counts from here.
  void ask_to_end();
  pid_t pid() const { return pid_; }
  bool is_at_work() const { return !calls_.empty(); }
  bool has_ended() const { return fault_.has_value(); }

 private:
  using Socket = asio::basic_stream_socket<asio::local::stream_protocol, Executor>;
  using Stream = asio::posix::basic_stream_descriptor<Executor>;
  struct Call {
    plugins::wire::Kind kind{};
    Timer* timer = nullptr;                  // of the frame that waits
    std::optional<SteadyTime> begun;         // when the host could take it up
    bool taken = false;                      // and has done so
    std::optional<HostAnswer> answer;
  };
  class Listed;

  void listen();
  void read();
  void read_output();
  void send(std::string bytes);
  void write();
  void take_frames();
  void take(const plugins::wire::Frame& frame);
  void hear_log(const plugins::wire::Frame& frame);
  void hear_report(const plugins::wire::Frame& frame);
  void take_output(std::string_view bytes);
  void say(std::string_view line);
  void begin_next();
  void on_exit();
  void finish(plugins::ExitStatus status);
  bool may_log();

  Executor executor_;
  Options options_;
  plugins::HostProcess process_;
  pid_t pid_;
  Socket socket_;
  Stream output_;
  Stream exit_;
  std::string buffer_;                       // of the socket, not yet taken
  std::string line_;                         // of the output, not yet ended
  std::string last_line_;
  std::deque<std::string> unsent_;
  std::map<std::uint64_t, Call*> calls_;     // in the order in which they were sent
  std::uint64_t last_call_ = 0;
  std::optional<HostFault> cause_;           // why we end it
  std::optional<HostFault> fault_;           // it is gone
  bool closing_ = false;
  std::optional<SteadyTime> asked_to_end_;
  supervision::Waiters waiters_;
  SteadyTime log_window_{};
  unsigned logged_ = 0;
  std::array<char, 64 * 1024> read_bytes_;
  std::array<char, 4 * 1024> output_bytes_;
};

}  // namespace beckon::core
