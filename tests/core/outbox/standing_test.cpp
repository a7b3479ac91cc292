// What an attempt shows of its endpoint, or of its whole sink, holds for everybody who delivers there.
#include "core/outbox/fixture.hpp"

#include <gmock/gmock.h>

namespace beckon::core::testing {
namespace {

using ::testing::HasSubstr;

// Two subscribers at one endpoint, a third at another one of the same sink.
class Standing : public OutboxFact {
 protected:
  void SetUp() override {
    open();
    feed = open_feed();
    enrolled = enroll_all();
    mention(feed, "ada", 1, 1);
    mention(feed, "bob", 1, 2);
    mention(feed, "cyd", 1, 3);
  }
  std::vector<Enrolled> enroll_all() {
    return get(outbox->enroll(feed.id, {wanted("ada", "ada", "one"), wanted("bob", "bob", "one"), wanted("cyd", "cyd", "two")}, t0));
  }
  // An attempt under `claimed`, of which the policy says `standing`.
  Claim attempt(std::int64_t who, const Claim& claimed, Settlement::Kind kind, std::optional<Settlement::Standing> standing) {
    freeze(who, claimed);
    Settlement settled = settlement(who, kind);
    settled.code = "code";
    settled.reason = "the token is dead";
    settled.next_at = wall_now();
    settled.standing = standing;
    settled.doubt = claimed.doubt;
    return get(outbox->settle(std::move(settled), 10));
  }
  static Settlement::Standing refused(bool whole_sink, Milliseconds wait = 1h, EndpointState state = EndpointState::misconfigured) {
    return {state, whole_sink, true, wall_now() + wait};
  }
  void the_time_comes() {
    while_closed([](Database& db) { db.script("UPDATE endpoint SET ask_at = 0 WHERE state IN (2, 3); UPDATE circuit SET ask_at = 0"); });
    enroll_all();
  }
  std::int64_t ada() const { return enrolled[0].id; }
  std::int64_t bob() const { return enrolled[1].id; }
  std::int64_t cyd() const { return enrolled[2].id; }

  Feed feed;
  std::vector<Enrolled> enrolled;
};

TEST_F(Standing, OneRefusalHoldsAllOfTheEndpointAndNobodyElse) {
  const Claim next = attempt(ada(), claim(ada()), Settlement::Kind::retry, refused(false));
  ASSERT_TRUE(next.held);
  EXPECT_EQ(next.held->reason, "the token is dead");
  EXPECT_TRUE(next.empty());
  EXPECT_TRUE(claim(bob()).held);
  EXPECT_FALSE(claim(cyd()).held);
  EXPECT_EQ(ids(claim(cyd())), (std::vector<std::int64_t>{3}));
}

TEST_F(Standing, ACircuitHoldsAllOfTheSink) {
  attempt(ada(), claim(ada()), Settlement::Kind::retry, refused(true));
  for (const std::int64_t who : {ada(), bob(), cyd()}) {
    const Claim waiting = claim(who);
    ASSERT_TRUE(waiting.held);
    EXPECT_TRUE(waiting.held->whole_sink);
    EXPECT_EQ(waiting.held->sink, "team");
  }
  reopen();
  enroll_all();
  EXPECT_TRUE(claim(bob()).held) << "and a restart does not forget it";
}

TEST_F(Standing, WhoIsOwedNothingIsNotHeld) {
  attempt(ada(), claim(ada()), Settlement::Kind::retry, refused(true));
  const Claim nothing = claim(get(outbox->enroll(feed.id, {wanted("dan", "dan", "three")}, t0))[0].id);
  EXPECT_FALSE(nothing.held);
  EXPECT_TRUE(nothing.empty());
}

TEST_F(Standing, WhenTheTimeHasComeOneAsksForAll) {
  attempt(ada(), claim(ada()), Settlement::Kind::retry, refused(true));
  the_time_comes();
  const Claim asks = claim(bob());
  EXPECT_FALSE(asks.held);
  EXPECT_FALSE(claim(bob()).held) << "it may have had to queue before it could ask";
  EXPECT_EQ(asks.doubt.state, EndpointState::misconfigured);
  EXPECT_EQ(asks.doubt.asked, 1u);
  EXPECT_TRUE(asks.doubt.whole_sink);
  EXPECT_TRUE(claim(cyd()).held) << "the others wait for its word";
  attempt(bob(), asks, Settlement::Kind::delivered, Settlement::Standing());
  EXPECT_FALSE(claim(ada()).held);
  EXPECT_FALSE(claim(cyd()).held);
  EXPECT_EQ(claim(cyd()).doubt.state, EndpointState::ok);
}

TEST_F(Standing, AttemptsThatWereUnderWayTogetherAreOneWord) {
  const Claim first = claim(ada()), second = claim(bob());
  attempt(ada(), first, Settlement::Kind::retry, refused(false));
  attempt(bob(), second, Settlement::Kind::retry, refused(false, -1s));
  ASSERT_TRUE(claim(ada()).held) << "the first of them said when";
  the_time_comes();
  const Claim asks = claim(ada());
  EXPECT_EQ(asks.doubt.asked, 1u);
  attempt(ada(), asks, Settlement::Kind::retry, refused(false));
  the_time_comes();
  EXPECT_EQ(claim(bob()).doubt.asked, 2u);
}

TEST_F(Standing, ASinkThatSpeaksOfOneEndpointWorksItself) {
  const Claim asks = attempt(ada(), claim(ada()), Settlement::Kind::retry, refused(true, -1s));
  ASSERT_TRUE(asks.doubt.whole_sink);
  attempt(ada(), asks, Settlement::Kind::retry, refused(false));
  EXPECT_TRUE(claim(bob()).held);
  EXPECT_FALSE(claim(cyd()).held);
}

TEST_F(Standing, NoAnswerIsNoWord) {
  const Claim asks = attempt(ada(), claim(ada()), Settlement::Kind::retry, refused(false, -1s, EndpointState::suspect));
  Settlement::Standing unreachable = refused(false, -1s, EndpointState::suspect);
  unreachable.counts = false;
  const Claim next = attempt(ada(), asks, Settlement::Kind::retry, unreachable);
  EXPECT_EQ(next.doubt.asked, 1u);
  EXPECT_EQ(next.doubt.since, asks.doubt.since);
  EXPECT_EQ(next.doubt.reason, "the token is dead") << "the last word stays in sight";
}

TEST_F(Standing, WhatWaitsForTheOperatorIsAskedAgainAtAStartWhatIsInQuarantineIsNot) {
  attempt(ada(), claim(ada()), Settlement::Kind::retry, refused(false, 1h));
  attempt(cyd(), claim(cyd()), Settlement::Kind::retry, refused(false, 1h, EndpointState::suspect));
  get(outbox->ask_again());
  EXPECT_FALSE(claim(ada()).held);
  EXPECT_EQ(claim(ada()).doubt.asked, 1u) << "and the back-off begins anew";
  EXPECT_TRUE(claim(cyd()).held);
}

TEST_F(Standing, AfterAJumpOfOurClockNobodyWaitsForYears) {
  EXPECT_FALSE(attempt(ada(), claim(ada()), Settlement::Kind::retry, refused(false, 24h * 365 * 30)).held);
}

TEST_F(Standing, WhoLeavesByItsOwnHandEndsAloneAndStaysAway) {
  get(outbox->end_subscription(ada(), "unsubscribed", "she pressed the button"));
  EXPECT_TRUE(claim(ada()).gone);
  EXPECT_EQ(claim(ada()).gone_reason, "she pressed the button");
  EXPECT_FALSE(claim(bob()).gone) << "the endpoint is there";
  reopen();
  const auto again = enroll_all();
  EXPECT_EQ(again[0].state, SubscriptionState::gone);
  EXPECT_EQ(again[0].reason, "she pressed the button");
  EXPECT_EQ(again[1].state, SubscriptionState::active);
  const auto moved = get(outbox->enroll(feed.id, {wanted("ada", "ada", "elsewhere"), wanted("bob", "bob", "one")}, t0));
  EXPECT_EQ(moved[0].state, SubscriptionState::active) << "another target is another word";
}

TEST_F(Standing, ItIsSeenWhyAndUntilWhenSomethingWaits) {
  attempt(ada(), claim(ada()), Settlement::Kind::retry, refused(true));
  const OutboxStatus seen = get(outbox->status());
  for (const SubscriptionStatus& one : seen.subscriptions) {
    EXPECT_EQ(one.state, SubscriptionState::active);
    EXPECT_EQ(one.reason, "the token is dead");
    ASSERT_TRUE(one.next_attempt);
    EXPECT_GT(*one.next_attempt, wall_now() + 50min);
  }
  ASSERT_EQ(seen.sinks.size(), 1u);
  EXPECT_EQ(seen.sinks[0].state, SinkStatus::State::misconfigured);
  EXPECT_EQ(seen.sinks[0].reason, "the token is dead");
}

TEST_F(Standing, RevivingOneLetsAllGoOnWhoWaitedForTheSameSink) {
  attempt(ada(), claim(ada()), Settlement::Kind::retry, refused(true));
  const SubscriptionChange change = get(outbox->revive("ada"));
  EXPECT_TRUE(change.changed);
  EXPECT_EQ(change.awake.size(), 3u);
  for (const std::int64_t who : {ada(), bob(), cyd()}) EXPECT_FALSE(claim(who).held);
}

TEST_F(Standing, FaultsOfThePluginAreCountedForEachForm) {
  const auto fault = [this](const Claim& claimed) {
    freeze(ada(), claimed);
    Settlement settled = settlement(ada(), Settlement::Kind::retry);
    settled.fault = true;
    settled.next_at = wall_now() - 1s;
    return get(outbox->settle(std::move(settled), 10));
  };
  Claim next = fault(claim(ada()));
  next = fault(next);
  EXPECT_EQ(next.faults, 2u);
  freeze(ada(), next);
  Settlement other = settlement(ada(), Settlement::Kind::retry);
  other.next_at = wall_now() - 1s;
  next = get(outbox->settle(std::move(other), 10));
  EXPECT_EQ(next.faults, 2u) << "trouble of another kind is none";
  EXPECT_EQ(next.attempts, 3u);
  freeze(ada(), next);
  next = settle(ada(), Settlement::Kind::plain);
  EXPECT_EQ(next.faults, 0u);
}

TEST_F(Standing, ACrashCountsBeforeTheBatchIsFrozenToo) {
  get(outbox->note_fault(ada()));
  get(outbox->note_fault(ada()));
  const Claim claimed = claim(ada());
  EXPECT_EQ(claimed.faults, 2u);
  freeze(ada(), claimed);
  EXPECT_EQ(claim(ada()).faults, 2u);
  EXPECT_EQ(settle(ada(), Settlement::Kind::plain).faults, 0u);
  get(outbox->note_fault(4711));
}

TEST_F(Standing, TheHistoryTellsOfTheEnd) {
  get(outbox->bury_endpoint(enrolled[0].endpoint, "no_service", "removed"));
  const History told = get(outbox->history({"ada", 10}));
  ASSERT_EQ(told.entries.size(), 1u);
  EXPECT_EQ(told.entries[0].outcome, OutcomeKind::gone);
  EXPECT_EQ(told.entries[0].code, "no_service");
}

}  // namespace
}  // namespace beckon::core::testing
