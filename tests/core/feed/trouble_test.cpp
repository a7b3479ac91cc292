// What fails, and what it leaves alone.
#include "feed_fixture.hpp"

namespace beckon::core {
namespace {

using namespace testing;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

TEST_F(FeedTest, OneSourceThatFailsLeavesTheOthersAndSaysSoOnce) {
  poll();
  now += 60s;
  issue(1, false, "x", now);
  say(PostKind::comment, 1, "@octocat", now);
  now += 60s;
  refuse("/pulls/comments", 502, "<html>");
  lines.clear();
  const PollReport report = poll();
  EXPECT_TRUE(report.failed);
  EXPECT_THAT(report.error, HasSubstr("502"));
  EXPECT_EQ(report.new_mentions, 1u);
  EXPECT_THAT(outbox.cursor(SourceKind::review_comments).error, HasSubstr("502"));
  EXPECT_EQ(outbox.cursor(SourceKind::comments).error, "");
  EXPECT_THAT(lines, HasSubstr("octo/lab: 127.0.0.1:8080 is in trouble (502"));
  lines.clear();
  poll();
  EXPECT_THAT(told(), IsEmpty());
  allow();
  EXPECT_FALSE(poll().failed);
  EXPECT_EQ(outbox.cursor(SourceKind::review_comments).error, "");
  EXPECT_THAT(lines, HasSubstr("octo/lab: the review comments can be read again"));
}

TEST_F(FeedTest, ASourceThatIsRefusedIsNotAskedAtEveryPoll) {
  poll();
  refuse("/pulls/comments", 403);
  EXPECT_TRUE(poll().failed);
  EXPECT_TRUE(outbox.cursor(SourceKind::review_comments).retry_at.has_value());
  asked();
  const PollReport report = poll();
  EXPECT_TRUE(report.failed);
  EXPECT_THAT(report.error, HasSubstr("the review comments of octo/lab may not be read without a token"));
  EXPECT_THAT(asked(), Not(::testing::Contains(HasSubstr("/pulls/comments"))));
}

TEST_F(FeedTest, ASourceThatIsSwitchedOffIsNoFailure) {
  refuse("/issues?", 410, R"({"message": "Issues are disabled for this repo"})");
  EXPECT_FALSE(poll().failed);
  EXPECT_THAT(outbox.cursor(SourceKind::bodies).error, HasSubstr("switched off"));
  EXPECT_FALSE(poll().failed);
}

TEST_F(FeedTest, AMissingSourceMakesTheFeedAskForItsRepositoryAgain) {
  poll();
  refuse("/pulls/comments", 404);
  poll();
  asked();
  poll();
  EXPECT_THAT(asked(), ::testing::Contains("/repos/octo/lab -> 304"));
}

TEST_F(FeedTest, ARefusalOfTheTokenOrOfTheRepositoryIsNotedUntilItIsReadAgain) {
  poll();
  refuse("/", 401, R"({"message": "Bad credentials"})");
  for (int i = 0; i < 3; ++i) poll();
  ASSERT_EQ(outbox.refused.size(), 3u);
  EXPECT_THAT(outbox.refused.back(), HasSubstr("127.0.0.1:8080"));
  EXPECT_EQ(listener.noticed_feeds.size(), 1u);
  allow();
  poll();
  EXPECT_TRUE(outbox.refused.empty());
  EXPECT_EQ(listener.noticed_feeds.size(), 2u);
  poll();
  EXPECT_EQ(listener.noticed_feeds.size(), 2u);
  refuse("/", 404);
  poll();
  poll();
  EXPECT_FALSE(outbox.refused.empty()) << "a repository that has vanished";
}

TEST_F(FeedTest, ARepositoryOfWhichNoListMayBeReadIsRefusedToo) {
  poll();
  refuse("/repositories/", 403, R"({"message": "Resource not accessible"})");   // where the lists are
  poll();
  EXPECT_EQ(outbox.refused.size(), 1u);
  poll();
  EXPECT_EQ(outbox.refused.size(), 2u) << "while they rest, too";
}

TEST_F(FeedTest, AfterARefusalOfTheRepositoryItsListsAreReadAtOnce) {
  poll();
  refuse("/", 404);
  poll();
  poll();
  ASSERT_FALSE(outbox.refused.empty());
  allow();
  now += 60s;
  issue(1, false, "@octocat", now);
  now += 60s;
  EXPECT_EQ(poll().new_mentions, 1u) << "what rested for its own refusal is asked again";
  EXPECT_TRUE(outbox.refused.empty());
}

TEST_F(FeedTest, AForgeThatIsInTroubleRefusesNothing) {
  poll();
  for (const int status : {500, 502, 503, 429}) {
    refuse("/", status);
    poll();
  }
  EXPECT_TRUE(outbox.refused.empty());
}

TEST_F(FeedTest, ARateLimitEndsThePollAndNothingMoves) {
  poll();
  now += 60s;
  issue(1, false, "@octocat", now);
  now += 60s;
  const Cursor before = outbox.cursor(SourceKind::bodies);
  refuse("/", 429, "{}", {{"Retry-After", "30"}});
  const PollReport report = poll();
  EXPECT_TRUE(report.failed);
  EXPECT_EQ(outbox.cursor(SourceKind::bodies).watermark, before.watermark);
  asked();
  allow();
  poll();
  EXPECT_THAT(asked(), IsEmpty()) << "the forge was asked before it allowed it";
}

TEST_F(FeedTest, EachPollSaysHowItWent) {
  poll();
  refuse("/pulls/comments", 502, "<html>");
  poll();
  refuse("/", 404);
  poll();
  poll();
  allow();
  outbox.failure = "the disk is full";
  poll();
  outbox.failure.clear();
  poll();
  refuse("/", 429, "{}", {{"Retry-After", "30"}});
  poll();
  using enum PollResult;
  EXPECT_THAT(listener.results, ::testing::ElementsAre(ok, failed, refused, refused, failed, ok, rate_limited));
}

TEST_F(FeedTest, AForgeThatIsNotReachedAtAllIsAFailedPollToo) {
  refuse("/", 503);
  poll();
  EXPECT_THAT(listener.results, ::testing::ElementsAre(PollResult::failed)) << "the feed is not even known yet";
}

TEST_F(FeedTest, APollerThatRestsPollsNothing) {
  listener.role = FeedRole::rests;
  poll();
  EXPECT_THAT(listener.results, IsEmpty());
}

TEST_F(FeedTest, AStoreThatFailsMovesNothingAndIsTriedAgain) {
  poll();
  now += 60s;
  issue(1, false, "@octocat", now);
  now += 60s;
  const Cursor before = outbox.cursor(SourceKind::bodies);
  outbox.failure = "the disk is full";
  const PollReport report = poll();
  EXPECT_TRUE(report.failed);
  EXPECT_EQ(report.error, "the disk is full");
  EXPECT_EQ(outbox.cursor(SourceKind::bodies).watermark, before.watermark);
  EXPECT_THAT(listener.names, IsEmpty());
  outbox.failure.clear();
  EXPECT_EQ(poll().new_mentions, 1u);
  EXPECT_THAT(lines, HasSubstr("octo/lab: polling works again"));
}

TEST_F(FeedTest, AnUnreadableElementIsNamedAndItsPageGoesOn) {
  poll();
  refuse("/issues/comments", 200,
         R"([{"id": 5, "body": 17, "created_at": "2023-11-14T23:00:00Z", "issue_url": "x/issues/1"},
    {"id": 6, "body": "@octocat", "created_at": "2023-11-14T23:00:01Z", "issue_url": "x/issues/1"}])");
  const PollReport report = poll();
  EXPECT_FALSE(report.failed);
  EXPECT_EQ(report.new_mentions, 1u);
  EXPECT_THAT(lines, HasSubstr("octo/lab: comment 5 cannot be read: its body is a JSON number, not text"));
}

}  // namespace
}  // namespace beckon::core
