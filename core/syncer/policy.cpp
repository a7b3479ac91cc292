#include "syncer/policy.hpp"

#include <algorithm>

namespace beckon::core {
namespace {

constexpr Backoff trouble{2s, 1h};
constexpr Backoff operator_needed{1min, 1h};
constexpr Backoff perhaps_gone{5min, 6h};
constexpr Milliseconds longest_word = 24h;

Verdict settle(Settlement::Kind kind) { return {Verdict::Do::settle, kind, Milliseconds{0}}; }

Verdict retry(Milliseconds wait) { return {Verdict::Do::settle, Settlement::Kind::retry, wait}; }

Verdict later(const Backoff& backoff, const Attempt& attempt, std::optional<Milliseconds> word, double dice) {
  const Milliseconds own = backoff_delay(backoff, attempt.number, dice);
  if (!word) return retry(own);
  // The service's word is the earliest moment; a second more keeps clocks that differ from meeting it too soon.
  return retry(std::min(std::max(*word, Milliseconds{0}) + Milliseconds{static_cast<std::int64_t>(dice * 1000)}, longest_word));
}

Verdict refuse(const Attempt& attempt) {
  if (attempt.form == BatchForm::plain) return settle(Settlement::Kind::dead);
  if (attempt.form == BatchForm::whole && attempt.mentions > 1) return settle(Settlement::Kind::split);
  return settle(Settlement::Kind::plain);
}

}  // namespace

Verdict judge(const Attempt& attempt, const Outcome& outcome, double dice) {
  // Neither told nor owed for certain: it stays in sight, and people decide.
  if (outcome.held) return settle(Settlement::Kind::held);
  switch (outcome.kind) {
    case OutcomeKind::delivered: return settle(Settlement::Kind::delivered);
    case OutcomeKind::rejected: return refuse(attempt);
    case OutcomeKind::misconfigured: return later(operator_needed, attempt, outcome.retry_after, dice);
    case OutcomeKind::gone:
      if (outcome.certainty != Certainty::exact) return later(perhaps_gone, attempt, outcome.ask_again_after, dice);
      return {attempt.sink_can_probe ? Verdict::Do::probe : Verdict::Do::bury, Settlement::Kind::retry, Milliseconds{0}};
    case OutcomeKind::retry: break;
  }
  return later(trouble, attempt, outcome.retry_after, dice);
}

Verdict judge_probe(const Attempt& attempt, const Outcome& probe, double dice) {
  if (probe.kind == OutcomeKind::gone && probe.certainty == Certainty::exact)
    return {Verdict::Do::bury, Settlement::Kind::retry, Milliseconds{0}};
  if (probe.kind == OutcomeKind::delivered) return later(operator_needed, attempt, std::nullopt, dice);
  return later(perhaps_gone, attempt, probe.retry_after, dice);
}

}  // namespace beckon::core
