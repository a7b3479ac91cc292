// A sink's host process under supervision: restarted with OTP's intensity, and when that is exceeded, tried again slowly,
// so that a library that is replaced heals the sink without anybody's help. Private to this room.
#pragma once

#include "sink/host_link.hpp"
#include "sink/isolated.hpp"

#include "supervisor/tree.hpp"

#include "plugins/host/describe.hpp"

#include <boost/asio/cancellation_signal.hpp>

namespace beckon::core {

// What the host answered, or what a delivery is to hear instead.
struct HostReply {
  plugins::wire::Kind kind{};
  std::string payload;
  std::optional<Outcome> trouble;
};

class PluginHost : public std::enable_shared_from_this<PluginHost> {
 public:
  struct Options {
    HostLink::Options link;
    std::string settings;                                 // the payload of `open`
    std::shared_ptr<const plugins::Description> known;    // what the settings were checked against; may be unset
    std::function<void()> restarted;                      // may be unset
    HostTiming timing;
  };
  // Starts it behind the caller's back; calls wait until it is there.
  static std::shared_ptr<PluginHost> start(Executor executor, Options options);
  PluginHost(Executor executor, Options options) : executor_(executor), options_(std::move(options)) {}

  // A call that was waiting behind others when the process ended is made again. Throws only when cancelled.
  static task<HostReply> ask(std::shared_ptr<PluginHost> self, plugins::wire::Kind kind,
                             std::shared_ptr<const std::string> payload, Milliseconds limit);
  // Tells the plugin that the daemon ends.
  void hurry();
  // Asks the process to end, without waiting for it.
  void retire();
  // Ends the process in order, or by force; blocks until `timing.close` after it was asked, at most.
  void close();
  SinkProcess process() const;
  const HostTiming& timing() const { return options_.timing; }

 private:
  static task<void> keep(std::shared_ptr<PluginHost> self);
  static task<Result<ChildBody>> begin(std::shared_ptr<PluginHost> self);
  static task<Farewell> serve(std::shared_ptr<PluginHost> self, std::shared_ptr<HostLink> link);
  static task<void> rest(std::shared_ptr<PluginHost> self, std::shared_ptr<HostLink> link, std::string refusal);
  class Waiting;
  static task<void> settled(std::shared_ptr<PluginHost> self);
  bool is_settled() const { return ready_ || closed_ || !down_.empty() || !refused_.empty(); }
  void notify();
  std::string objection(const HostAnswer& answer) const;
  Outcome trouble() const;

  Executor executor_;
  Options options_;
  std::weak_ptr<HostLink> link_;     // the present run, serving or not
  std::shared_ptr<HostLink> ready_;  // the same, when it serves
  std::string down_;                 // why it rests after too many ends
  std::string refused_;              // why the plugin does not take its settings
  Milliseconds refusal_pause_{0};
  std::size_t starts_ = 0;
  std::optional<WallTime> started_;
  bool served_ = false;              // since it was started for the last time
  bool closed_ = false;
  bool retired_ = false;
  std::vector<Timer*> waiting_;
  std::weak_ptr<char> frames_;       // of `keep`: expired when it has ended, or its io_context has
  asio::cancellation_signal stop_;
};

}  // namespace beckon::core
