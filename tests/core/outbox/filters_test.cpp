// Who is told of what: own mentions, authors, bots, teams, everybody.
#include "fixture.hpp"

namespace beckon::core::testing {
namespace {

using Kind = Settlement::Kind;
using Ids = std::vector<std::int64_t>;

TEST_F(OutboxDeliveries, OwnMentionsAreLeftOutUnlessAskedFor) {
  commit(feed, {by(1, "OctoCat"), by(2, "mona")});
  EXPECT_EQ(ids(claim(me)), (Ids{2}));
  Filter own;
  own.include_own = true;
  EXPECT_EQ(ids(claim(enroll_with("octocat", own))), (Ids{1, 2}));
}

TEST_F(OutboxDeliveries, IgnoredAuthorsAndBotsAreLeftOut) {
  commit(feed, {by(1, "Noisy"), by(2, "ci[bot]", true), by(3, "mona"), by(4, "")});
  Filter filter;
  filter.ignore_authors = {"noisy"};
  filter.include_bots = false;
  EXPECT_EQ(ids(claim(enroll_with("octocat", filter))), (Ids{3, 4}));
  EXPECT_EQ(ids(claim(me)), (Ids{1, 2, 3, 4}));
}

TEST_F(OutboxDeliveries, FilteredMentionsArePassedOnceAndForAll) {
  commit(feed, {by(1, "octocat"), by(2, "octocat")});
  EXPECT_EQ(get(outbox->counts()).owed, 1u);
  EXPECT_TRUE(claim(me).mentions.empty());
  EXPECT_EQ(get(outbox->counts()).owed, 0u);
  commit(feed, {by(3, "mona"), by(4, "octocat")});
  EXPECT_EQ(ids(claim(me)), (Ids{3}));
  EXPECT_EQ(ids(claim(me)), (Ids{3})) << "never past one that is owed";
  deliver(me);
  EXPECT_EQ(get(outbox->counts()).owed, 0u);
}

TEST_F(OutboxDeliveries, FilterDoesNotEatIntoTheBatch) {
  commit(feed, {by(1, "octocat"), by(2, "mona"), by(3, "octocat"), by(4, "mona"), by(5, "mona")});
  EXPECT_EQ(ids(claim(me, 2)), (Ids{2, 4}));
}

TEST_F(OutboxDeliveries, TeamsAreNamesOfTheirOwn) {
  commit(feed, {by(1, "mona", false, {"github/core"})});
  const Claim claimed = claim(enroll_with("github/core", {}));
  ASSERT_EQ(claimed.mentions.size(), 1u);
  EXPECT_TRUE(claimed.mentions[0].mention.is_team);
  EXPECT_EQ(claimed.mentions[0].mention.name, "github/core");
}

TEST_F(OutboxDeliveries, EverybodyHearsOfAPostOnce) {
  const std::int64_t all = enroll_with("*", {});
  commit(feed, {by(1, "mona", false, {"a", "b", "c"}), by(2, "mona", false, {"b"})});
  const Claim claimed = claim(all);
  ASSERT_EQ(ids(claimed), (Ids{1, 2}));
  EXPECT_EQ(claimed.mentions[0].mention.name, "a");
  freeze(all, claimed);
  EXPECT_TRUE(settle(all, Kind::delivered).mentions.empty());
  SeenPost edited = by(1, "mona", false, {"a", "b", "c", "d"});
  edited.post.body = "edited";
  edited.post.updated += 60s;
  commit(feed, {edited});
  EXPECT_TRUE(claim(all).mentions.empty());
  EXPECT_EQ(get(outbox->counts()).owed, 0u);
}

TEST_F(OutboxDeliveries, EverybodyHearsOfNamesAddedToAPostFromBeforeTheStart) {
  SeenPost old = by(1, "mona", false, {"a"});
  old.post.created = old.post.updated = t0 - 1h;
  commit(feed, {old});
  const std::int64_t all = enroll_with("*", {});
  EXPECT_TRUE(claim(all).mentions.empty());
  old.names = {"a", "b"};
  old.post.body = "edited";
  old.post.updated = t0 + 1h;
  commit(feed, {old});
  EXPECT_EQ(claim(all).mentions.at(0).mention.name, "b");
}

}  // namespace
}  // namespace beckon::core::testing
