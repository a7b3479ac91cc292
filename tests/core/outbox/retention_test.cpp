// What is forgotten, and when.
#include "fixture.hpp"

namespace beckon::core::testing {
namespace {

TEST_F(OutboxDeliveries, OldTextIsDroppedOnceEverybodyHasIt) {
  const std::int64_t you = enroll_with("mona", {});
  commit(feed, {by(1, "hubot", false, {"octocat"}), by(2, "hubot", false, {"octocat", "mona"}),
                by(3, "hubot", false, {"nobody"})});
  deliver(me);
  const auto kept = [&] {
    Database database(file.string());
    return database.integer("SELECT count(*) FROM post WHERE body IS NOT NULL").value_or(-1);
  };
  get(outbox->retain(wall_now() + 29 * 24h));
  EXPECT_EQ(kept(), 3);
  get(outbox->retain(wall_now() + 31 * 24h));
  EXPECT_EQ(kept(), 1) << "mona has not heard of the second";
  EXPECT_EQ(claim(you).mentions.at(0).mention.post.body, "text");
  deliver(you);
  get(outbox->retain(wall_now() + 31 * 24h));
  EXPECT_EQ(kept(), 0);
  EXPECT_EQ(commit(feed, {by(1, "hubot", false, {"octocat"})}).new_mentions, 0u) << "identities stay";
}

TEST_F(OutboxDeliveries, MentionWhoseTextIsGoneStillNamesItsPlace) {
  commit(feed, {by(1, "hubot", false, {"octocat"})});
  deliver(me);
  get(outbox->retain(wall_now() + 31 * 24h));
  Filter filter;
  const Claim late = claim(enroll_with("octocat", filter));
  ASSERT_EQ(late.mentions.size(), 1u);
  EXPECT_TRUE(late.mentions[0].mention.post.body.empty());
  EXPECT_TRUE(late.mentions[0].mention.truncated);
  EXPECT_EQ(late.mentions[0].mention.post.author.login, "hubot");
  EXPECT_FALSE(late.mentions[0].mention.post.url.empty());
}

TEST_F(OutboxDeliveries, HistoryIsKeptForAMonth) {
  mention(feed, "octocat", 2);
  deliver(me, 1);
  while_closed([](Database& database) { database.execute("UPDATE history SET at = at - 31 * 86400000"); });
  deliver(me, 1);
  get(outbox->retain(wall_now()));
  const auto rows = [&] { return Database(file.string()).integer("SELECT count(*) FROM history"); };
  EXPECT_EQ(rows(), 1);
  get(outbox->retain(wall_now() + 31 * 24h));
  EXPECT_EQ(rows(), 0);
}

}  // namespace
}  // namespace beckon::core::testing
