#include "outbox/late_words.hpp"

namespace beckon::core {
namespace {

constexpr std::uint32_t words_that_count = 6;
constexpr Milliseconds time_that_counts = 72h;
constexpr Milliseconds forgotten_after = 14 * 24h;

LateWords one_more(const LateWords& before, WallTime now) {
  // A clock that was set back has nothing to say about how long ago something was.
  const bool goes_on = before.count > 0 && now >= before.since && now - before.last < forgotten_after;
  return {goes_on ? before.count + 1 : 1, goes_on ? before.since : now, now};
}

}  // namespace

LateVerdict judge_late(const Outcome& outcome, const LateWords& before, WallTime now) {
  LateVerdict verdict;
  verdict.words = before;
  switch (outcome.kind) {
    case OutcomeKind::delivered: return verdict;
    case OutcomeKind::retry:
    case OutcomeKind::rejected:
    case OutcomeKind::misconfigured: verdict.undelivered = true; return verdict;
    case OutcomeKind::gone: break;
  }
  if (outcome.scope == Scope::subscription) {
    if (outcome.certainty == Certainty::exact) verdict.end = LateVerdict::End::subscription;
    return verdict;
  }
  verdict.undelivered = true;
  verdict.words = one_more(before, now);
  const bool enough = verdict.words.count >= words_that_count && now - verdict.words.since >= time_that_counts;
  if (outcome.certainty == Certainty::exact || enough) verdict.end = LateVerdict::End::endpoint;
  return verdict;
}

}  // namespace beckon::core
