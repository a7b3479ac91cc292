// The session bus, and on it org.freedesktop.Notifications. Calls are for one thread; they wait no longer than they are
// told to. What happens on the bus is heard on a thread of its own.
#pragma once

#include "trouble.hpp"

#include <beckon/sink.hpp>

#include <sdbus-c++/sdbus-c++.h>

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <variant>
#include <vector>

namespace beckon::desktop {

template <class T>
using Answer = std::variant<T, Failure>;

// Asked at least every 200 ms whether a call should be waited for no longer.
using GivenUp = std::function<bool()>;

// What a person does with a notification, and what becomes of the server. Called on the bus's thread; must not throw.
struct Events {
  std::function<void()> owner_changed;   // ids and abilities of before mean nothing any more
  std::function<void(std::uint32_t id, std::uint32_t reason)> closed;
  std::function<void(std::uint32_t id, std::string token)> token;
  std::function<void(std::uint32_t id, std::string action)> invoked;
};
inline constexpr std::uint32_t closed_by_time = 1;

struct Call {
  std::uint32_t replaces = 0;
  std::string icon, summary, body;
  std::vector<std::string> actions;
  std::map<std::string, sdbus::Variant> hints;
  std::int32_t timeout_ms = -1;                       // -1: the server's own
  std::function<void(std::uint32_t id)> shown = {};   // on the bus's thread, before any event of that id
};

class Bus {
 public:
  static Answer<std::unique_ptr<Bus>> connect(Events events);
  ~Bus();
  Bus(const Bus&) = delete;
  Bus& operator=(const Bus&) = delete;

  bool is_lost() const;
  // Counts the servers that came and went.
  std::uint64_t owners() const;
  // Waits until that number is another, or the bus is lost.
  void wait_for_owner(std::uint64_t other_than, const GivenUp& given_up);

  Answer<std::vector<std::string>> capabilities(const GivenUp& given_up);
  Answer<std::string> server_name(const GivenUp& given_up);
  Answer<std::uint32_t> notify(const Call& call, const GivenUp& given_up);

 private:
  Bus(std::unique_ptr<sdbus::IConnection> connection, Events events);
  void listen();
  void run() noexcept;
  template <class T, class Send>
  Answer<T> ask(const GivenUp& given_up, const Send& send);

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::uint64_t owners_ = 0;
  bool lost_ = false;

  const Events events_;
  const std::unique_ptr<sdbus::IConnection> connection_;
  const std::unique_ptr<sdbus::IProxy> server_;
  std::thread thread_;
};

}  // namespace beckon::desktop
