// A configured sink as the core sees it, whatever stands behind it: pure functions in a library (webhook), a blocking
// library on threads of its own (worker), and either of them in a process of its own (isolated).
#pragma once

#include "base/result.hpp"
#include "base/task.hpp"
#include "model/delivery.hpp"
#include "model/outcome.hpp"
#include "net/http.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

struct beckon_sink_table;

namespace beckon::core {

struct SinkInfo {
  std::string name;        // the configured instance
  std::string plugin;
  std::size_t max_batch = 1;
  bool handles_probe = false;
  std::size_t at_once = 1;     // deliveries under way together
  std::size_t aside = 0;       // beyond these: of those that wait long for their answers
  std::string target_option;   // the one that says where to; empty: the plugin has none, or several
  bool target_secret = false;  // at least one target option is a secret
  bool hears_feedback = false;
  std::optional<Milliseconds> stale_after;   // mentions that are owed for longer become one summary where they are many
};

// A delivery made ready to go. Between `prepare` and `deliver` the batch is frozen.
struct Prepared {
  std::size_t covered = 0;             // the first k mentions go with this delivery
  std::optional<Outcome> outcome;      // the sink had its say without sending
  HttpRequest request;                 // webhook sinks
  std::string limit_key;
  Milliseconds timeout{30s};
  bool hold_if_ambiguous = false;
};

// The shared pace of deliveries. Those with one limit key go one at a time, and not before the service wants them, so two
// sinks on one webhook URL wait for one another; and no sink has more than `at_once` under way, however many subscribers
// are owed something.
class Pacer {
 public:
  using LaneKey = std::uint64_t;
  static constexpr LaneKey no_lane = 0;

  // The right to send; gives it back when destroyed. Does not outlive its pacer.
  class Permit {
   public:
    Permit() = default;
    Permit(Pacer& pacer, LaneKey destination, LaneKey seat) : pacer_(&pacer), destination_(destination), seat_(seat) {}
    Permit(Permit&& other) noexcept
        : pacer_(std::exchange(other.pacer_, nullptr)),
          destination_(std::exchange(other.destination_, no_lane)),
          seat_(std::exchange(other.seat_, no_lane)) {}
    Permit& operator=(Permit&& other) noexcept;
    ~Permit() { release(); }
    explicit operator bool() const { return pacer_ != nullptr; }
    // Nobody sends to this destination for that long.
    void hold(Milliseconds wait);
    void add(Pacer& pacer, LaneKey destination, LaneKey seat);   // for the pacer
    bool has_destination() const { return destination_ != no_lane; }
    bool has_seat() const { return seat_ != no_lane; }
    LaneKey change_seat(LaneKey seat) { return std::exchange(seat_, seat); }

   private:
    void release();
    Pacer* pacer_ = nullptr;
    LaneKey destination_ = no_lane;
    LaneKey seat_ = no_lane;
  };

  virtual ~Pacer() = default;
  // At once or not at all: adds to `permit` what it lacks of the two; false and unchanged when there is a queue.
  virtual bool try_admit(Permit& permit, const std::string& limit_key, const SinkInfo& sink) = 0;
  // An attempt that takes long gives its seat to others, as long as there is room aside.
  virtual void step_aside(Permit& permit, const SinkInfo& sink) = 0;
  // How long this destination is held; zero when it is not.
  virtual Milliseconds wait(const std::string& limit_key) const = 0;
  // Waits for its turn, first come first served; an empty key waits for the sink alone. Throws only when cancelled.
  virtual task<Permit> admit(std::string limit_key, const SinkInfo& sink) = 0;

 private:
  virtual void release(LaneKey lane) = 0;
  virtual void hold(LaneKey lane, Milliseconds wait) = 0;
};
std::unique_ptr<Pacer> make_pacer(Executor executor);

// The process that a sink's plugin has to itself.
struct SinkProcess {
  enum class State : std::uint8_t {
    starting,   // for the first time, or anew after an end
    idle,
    running,    // at work for a delivery
    crashed,    // it ended too often, and is left alone for a while
    refused,    // the plugin does not take its settings; it is tried again
    ended       // the sink is no longer used
  };
  State state{};
  std::string reason;                  // of crashed and refused
  std::optional<std::int64_t> pid;     // absent: there is none at present
  std::optional<WallTime> started;     // the latest
  std::size_t restarts = 0;            // since the sink was opened
};
std::string_view to_string(SinkProcess::State state);

class Sink {
 public:
  virtual ~Sink() = default;
  // The daemon ends: a delivery that only waits for better times may give up (`cancelled` of the ABI).
  virtual void hurry() {}
  // It has had its last delivery, and will be destroyed soon: what takes its time may begin to end. So several end together.
  virtual void retire() {}
  virtual const SinkInfo& info() const = 0;
  // nullopt: the plugin is in this process.
  virtual std::optional<SinkProcess> process() const { return std::nullopt; }
  // Throws only when cancelled: what a plugin throws becomes an outcome. Returns at once where the plugin is in this process.
  virtual task<Prepared> prepare(std::shared_ptr<const Delivery> delivery) = 0;
  // `delivery` is what was prepared, cut to what it covers. Throws only when cancelled.
  virtual task<Outcome> deliver(std::shared_ptr<const Delivery> delivery, Prepared prepared) = 0;
  // Of a sink that hears feedback: what a message that came back says, if it is about a delivery of this sink's. Fails when
  // the plugin cannot be asked now. Throws only when cancelled.
  virtual task<Result<std::optional<LateOutcome>>> feedback(std::shared_ptr<const std::string> message) = 0;
};

// What the host offers to a sink; all of it outlives the sink.
struct SinkHost {
  HttpClient& client;
  Executor executor;
  // A worker learned on its own what became of a subscription. Called on the daemon's thread; may be unset.
  std::function<void(std::string subscription, Outcome outcome)> report;
  // The process of an isolated sink is started anew. Daemon's thread; may be unset.
  std::function<void()> restarted;
};

// `table` is checked and stays valid for the life of the process. Fails with the plugin's own complaint.
Result<std::unique_ptr<Sink>> open_sink(std::string name, const beckon_sink_table& table, const OptionValues& settings,
                                        SinkHost host);

}  // namespace beckon::core
