// What a feed knows from the process before, and what it hears while it runs: waits, the repository itself, its name.
#include "feed_fixture.hpp"

namespace beckon::core {
namespace {

using namespace testing;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

TEST_F(FeedTest, AWaitThatTheForgeAskedForOutlivesTheProcess) {
  poll();
  refuse("/", 429, "{}", {{"Retry-After", "3600"}});
  EXPECT_TRUE(poll().failed);
  allow();
  start();
  asked();
  listener.openings.clear();
  const PollReport report = poll();
  EXPECT_THAT(asked(), IsEmpty());
  EXPECT_TRUE(report.failed);
  ASSERT_TRUE(report.retry_after.has_value());
  EXPECT_GT(*report.retry_after, 59min);
  EXPECT_LE(*report.retry_after, 1h);
  EXPECT_THAT(report.error, HasSubstr("Beckon waits 1h, until "));
  EXPECT_THAT(listener.openings, ElementsAre("octo/lab without a clock")) << "debts go out";

  outbox.kept_hold->until = wall_now() - 1s;
  start();
  EXPECT_FALSE(poll().failed);
}

TEST_F(FeedTest, AWaitHoldsForAFeedThatWasNeverReadToo) {
  refuse("/", 429, "{}", {{"Retry-After", "3600"}});
  EXPECT_TRUE(poll().failed);
  allow();
  start();
  asked();
  EXPECT_TRUE(poll().retry_after.has_value());
  EXPECT_THAT(asked(), IsEmpty());
}

TEST_F(FeedTest, AWaitThatCouldNotBeKeptIsKeptByTheNextPoll) {
  poll();
  refuse("/", 429, "{}", {{"Retry-After", "3600"}});
  outbox.failure = "the disk is full";
  poll();
  EXPECT_FALSE(outbox.kept_hold.has_value());
  outbox.failure.clear();
  poll();
  EXPECT_TRUE(outbox.kept_hold.has_value());
}

TEST_F(FeedTest, ARepositoryThatStayedAsItIsCostsNothingAtTheNextStart) {
  host.switch_issues("octo/lab", false);
  poll();
  asked();
  now += 60s;
  start();
  listener.openings.clear();
  EXPECT_FALSE(poll().failed);
  EXPECT_THAT(asked(), ElementsAre("/repos/octo/lab -> 304", "/repositories/1/pulls -> 304",
                                   "/repositories/1/issues/comments -> 304", "/repositories/1/pulls/comments -> 304"));
  EXPECT_THAT(listener.openings, ElementsAre("octo/lab without a clock", "octo/lab at 2023-11-14T22:14:20Z"));
  host.switch_issues("octo/lab", true);
  start();
  poll();
  EXPECT_THAT(asked(), Contains("/repos/octo/lab -> 200"));
}

TEST_F(FeedTest, ANewNameIsHeardOfWhileTheDaemonRuns) {
  poll();
  host.rename_repository("octo/lab", "octo/laboratory");
  now += 60s;
  HostedPost post;
  post.author = "mona";
  post.body = "@octocat";
  post.created = now;
  host.open_thread("octo/laboratory", 1, HostedThread{false, "t"}, post);
  now += 60s;
  std::string name_when_told;
  listener.on_polled = [&] { name_when_told = outbox.feeds.at(1).repository.full_name; };
  EXPECT_EQ(poll().new_mentions, 1u);
  EXPECT_EQ(name_when_told, "octo/laboratory");
  EXPECT_THAT(lines, HasSubstr("octo/lab: is called octo/laboratory now"));
  asked();
  poll();
  EXPECT_THAT(asked(), Not(Contains(HasSubstr("/repos/"))));
}

TEST_F(FeedTest, AHostWhosePostsNeverLinkToTheRepositoryIsAskedAboutItOnce) {
  poll();
  refuse("/issues/comments", 200,
         R"([{"id": 6, "body": "x", "created_at": "2023-11-14T23:00:01Z", "issue_url": "x/issues/1",
              "html_url": "https://elsewhere.test/octo/lab/issues/1#issuecomment-6"}])");
  asked();
  poll();
  EXPECT_THAT(asked(), Contains(HasSubstr("/repos/octo/lab -> ")));
  poll();
  EXPECT_THAT(asked(), Not(Contains(HasSubstr("/repos/octo/lab -> "))));
}

}  // namespace
}  // namespace beckon::core
