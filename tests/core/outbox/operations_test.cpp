// What an operator does: pauses, tombstones taken away, the history.
#include "fixture.hpp"

namespace beckon::core::testing {
namespace {

using Kind = Settlement::Kind;
using Ids = std::vector<std::int64_t>;

class OutboxOperations : public OutboxDeliveries {
 protected:
  std::int64_t endpoint_of(std::int64_t subscription) {
    return Database(file.string()).integer("SELECT endpoint_id FROM subscription WHERE id = ?", subscription).value();
  }
  SubscriptionStatus status_of(std::size_t index = 0) { return get(outbox->status()).subscriptions.at(index); }
  static std::vector<std::int64_t> owed(const SubscriptionChange& change) {
    std::vector<std::int64_t> all;
    for (const Awake& one : change.awake)
      if (one.owed) all.push_back(one.id);
    return all;
  }
};

TEST_F(OutboxOperations, APausedSubscriptionIsToldNothingAndOwedEverything) {
  mention(feed, "octocat", 2);
  const SubscriptionChange paused = get(outbox->pause("me"));
  EXPECT_EQ(paused.id, me);
  EXPECT_TRUE(paused.changed);
  EXPECT_EQ(paused.state, SubscriptionState::paused);
  const Claim claimed = claim(me);
  EXPECT_TRUE(claimed.paused);
  EXPECT_FALSE(claimed.gone);
  EXPECT_TRUE(claimed.mentions.empty());
  EXPECT_EQ(status_of().state, SubscriptionState::paused);
  EXPECT_EQ(status_of().owed, 2u);
  EXPECT_EQ(get(outbox->counts()).owed, 0u) << "nobody waits for it";
  EXPECT_FALSE(get(outbox->pause("me")).changed) << "it is already";

  const SubscriptionChange resumed = get(outbox->resume("me"));
  EXPECT_TRUE(resumed.changed);
  EXPECT_EQ(owed(resumed), Ids{me});
  EXPECT_EQ(ids(claim(me)), (Ids{1, 2}));
  EXPECT_FALSE(get(outbox->resume("me")).changed);
}

TEST_F(OutboxOperations, APauseOutlivesARestart) {
  mention(feed, "octocat", 1);
  get(outbox->pause("me"));
  reopen();
  feed = open_feed();
  const Enrolled enrolled = enroll(feed, wanted("me", "octocat"));
  EXPECT_EQ(enrolled.id, me);
  EXPECT_EQ(enrolled.state, SubscriptionState::paused);
  EXPECT_FALSE(enrolled.owed) << "its syncer has nothing to do";
  EXPECT_TRUE(claim(me).paused);
  EXPECT_EQ(owed(get(outbox->resume("me"))), Ids{me});
  EXPECT_EQ(enroll(feed, wanted("me", "octocat")).state, SubscriptionState::active);
}

TEST_F(OutboxOperations, APauseOutlivesANewTarget) {
  get(outbox->pause("me"));
  EXPECT_EQ(enroll(feed, wanted("me", "octocat", "slack https://hooks.test/b")).state, SubscriptionState::paused);
}

TEST_F(OutboxOperations, WhatIsUnderWayWhenAPauseComesIsSettledAndThenThereIsPeace) {
  mention(feed, "octocat", 2);
  freeze(me, claim(me, 1));
  get(outbox->pause("me"));
  EXPECT_TRUE(settle(me, Kind::delivered).paused);
  get(outbox->resume("me"));
  EXPECT_EQ(ids(claim(me)), (Ids{2}));
}

TEST_F(OutboxOperations, ANameThatNobodyHasChangesNothing) {
  for (const std::string name : {"", "ME", "me ", "me'; DROP TABLE subscription; --"}) {
    EXPECT_EQ(get(outbox->pause(name)).id, 0) << name;
    EXPECT_EQ(get(outbox->resume(name)).id, 0) << name;
    EXPECT_EQ(get(outbox->revive(name)).id, 0) << name;
  }
  EXPECT_EQ(get(outbox->subscription_names()), std::vector<std::string>{"me"});
}

TEST_F(OutboxOperations, RevivalBringsBackWhoeverEndedWithTheEndpointAndWhatTheyAreOwed) {
  const auto both = get(outbox->enroll(feed.id, {wanted("me", "octocat"), wanted("you", "hubot")}, t0)).at(1).id;
  mention(feed, "octocat", 2);
  get(outbox->bury_endpoint(endpoint_of(me), "no_service", "the webhook was removed"));
  EXPECT_TRUE(claim(me).gone);
  EXPECT_EQ(status_of().state, SubscriptionState::gone);
  EXPECT_FALSE(get(outbox->pause("me")).changed);
  EXPECT_FALSE(get(outbox->resume("me")).changed);
  EXPECT_EQ(get(outbox->resume("me")).reason, "the webhook was removed");

  const SubscriptionChange revived = get(outbox->revive("me"));
  EXPECT_TRUE(revived.changed);
  EXPECT_EQ(revived.state, SubscriptionState::active);
  EXPECT_EQ(revived.awake.size(), 2u);
  EXPECT_EQ(owed(revived), Ids{me});
  EXPECT_FALSE(claim(both).gone);
  EXPECT_EQ(ids(claim(me)), (Ids{1, 2}));
  EXPECT_FALSE(get(outbox->revive("me")).changed) << "it lives";
  reopen();
  EXPECT_EQ(enroll(feed, wanted("me", "octocat")).state, SubscriptionState::active);
}

TEST_F(OutboxOperations, RevivalDoesNotWaitForTheLastBackOff) {
  mention(feed, "octocat", 1);
  freeze(me, claim(me));
  Settlement retry = settlement(me, Kind::retry);
  retry.next_at = wall_now() + 1h;
  get(outbox->settle(retry, 10));
  get(outbox->bury_endpoint(endpoint_of(me), "no_service", "removed"));
  get(outbox->revive("me"));
  EXPECT_FALSE(claim(me).not_before);
}

TEST_F(OutboxOperations, RevivalOfOneThatEndedAlone) {
  mention(feed, "octocat", 1);
  while_closed([&](Database& database) {
    database.execute("UPDATE subscription SET state = 2, reason = 'they left' WHERE id = ?", me);
  });
  EXPECT_EQ(enroll(feed, wanted("me", "octocat")).state, SubscriptionState::gone) << "a restart brings nobody back";
  EXPECT_EQ(claim(me).gone_reason, "they left");
  EXPECT_EQ(status_of().reason, "they left");
  const SubscriptionChange revived = get(outbox->revive("me"));
  EXPECT_TRUE(revived.changed);
  EXPECT_EQ(owed(revived), Ids{me});
  EXPECT_EQ(ids(claim(me)), (Ids{1}));
}

TEST_F(OutboxOperations, APauseIsKeptBeneathATombstone) {
  mention(feed, "octocat", 1);
  get(outbox->pause("me"));
  EXPECT_EQ(get(outbox->bury_endpoint(endpoint_of(me), "no_service", "removed")), Ids{me});
  EXPECT_EQ(status_of().state, SubscriptionState::gone);
  EXPECT_EQ(enroll(feed, wanted("me", "octocat")).state, SubscriptionState::gone);
  EXPECT_TRUE(claim(me).gone);
  EXPECT_FALSE(get(outbox->resume("me")).changed);
  const SubscriptionChange revived = get(outbox->revive("me"));
  EXPECT_EQ(revived.state, SubscriptionState::paused);
  EXPECT_TRUE(revived.awake.empty());
  EXPECT_TRUE(claim(me).paused);
  EXPECT_EQ(owed(get(outbox->resume("me"))), Ids{me});
}

TEST_F(OutboxOperations, HistoryIsNewestFirstAndOfOneOrAll) {
  mention(feed, "octocat", 3);
  deliver(me, 2);
  Settlement retry = settlement(me, Kind::retry);
  retry.code = "http_503";
  freeze(me, claim(me));
  get(outbox->settle(retry, 10));
  const History mine = get(outbox->history({"me", 10}));
  ASSERT_EQ(mine.entries.size(), 2u);
  EXPECT_EQ(mine.entries[0].outcome, OutcomeKind::retry);
  EXPECT_EQ(mine.entries[0].code, "http_503");
  EXPECT_EQ(mine.entries[1].outcome, OutcomeKind::delivered);
  EXPECT_EQ(mine.entries[1].mentions, 2u);
  EXPECT_EQ(mine.entries[1].took, 12ms);
  EXPECT_EQ(mine.entries[1].subscription, "me");
  EXPECT_FALSE(mine.more);
  const History all = get(outbox->history({std::nullopt, 1}));
  EXPECT_EQ(all.entries.size(), 1u);
  EXPECT_TRUE(all.more);
  EXPECT_FALSE(get(outbox->history({"nobody", 10})).known);
  EXPECT_EQ(good(read_history(file, {"me", 10})).entries.size(), 2u) << "from beside the daemon";
}

TEST_F(OutboxOperations, StatusAddsUpTheSinks) {
  mention(feed, "octocat", 2);
  const OutboxStatus before = get(outbox->status());
  ASSERT_EQ(before.sinks.size(), 1u);
  EXPECT_EQ(before.sinks[0].name, "team");
  EXPECT_EQ(before.sinks[0].owed, 2u);
  EXPECT_EQ(before.sinks[0].state, SinkStatus::State::ok);
  while_closed([&](Database& database) { database.execute("UPDATE endpoint SET state = 3, reason = 'wrong token'"); });
  const OutboxStatus wrong = get(outbox->status());
  EXPECT_EQ(wrong.sinks[0].state, SinkStatus::State::misconfigured);
  EXPECT_EQ(wrong.sinks[0].reason, "wrong token");
  EXPECT_TRUE(get(outbox->revive("me")).changed) << "the operator has mended it, and does not want to wait";
  EXPECT_EQ(get(outbox->status()).sinks[0].state, SinkStatus::State::ok);
  get(outbox->bury_endpoint(endpoint_of(me), "no_service", "removed"));
  EXPECT_EQ(get(outbox->status()).sinks[0].state, SinkStatus::State::gone);
}

}  // namespace
}  // namespace beckon::core::testing
