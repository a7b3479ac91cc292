#include "fixture.hpp"

#include <gmock/gmock.h>

#include <fstream>

namespace beckon::core::testing {
namespace {

class OutboxSubscriptions : public OutboxFact {
 protected:
  std::vector<Enrolled> enroll_all(const Feed& feed, std::vector<Wanted> all, std::optional<ForgeTime> now = t0) {
    return get(outbox->enroll(feed.id, std::move(all), now));
  }
  void absent_for(std::chrono::milliseconds duration) {
    while_closed([&](Database& database) {
      database.execute("UPDATE subscription SET absent_since = ? WHERE present = 0", unix_ms(wall_now() - duration));
    });
  }
};

TEST_F(OutboxSubscriptions, IsOwedOnlyWhatAppearedSinceItsStart) {
  const Feed feed = open_feed(t0 - 100h);
  commit(feed, {{comment(1, "@a", t0 - 1s), {"a"}}, {comment(2, "@a", t0), {"a"}}, {comment(3, "@b", t0 + 1h), {"b"}}});
  const Enrolled a = enroll(feed, wanted("a", "a"));
  EXPECT_TRUE(a.created);
  EXPECT_TRUE(a.owed);
  EXPECT_EQ(a.state, SubscriptionState::active);
  EXPECT_EQ(ids(claim(a.id)), (std::vector<std::int64_t>{2}));
}

TEST_F(OutboxSubscriptions, BackfillReachesIntoTheLog) {
  const Feed feed = open_feed(t0 - 100h);
  commit(feed, {{comment(1, "@a", t0 - 3h), {"a"}}, {comment(2, "@a", t0 - 1h), {"a"}}});
  Wanted one = wanted("a", "a");
  one.backfill = 2h;
  EXPECT_EQ(ids(claim(enroll(feed, one).id)), (std::vector<std::int64_t>{2}));
  EXPECT_TRUE(walks(get(outbox->feed(feed.id))).empty());
}

TEST_F(OutboxSubscriptions, WithNothingBeyondItsStartIsNotOwed) {
  const Feed feed = open_feed(t0 - 100h);
  commit(feed, {{comment(1, "@a", t0 - 3h), {"a"}}, {comment(2, "@b", t0 + 1h), {"b"}}});
  EXPECT_FALSE(enroll(feed, wanted("a", "a")).owed);
}

TEST_F(OutboxSubscriptions, NewOneWaitsForTheForgesClock) {
  const Feed feed = open_feed();
  const Enrolled waiting = enroll(feed, wanted("a", "a"), std::nullopt);
  EXPECT_EQ(waiting.id, 0);
  EXPECT_FALSE(waiting.created);
  const Enrolled created = enroll(feed, wanted("a", "a"), t0);
  EXPECT_NE(created.id, 0);
  EXPECT_TRUE(created.created);
  const Enrolled known = enroll(feed, wanted("a", "a"), std::nullopt);
  EXPECT_EQ(known.id, created.id);
  EXPECT_FALSE(known.created);
}

TEST_F(OutboxSubscriptions, KeepsItsPositionOverARestartAndARename) {
  const Feed feed = open_feed();
  const Enrolled a = enroll(feed, wanted("a", "a"));
  mention(feed, "a", 3);
  deliver(a.id, 2);
  reopen();
  const Enrolled renamed = enroll(feed, wanted("another name", "a"), std::nullopt);
  EXPECT_EQ(renamed.id, a.id);
  EXPECT_TRUE(renamed.owed);
  EXPECT_EQ(ids(claim(a.id)), (std::vector<std::int64_t>{3}));
}

TEST_F(OutboxSubscriptions, NewTargetKeepsThePositionAndWhatIsFrozen) {
  const Feed feed = open_feed();
  const Enrolled a = enroll(feed, wanted("a", "a", "first target"));
  mention(feed, "a", 3);
  deliver(a.id, 1);
  const Claim frozen = claim(a.id, 1);
  freeze(a.id, frozen);
  const Enrolled moved = enroll(feed, wanted("a", "a", "second target"));
  EXPECT_EQ(moved.id, a.id);
  EXPECT_NE(moved.endpoint, a.endpoint);
  EXPECT_TRUE(moved.owed);
  const Claim again = claim(a.id);
  EXPECT_TRUE(again.frozen);
  EXPECT_EQ(again.batch_id, frozen.batch_id);
  EXPECT_EQ(ids(again), (std::vector<std::int64_t>{2}));
}

TEST_F(OutboxSubscriptions, AnAttemptThatArrivesAtTheOldTargetIsNotRepeatedAtTheNewOne) {
  const Feed feed = open_feed();
  const Enrolled a = enroll(feed, wanted("a", "a", "first target"));
  mention(feed, "a", 2);
  freeze(a.id, claim(a.id, 1));
  const Enrolled moved = enroll(feed, wanted("a", "a", "second target"));
  Settlement arrived = settlement(a.id, Settlement::Kind::delivered);
  arrived.endpoint = a.endpoint;
  arrived.endpoint_state = "of the old one";
  EXPECT_EQ(ids(get(outbox->settle(std::move(arrived), 10))), (std::vector<std::int64_t>{2}));
  EXPECT_EQ(claim(a.id).endpoint_state, "") << "that was another endpoint's";
  freeze(a.id, claim(a.id));
  Settlement refused = settlement(a.id, Settlement::Kind::retry);
  refused.endpoint = a.endpoint;
  refused.next_at = wall_now() - 1s;
  refused.standing = Settlement::Standing{EndpointState::misconfigured, false, true, wall_now() + 1h};
  EXPECT_FALSE(get(outbox->settle(std::move(refused), 10)).held) << "so was its refusal";
  EXPECT_NE(moved.endpoint, a.endpoint);
}

TEST_F(OutboxSubscriptions, ANewNameAndANewTargetInOneEditLoseNothing) {
  const Feed feed = open_feed();
  const Enrolled a = enroll(feed, wanted("a", "a", "first target"));
  mention(feed, "a", 2);
  deliver(a.id, 1);
  const Enrolled moved = enroll(feed, wanted("b", "a", "second target"));
  EXPECT_EQ(moved.id, a.id);
  EXPECT_EQ(ids(claim(moved.id)), (std::vector<std::int64_t>{2}));
  // Of two that come or go nobody can say which is which.
  const auto both = get(outbox->enroll(feed.id, {wanted("c", "a", "third"), wanted("d", "a", "fourth")}, t0));
  EXPECT_TRUE(both[0].created);
  EXPECT_TRUE(both[1].created);
}

TEST_F(OutboxSubscriptions, NewLoginUnderAnOldNameIsAnotherSubscription) {
  const Feed feed = open_feed();
  const Enrolled a = enroll(feed, wanted("me", "a"));
  mention(feed, "a", 1);
  const Enrolled b = enroll(feed, wanted("me", "b"));
  EXPECT_NE(b.id, a.id);
  EXPECT_TRUE(b.created);
  EXPECT_FALSE(b.owed);
}

TEST_F(OutboxSubscriptions, SwappedNamesStayWithTheirStreams) {
  const Feed feed = open_feed();
  const auto before = enroll_all(feed, {wanted("one", "a", "x"), wanted("two", "a", "y"), wanted("three", "b", "x")});
  const auto after = enroll_all(feed, {wanted("two", "a", "x"), wanted("three", "a", "y"), wanted("one", "b", "x")});
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(after[i].id, before[i].id);
    EXPECT_FALSE(after[i].created);
  }
}

TEST_F(OutboxSubscriptions, SwappedTargetsStayWithTheirStreams) {
  const Feed feed = open_feed();
  const auto before = enroll_all(feed, {wanted("one", "a", "x"), wanted("two", "a", "y")});
  const auto after = enroll_all(feed, {wanted("one", "a", "y"), wanted("two", "a", "x")});
  EXPECT_EQ(after[0].id, before[1].id);
  EXPECT_EQ(after[1].id, before[0].id);
}

TEST_F(OutboxSubscriptions, NameMayMoveToAnotherFeed) {
  const Feed first = open_feed();
  Repository other = repository();
  other.forge_id = 43;
  other.full_name = "o/other";
  const Feed second = get(outbox->open_feed("github", "o/other", other, t0));
  const Enrolled here = enroll(first, wanted("me", "a"));
  const Enrolled there = enroll(second, wanted("me", "a"));
  EXPECT_NE(there.id, here.id);
  EXPECT_TRUE(there.created);
  EXPECT_EQ(there.endpoint, here.endpoint);
  const Enrolled back = enroll(first, wanted("me too", "a"));
  EXPECT_EQ(back.id, here.id);
}

TEST_F(OutboxSubscriptions, TwinsInOneCallAreOne) {
  const Feed feed = open_feed();
  const auto enrolled = enroll_all(feed, {wanted("one", "a"), wanted("two", "a")});
  EXPECT_EQ(enrolled[0].id, enrolled[1].id);
  EXPECT_FALSE(enrolled[1].created);
  EXPECT_EQ(get(outbox->counts()).subscriptions, 1u);
}

TEST_F(OutboxSubscriptions, AbsentOneKeepsItsDebtAndResumesWithinADay) {
  const Feed feed = open_feed();
  const auto both = enroll_all(feed, {wanted("a", "a"), wanted("b", "b")});
  mention(feed, "a", 2);
  deliver(both[0].id, 1);
  enroll_all(feed, {wanted("b", "b")});
  EXPECT_EQ(get(outbox->counts()).subscriptions, 1u);
  absent_for(23h);
  const auto back = enroll_all(feed, {wanted("a", "a"), wanted("b", "b")}, t0 + 23h);
  EXPECT_EQ(back[0].id, both[0].id);
  EXPECT_TRUE(back[0].owed);
  EXPECT_EQ(ids(claim(back[0].id)), (std::vector<std::int64_t>{2}));
  EXPECT_EQ(get(outbox->counts()).subscriptions, 2u);
}

TEST_F(OutboxSubscriptions, BackAfterADayStartsAnewAndRepeatsNothing) {
  const Feed feed = open_feed();
  Wanted one = wanted("a", "a");
  one.backfill = 2h;
  const Enrolled a = enroll(feed, one);
  commit(feed, {{comment(1, "@a", t0 + 47h), {"a"}}});
  deliver(a.id);
  commit(feed, {{comment(2, "@a", t0 + 10h), {"a"}}, {comment(3, "@a", t0 + 47h), {"a"}}});
  freeze(a.id, claim(a.id));
  enroll_all(feed, {});
  absent_for(25h);
  EXPECT_EQ(enroll(feed, one, std::nullopt).id, 0) << "it needs the forge's clock";
  const Enrolled back = enroll(feed, one, t0 + 48h);
  EXPECT_EQ(back.id, a.id);
  const Claim anew = claim(back.id);
  EXPECT_FALSE(anew.frozen);
  EXPECT_EQ(ids(anew), (std::vector<std::int64_t>{3}));
}

TEST_F(OutboxSubscriptions, OnAnOldFeedReadsOnlyTheHistoryThatIsMissing) {
  const Feed feed = open_feed(t0);
  Wanted week = wanted("a", "a");
  week.backfill = 7 * 24h;
  enroll(feed, week, t0 + 24h);
  const ForgeTime start = t0 + 24h - 7 * 24h;
  std::vector<Cursor> added = walks(get(outbox->feed(feed.id)));
  ASSERT_EQ(added.size(), 3u);
  for (const Cursor& walk : added) {
    EXPECT_NE(walk.source, SourceKind::reviews);
    EXPECT_EQ(walk.walk, 1);
    EXPECT_EQ(walk.watermark, start);
    EXPECT_EQ(walk.until, t0);
  }
  // Less is being read already; more needs the rest only.
  Wanted day = wanted("b", "b");
  day.backfill = 24h;
  get(outbox->enroll(feed.id, {week, day}, t0 + 24h));
  EXPECT_EQ(walks(get(outbox->feed(feed.id))).size(), 3u);
  Wanted month = wanted("c", "c");
  month.backfill = 30 * 24h;
  get(outbox->enroll(feed.id, {week, day, month}, t0 + 24h));
  added = walks(get(outbox->feed(feed.id)));
  ASSERT_EQ(added.size(), 6u);
  for (const Cursor& walk : added) {
    if (walk.walk == 2) { EXPECT_EQ(walk.until, start); }
  }
}

TEST_F(OutboxSubscriptions, FinishedWalkIsCoverage) {
  const Feed feed = open_feed(t0);
  Wanted week = wanted("a", "a");
  week.backfill = 7 * 24h;
  const Enrolled a = enroll(feed, week);
  PageCommit old = page(feed, {{comment(1, "@a", t0 - 24h), {"a"}}});
  old.threads = {{7, true, "old", "u", t0 - 24h}};
  for (Cursor& walk : walks(get(outbox->feed(feed.id)))) {
    old.cursor = walk;
    old.cursor.watermark = t0;
    old.walk_finished = true;
    get(outbox->commit_page(old));
  }
  const Feed after = get(outbox->feed(feed.id));
  EXPECT_TRUE(walks(after).empty());
  EXPECT_EQ(head(after).watermark, t0);
  EXPECT_EQ(ids(claim(a.id)), (std::vector<std::int64_t>{1}));
  EXPECT_EQ(get(outbox->due_reviews(feed.id, 5)).size(), 1u) << "the walk of the bodies reaches that far now";
  Wanted other = wanted("b", "b");
  other.backfill = 6 * 24h;
  get(outbox->enroll(feed.id, {week, other}, t0));
  EXPECT_TRUE(walks(get(outbox->feed(feed.id))).empty());
}

TEST_F(OutboxSubscriptions, GoneEndsEveryoneAtTheEndpointAndStaysOverRestarts) {
  const Feed feed = open_feed();
  const auto all = enroll_all(feed, {wanted("a", "a", "x"), wanted("b", "b", "x"), wanted("c", "c", "y")});
  mention(feed, "a", 1);
  EXPECT_THAT(get(outbox->bury_endpoint(all[0].endpoint, "no_service", "the webhook was removed")),
              ::testing::ElementsAre(all[0].id, all[1].id));
  EXPECT_TRUE(get(outbox->bury_endpoint(all[0].endpoint, "no_service", "the webhook was removed")).empty());
  const Claim ended = claim(all[0].id);
  EXPECT_TRUE(ended.gone);
  EXPECT_EQ(ended.gone_reason, "the webhook was removed");
  EXPECT_TRUE(ended.mentions.empty());
  EXPECT_EQ(get(outbox->counts()).owed, 0u);
  reopen();
  const auto again =
      enroll_all(feed, {wanted("a", "a", "x"), wanted("b", "b", "x"), wanted("c", "c", "y"), wanted("d", "d", "x")});
  for (const std::size_t i : {0, 1, 3}) {
    EXPECT_EQ(again[i].state, SubscriptionState::gone) << i;
    EXPECT_EQ(again[i].reason, "the webhook was removed");
    EXPECT_FALSE(again[i].owed);
  }
  EXPECT_EQ(again[2].state, SubscriptionState::active);
}

TEST_F(OutboxSubscriptions, GoneComesBackWithANewTargetAndItsDebt) {
  const Feed feed = open_feed();
  const Enrolled a = enroll(feed, wanted("a", "a", "x"));
  mention(feed, "a", 2);
  deliver(a.id, 1);
  get(outbox->bury_endpoint(a.endpoint, "no_service", "removed"));
  const Enrolled back = enroll(feed, wanted("a", "a", "new"));
  EXPECT_EQ(back.id, a.id);
  EXPECT_EQ(back.state, SubscriptionState::active);
  EXPECT_TRUE(back.owed);
  EXPECT_EQ(ids(claim(back.id)), (std::vector<std::int64_t>{2}));
}

TEST_F(OutboxSubscriptions, EndpointIsNeverStoredAsItIs) {
  const Feed feed = open_feed();
  enroll(feed, wanted("a", "a", "slack https://hooks.test/SECRET-TOKEN"));
  outbox.reset();
  std::ifstream in(file, std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(in)), {});
  EXPECT_NE(bytes.find("subscription"), std::string::npos);
  EXPECT_EQ(bytes.find("SECRET-TOKEN"), std::string::npos);
  open();
}

TEST_F(OutboxSubscriptions, CountsAreWhatIsThere) {
  const Feed feed = open_feed();
  const auto all = enroll_all(feed, {wanted("a", "a"), wanted("b", "b"), wanted("all", "*", "y")});
  mention(feed, "a", 2);
  Counts counts = get(outbox->counts());
  EXPECT_EQ(counts.feeds, 1u);
  EXPECT_EQ(counts.subscriptions, 3u);
  EXPECT_EQ(counts.owed, 2u);
  EXPECT_EQ(counts.dead, 0u);
  deliver(all[0].id);
  deliver(all[2].id);
  EXPECT_EQ(get(outbox->counts()).owed, 0u);
}

}  // namespace
}  // namespace beckon::core::testing
