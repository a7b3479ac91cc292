#include "feed/pace.hpp"

#include "base/backoff.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace beckon::core {
namespace {

constexpr double our_share = 0.8;
constexpr Milliseconds quiet_after = 1h;
constexpr Milliseconds longest_stretch = 2h;
constexpr std::size_t started_at_once = 8;
constexpr Milliseconds soon = 1s;

Milliseconds scale(Milliseconds duration, double factor) {
  return Milliseconds{static_cast<std::int64_t>(std::llround(static_cast<double>(duration.count()) * factor))};
}

// The interval at which all feeds together stay within the hourly limit.
Milliseconds fair_interval(const PaceFacts& facts, double cost) {
  if (facts.quota.limit <= 0) return 0ms;
  return scale(1h, cost * static_cast<double>(std::max<std::size_t>(facts.feeds, 1)) /
                       (static_cast<double>(facts.quota.limit) * our_share));
}

// The same for what is left until the reset; others may have spent the rest.
double affordable_polls(const PaceFacts& facts, double cost) {
  return static_cast<double>(facts.quota.remaining) * our_share /
         (cost * static_cast<double>(std::max<std::size_t>(facts.feeds, 1)));
}

Milliseconds affordable_interval(const PaceFacts& facts, double cost) {
  if (facts.quota.limit <= 0 || !facts.quota.reset_after || cost <= 0) return 0ms;
  const double polls = affordable_polls(facts, cost);
  return polls < 1 ? *facts.quota.reset_after : scale(*facts.quota.reset_after, 1 / polls);
}

}  // namespace

Pace next_poll(const PaceFacts& facts) {
  Pace pace;
  pace.interval = facts.interval;
  const Milliseconds fair = fair_interval(facts, facts.cost);
  const Milliseconds affordable = affordable_interval(facts, facts.cost);
  const Milliseconds needed = std::max(fair, affordable);
  if (needed > facts.interval) {
    pace.stretched = true;
    pace.spent = affordable > 2 * fair;
    pace.interval =
        std::min(facts.quiet >= quiet_after ? 2 * needed : needed, std::max(longest_stretch, facts.interval));
  }
  if (facts.more) {
    const Milliseconds borne =
        std::max(fair_interval(facts, facts.charged), affordable_interval(facts, facts.charged));
    pace.interval = std::min(pace.interval, std::max(soon, borne));
    pace.stretched = pace.interval > facts.interval;
  }
  pace.delay = scale(pace.interval, 0.9 + 0.2 * facts.dice);
  if (facts.failures > 0) {
    const Backoff backoff{.first = 5s, .cap = std::max<Milliseconds>(facts.interval, 15min)};
    const Milliseconds wait = backoff_delay(backoff, facts.failures, facts.dice);
    pace.delay = pace.stretched ? std::max(wait, pace.delay) : wait;
  }
  if (facts.retry_after) {
    const Milliseconds spread = scale(std::min<Milliseconds>(facts.interval, 30s), facts.dice);
    pace.delay = std::max(pace.delay, *facts.retry_after + spread);
  }
  return pace;
}

Milliseconds first_poll(std::size_t index, std::size_t feeds, Milliseconds interval) {
  if (index < started_at_once || feeds <= started_at_once) return 0ms;
  return scale(interval, static_cast<double>(index - started_at_once) / static_cast<double>(feeds - started_at_once));
}

std::string explain_stretch(const Pace& pace, const PaceFacts& facts, bool authenticated, WallTime now,
                            const std::string& credential, const std::string& variable) {
  std::string actual = "every " + format_about(pace.interval);
  if (actual.starts_with("every about ")) actual = "about every " + actual.substr(12);
  const std::string wanted = format_duration(facts.interval);
  if (pace.spent && facts.quota.reset_after) {
    const std::string until = format_time_of_day(now + *facts.quota.reset_after);
    const std::string who = authenticated ? the_token(credential, variable) : "requests without a token";
    const std::string way_out = authenticated ? "others use it too, or used it before"
                                              : "set " + token_key(credential, variable);
    if (affordable_polls(facts, facts.cost) < 1)
      return fmt::format("the quota of {} is used up until {}, and the forge is asked again then: {}", who, until,
                         way_out);
    return fmt::format("of {} only {} of {} are left until {}, so it is polled {} instead of {}: {}",
                       authenticated ? "the requests of " + who : who, facts.quota.remaining, facts.quota.limit, until,
                       actual, wanted, way_out);
  }
  if (!authenticated)
    return fmt::format(
        "without a token the forge allows {} requests an hour, so it is polled {} instead of {}: set {}",
        facts.quota.limit, actual, wanted, token_key(credential, variable));
  return fmt::format(
      "{} allows {} requests an hour, so it is polled {} instead of {}: {}", the_token(credential, variable),
      facts.quota.limit, actual, wanted,
      variable.empty() ? "share the repositories among several tokens, or raise `interval`" : "a longer --interval suits it");
}

}  // namespace beckon::core
