// What a service's answer means: by its own words, which a sink lists, else by the HTTP status alone. For authors of
// webhook sinks; header-only, any thread. Nothing of an answer is quoted, so no secret that it echoes gets out.
#pragma once

#include <beckon/retry_after.hpp>
#include <beckon/sink.hpp>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace beckon::answer {

inline constexpr std::int64_t an_hour_ms = 3'600'000;
inline constexpr std::int64_t a_day_ms = 86'400'000;

// One thing that a service is known to say.
struct Saying {
  std::string_view words;     // exactly these
  unsigned status;            // the one that it says them with
  std::uint32_t kind;         // BECKON_RETRY, BECKON_REJECTED, BECKON_MISCONFIGURED or BECKON_GONE
  std::string_view code;
  std::string_view sentence;  // what it means, and the way out
  std::uint32_t scope = BECKON_SCOPE_TARGET;
  std::int64_t wait_ms = 0;   // RETRY: the service says no time itself. GONE: only perhaps, and asked again after that
};

inline std::string said(std::string_view service, unsigned status) {
  return std::string(service) + " answered " + std::to_string(status);
}

// `seconds`: what the service says within its answer; the longer of that and of Retry-After counts.
inline Outcome again(const Delivery& delivery, const Response& response, std::string code, std::string reason,
                     std::optional<double> seconds = {}) {
  Outcome outcome = Outcome::retry(std::move(code), std::move(reason));
  if (const auto wait = retry_after_ms(response, delivery.now_ms)) outcome.retry_after_ms = *wait;
  if (seconds) outcome.retry_after_ms = std::max(outcome.retry_after_ms, sane_wait_ms(*seconds));
  return outcome;
}

// Never gone and never misconfigured: a status alone may come from anything that stands before the service.
inline Outcome by_status(const Delivery& delivery, const Response& response, std::string_view service,
                         std::optional<double> seconds = {}) {
  const unsigned status = response.status;
  const bool is_probe = delivery.purpose == Purpose::probe;
  const std::string answered = said(service, status);
  if (status == 429) return again(delivery, response, "rate_limited", answered + ": it asks for a pause", seconds);
  if (status == 413 && !is_probe) return Outcome::rejected("too_large", answered + ": the message is too large");
  if (status >= 200 && status < 300) {
    Outcome outcome = again(delivery, response, "unexpected_answer",
                            answered + ", but not as it does when it took a message, so it may not have arrived");
    outcome.ambiguous = !is_probe;
    return outcome;
  }
  std::string reason = answered + ", which says nothing of the message";
  if (status >= 300 && status < 400) reason = answered + ": redirects are not followed; check the address";
  if (status >= 500) reason = answered + ": it has trouble of its own";
  Outcome outcome = again(delivery, response, "http_" + std::to_string(status), std::move(reason), seconds);
  outcome.ambiguous = status == 504 && !is_probe;  // the gateway gave up waiting, perhaps not the service
  return outcome;
}

inline Outcome by_saying(const Delivery& delivery, const Response& response, std::string_view service,
                         const Saying& saying, std::optional<double> seconds = {}) {
  const std::string reason = said(service, response.status) + ": " + std::string(saying.sentence);
  const std::string code(saying.code);
  const bool no_content = delivery.purpose == Purpose::probe;  // so there was none to refuse
  if (saying.kind == BECKON_MISCONFIGURED) return Outcome::misconfigured(code, reason, saying.scope);
  if (saying.kind == BECKON_REJECTED && !no_content) return Outcome::rejected(code, reason);
  if (saying.kind == BECKON_GONE) {
    if (saying.wait_ms == 0 && saying.status == response.status) return Outcome::gone(code, reason);
    Outcome outcome = Outcome::maybe_gone(code, reason);
    outcome.ask_again_after_ms = std::max(saying.wait_ms, an_hour_ms);
    return outcome;
  }
  Outcome outcome = again(delivery, response, code, reason, seconds);
  if (outcome.retry_after_ms < 0 && saying.wait_ms > 0) outcome.retry_after_ms = saying.wait_ms;
  return outcome;
}

// The saying with these words, if it may stand with that status: with its own, or with another refusal's.
template <class Sayings>
const Saying* find(const Sayings& sayings, std::string_view words, unsigned status) {
  const auto refuses = [](unsigned code) { return code >= 400 && code < 500 && code != 429; };
  for (const Saying& saying : sayings) {
    if (saying.words == words && (saying.status == status || (refuses(saying.status) && refuses(status)))) return &saying;
  }
  return nullptr;
}

template <class Sayings>
Outcome judge(const Delivery& delivery, const Response& response, std::string_view service, const Sayings& sayings,
              std::string_view words, std::optional<double> seconds = {}) {
  const Saying* saying = words.empty() ? nullptr : find(sayings, words, response.status);
  return saying ? by_saying(delivery, response, service, *saying, seconds)
                : by_status(delivery, response, service, seconds);
}

}  // namespace beckon::answer
