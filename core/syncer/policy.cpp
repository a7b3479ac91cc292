#include "syncer/policy.hpp"

#include <algorithm>
#include <array>

namespace beckon::core {
namespace {

constexpr Backoff trouble{2s, 1h};
constexpr Backoff operator_needed{1min, 1h};
constexpr Backoff no_word{5min, 6h};
constexpr Milliseconds longest_word = 24h;

constexpr std::array<Milliseconds, 4> quarantine_asks = {10min, 1h, 6h, 24h};   // the last one again and again
constexpr std::uint32_t quarantine_words = 6;
constexpr Milliseconds quarantine_time = 72h;

Verdict settle(Settlement::Kind kind) {
  Verdict verdict;
  verdict.kind = kind;
  return verdict;
}

Verdict retry(Milliseconds wait) {
  Verdict verdict;
  verdict.wait = wait;
  return verdict;
}

Milliseconds later(const Backoff& backoff, std::uint32_t number, std::optional<Milliseconds> word, double dice) {
  const Milliseconds own = backoff_delay(backoff, number, dice);
  if (!word) return own;
  // The service's word is the earliest moment; a second more keeps clocks that differ from meeting it too soon.
  return std::min(std::max(*word, Milliseconds{0}) + Milliseconds{static_cast<std::int64_t>(dice * 1000)}, longest_word);
}

Verdict refuse(const Attempt& attempt) {
  if (attempt.form == BatchForm::plain) return settle(Settlement::Kind::dead);
  if (attempt.form == BatchForm::whole && attempt.mentions > 1) return settle(Settlement::Kind::split);
  return settle(Settlement::Kind::plain);
}

bool in_doubt(const Attempt& attempt) { return attempt.doubt.state != EndpointState::ok; }

// Everybody who goes the same way waits; the subscription itself for nothing more.
Verdict hold(EndpointState state, bool whole_sink, bool counts, Milliseconds wait) {
  Verdict verdict;
  verdict.standing = Verdict::Standing{state, whole_sink, counts, wait};
  return verdict;
}

std::uint32_t words_so_far(const Attempt& attempt, EndpointState state, bool whole_sink) {
  const Doubt& doubt = attempt.doubt;
  return doubt.state == state && doubt.whole_sink == whole_sink ? doubt.asked : 0;
}

Verdict misconfigured(const Attempt& attempt, const Outcome& outcome, double dice) {
  if (outcome.scope == Scope::subscription) return retry(later(operator_needed, attempt.number, outcome.retry_after, dice));
  const bool whole_sink = outcome.scope == Scope::sink || outcome.scope == Scope::origin;
  const std::uint32_t words = words_so_far(attempt, EndpointState::misconfigured, whole_sink);
  return hold(EndpointState::misconfigured, whole_sink, true, later(operator_needed, words + 1, outcome.retry_after, dice));
}

Verdict gone(const Attempt& attempt) {
  Verdict verdict;
  verdict.next = attempt.sink_can_probe ? Verdict::Do::probe : Verdict::Do::bury;
  return verdict;
}

bool quarantine_is_over(const Attempt& attempt, WallTime now) {
  const std::uint32_t words = words_so_far(attempt, EndpointState::suspect, false);
  return words + 1 >= quarantine_words && now - attempt.doubt.since >= quarantine_time;
}

Verdict perhaps_gone(const Attempt& attempt, const Outcome& outcome, WallTime now, double dice) {
  if (quarantine_is_over(attempt, now)) return gone(attempt);
  const std::uint32_t words = words_so_far(attempt, EndpointState::suspect, false);
  const Milliseconds own = quarantine_asks[std::min<std::size_t>(words, quarantine_asks.size() - 1)];
  const Milliseconds asked_for = std::min(outcome.ask_again_after.value_or(0ms), longest_word);
  const Milliseconds spread{static_cast<std::int64_t>(dice * 1000)};
  return hold(EndpointState::suspect, false, true, std::max(own, asked_for) + spread);
}

Verdict judge_alone(const Attempt& attempt, const Outcome& outcome, WallTime now, double dice) {
  // Neither told nor owed for certain: it stays in sight, and people decide.
  if (outcome.held) return settle(Settlement::Kind::held);
  if (outcome.fault && attempt.faults + 1 >= faults_borne) return refuse(attempt);
  switch (outcome.kind) {
    case OutcomeKind::delivered: return settle(Settlement::Kind::delivered);
    case OutcomeKind::rejected: return refuse(attempt);
    case OutcomeKind::misconfigured: return misconfigured(attempt, outcome, dice);
    case OutcomeKind::gone: {
      if (outcome.certainty != Certainty::exact) return perhaps_gone(attempt, outcome, now, dice);
      if (outcome.scope != Scope::subscription) return gone(attempt);
      Verdict end;
      end.next = Verdict::Do::end;
      return end;
    }
    case OutcomeKind::retry: break;
  }
  Verdict verdict = retry(later(trouble, attempt.number, outcome.retry_after, dice));
  verdict.fault = outcome.fault;
  return verdict;
}

}  // namespace

Verdict judge(const Attempt& attempt, const Outcome& outcome, WallTime now, double dice) {
  Verdict verdict = judge_alone(attempt, outcome, now, dice);
  if (!in_doubt(attempt) || verdict.standing || verdict.next != Verdict::Do::settle) return verdict;
  // This attempt spoke for all who wait. Whoever takes or refuses the content is at work again.
  const bool answered = outcome.kind == OutcomeKind::delivered || outcome.kind == OutcomeKind::rejected;
  if (answered) verdict.standing = Verdict::Standing();
  else verdict.standing = Verdict::Standing{attempt.doubt.state, attempt.doubt.whole_sink, false, verdict.wait};
  return verdict;
}

Verdict judge_probe(const Attempt& attempt, const Outcome& probe, WallTime now, double dice) {
  const bool enough = probe.certainty == Certainty::exact || quarantine_is_over(attempt, now);
  if (probe.kind == OutcomeKind::gone && enough) {
    Verdict verdict;
    verdict.next = Verdict::Do::bury;
    return verdict;
  }
  if (probe.kind == OutcomeKind::delivered) {
    const std::uint32_t words = words_so_far(attempt, EndpointState::misconfigured, false);
    return hold(EndpointState::misconfigured, false, true, backoff_delay(operator_needed, words + 1, dice));
  }
  return hold(EndpointState::suspect, false, false, later(no_word, attempt.number, probe.retry_after, dice));
}

}  // namespace beckon::core
