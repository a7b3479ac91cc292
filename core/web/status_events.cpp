#include "web/status_events.hpp"

#include "control/answers.hpp"

#include <boost/asio/redirect_error.hpp>

#include <algorithm>

namespace beckon::core {
namespace {

constexpr std::size_t most_told = 2000;   // subscriptions, and feeds: some 700 KB, well below what a socket may have queued

}  // namespace

task<void> hear_out(WebSocket& socket) {
  for (;;) {
    auto listening = socket.receive();
    const auto said = co_await std::move(listening);
    if (!said) co_return;
  }
}

WebSocketSession StatusEvents::session() {
  return [events = shared_from_this()](WebSocket& socket) { return listen(events, socket); };
}

task<void> StatusEvents::listen(std::shared_ptr<StatusEvents> events, WebSocket& socket) {
  struct Place {
    StatusEvents& events;
    WebSocket& socket;
    ~Place() { events.listeners_.erase(&socket); }
  };
  events->listeners_.insert(&socket);
  const Place place{*events, socket};
  if (events->last_) socket.send(events->last_);
  else if (events->arrived_) events->arrived_();
  auto hearing = hear_out(socket);
  co_await std::move(hearing);
}

void StatusEvents::tell(WebMessage now) {
  if (last_ && *now == *last_) return;
  last_ = std::move(now);
  const auto present = listeners_;
  for (WebSocket* socket : present) socket->send(last_);
}

task<void> StatusEvents::run(std::function<Operations*()> operations) {
  Timer rest(co_await asio::this_coro::executor);
  arrived_ = [&rest] { rest.cancel(); };
  const struct Leaving {
    StatusEvents& events;
    ~Leaving() { events.arrived_ = nullptr; }
  } leaving{*this};
  for (;;) {
    Milliseconds pause = 1s;
    Operations* asked = operations();
    if (listeners_.empty() || !asked) {
      last_.reset();
    } else {
      const auto began = std::chrono::steady_clock::now();
      auto asking = asked->status();
      auto report = co_await std::move(asking);
      if (report) {
        const LeftOut left_out = cut_down(*report, most_told);
        tell(status_message(status_json(*report), left_out));
      }
      pause = std::max<Milliseconds>(pause, 20 * std::chrono::ceil<Milliseconds>(std::chrono::steady_clock::now() - began));
    }
    rest.expires_after(pause);
    boost::system::error_code ignored;
    auto resting = rest.async_wait(asio::redirect_error(use_task, ignored));
    co_await std::move(resting);
  }
}

}  // namespace beckon::core
