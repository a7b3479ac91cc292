// The desktop: notifications in the session of the user as whom Beckon runs.
#include "browser.hpp"
#include "bus.hpp"
#include "notification.hpp"
#include "shown.hpp"
#include "trouble.hpp"

#include <beckon/sink.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

namespace beckon::desktop {
namespace {

constexpr std::int64_t longest_timeout_ms = 86'400'000;
constexpr std::int64_t time_to_answer_ms = 1'500;  // before the deadline
constexpr std::chrono::milliseconds glance(200);

const Option options[] = {
    {"timeout", Type::duration, optional, "",
     "how long a notification stays, 24 hours at most; \"0s\": until it is closed. Default: as the desktop does it"},
    {"sound", Type::boolean, optional, "false", "ask the desktop for its sound of a new message"},
};

// Empty when it will do.
std::string wrong_timeout(const Values& settings) {
  const std::int64_t ms = settings.number("timeout");
  if (ms >= 0 && ms <= longest_timeout_ms) return {};
  return "a notification stays at most \"24h\"; \"0s\" keeps it until it is closed";
}

std::int64_t now_ms() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

void wait(std::chrono::milliseconds time, const GivenUp& given_up) {
  for (; time.count() > 0 && !given_up(); time -= glance) std::this_thread::sleep_for(glance);
}

Outcome unsubscribed() {
  Outcome outcome = Outcome::gone("unsubscribed", "the person chose Unsubscribe in a notification");
  outcome.scope = BECKON_SCOPE_SUBSCRIPTION;
  return outcome;
}

}  // namespace

class Desktop {
 public:
  static constexpr std::string_view about = "notifications on the desktop of the user as whom Beckon runs";
  static constexpr bool handles_probe = true;
  static constexpr std::uint32_t max_batch = most_mentions;
  static constexpr std::int64_t stale_after_ms = 86'400'000;

  explicit Desktop(const Settings& settings)
      : host_(settings.host()),
        timeout_ms_(static_cast<std::int32_t>(settings.has("timeout") ? settings.number("timeout") : -1)),
        sound_(settings.flag("sound")) {
    if (const std::string wrong = wrong_timeout(settings); !wrong.empty()) throw Complaint("timeout", wrong);
  }

  static void check(const Values& settings, const Values&, const Complain& complain) {
    if (const std::string wrong = wrong_timeout(settings); !wrong.empty()) complain("timeout", wrong);
  }

  Outcome deliver(const Delivery& delivery) {
    if (delivery.purpose == Purpose::mention && delivery.mentions.empty()) {
      return Outcome::rejected("empty", "the delivery holds no mention");
    }
    const GivenUp given_up = [this, until = delivery.deadline_ms - time_to_answer_ms] {
      return now_ms() >= until || host_.cancelled();
    };
    for (;;) {
      const std::uint64_t owners = bus_ ? bus_->owners() : 0;
      const std::optional<Failure> failure = delivery.purpose == Purpose::probe ? ask(given_up) : tell(delivery, given_up);
      if (!failure) return Outcome::delivered();
      // Whoever probes wants to know how it is now.
      const Remedy wanted = delivery.purpose == Purpose::probe ? Remedy::none : remedy(*failure);
      wait_for(wanted, owners, given_up);
      if (wanted == Remedy::none || given_up()) return trouble(*failure);
    }
  }

 private:
  std::optional<Failure> connect() {
    if (bus_ && !bus_->is_lost()) return std::nullopt;
    bus_.reset();
    shown_.forget_all();
    abilities_.reset();
    auto connected = Bus::connect({[this] { shown_.forget_all(); },
                                   [this](std::uint32_t id, std::uint32_t reason) { closed(id, reason); },
                                   [this](std::uint32_t id, std::string token) { shown_.give_token(id, std::move(token)); },
                                   [this](std::uint32_t id, std::string action) { invoked(id, action); }});
    if (auto* failure = std::get_if<Failure>(&connected)) return std::move(*failure);
    bus_ = std::move(std::get<std::unique_ptr<Bus>>(connected));
    return std::nullopt;
  }

  std::optional<Failure> ask(const GivenUp& given_up) {
    if (auto failure = connect()) return failure;
    auto name = bus_->server_name(given_up);
    if (auto* failure = std::get_if<Failure>(&name)) return std::move(*failure);
    return std::nullopt;
  }

  // Of the server that has the name now.
  std::optional<Failure> learn_abilities(const GivenUp& given_up) {
    const std::uint64_t owners = bus_->owners();
    if (abilities_ && abilities_of_ == owners) return std::nullopt;
    auto capabilities = bus_->capabilities(given_up);
    if (auto* failure = std::get_if<Failure>(&capabilities)) return std::move(*failure);
    abilities_ = abilities(std::get<std::vector<std::string>>(capabilities));
    abilities_of_ = owners;
    return std::nullopt;
  }

  std::optional<Failure> tell(const Delivery& delivery, const GivenUp& given_up) {
    if (auto failure = connect()) return failure;
    if (auto failure = learn_abilities(given_up)) return failure;
    const std::string thread = thread_of(delivery);
    const Shown::Replaced replaced = shown_.replaced_by(delivery.id, thread);
    Notification made = notification(delivery, *abilities_, replaced.earlier);
    Popup popup{thread, std::string(delivery.subscription), std::string(delivery.id), made.url, made.mentions, replaced.earlier};
    Call call;
    call.replaces = replaced.id;
    call.icon = "beckon";
    call.summary = std::move(made.summary);
    call.body = std::move(made.body);
    call.actions = std::move(made.actions);
    call.hints = {{"urgency", sdbus::Variant(std::uint8_t{1})},
                  {"category", sdbus::Variant(std::string("im.received"))},
                  {"desktop-entry", sdbus::Variant(std::string("beckon"))}};
    if (sound_ && abilities_->sound) call.hints["sound-name"] = sdbus::Variant(std::string("message-new-instant"));
    call.timeout_ms = timeout_ms_;
    call.shown = [this, popup](std::uint32_t id) { shown_.put(id, popup); };
    auto shown = bus_->notify(call, given_up);
    if (auto* failure = std::get_if<Failure>(&shown)) return std::move(*failure);
    return std::nullopt;
  }

  void wait_for(Remedy remedy, std::uint64_t owners, const GivenUp& given_up) {
    switch (remedy) {
      case Remedy::none: return;
      case Remedy::bus: return wait(std::chrono::seconds(1), given_up);
      case Remedy::server: return bus_->wait_for_owner(owners, given_up);
      case Remedy::moment: return wait(glance, given_up);
    }
  }

  // ---- on the bus's thread ----

  void closed(std::uint32_t id, std::uint32_t reason) {
    if (reason == closed_by_time) shown_.expire(id);
    else shown_.forget(id);
  }

  void invoked(std::uint32_t id, std::string_view action) {
    const std::optional<Popup> popup = shown_.at(id);
    if (!popup) return;  // another program's
    if (action == unsubscribe) {
      shown_.forget(id);
      host_.report(popup->subscription, unsubscribed());
    } else if ((action == click || action == open) && !open_link(popup->url, popup->token)) {
      host_.log(Level::warn, "the link of a notification could not be opened; is xdg-open installed?");
    }
  }

  const Host host_;
  const std::int32_t timeout_ms_;
  const bool sound_;
  Shown shown_;
  std::optional<Abilities> abilities_;
  std::uint64_t abilities_of_ = 0;
  std::unique_ptr<Bus> bus_;  // the last, so that its thread ends first
};

}  // namespace beckon::desktop

BECKON_SINK(beckon::desktop::Desktop, "desktop", BECKON_VERSION, beckon::desktop::options)
