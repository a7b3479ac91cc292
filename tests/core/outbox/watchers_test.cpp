// Those who own no row: they bring their place in the log along.
#include "fixture.hpp"

namespace beckon::core::testing {
namespace {

class OutboxWatchers : public OutboxFact {
 protected:
  void SetUp() override {
    open();
    feed = open_feed();
  }
  LogSlice read(std::optional<std::int64_t> after, std::size_t limit = 10, std::string login = "octocat") {
    return get(outbox->read_log(feed.id, std::move(login), after, limit));
  }
  static std::vector<std::int64_t> posts(const LogSlice& slice) {
    std::vector<std::int64_t> found;
    for (const OwedMention& owed : slice.mentions) found.push_back(owed.mention.post.id);
    return found;
  }
  // Of mentions, posts, sources and feeds together.
  std::int64_t rows() {
    return Database(file.string()).integer("SELECT (SELECT count(*) FROM mention) + (SELECT count(*) FROM post)"
                                           " + (SELECT count(*) FROM source) + (SELECT count(*) FROM feed)").value_or(-1);
  }

  Feed feed;
};

using Ids = std::vector<std::int64_t>;

TEST_F(OutboxWatchers, WithoutAPlaceTheyAreShownTheNewestOldestFirst) {
  mention(feed, "octocat", 5);
  const LogSlice slice = read(std::nullopt, 3);
  EXPECT_EQ(posts(slice), (Ids{3, 4, 5}));
  EXPECT_TRUE(slice.more);
  EXPECT_EQ(slice.position, slice.mentions.back().seq);
  EXPECT_FALSE(read(std::nullopt, 5).more);
}

TEST_F(OutboxWatchers, BehindTheirPlaceNothingIsLeftOutAndNothingRepeated) {
  mention(feed, "octocat", 5);
  const LogSlice first = read(0, 2);
  EXPECT_EQ(posts(first), (Ids{1, 2}));
  EXPECT_TRUE(first.more);
  const LogSlice second = read(first.position, 10);
  EXPECT_EQ(posts(second), (Ids{3, 4, 5}));
  EXPECT_FALSE(second.more);
  const LogSlice third = read(second.position);
  EXPECT_TRUE(third.mentions.empty());
  EXPECT_EQ(third.position, second.position) << "an empty part moves nobody";
}

TEST_F(OutboxWatchers, OnlyTheirOwnNameInTheirOwnFeed) {
  mention(feed, "octocat", 1);
  mention(feed, "mona", 1, 50);
  EXPECT_EQ(posts(read(0)), (Ids{1}));
  EXPECT_EQ(posts(read(0, 10, "mona")), (Ids{50}));
  EXPECT_EQ(posts(get(outbox->read_log(feed.id + 1, "octocat", 0, 10))), Ids());
}

TEST_F(OutboxWatchers, TheyLeaveTheSubscriptionsPlaceAlone) {
  const std::int64_t me = enroll(feed, wanted("me", "octocat")).id;
  mention(feed, "octocat", 2);
  read(0);
  EXPECT_EQ(ids(claim(me)), (Ids{1, 2}));
}

TEST_F(OutboxWatchers, ThePastIsReadOnceForAllAndToldToNoSubscription) {
  const std::int64_t me = enroll(feed, wanted("me", "octocat")).id;
  get(outbox->reach_back(feed.id, 24h));
  get(outbox->reach_back(feed.id, 12h));
  const std::vector<Cursor> walking = walks(get(outbox->feed(feed.id)));
  ASSERT_EQ(walking.size(), 3u) << "bodies, comments, review comments; the second adds nothing";
  for (const Cursor& walk : walking) EXPECT_EQ(walk.watermark, t0 - 24h);
  PageCommit old = page(feed, {{comment(1, "@octocat", t0 - 20h), {"octocat"}}});
  old.cursor = walking.front();
  get(outbox->commit_page(old));
  EXPECT_EQ(posts(read(0)), (Ids{1}));
  EXPECT_TRUE(claim(me).mentions.empty());
}

TEST_F(OutboxWatchers, AFeedThatNobodyHasLookedAtForAWeekIsForgotten) {
  mention(feed, "octocat", 2);
  const std::int64_t all = rows();
  EXPECT_EQ(all, 2 + 2 + 5 + 1);
  get(outbox->note_visit(feed.id));
  get(outbox->retain(wall_now() + 6 * 24h));
  EXPECT_EQ(rows(), all);
  get(outbox->retain(wall_now() + 8 * 24h));
  EXPECT_EQ(rows(), 0);
}

TEST_F(OutboxWatchers, AFeedWithASubscriptionIsKeptWhoeverLookedAtIt) {
  enroll(feed, wanted("me", "octocat"));
  mention(feed, "octocat", 2);
  const std::int64_t all = rows();
  get(outbox->note_visit(feed.id));
  get(outbox->retain(wall_now() + 8 * 24h));
  EXPECT_EQ(rows(), all);
}

TEST_F(OutboxWatchers, AFeedThatWasNeverVisitedIsKept) {
  mention(feed, "octocat", 2);
  const std::int64_t all = rows();
  get(outbox->retain(wall_now() + 365 * 24h));
  EXPECT_EQ(rows(), all);
}

TEST_F(OutboxWatchers, AVisitedFeedIsSeenInTheStatus) {
  EXPECT_TRUE(get(outbox->status()).feeds.empty());
  get(outbox->note_visit(feed.id));
  ASSERT_EQ(get(outbox->status()).feeds.size(), 1u);
  while_closed([](Database& database) { database.execute("UPDATE feed SET visited_at = visited_at - 2 * 3600 * 1000"); });
  EXPECT_TRUE(get(outbox->status()).feeds.empty());
}

}  // namespace
}  // namespace beckon::core::testing
