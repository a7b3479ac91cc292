// Deliveries that come back after they were taken: what that means, and what becomes of them.
#include "core/outbox/fixture.hpp"
#include "outbox/late_words.hpp"

#include <gmock/gmock.h>

namespace beckon::core::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Outcome said(OutcomeKind kind, Certainty certainty = Certainty::exact, Scope scope = Scope::target) {
  Outcome outcome;
  outcome.kind = kind;
  outcome.certainty = certainty;
  outcome.scope = scope;
  outcome.code = "smtp_5_1_1";
  outcome.reason = "the mailbox does not exist";
  return outcome;
}

// ---- the decision ----

constexpr WallTime noon{std::chrono::hours{500'000}};

TEST(LateWord, OfDeliveredChangesNothing) {
  const LateWords before{3, noon - 24h, noon - 1h};
  const LateVerdict verdict = judge_late(said(OutcomeKind::delivered), before, noon);
  EXPECT_FALSE(verdict.undelivered);
  EXPECT_EQ(verdict.end, LateVerdict::End::none);
  EXPECT_EQ(verdict.words.count, 3u);
}

TEST(LateWord, OfAnythingElseLosesTheDeliveryAndNotTheSubscriber) {
  for (const OutcomeKind kind : {OutcomeKind::retry, OutcomeKind::rejected, OutcomeKind::misconfigured}) {
    const LateVerdict verdict = judge_late(said(kind), {}, noon);
    EXPECT_TRUE(verdict.undelivered);
    EXPECT_EQ(verdict.end, LateVerdict::End::none);
    EXPECT_EQ(verdict.words.count, 0u);
  }
}

TEST(LateWord, OfAnExactEndEndsTheEndpointAtOnce) {
  const LateVerdict verdict = judge_late(said(OutcomeKind::gone), {}, noon);
  EXPECT_TRUE(verdict.undelivered);
  EXPECT_EQ(verdict.end, LateVerdict::End::endpoint);
}

TEST(LateWord, OfLeaveTakenEndsTheSubscriptionAndLosesNothing) {
  const LateVerdict verdict = judge_late(said(OutcomeKind::gone, Certainty::exact, Scope::subscription), {}, noon);
  EXPECT_FALSE(verdict.undelivered);
  EXPECT_EQ(verdict.end, LateVerdict::End::subscription);
  EXPECT_EQ(judge_late(said(OutcomeKind::gone, Certainty::maybe, Scope::subscription), {}, noon).end, LateVerdict::End::none);
}

TEST(LateWord, OfAPerhapsCountsSixTimesOverThreeDaysAtLeast) {
  LateWords words;
  WallTime now = noon;
  const auto next = [&](Milliseconds later) {
    now += later;
    const LateVerdict verdict = judge_late(said(OutcomeKind::gone, Certainty::maybe), words, now);
    words = verdict.words;
    EXPECT_TRUE(verdict.undelivered);
    return verdict.end;
  };
  for (int i = 0; i < 8; ++i) EXPECT_EQ(next(1h), LateVerdict::End::none) << "many of one day prove nothing";
  EXPECT_EQ(next(64h), LateVerdict::End::none);
  EXPECT_EQ(next(1h), LateVerdict::End::endpoint);
}

TEST(LateWord, OfAPerhapsIsForgottenAfterTwoQuietWeeks) {
  const LateWords before{5, noon - 30 * 24h, noon - 14 * 24h};
  const LateVerdict verdict = judge_late(said(OutcomeKind::gone, Certainty::maybe), before, noon);
  EXPECT_EQ(verdict.end, LateVerdict::End::none);
  EXPECT_EQ(verdict.words.count, 1u);
  const LateVerdict sooner = judge_late(said(OutcomeKind::gone, Certainty::maybe), {5, noon - 30 * 24h, noon - 13 * 24h}, noon);
  EXPECT_EQ(sooner.end, LateVerdict::End::endpoint);
}

TEST(LateWord, OfAClockThatWasSetBackBeginsAnew) {
  const LateVerdict verdict = judge_late(said(OutcomeKind::gone, Certainty::maybe), {5, noon + 24h, noon + 48h}, noon);
  EXPECT_EQ(verdict.words.count, 1u);
  EXPECT_EQ(verdict.end, LateVerdict::End::none);
}

// ---- what is stored ----

class Feedback : public OutboxDeliveries {
 protected:
  void SetUp() override {
    OutboxDeliveries::SetUp();
    mention(feed, "octocat", 3);
  }
  // All that is owed, in one delivery. Its id.
  std::string send(bool may_come_back = true) {
    const Claim claimed = claim(me);
    freeze(me, claimed);
    Settlement settled = settlement(me, Settlement::Kind::delivered);
    settled.may_come_back = may_come_back;
    get(outbox->settle(std::move(settled), 10));
    return claimed.batch_id;
  }
  LateChange take(const std::string& delivery, Outcome outcome, std::string sink = "team") {
    return get(outbox->take_late(std::move(sink), {delivery, std::move(outcome)}));
  }
  std::vector<DeadLetter> dead() { return get(outbox->dead_letters({})).letters; }
};

TEST_F(Feedback, WhatCameBackBecomesDeadLettersThatCanBeToldAgain) {
  const std::string id = send();
  const LateChange change = take(id, said(OutcomeKind::rejected));
  EXPECT_TRUE(change.known);
  EXPECT_EQ(change.subscription, "me");
  EXPECT_EQ(change.dead, 3u);
  EXPECT_THAT(change.ended, IsEmpty());
  ASSERT_EQ(dead().size(), 3u);
  EXPECT_EQ(dead()[0].reason, "the mailbox does not exist");
  EXPECT_EQ(dead()[0].code, "smtp_5_1_1");
  get(outbox->retry_dead({"me", {}}));
  EXPECT_EQ(ids(claim(me)), (std::vector<std::int64_t>{1, 2, 3}));
}

TEST_F(Feedback, TheRecipientsEndEndsAllOfItsEndpoint) {
  const std::string id = send();
  const LateChange change = take(id, said(OutcomeKind::gone));
  EXPECT_THAT(change.ended, ElementsAre(me));
  EXPECT_EQ(change.dead, 3u);
  EXPECT_TRUE(claim(me).gone);
  EXPECT_EQ(claim(me).gone_reason, "the mailbox does not exist");
  EXPECT_TRUE(get(outbox->revive("me")).changed);
  EXPECT_FALSE(claim(me).gone);
}

TEST_F(Feedback, WhoeverTookLeaveEndsAloneAndHasWhatItWasSent) {
  const std::string id = send();
  const LateChange change = take(id, said(OutcomeKind::gone, Certainty::exact, Scope::subscription));
  EXPECT_THAT(change.ended, ElementsAre(me));
  EXPECT_EQ(change.dead, 0u);
  EXPECT_THAT(dead(), IsEmpty());
  EXPECT_TRUE(claim(me).gone);
}

TEST_F(Feedback, TheSameMailTwiceCountsOnce) {
  const std::string id = send();
  take(id, said(OutcomeKind::gone, Certainty::maybe));
  get(outbox->drop_dead({"me", {}}));
  const LateChange again = take(id, said(OutcomeKind::gone, Certainty::maybe));
  EXPECT_TRUE(again.known);
  EXPECT_TRUE(again.repeated);
  EXPECT_THAT(dead(), IsEmpty());
}

TEST_F(Feedback, OfAnotherSinkOrOfNoDeliveryIsNothing) {
  const std::string id = send();
  EXPECT_FALSE(take(id, said(OutcomeKind::gone), "another").known);
  EXPECT_FALSE(take("0123456789abcdef0123456789abcdef", said(OutcomeKind::gone)).known);
  EXPECT_FALSE(take("", said(OutcomeKind::gone)).known);
  EXPECT_FALSE(claim(me).gone);
}

TEST_F(Feedback, OnlyWhatMayComeBackIsRemembered) {
  const std::string id = send(false);
  EXPECT_FALSE(take(id, said(OutcomeKind::gone)).known);
}

TEST_F(Feedback, ATargetThatWasChangedMeanwhileIsNotTheOneThatIsGone) {
  const std::string id = send();
  me = enroll(feed, wanted("me", "octocat", "slack https://hooks.test/new")).id;
  const LateChange change = take(id, said(OutcomeKind::gone));
  EXPECT_EQ(change.subscription, "me");
  EXPECT_THAT(change.ended, IsEmpty());
  EXPECT_EQ(change.dead, 3u) << "it has not arrived all the same";
  EXPECT_FALSE(claim(me).gone);
}

TEST_F(Feedback, OneThatPassesEndsTheEndpointOnlyWhenItComesAgainAndAgain) {
  for (int i = 0; i < 6; ++i) {
    while_closed([](Database& db) {
      db.script("UPDATE endpoint SET bounced_since = bounced_since - 20 * 3600000, bounced_last = bounced_last - 20 * 3600000"
                " WHERE bounces > 0");
    });
    me = enroll(feed, wanted("me", "octocat")).id;
    mention(feed, "octocat", 1, 100 + i);
    const LateChange change = take(send(), said(OutcomeKind::gone, Certainty::maybe));
    EXPECT_EQ(change.ended.size(), i == 5 ? 1u : 0u) << i;
  }
  EXPECT_TRUE(claim(me).gone);
}

TEST_F(Feedback, TheOperatorHearsOfIt) {
  const Enrolled alerts = get(outbox->open_alerts(wanted("alerts", "*", "slack https://hooks.test/ops")));
  take(send(), said(OutcomeKind::gone));
  std::string told;
  const Claim claimed = claim(alerts.id);
  for (const OwedNotice& notice : claimed.notices) told += notice.text + "\n";
  EXPECT_THAT(told, HasSubstr("a dead letter"));
  EXPECT_THAT(told, HasSubstr("A subscriber is gone: the mailbox does not exist"));
}

TEST_F(Feedback, IsRememberedAsLongAsTheHistory) {
  const std::string id = send();
  get(outbox->retain(wall_now() + 29 * 24h));
  EXPECT_TRUE(take(id, said(OutcomeKind::delivered)).known);
  get(outbox->retain(wall_now() + 31 * 24h));
  EXPECT_FALSE(take(id, said(OutcomeKind::gone)).known);
}

}  // namespace
}  // namespace beckon::core::testing
