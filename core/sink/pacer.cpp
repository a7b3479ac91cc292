#include "sink/sink.hpp"

#include <boost/asio/redirect_error.hpp>

#include <list>
#include <unordered_map>

namespace beckon::core {
namespace {

class PacerOnTimers final : public Pacer {
 public:
  explicit PacerOnTimers(Executor executor) : executor_(executor) {}

  bool try_admit(Permit& permit, const std::string& limit_key, const SinkInfo& sink) override {
    const LaneKey destination = permit.has_destination() ? no_lane : destination_lane(limit_key);
    const LaneKey seat = permit.has_seat() ? no_lane : sink_lane(sink);
    if (!has_room(destination, 1) || !has_room(seat, sink.at_once)) return false;
    take(destination);
    take(seat);
    permit.add(*this, destination, seat);
    return true;
  }

  void step_aside(Permit& permit, const SinkInfo& sink) override {
    const LaneKey aside = lane("aside\n", sink.name);
    if (!permit.has_seat() || !has_room(aside, sink.aside)) return;
    take(aside);
    release(permit.change_seat(aside));
  }

  Milliseconds wait(const std::string& limit_key) const override {
    const auto found = lanes_.find(destination_lane(limit_key));
    if (found == lanes_.end()) return 0ms;
    const auto left = found->second.not_before - std::chrono::steady_clock::now();
    return std::max(Milliseconds{0}, std::chrono::ceil<Milliseconds>(left));
  }

  task<Permit> admit(std::string limit_key, const SinkInfo& sink) override {
    const LaneKey destination = destination_lane(limit_key), seats = sink_lane(sink);
    auto waiting = enter(destination, 1);
    co_await std::move(waiting);
    Permit turn(*this, destination, no_lane);
    auto sitting = enter(seats, sink.at_once);
    co_await std::move(sitting);
    turn.add(*this, no_lane, seats);
    co_return turn;
  }

 private:
  struct Waiter;
  struct Lane {
    std::size_t busy = 0;
    SteadyTime not_before{};
    std::list<Waiter*> queue;
  };

  // Stands in the queue as long as it lives, so that a cancelled delivery leaves no gap.
  struct Waiter {
    Waiter(PacerOnTimers& pacer, LaneKey key) : pacer(pacer), key(key), timer(pacer.executor_) {
      auto& queue = pacer.lanes_[key].queue;
      place = queue.insert(queue.end(), this);
    }
    ~Waiter() {
      pacer.lanes_[key].queue.erase(place);
      pacer.call_next(key);
    }
    Waiter(const Waiter&) = delete;
    Waiter& operator=(const Waiter&) = delete;

    PacerOnTimers& pacer;
    LaneKey key;
    Timer timer;
    std::list<Waiter*>::iterator place;
  };

  static LaneKey lane(std::string kind, const std::string& name) { return std::hash<std::string>{}(kind + name) | 1; }
  static LaneKey destination_lane(const std::string& limit_key) {
    return limit_key.empty() ? no_lane : lane("destination\n", limit_key);
  }
  static LaneKey sink_lane(const SinkInfo& sink) { return lane("sink\n", sink.name); }

  bool has_room(LaneKey key, std::size_t room) const {
    const auto found = lanes_.find(key);
    if (key == no_lane) return true;
    if (found == lanes_.end()) return room > 0;
    const Lane& lane = found->second;
    return lane.queue.empty() && lane.busy < room && lane.not_before <= std::chrono::steady_clock::now();
  }
  void take(LaneKey key) {
    if (key != no_lane) ++lanes_[key].busy;
  }

  task<void> enter(LaneKey key, std::size_t room) {
    if (has_room(key, room)) {
      take(key);
      co_return;
    }
    Waiter waiter(*this, key);
    for (;;) {
      Lane& lane = lanes_[key];
      const bool ours = lane.queue.front() == &waiter && lane.busy < room;
      if (ours && lane.not_before <= std::chrono::steady_clock::now()) break;
      // The one in front waits for the clock; the others, and everybody while it is full, for a call.
      waiter.timer.expires_at(ours ? lane.not_before : SteadyTime::max());
      co_await pause(waiter.timer);
    }
    take(key);
  }

  // A call is a cancelled timer; only a cancelled coroutine is the end.
  static task<void> pause(Timer& timer) {
    boost::system::error_code ignored;
    auto wait = timer.async_wait(asio::redirect_error(use_task, ignored));
    co_await std::move(wait);
    const auto state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != asio::cancellation_type::none)
      throw boost::system::system_error(asio::error::operation_aborted);
  }

  void call_next(LaneKey key) {
    const auto found = lanes_.find(key);
    if (found == lanes_.end()) return;
    Lane& lane = found->second;
    if (!lane.queue.empty()) lane.queue.front()->timer.cancel();
    else if (is_idle(lane, std::chrono::steady_clock::now())) lanes_.erase(found);
  }

  void release(LaneKey key) override {
    --lanes_[key].busy;
    call_next(key);
  }

  void hold(LaneKey key, Milliseconds wait) override {
    Lane& lane = lanes_[key];
    lane.not_before = std::max(lane.not_before, std::chrono::steady_clock::now() + wait);
    sweep();
  }

  // A lane that was held has nobody to take it away.
  void sweep() {
    if (lanes_.size() < sweep_at_) return;
    const auto now = std::chrono::steady_clock::now();
    std::erase_if(lanes_, [now](const auto& entry) { return is_idle(entry.second, now); });
    sweep_at_ = std::max<std::size_t>(1024, 2 * lanes_.size());
  }
  static bool is_idle(const Lane& lane, SteadyTime now) { return lane.queue.empty() && lane.busy == 0 && lane.not_before <= now; }

  Executor executor_;
  std::unordered_map<LaneKey, Lane> lanes_;
  std::size_t sweep_at_ = 1024;
};

}  // namespace

Pacer::Permit& Pacer::Permit::operator=(Permit&& other) noexcept {
  if (this != &other) {
    release();
    pacer_ = std::exchange(other.pacer_, nullptr);
    destination_ = std::exchange(other.destination_, no_lane);
    seat_ = std::exchange(other.seat_, no_lane);
  }
  return *this;
}

void Pacer::Permit::add(Pacer& pacer, LaneKey destination, LaneKey seat) {
  pacer_ = &pacer;
  if (destination != no_lane) destination_ = destination;
  if (seat != no_lane) seat_ = seat;
}

void Pacer::Permit::hold(Milliseconds wait) {
  if (pacer_ && destination_ != no_lane && wait > Milliseconds{0}) pacer_->hold(destination_, wait);
}

void Pacer::Permit::release() {
  Pacer* pacer = std::exchange(pacer_, nullptr);
  const LaneKey seat = std::exchange(seat_, no_lane), destination = std::exchange(destination_, no_lane);
  if (!pacer) return;
  if (seat != no_lane) pacer->release(seat);
  if (destination != no_lane) pacer->release(destination);
}

std::unique_ptr<Pacer> make_pacer(Executor executor) { return std::make_unique<PacerOnTimers>(executor); }

}  // namespace beckon::core
