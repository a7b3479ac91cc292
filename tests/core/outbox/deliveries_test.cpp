#include "fixture.hpp"

namespace beckon::core::testing {
namespace {

using Kind = Settlement::Kind;
using Ids = std::vector<std::int64_t>;

TEST_F(OutboxDeliveries, ClaimCarriesAllThatASinkMayNeed) {
  Post post = comment(11, "Hello @octocat");
  post.author = {"Mona", "https://github.test/mona", "https://avatars.test/1", false};
  PageCommit commit = page(feed, {{post, {"octocat"}}});
  commit.threads = {{7, true, "The title", "https://github.test/o/r/pull/7", t0 + 3h}};
  get(outbox->commit_page(commit));
  const Claim claimed = claim(me);
  EXPECT_FALSE(claimed.frozen);
  EXPECT_FALSE(claimed.gone);
  EXPECT_FALSE(claimed.not_before);
  EXPECT_EQ(claimed.batch_id.size(), 32u);
  EXPECT_EQ(claimed.form, BatchForm::whole);
  EXPECT_EQ(claimed.more_owed, 0u);
  ASSERT_EQ(claimed.mentions.size(), 1u);
  const DeliveredMention& mention = claimed.mentions[0].mention;
  EXPECT_EQ(mention.name, "octocat");
  EXPECT_FALSE(mention.is_team);
  EXPECT_FALSE(mention.truncated);
  EXPECT_FALSE(mention.edited);
  EXPECT_EQ(mention.appeared, post.created);
  EXPECT_EQ(mention.post.kind, PostKind::comment);
  EXPECT_EQ(mention.post.id, 11);
  EXPECT_EQ(mention.post.url, post.url);
  EXPECT_EQ(mention.post.body, post.body);
  EXPECT_EQ(mention.post.created, post.created);
  EXPECT_EQ(mention.post.author.login, "Mona");
  EXPECT_EQ(mention.post.author.avatar_url, "https://avatars.test/1");
  EXPECT_EQ(mention.thread.number, 7);
  EXPECT_EQ(mention.thread.title, "The title");
  EXPECT_TRUE(mention.thread.is_pull_request);
  EXPECT_EQ(mention.repository.full_name, "O/R");
  EXPECT_EQ(mention.repository.url, "https://github.test/O/R");
  EXPECT_EQ(mention.repository.origin, "https://api.github.test");
}

TEST_F(OutboxDeliveries, NothingOwedIsAnEmptyClaim) {
  const Claim claimed = claim(me);
  EXPECT_TRUE(claimed.mentions.empty());
  EXPECT_TRUE(claimed.batch_id.empty());
}

TEST_F(OutboxDeliveries, GoInTheOrderOfTheLogAndTellHowMuchIsLeft) {
  mention(feed, "octocat", 7);
  const Claim first = claim(me, 3);
  EXPECT_EQ(ids(first), (Ids{1, 2, 3}));
  EXPECT_EQ(first.more_owed, 4u);
  freeze(me, first);
  const Claim second = settle(me, Kind::delivered, 3);
  EXPECT_EQ(ids(second), (Ids{4, 5, 6}));
  EXPECT_EQ(second.more_owed, 1u);
  EXPECT_FALSE(second.frozen);
  EXPECT_NE(second.batch_id, first.batch_id);
}

TEST_F(OutboxDeliveries, MoreOwedStopsCountingAtAThousand) {
  for (int i = 0; i < 11; ++i) mention(feed, "octocat", 100, 1 + 100 * i);
  EXPECT_EQ(claim(me, 1).more_owed, 1000u);
}

TEST_F(OutboxDeliveries, FrozenBatchNeitherGrowsNorChangesItsId) {
  mention(feed, "octocat", 2);
  const Claim claimed = claim(me);
  freeze(me, claimed);
  mention(feed, "octocat", 3, 10);
  const Claim again = claim(me);
  EXPECT_TRUE(again.frozen);
  EXPECT_EQ(again.batch_id, claimed.batch_id);
  EXPECT_EQ(ids(again), (Ids{1, 2}));
  EXPECT_EQ(again.more_owed, 3u);
  EXPECT_EQ(ids(settle(me, Kind::delivered)), (Ids{10, 11, 12}));
}

TEST_F(OutboxDeliveries, APrefixOfTheClaimMayBeFrozen) {
  mention(feed, "octocat", 3);
  Claim claimed = claim(me);
  claimed.mentions.resize(1);
  freeze(me, claimed);
  EXPECT_EQ(ids(claim(me)), (Ids{1}));
  EXPECT_EQ(ids(settle(me, Kind::delivered)), (Ids{2, 3}));
}

TEST_F(OutboxDeliveries, FreezingTwiceTheSameIsOneAndAnotherIsRefused) {
  mention(feed, "octocat", 2);
  Claim claimed = claim(me);
  freeze(me, claimed);
  freeze(me, claimed);
  EXPECT_EQ(claim(me).attempts, 0u);
  Freeze other;
  other.subscription = me;
  other.seqs = {claimed.mentions[0].seq};
  other.batch_id = "another";
  EXPECT_THROW(ask(outbox->freeze(other)), std::logic_error);
  EXPECT_EQ(ids(claim(me)), (Ids{1, 2}));
}

TEST_F(OutboxDeliveries, WhatWasNotClaimedIsNeitherFrozenNorSettled) {
  mention(feed, "octocat", 2);
  EXPECT_THROW(ask(outbox->settle(settlement(me, Kind::delivered), 1)), std::logic_error);
  deliver(me, 1);
  const auto freeze_only = [&](std::vector<std::int64_t> seqs) {
    Freeze freeze;
    freeze.subscription = me;
    freeze.batch_id = "id";
    freeze.seqs = std::move(seqs);
    ask(outbox->freeze(freeze));
  };
  EXPECT_THROW(freeze_only({}), std::logic_error);
  EXPECT_THROW(freeze_only({1}), std::logic_error) << "told already";
  EXPECT_THROW(freeze_only({3, 2}), std::logic_error);
  EXPECT_THROW(freeze_only({2, 2}), std::logic_error);
  EXPECT_EQ(ids(claim(me)), (Ids{2})) << "and all else goes on";
}

TEST_F(OutboxDeliveries, RetryWaitsAndCountsItsAttempts) {
  mention(feed, "octocat", 1);
  const Claim claimed = claim(me);
  freeze(me, claimed);
  Settlement retry = settlement(me, Kind::retry);
  retry.next_at = wall_now() + 5min;
  retry.code = "busy";
  retry.reason = "the service is busy";
  Claim again = get(outbox->settle(retry, 10));
  EXPECT_TRUE(again.frozen);
  EXPECT_EQ(again.batch_id, claimed.batch_id);
  EXPECT_EQ(again.not_before, retry.next_at);
  EXPECT_EQ(again.attempts, 1u);
  EXPECT_EQ(ids(again), (Ids{1}));
  again = get(outbox->settle(retry, 10));
  EXPECT_EQ(again.attempts, 2u);
  reopen();
  again = claim(me);
  EXPECT_EQ(again.attempts, 2u);
  EXPECT_EQ(again.not_before, retry.next_at);
  EXPECT_EQ(again.batch_id, claimed.batch_id);
  const Claim done = settle(me, Kind::delivered);
  EXPECT_TRUE(done.mentions.empty());
  EXPECT_FALSE(done.not_before);
}

TEST_F(OutboxDeliveries, OnceTheWaitIsOverNothingHoldsTheBatchBack) {
  mention(feed, "octocat", 1);
  freeze(me, claim(me));
  Settlement retry = settlement(me, Kind::retry);
  retry.next_at = wall_now();
  const Claim again = get(outbox->settle(retry, 10));
  EXPECT_FALSE(claim(me).not_before);
  EXPECT_EQ(ids(again), (Ids{1}));
  EXPECT_EQ(again.attempts, 1u);
}

TEST_F(OutboxDeliveries, EveryAttemptMayFreezeWhatItSends) {
  mention(feed, "octocat", 3);
  freeze(me, claim(me));
  Claim single = settle(me, Kind::split);
  freeze(me, single);
  single = settle(me, Kind::plain);
  freeze(me, single);
  EXPECT_EQ(claim(me).batch_id, single.batch_id);
  EXPECT_EQ(ids(settle(me, Kind::delivered)), (Ids{2}));
}

TEST_F(OutboxDeliveries, FrozenBatchThatDoesNotFitAnyMoreIsCutShortAndTheRestStaysOwed) {
  mention(feed, "octocat", 4);
  freeze(me, claim(me));
  settle(me, Kind::retry);
  Claim shorter = claim(me);
  shorter.mentions.resize(2);
  freeze(me, shorter);
  const Claim again = claim(me);
  EXPECT_EQ(ids(again), (Ids{1, 2}));
  EXPECT_EQ(again.batch_id, shorter.batch_id);
  EXPECT_EQ(again.attempts, 1u);
  EXPECT_EQ(ids(settle(me, Kind::delivered)), (Ids{3, 4}));
}

TEST_F(OutboxDeliveries, ClockThatJumpedBackMakesNobodyWaitForYears) {
  mention(feed, "octocat", 1);
  freeze(me, claim(me));
  Settlement retry = settlement(me, Kind::retry);
  retry.next_at = wall_now() + 24h * 365;
  const Claim again = get(outbox->settle(retry, 10));
  ASSERT_TRUE(again.not_before);
  EXPECT_LE(*again.not_before, wall_now() + 1h);
  EXPECT_EQ(claim(me).not_before, again.not_before) << "and does not move on";
}

TEST_F(OutboxDeliveries, RefusedDigestIsSplitThenPlainThenADeadLetterAndTheRestArrives) {
  mention(feed, "octocat", 3);
  const Claim digest = claim(me);
  freeze(me, digest);
  const Claim first = settle(me, Kind::split);
  EXPECT_TRUE(first.frozen);
  EXPECT_EQ(first.form, BatchForm::singles);
  EXPECT_EQ(ids(first), (Ids{1}));
  EXPECT_EQ(first.more_owed, 2u);
  EXPECT_NE(first.batch_id, digest.batch_id);
  EXPECT_EQ(claim(me).batch_id, first.batch_id) << "stable once frozen";

  const Claim second = settle(me, Kind::delivered);
  EXPECT_EQ(ids(second), (Ids{2}));
  EXPECT_NE(second.batch_id, first.batch_id);
  const Claim plain = settle(me, Kind::plain);
  EXPECT_EQ(plain.form, BatchForm::plain);
  EXPECT_EQ(ids(plain), (Ids{2}));
  Settlement dead = settlement(me, Kind::dead);
  dead.code = "too_long";
  dead.reason = "it does not fit";
  const Claim third = get(outbox->settle(dead, 10));
  EXPECT_EQ(third.form, BatchForm::singles);
  EXPECT_EQ(ids(third), (Ids{3}));
  EXPECT_EQ(get(outbox->counts()).dead, 1u);
  mention(feed, "octocat", 1, 4);
  const Claim next = settle(me, Kind::delivered);
  EXPECT_EQ(next.form, BatchForm::whole);
  EXPECT_FALSE(next.frozen);
  EXPECT_EQ(ids(next), (Ids{4}));
  EXPECT_EQ(get(outbox->counts()).dead, 1u);
  Database database(file.string());
  EXPECT_EQ(database.integer("SELECT count(*) FROM history"), 5);
  EXPECT_EQ(database.integer("SELECT sum(count) FROM history WHERE outcome = ?", OutcomeKind::delivered), 2);
  EXPECT_EQ(
      database.integer("SELECT seq FROM dead WHERE code = 'too_long' AND reason = 'it does not fit' AND attempts = 1"),
      2);
}

TEST_F(OutboxDeliveries, WhatMayHaveArrivedAndMustNotGoTwiceIsADeadLetterWhole) {
  mention(feed, "octocat", 3);
  freeze(me, claim(me, 2));
  Settlement held = settlement(me, Kind::held);
  held.code = "no_answer";
  held.reason = "the connection was cut";
  const Claim next = get(outbox->settle(held, 10));
  EXPECT_EQ(ids(next), (Ids{3}));
  EXPECT_FALSE(next.frozen);
  EXPECT_EQ(get(outbox->counts()).dead, 2u);
  Database database(file.string());
  EXPECT_EQ(database.integer("SELECT count(*) FROM dead WHERE code = 'no_answer' AND reason = 'the connection was cut'"), 2);
  EXPECT_EQ(database.integer("SELECT count(*) FROM history WHERE outcome = ?", OutcomeKind::delivered), 0);
}

TEST_F(OutboxDeliveries, StateOfTheEndpointIsSharedAndSurvives) {
  const auto both = get(outbox->enroll(feed.id, {wanted("me", "octocat"), wanted("you", "mona")}, t0));
  ASSERT_EQ(both[0].endpoint, both[1].endpoint);
  mention(feed, "octocat", 1);
  freeze(me, claim(me));
  Settlement delivered = settlement(me, Kind::delivered);
  delivered.endpoint_state = std::string("a\0b", 3);
  EXPECT_EQ(get(outbox->settle(delivered, 1)).endpoint_state, *delivered.endpoint_state);
  reopen();
  EXPECT_EQ(claim(both[1].id).endpoint_state, *delivered.endpoint_state);
}

}  // namespace
}  // namespace beckon::core::testing
