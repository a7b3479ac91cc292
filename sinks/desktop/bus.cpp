#include "bus.hpp"

#include <chrono>
#include <optional>
#include <utility>

namespace beckon::desktop {
namespace {

constexpr char interface[] = "org.freedesktop.Notifications";
constexpr char path[] = "/org/freedesktop/Notifications";
constexpr std::chrono::milliseconds glance(200);

Failure failure_of(const sdbus::Error& error) { return {error.getName(), error.getMessage()}; }

// When the connection ends, a little before the loop does: what is open is answered with the one, and what is sent then is refused
// with one of the others, which sd-bus makes of the system's (sd_bus_error_set_errno(3)).
bool may_be_the_end(const Failure& failure) {
  return failure.name == no_reply || failure.name.compare(0, 13, "System.Error.") == 0;
}

}  // namespace

Answer<std::unique_ptr<Bus>> Bus::connect(Events events) {
  try {
    auto connection = sdbus::createSessionBusConnection();
    auto bus = std::unique_ptr<Bus>(new Bus(std::move(connection), std::move(events)));
    bus->listen();
    return bus;
  } catch (const sdbus::Error& error) {
    Failure failure = failure_of(error);
    // Whatever is wrong with the way to it, there is none for us now; only a refusal is another matter.
    if (failure.name != "org.freedesktop.DBus.Error.AccessDenied") failure.name = no_bus;
    return failure;
  }
}

Bus::Bus(std::unique_ptr<sdbus::IConnection> connection, Events events)
    : events_(std::move(events)),
      connection_(std::move(connection)),
      server_(sdbus::createProxy(*connection_, interface, path)) {}

Bus::~Bus() {
  if (!thread_.joinable()) return;
  connection_->leaveEventLoop();
  thread_.join();
}

void Bus::listen() {
  server_->uponSignal("NotificationClosed").onInterface(interface).call(events_.closed);
  server_->uponSignal("ActivationToken").onInterface(interface).call(events_.token);
  server_->uponSignal("ActionInvoked").onInterface(interface).call(events_.invoked);
  server_->finishRegistration();
  const auto owner_changed = [this](sdbus::Message& message) {
    std::string name, before, after;
    message >> name >> before >> after;
    if (!before.empty()) events_.owner_changed();
    const std::lock_guard lock(mutex_);
    ++owners_;
    changed_.notify_all();
  };
  connection_->addMatch(std::string("type='signal',sender='org.freedesktop.DBus',interface='org.freedesktop.DBus',"
                                    "member='NameOwnerChanged',arg0='") + interface + "'",
                        owner_changed, sdbus::floating_slot);
  thread_ = std::thread([this] { run(); });
}

// sdbus-c++'s own thread would let the error of a lost connection end the program.
void Bus::run() noexcept {
  try {
    connection_->enterEventLoop();
  } catch (const sdbus::Error&) {
  }
  const std::lock_guard lock(mutex_);
  lost_ = true;
  changed_.notify_all();
}

bool Bus::is_lost() const {
  const std::lock_guard lock(mutex_);
  return lost_;
}

std::uint64_t Bus::owners() const {
  const std::lock_guard lock(mutex_);
  return owners_;
}

void Bus::wait_for_owner(std::uint64_t other_than, const GivenUp& given_up) {
  std::unique_lock lock(mutex_);
  while (owners_ == other_than && !lost_ && !given_up()) changed_.wait_for(lock, glance);
}

// `send` makes the call, and hands what it is given to the reply. Not sdbus-c++'s blocking calls: they cannot be given up.
template <class T, class Send>
Answer<T> Bus::ask(const GivenUp& given_up, const Send& send) {
  const auto answer = std::make_shared<std::optional<Answer<T>>>();  // guarded by mutex_; the reply may come too late
  try {
    send([this, answer](Answer<T> given) {
      const std::lock_guard lock(mutex_);
      *answer = std::move(given);
      changed_.notify_all();
    });
  } catch (const sdbus::Error& error) {
    const std::lock_guard lock(mutex_);
    *answer = failure_of(error);
  }
  std::unique_lock lock(mutex_);
  while (!*answer) {
    if (lost_) return Failure{disconnected, {}};
    if (given_up()) return Failure{no_reply, {}};
    changed_.wait_for(lock, glance);
  }
  const Failure* failure = std::get_if<Failure>(&**answer);
  if (failure && may_be_the_end(*failure) && changed_.wait_for(lock, glance, [this] { return lost_; }))
    return Failure{disconnected, {}};
  return std::move(**answer);
}

Answer<std::vector<std::string>> Bus::capabilities(const GivenUp& given_up) {
  using Names = std::vector<std::string>;
  return ask<Names>(given_up, [&](auto reply) {
    server_->callMethodAsync("GetCapabilities").onInterface(interface).uponReplyInvoke(
        [reply](const sdbus::Error* error, Names names) {
          reply(error ? Answer<Names>(failure_of(*error)) : std::move(names));
        });
  });
}

Answer<std::string> Bus::server_name(const GivenUp& given_up) {
  return ask<std::string>(given_up, [&](auto reply) {
    server_->callMethodAsync("GetServerInformation").onInterface(interface).uponReplyInvoke(
        [reply](const sdbus::Error* error, std::string name, std::string, std::string, std::string) {
          reply(error ? Answer<std::string>(failure_of(*error)) : std::move(name));
        });
  });
}

Answer<std::uint32_t> Bus::notify(const Call& call, const GivenUp& given_up) {
  return ask<std::uint32_t>(given_up, [&](auto reply) {
    server_->callMethodAsync("Notify").onInterface(interface)
        .withArguments("Beckon", call.replaces, call.icon, call.summary, call.body, call.actions, call.hints, call.timeout_ms)
        .uponReplyInvoke([reply, shown = call.shown](const sdbus::Error* error, std::uint32_t id) {
          if (!error && shown) shown(id);
          reply(error ? Answer<std::uint32_t>(failure_of(*error)) : id);
        });
  });
}

}  // namespace beckon::desktop
