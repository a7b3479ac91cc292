// What is owed for so long that its sink wants no more than a summary of it.
#include "core/outbox/fixture.hpp"

namespace beckon::core::testing {
namespace {

class StaleDebt : public OutboxDeliveries {
 protected:
  // `count` mentions that were found long ago.
  void mention_long_ago(int count) {
    mention(feed, "octocat", count);
    while_closed([](Database& db) { db.script("UPDATE mention SET found_at = 0"); });
    enroll(feed, wanted("me", "octocat"));
  }
  Claim claim_of(Portion portion) { return get(outbox->claim(me, portion)); }

  const Portion ten_a_day{10, 24h};
};

TEST_F(StaleDebt, MoreThanFitsGoesAsOneSummary) {
  mention_long_ago(25);
  mention(feed, "octocat", 3, 100);
  const Claim all = claim_of(ten_a_day);
  EXPECT_TRUE(all.is_summary);
  EXPECT_EQ(all.mentions.size(), 25u);
  EXPECT_EQ(all.more_owed, 3u);
  freeze(me, all);
  const Claim again = get(outbox->settle(settlement(me, Settlement::Kind::retry), ten_a_day));
  EXPECT_TRUE(again.is_summary) << "of the frozen batch, too";
  EXPECT_EQ(again.batch_id, all.batch_id);
  EXPECT_EQ(again.seqs(), all.seqs());
  const Claim next = get(outbox->settle(settlement(me, Settlement::Kind::delivered), ten_a_day));
  EXPECT_FALSE(next.is_summary);
  EXPECT_EQ(ids(next), (std::vector<std::int64_t>{100, 101, 102}));
}

TEST_F(StaleDebt, WhatFitsIsToldAsItIs) {
  mention_long_ago(10);
  mention(feed, "octocat", 1, 100);
  const Claim ten = claim_of(ten_a_day);
  EXPECT_FALSE(ten.is_summary);
  ASSERT_EQ(ten.mentions.size(), 10u);
  EXPECT_EQ(ten.mentions[9].mention.post.body, "Hi @octocat 9");
}

TEST_F(StaleDebt, WhereSomethingOfTheFirstIsFreshNothingIsSummarised) {
  mention_long_ago(3);
  mention(feed, "octocat", 20, 100);
  const Claim ten = claim_of(ten_a_day);
  EXPECT_FALSE(ten.is_summary);
  EXPECT_EQ(ten.mentions.size(), 10u);
}

TEST_F(StaleDebt, ASinkThatDoesNotAskForItIsToldEachAfterYears) {
  mention_long_ago(25);
  const Claim ten = claim_of(10);
  EXPECT_FALSE(ten.is_summary);
  EXPECT_EQ(ten.mentions.size(), 10u);
}

TEST_F(StaleDebt, ASummaryHasABound) {
  mention_long_ago(1'100);
  const Claim first = claim_of(ten_a_day);
  EXPECT_EQ(first.mentions.size(), 1'000u);
  EXPECT_EQ(first.more_owed, 100u);
}

}  // namespace
}  // namespace beckon::core::testing
