// What a service manager hears of the daemon: sd_notify(3) of systemd. Where none listens ($NOTIFY_SOCKET is not set) nothing
// is sent. Daemon's thread.
#pragma once

#include "base/task.hpp"
#include "daemon.hpp"

#include <cstddef>
#include <optional>
#include <string>

namespace beckon::core {

class ServiceManager {
 public:
  explicit ServiceManager(Executor executor);

  bool listens() const { return listens_; }
  // It wants to hear `alive` at least twice as often, and ends us when it does not; nullopt: it does not wait for that.
  std::optional<Milliseconds> alive_every() const { return alive_every_; }

  void up();
  // Before and after another configuration is read; `taken_over`: it counts from now on.
  void reloading();
  void reloaded(bool taken_over);
  void stopping();
  void alive();
  // One line for `systemctl status`, when it is another one; not before `up`, nor after `stopping`.
  void tell(std::size_t subscriptions, std::optional<std::size_t> owed);
  // Until there is something new to tell; a while at most, which grows to a minute.
  task<void> rest();

 private:
  void send(const std::string& state);
  void renew();

  Timer resting_;
  bool listens_ = false;
  std::optional<Milliseconds> alive_every_;
  bool up_ = false;
  bool refused_ = false;    // the last configuration that was read
  bool is_new_ = false;
  Milliseconds pause_;
  std::string told_;
};

// "watching for 3 subscriptions; 1 is owed something". `owed`: nullopt when nobody knows; `refused`: the file says
// something else by now, but it is wrong.
std::string service_status(std::size_t subscriptions, std::optional<std::size_t> owed, bool refused);

// Say that this thread is alive, and how the daemon does, until the context stops. Both outlive it.
task<void> keep_alive(ServiceManager& manager);
task<void> keep_told(ServiceManager& manager, Daemon& daemon);

}  // namespace beckon::core
