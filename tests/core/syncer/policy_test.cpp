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
  const Verdict verdict = judge(attempt(BatchForm::whole, 3), said(OutcomeKind::delivered), 0.5);
  EXPECT_EQ(verdict.next, Verdict::Do::settle);
  EXPECT_EQ(verdict.kind, Settlement::Kind::delivered);
}

TEST(Judge, ARefusedDigestIsSplitThenPlainThenDead) {
  const Outcome refused = said(OutcomeKind::rejected);
  EXPECT_EQ(judge(attempt(BatchForm::whole, 3), refused, 0.5).kind, Settlement::Kind::split);
  EXPECT_EQ(judge(attempt(BatchForm::whole, 1), refused, 0.5).kind, Settlement::Kind::plain);
  EXPECT_EQ(judge(attempt(BatchForm::singles, 1), refused, 0.5).kind, Settlement::Kind::plain);
  EXPECT_EQ(judge(attempt(BatchForm::plain, 1), refused, 0.5).kind, Settlement::Kind::dead);
}

TEST(Judge, TransportTroubleNeverDeadLetters) {
  for (std::uint32_t number = 1; number < 2000; number += 37) {
    const Verdict verdict = judge(attempt(BatchForm::plain, 1, number), said(OutcomeKind::retry), 0.99);
    EXPECT_EQ(verdict.kind, Settlement::Kind::retry);
    EXPECT_LE(verdict.wait, 1h);
    EXPECT_GE(verdict.wait, 1500ms);
  }
}

TEST(Judge, TheServicesOwnTimeIsNeverCutShort) {
  Outcome busy = said(OutcomeKind::retry);
  busy.retry_after = 90s;
  EXPECT_GE(judge(attempt(BatchForm::whole, 1), busy, 0.0).wait, 90s);
  EXPECT_LE(judge(attempt(BatchForm::whole, 1), busy, 0.999).wait, 91s);
  busy.retry_after = 48h;
  EXPECT_EQ(judge(attempt(BatchForm::whole, 1), busy, 0.5).wait, 24h);
}

TEST(Judge, MisconfiguredKeepsWhatIsOwedAndAsksSlowly) {
  const Verdict verdict = judge(attempt(BatchForm::whole, 1), said(OutcomeKind::misconfigured), 0.5);
  EXPECT_EQ(verdict.kind, Settlement::Kind::retry);
  EXPECT_GE(verdict.wait, 45s);
}

TEST(Judge, GoneIsProbedWhereTheSinkCanAndBuriedWhereItCannot) {
  EXPECT_EQ(judge(attempt(BatchForm::whole, 1, 1, true), said(OutcomeKind::gone), 0.5).next, Verdict::Do::probe);
  EXPECT_EQ(judge(attempt(BatchForm::whole, 1, 1, false), said(OutcomeKind::gone), 0.5).next, Verdict::Do::bury);
}

TEST(Judge, PerhapsGoneCountsAsRetry) {
  const Verdict verdict = judge(attempt(BatchForm::whole, 1, 1, true), said(OutcomeKind::gone, Certainty::maybe), 0.5);
  EXPECT_EQ(verdict.next, Verdict::Do::settle);
  EXPECT_EQ(verdict.kind, Settlement::Kind::retry);
  EXPECT_GE(verdict.wait, 3min);
}

TEST(JudgeProbe, OnlyASecondExactWordBuries) {
  const Attempt any = attempt(BatchForm::whole, 1, 1, true);
  EXPECT_EQ(judge_probe(any, said(OutcomeKind::gone), 0.5).next, Verdict::Do::bury);
  for (const auto& word : {said(OutcomeKind::delivered), said(OutcomeKind::retry), said(OutcomeKind::misconfigured),
                           said(OutcomeKind::gone, Certainty::maybe)})
    EXPECT_EQ(judge_probe(any, word, 0.5).next, Verdict::Do::settle) << to_string(word.kind);
}

TEST(Judge, WhatMayHaveArrivedAndMustNotBeSentTwiceIsHeld) {
  Outcome held = said(OutcomeKind::retry);
  held.ambiguous = held.held = true;
  EXPECT_EQ(judge(attempt(BatchForm::whole, 2), held, 0.5).kind, Settlement::Kind::held);
}

TEST(Judge, NoWordOfAPluginsAloneHoldsAnything) {
  Outcome outcome = said(OutcomeKind::retry);
  outcome.ambiguous = true;
  outcome.code = "held";
  EXPECT_EQ(judge(attempt(BatchForm::whole, 2), outcome, 0.5).kind, Settlement::Kind::retry);
}

}  // namespace
}  // namespace beckon::core
