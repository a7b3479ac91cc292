#include "trouble.hpp"

#include <beckon/text.hpp>

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <utility>

namespace beckon::desktop {
namespace {

constexpr std::string_view standard = "org.freedesktop.DBus.Error.";
constexpr std::int64_t second = 1'000;

bool is_any(const Failure& failure, std::initializer_list<std::string_view> names) {
  const std::string_view name = failure.name;
  if (name.substr(0, standard.size()) != standard) return false;
  const std::string_view rest = name.substr(standard.size());
  return std::find(names.begin(), names.end(), rest) != names.end();
}

bool is_not_running(const Failure& failure) {
  const std::string spawn = std::string(standard).append("Spawn.");
  return is_any(failure, {"ServiceUnknown", "NameHasNoOwner"}) || failure.name.compare(0, spawn.size(), spawn) == 0;
}

// It has the name and not yet the object.
bool is_starting(const Failure& failure) {
  return is_any(failure, {"UnknownObject", "UnknownInterface", "UnknownMethod"});
}

// Everybody behind this sink has the same session.
Outcome for_the_sink(Outcome outcome, std::int64_t retry_after_ms, bool ambiguous = false) {
  outcome.scope = BECKON_SCOPE_SINK;
  outcome.retry_after_ms = retry_after_ms;
  outcome.ambiguous = ambiguous;
  return outcome;
}

// Within our sentence: on one line, short, and no sentence of its own.
std::string words_of(const Failure& failure) {
  std::string words = text::clean_line(text::clip(failure.message.empty() ? failure.name : failure.message, 1'000));
  for (std::size_t at = 0; (at = words.find(". ", at)) != std::string::npos;) words.replace(at, 2, "; ");
  words = text::cut(words, 120);
  while (!words.empty() && std::string_view(".;,: ").find(words.back()) != std::string_view::npos) words.pop_back();
  return words;
}

}  // namespace

Remedy remedy(const Failure& failure) {
  if (failure.name == no_bus || failure.name == disconnected) return Remedy::bus;
  if (is_not_running(failure)) return Remedy::server;
  return is_starting(failure) ? Remedy::moment : Remedy::none;
}

Outcome trouble(const Failure& failure) {
  if (failure.name == no_bus) {
    return for_the_sink(
        Outcome::retry("no_session_bus",
                       "there is no session bus; run Beckon within the session that is to see it (systemctl --user), or "
                       "set DBUS_SESSION_BUS_ADDRESS"),
        15 * second);
  }
  if (is_not_running(failure) || is_starting(failure)) {
    return for_the_sink(Outcome::retry("no_notification_server",
                                       "nothing in the session shows notifications; log in, or start a notification "
                                       "daemon such as dunst or mako"),
                        5 * second);
  }
  if (is_any(failure, {"NoReply", "Timeout", "TimedOut"})) {
    return for_the_sink(Outcome::retry("no_reply", "the notification daemon did not answer in time"), 5 * second, true);
  }
  if (failure.name == disconnected) {
    return for_the_sink(Outcome::retry("bus_lost", "the session bus ended the connection"), 1 * second, true);
  }
  if (failure.name == "org.freedesktop.Notifications.Error.ExcessNotificationGeneration" ||
      is_any(failure, {"LimitsExceeded"})) {
    return for_the_sink(Outcome::retry("too_many", "the notification daemon takes no more notifications for now"),
                        60 * second);
  }
  if (is_any(failure, {"AccessDenied", "AuthFailed"})) {
    return Outcome::misconfigured("access_denied",
                                  "the session bus refuses us; run Beckon as the user whose session it is",
                                  BECKON_SCOPE_SINK);
  }
  if (is_any(failure, {"InvalidArgs", "InvalidSignature"})) {
    return Outcome::rejected("refused", "the notification daemon refused it: " + words_of(failure));
  }
  return Outcome::retry("failed", "the notification daemon failed: " + words_of(failure));
}

}  // namespace beckon::desktop
