#include "syncer/policy.hpp"

#include <gtest/gtest.h>

namespace beckon::core {
namespace {

Outcome said(OutcomeKind kind, Certainty certainty = Certainty::exact) {
  Outcome outcome;
  outcome.kind = kind;
  outcome.certainty = certainty;
  return outcome;
}

Attempt attempt(BatchForm form, std::size_t mentions, std::uint32_t number = 1, bool probe = false) {
  return {form, mentions, number, probe};
}

TEST(Judge, DeliveredIsSettled) {
  const Verdict verdict = judge(attempt(BatchForm::whole, 3), said(OutcomeKind::delivered), WallTime{}, 0.5);
  EXPECT_EQ(verdict.next, Verdict::Do::settle);
  EXPECT_EQ(verdict.kind, Settlement::Kind::delivered);
}

TEST(Judge, ARefusedDigestIsSplitThenPlainThenDead) {
  const Outcome refused = said(OutcomeKind::rejected);
  EXPECT_EQ(judge(attempt(BatchForm::whole, 3), refused, WallTime{}, 0.5).kind, Settlement::Kind::split);
  EXPECT_EQ(judge(attempt(BatchForm::whole, 1), refused, WallTime{}, 0.5).kind, Settlement::Kind::plain);
  EXPECT_EQ(judge(attempt(BatchForm::singles, 1), refused, WallTime{}, 0.5).kind, Settlement::Kind::plain);
  EXPECT_EQ(judge(attempt(BatchForm::plain, 1), refused, WallTime{}, 0.5).kind, Settlement::Kind::dead);
}

TEST(Judge, TransportTroubleNeverDeadLetters) {
  for (std::uint32_t number = 1; number < 2000; number += 37) {
    const Verdict verdict = judge(attempt(BatchForm::plain, 1, number), said(OutcomeKind::retry), WallTime{}, 0.99);
    EXPECT_EQ(verdict.kind, Settlement::Kind::retry);
    EXPECT_LE(verdict.wait, 1h);
    EXPECT_GE(verdict.wait, 1500ms);
  }
}

TEST(Judge, TheServicesOwnTimeIsNeverCutShort) {
  Outcome busy = said(OutcomeKind::retry);
  busy.retry_after = 90s;
  EXPECT_GE(judge(attempt(BatchForm::whole, 1), busy, WallTime{}, 0.0).wait, 90s);
  EXPECT_LE(judge(attempt(BatchForm::whole, 1), busy, WallTime{}, 0.999).wait, 91s);
  busy.retry_after = 48h;
  EXPECT_EQ(judge(attempt(BatchForm::whole, 1), busy, WallTime{}, 0.5).wait, 24h);
}

TEST(Judge, MisconfiguredHoldsAllThatGoTheSameWayAndAsksSlowly) {
  Outcome wrong = said(OutcomeKind::misconfigured);
  wrong.scope = Scope::target;
  const Verdict verdict = judge(attempt(BatchForm::whole, 1), wrong, WallTime{}, 0.5);
  EXPECT_EQ(verdict.kind, Settlement::Kind::retry);
  ASSERT_TRUE(verdict.standing);
  EXPECT_EQ(verdict.standing->state, EndpointState::misconfigured);
  EXPECT_FALSE(verdict.standing->whole_sink);
  EXPECT_GE(verdict.standing->wait, 45s);
}

TEST(Judge, ADeadTokenOpensTheCircuitOfItsSinkOnTheFirstRefusal) {
  for (const Scope scope : {Scope::sink, Scope::origin}) {
    Outcome wrong = said(OutcomeKind::misconfigured);
    wrong.scope = scope;
    const Verdict verdict = judge(attempt(BatchForm::whole, 1), wrong, WallTime{}, 0.5);
    ASSERT_TRUE(verdict.standing);
    EXPECT_TRUE(verdict.standing->whole_sink);
  }
}

TEST(Judge, WhatConcernsOneSubscriptionHoldsNobodyElse) {
  Outcome wrong = said(OutcomeKind::misconfigured);
  wrong.scope = Scope::subscription;
  const Verdict verdict = judge(attempt(BatchForm::whole, 1), wrong, WallTime{}, 0.5);
  EXPECT_FALSE(verdict.standing);
  EXPECT_GE(verdict.wait, 45s);
}

TEST(Judge, TheOperatorsErrorIsAskedAgainMoreAndMoreSlowlyUpToAnHour) {
  Outcome wrong = said(OutcomeKind::misconfigured);
  Attempt one = attempt(BatchForm::whole, 1);
  one.doubt.state = EndpointState::misconfigured;
  Milliseconds before{0};
  for (one.doubt.asked = 0; one.doubt.asked < 30; ++one.doubt.asked) {
    const Milliseconds wait = judge(one, wrong, WallTime{}, 0.5).standing->wait;
    EXPECT_GE(wait, before);
    before = wait;
  }
  EXPECT_LE(before, 1h);
  EXPECT_GE(before, 45min);
}

TEST(Judge, WhoSpeaksForAllAndIsTakenOrRefusedEndsTheDoubt) {
  Attempt one = attempt(BatchForm::whole, 1);
  one.doubt = {EndpointState::misconfigured, 3, WallTime{}, true, "because"};
  for (const OutcomeKind kind : {OutcomeKind::delivered, OutcomeKind::rejected}) {
    const Verdict verdict = judge(one, said(kind), WallTime{}, 0.5);
    ASSERT_TRUE(verdict.standing);
    EXPECT_EQ(verdict.standing->state, EndpointState::ok);
  }
  EXPECT_FALSE(judge(attempt(BatchForm::whole, 1), said(OutcomeKind::delivered), WallTime{}, 0.5).standing) << "nothing was in doubt";
}

TEST(Judge, NoAnswerLeavesTheDoubtAsItWas) {
  Attempt one = attempt(BatchForm::whole, 1);
  one.doubt = {EndpointState::suspect, 3, WallTime{}, false, "because"};
  const Verdict verdict = judge(one, said(OutcomeKind::retry), WallTime{}, 0.5);
  ASSERT_TRUE(verdict.standing);
  EXPECT_EQ(verdict.standing->state, EndpointState::suspect);
  EXPECT_FALSE(verdict.standing->counts);
  EXPECT_EQ(verdict.standing->wait, verdict.wait);
}

TEST(Judge, WhatMakesThePluginFailThreeTimesGoesAloneThenPlainThenDead) {
  Outcome crash = said(OutcomeKind::retry);
  crash.fault = true;
  Attempt one = attempt(BatchForm::whole, 3);
  for (one.faults = 0; one.faults < 2; ++one.faults) {
    const Verdict verdict = judge(one, crash, WallTime{}, 0.5);
    EXPECT_EQ(verdict.kind, Settlement::Kind::retry);
    EXPECT_TRUE(verdict.fault);
  }
  EXPECT_EQ(judge(one, crash, WallTime{}, 0.5).kind, Settlement::Kind::split);
  one.form = BatchForm::singles;
  EXPECT_EQ(judge(one, crash, WallTime{}, 0.5).kind, Settlement::Kind::plain);
  one.form = BatchForm::plain;
  EXPECT_EQ(judge(one, crash, WallTime{}, 0.5).kind, Settlement::Kind::dead);
}

TEST(Judge, OtherTroubleBetweenFaultsIsNoFault) {
  Attempt one = attempt(BatchForm::plain, 1, 50);
  one.faults = 2;
  const Verdict verdict = judge(one, said(OutcomeKind::retry), WallTime{}, 0.5);
  EXPECT_EQ(verdict.kind, Settlement::Kind::retry);
  EXPECT_FALSE(verdict.fault);
}

TEST(Judge, WhoLeavesByItsOwnHandIsLetGoAtOnceAndAlone) {
  Outcome left = said(OutcomeKind::gone);
  left.scope = Scope::subscription;
  EXPECT_EQ(judge(attempt(BatchForm::whole, 1, 1, true), left, WallTime{}, 0.5).next, Verdict::Do::end);
}

TEST(Judge, GoneIsProbedWhereTheSinkCanAndBuriedWhereItCannot) {
  EXPECT_EQ(judge(attempt(BatchForm::whole, 1, 1, true), said(OutcomeKind::gone), WallTime{}, 0.5).next, Verdict::Do::probe);
  EXPECT_EQ(judge(attempt(BatchForm::whole, 1, 1, false), said(OutcomeKind::gone), WallTime{}, 0.5).next, Verdict::Do::bury);
}

// An endpoint through simulated time: asked when the policy says so, answered by `answer`.
struct Quarantine {
  explicit Quarantine(bool sink_can_probe = false) { one.sink_can_probe = sink_can_probe; }

  // Until somebody is buried, the doubt has ended, or `limit` is over; returns how long that took.
  template <class Answer>
  Milliseconds live(Answer answer, Milliseconds limit) {
    WallTime now{};
    while (now - WallTime{} <= limit) {
      ++asked;
      last = judge(one, answer(now), now, 0.5);
      if (last.next != Verdict::Do::settle || !last.standing || last.standing->state == EndpointState::ok) break;
      const bool same = one.doubt.state == last.standing->state;
      one.doubt.asked = (same ? one.doubt.asked : 0) + (last.standing->counts ? 1 : 0);
      if (!same) one.doubt.since = now;
      one.doubt.state = last.standing->state;
      now += last.standing->wait;
    }
    return now - WallTime{};
  }

  Attempt one = attempt(BatchForm::whole, 1);
  Verdict last;
  int asked = 0;
};

TEST(Quarantine, ItTakesDaysAndSeveralWordsUntilPerhapsCounts) {
  const Outcome perhaps = said(OutcomeKind::gone, Certainty::maybe);
  Quarantine archived;
  const Milliseconds took = archived.live([&](WallTime) { return perhaps; }, 30 * 24h);
  EXPECT_EQ(archived.last.next, Verdict::Do::bury);
  EXPECT_GE(took, 72h);
  EXPECT_LE(took, 7 * 24h);
  EXPECT_GE(archived.asked, 6);
  EXPECT_LE(archived.asked, 12) << "asked slowly";
}

TEST(Quarantine, WhereThereIsAProbeItHasTheLastWord) {
  Quarantine archived(true);
  archived.live([&](WallTime) { return said(OutcomeKind::gone, Certainty::maybe); }, 30 * 24h);
  ASSERT_EQ(archived.last.next, Verdict::Do::probe);
  const WallTime now = WallTime{} + 10 * 24h;
  EXPECT_EQ(judge_probe(archived.one, said(OutcomeKind::gone, Certainty::maybe), now, 0.5).next, Verdict::Do::bury);
  EXPECT_EQ(judge_probe(archived.one, said(OutcomeKind::retry), now, 0.5).next, Verdict::Do::settle);
}

TEST(Quarantine, AnEdgeProxyThatSaysNotFoundForSixHoursRemovesNobody) {
  const auto proxy = [](WallTime now) {
    return now < WallTime{} + 6h ? said(OutcomeKind::gone, Certainty::maybe) : said(OutcomeKind::delivered);
  };
  Quarantine behind_it;
  const Milliseconds took = behind_it.live(proxy, 30 * 24h);
  EXPECT_EQ(behind_it.last.kind, Settlement::Kind::delivered);
  ASSERT_TRUE(behind_it.last.standing);
  EXPECT_EQ(behind_it.last.standing->state, EndpointState::ok);
  EXPECT_LE(took, 8h) << "it is told soon after the proxy works again";
}

TEST(Quarantine, HoursInWhichNobodyCanBeAskedDoNotCount) {
  // Found so once, then out of reach for a week, then found so again.
  const auto away = [](WallTime now) {
    if (now == WallTime{} || now > WallTime{} + 7 * 24h) return said(OutcomeKind::gone, Certainty::maybe);
    return said(OutcomeKind::retry);
  };
  Quarantine unreachable;
  unreachable.live(away, 7 * 24h + 2h);
  EXPECT_EQ(unreachable.last.next, Verdict::Do::settle) << "one word a week ago and one today are not enough";
}

TEST(Quarantine, TheServicesOwnPatienceIsALowerBound) {
  Outcome perhaps = said(OutcomeKind::gone, Certainty::maybe);
  perhaps.ask_again_after = 5h;
  EXPECT_GE(judge(attempt(BatchForm::whole, 1), perhaps, WallTime{}, 0.5).standing->wait, 5h);
}

TEST(JudgeProbe, OnlyASecondExactWordBuries) {
  const Attempt any = attempt(BatchForm::whole, 1, 1, true);
  EXPECT_EQ(judge_probe(any, said(OutcomeKind::gone), WallTime{}, 0.5).next, Verdict::Do::bury);
  for (const auto& word : {said(OutcomeKind::delivered), said(OutcomeKind::retry), said(OutcomeKind::misconfigured),
                           said(OutcomeKind::gone, Certainty::maybe)})
    EXPECT_EQ(judge_probe(any, word, WallTime{}, 0.5).next, Verdict::Do::settle) << to_string(word.kind);
}

TEST(Judge, WhatMayHaveArrivedAndMustNotBeSentTwiceIsHeld) {
  Outcome held = said(OutcomeKind::retry);
  held.ambiguous = held.held = true;
  EXPECT_EQ(judge(attempt(BatchForm::whole, 2), held, WallTime{}, 0.5).kind, Settlement::Kind::held);
}

TEST(Judge, NoWordOfAPluginsAloneHoldsAnything) {
  Outcome outcome = said(OutcomeKind::retry);
  outcome.ambiguous = true;
  outcome.code = "held";
  EXPECT_EQ(judge(attempt(BatchForm::whole, 2), outcome, WallTime{}, 0.5).kind, Settlement::Kind::retry);
}

TEST(JudgeProbe, ATargetThatIsThereWhileDeliveriesSayGoneNeedsTheOperator) {
  const Verdict verdict = judge_probe(attempt(BatchForm::whole, 1, 1, true), said(OutcomeKind::delivered), WallTime{}, 0.5);
  ASSERT_TRUE(verdict.standing);
  EXPECT_EQ(verdict.standing->state, EndpointState::misconfigured);
}

}  // namespace
}  // namespace beckon::core
