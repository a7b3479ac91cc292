// Reviews, and repositories that have pull requests only.
#include "feed_fixture.hpp"

namespace beckon::core {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

TEST_F(FeedTest, ReviewsAreAskedOnlyForPullRequestsThatMoved) {
  poll();
  now += 60s;
  issue(7, true, "one", now);
  issue(8, true, "two", now);
  now += 60s;
  poll();
  say(PostKind::review, 8, "@octocat", now);
  now += 60s;
  asked();
  EXPECT_EQ(poll().new_mentions, 1u);
  const auto paths = asked();
  EXPECT_THAT(paths, ::testing::Contains("/repositories/1/pulls/8/reviews -> 200"));
  EXPECT_THAT(paths, Not(::testing::Contains("/repositories/1/pulls/7/reviews -> 200")));
}

TEST_F(FeedTest, ASecondReviewInTheSecondOfTheReadingIsNotMissed) {
  poll();
  now += 60s;
  issue(7, true, "one", now);
  say(PostKind::review, 7, "@a", now);
  EXPECT_EQ(poll().new_mentions, 1u);
  say(PostKind::review, 7, "@b", now);
  now += 60s;
  EXPECT_EQ(poll().new_mentions, 1u);
}

TEST_F(FeedTest, APullRequestThatIsGoneDoesNotKeepTheOthersBack) {
  poll();
  now += 60s;
  issue(7, true, "one", now);
  issue(8, true, "two", now);
  say(PostKind::review, 8, "@octocat", now);
  now += 60s;
  refuse("/pulls/7/reviews", 404);
  const PollReport report = poll();
  EXPECT_FALSE(report.failed) << report.error;
  EXPECT_EQ(report.new_mentions, 1u);
  EXPECT_TRUE(outbox.reviews_read.contains(7));
}

TEST_F(FeedTest, ReviewsThatCannotBeReadNowAreAskedAgain) {
  poll();
  now += 60s;
  issue(7, true, "one", now);
  issue(8, true, "two", now);
  say(PostKind::review, 7, "@a", now);
  say(PostKind::review, 8, "@b", now);
  now += 60s;
  refuse("/pulls/7/reviews", 502, "<html>");
  const PollReport broken = poll();
  EXPECT_TRUE(broken.failed);
  EXPECT_EQ(broken.new_mentions, 1u);
  EXPECT_THAT(outbox.cursor(SourceKind::reviews).error, HasSubstr("502"));
  allow();
  EXPECT_EQ(poll().new_mentions, 1u);
  EXPECT_EQ(outbox.cursor(SourceKind::reviews).error, "");
}

// ---- issues switched off ---------------------------------------------------------------------------------------------

TEST_F(FeedTest, WhereIssuesAreSwitchedOffPullRequestsAndTheirReviewsAreReadAllTheSame) {
  host.switch_issues("octo/lab", false);
  EXPECT_FALSE(poll().failed);
  EXPECT_THAT(lines, HasSubstr("issues are switched off in octo/lab: only its pull requests are read"));
  now += 60s;
  issue(7, true, "body @a", now);
  say(PostKind::review, 7, "review @b", now);
  now += 60s;
  EXPECT_EQ(poll().new_mentions, 2u);
  EXPECT_THAT(listener.names, ElementsAre("a", "b"));
  EXPECT_EQ(outbox.threads.at(7).title, "A title");
  asked();
  lines.clear();
  EXPECT_FALSE(poll().failed);
  EXPECT_THAT(asked(), ElementsAre("/repositories/1/pulls -> 304", "/repositories/1/issues/comments -> 304",
                                   "/repositories/1/pulls/comments -> 304"));
  EXPECT_EQ(told(), "");
}

TEST_F(FeedTest, IssuesMayBeSwitchedOffAndOnAgainAndNothingIsLostOrToldTwice) {
  issue(1, true, "before @z", noon);
  poll();
  host.switch_issues("octo/lab", false);
  now += 60s;
  issue(7, true, "@a", now);
  now += 60s;
  EXPECT_FALSE(poll().failed) << "it is heard of here";
  EXPECT_EQ(poll().new_mentions, 1u);
  host.switch_issues("octo/lab", true);
  issue(8, false, "@b", now);
  now += 60s;
  issue(9, true, "@c", now);
  now += 60s;
  EXPECT_EQ(poll().new_mentions, 1u) << "not heard of yet";
  start();
  EXPECT_EQ(poll().new_mentions, 1u);
  EXPECT_THAT(listener.names, ElementsAre("z", "a", "c", "b"));
  EXPECT_EQ(outbox.cursor(SourceKind::bodies).error, "");
}

TEST_F(FeedTest, HistoryOfPullRequestsIsWalkedWhereIssuesAreSwitchedOff) {
  host.switch_issues("octo/lab", false);
  issue(2, true, "old, @octocat", noon - 24h);
  listener.on_opened = [this](std::int64_t feed, bool clock) {
    if (!clock || outbox.feeds.at(feed).cursors.size() > 5) return;
    Cursor walk = outbox.cursor(SourceKind::bodies);
    walk.walk = 1;
    walk.until = walk.watermark;
    walk.watermark -= 48h;
    outbox.feeds.at(feed).cursors.push_back(walk);
  };
  const PollReport report = poll();
  EXPECT_FALSE(report.failed) << report.error;
  EXPECT_EQ(report.new_mentions, 1u);
  EXPECT_EQ(outbox.feeds.at(1).cursors.size(), 5u);
}

TEST_F(FeedTest, ManyPagesOfPullRequestsAreReadDownToWhereTheLastPollEnded) {
  host.switch_issues("octo/lab", false);
  poll();
  for (int i = 1; i <= 250; ++i) issue(i, true, "@octocat", now += 1s);
  now += 60s;
  asked();
  EXPECT_EQ(poll().new_mentions, 250u);
  EXPECT_EQ(outbox.cursor(SourceKind::pull_requests).watermark, now - 60s);
  std::size_t pages = 0;
  for (const std::string& line : asked()) pages += line == "/repositories/1/pulls -> 200" ? 1 : 0;
  EXPECT_EQ(pages, 3u);
}

}  // namespace
}  // namespace beckon::core
