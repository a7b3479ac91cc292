// Sources with much to read, and such as never end: the others get their turns.
#include "feed_fixture.hpp"

#include <algorithm>

namespace beckon::core {
namespace {

using namespace testing;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

class LongWalk : public FeedTest {
 protected:
  // Ten posts a page, so that a long way needs few posts.
  void start_small(std::chrono::seconds backfill = 0s) {
    poller.reset();
    GithubOptions options;
    options.api_url = hosted_at;
    options.page_size = 10;
    forge = make_github(http, options);
    FeedOptions feed;
    feed.repository = "octo/lab";
    feed.backfill = backfill;
    poller = make_feed(*forge, outbox, listener, feed);
  }
  // A list of comments of one second that has no end.
  void make_comments_endless() {
    host.set_interception([this](const HttpRequest& request) -> std::optional<HttpResponse> {
      if (request.url.find("/issues/comments") == std::string::npos) return std::nullopt;
      ++endless;
      return response(200,
                      fmt::format(R"([{{"id": {}, "body": "x", "issue_url": "x/issues/1", "created_at": "{}"}}])",
                                  1'000'000 + endless, format_iso_time(noon + 60s)),
                      {{"Link", fmt::format("<{}/repositories/1/issues/comments?page={}>; rel=\"next\"", hosted_at,
                                            endless)}});
    });
  }
  int endless = 0;
};

TEST_F(LongWalk, AChainOfPagesThatNeverEndsLeavesTheOtherSourcesTheirTurnAndIsGivenUp) {
  poll();
  make_comments_endless();
  now += 60s;
  issue(7, true, "x", now);
  say(PostKind::review_comment, 7, "@octocat", now);
  now += 60s;
  PollReport report = poll();
  EXPECT_FALSE(report.failed) << report.error;
  EXPECT_TRUE(report.more);
  EXPECT_EQ(report.new_mentions, 1u);
  EXPECT_EQ(endless, 30);
  for (int polls = 0; report.more && polls < 10; ++polls) report = poll();
  EXPECT_TRUE(report.failed);
  EXPECT_FALSE(report.more);
  EXPECT_EQ(report.error, "the comments of octo/lab cannot be read to their end: after 100 pages of the one second "
                          "2023-11-14T22:14:20Z there is still no end");
  EXPECT_EQ(outbox.cursor(SourceKind::comments).error, report.error);
  EXPECT_EQ(outbox.cursor(SourceKind::comments).watermark, noon + 60s);
  EXPECT_TRUE(outbox.cursor(SourceKind::comments).retry_at.has_value());
  EXPECT_THAT(lines, HasSubstr("octo/lab: 50 pages of the comments have been read, up to 2023-11-14T22:14:20Z; there "
                               "are more"));
  const int before = endless;
  EXPECT_TRUE(poll().failed);
  EXPECT_EQ(endless, before) << "it rests";
}

TEST_F(LongWalk, GoesOnInTheNextPollWhileTheOthersAreRead) {
  start_small();
  poll();
  now += 60s;
  issue(1, true, "x", now);
  for (int i = 0; i < 330; ++i) say(PostKind::comment, 1, "@octocat", now += 1s);
  say(PostKind::review_comment, 1, "@mona", now);
  now += 60s;
  const PollReport first = poll();
  EXPECT_FALSE(first.failed) << first.error;
  EXPECT_TRUE(first.more);
  EXPECT_THAT(listener.names, Contains("mona"));
  EXPECT_EQ(outbox.cursor(SourceKind::comments).error, "");
  issue(2, false, "@hubot", now);
  now += 60s;
  const PollReport second = poll();
  EXPECT_FALSE(second.more);
  EXPECT_EQ(first.new_mentions + second.new_mentions, 332u);
  EXPECT_EQ(poll().new_mentions, 0u);
}

TEST_F(LongWalk, ASecondWithManyPagesIsReadOverManyPolls) {
  start_small();
  poll();
  now += 60s;
  issue(1, false, "x", now);
  for (int i = 0; i < 700; ++i) say(PostKind::comment, 1, "@octocat", now);
  now += 60s;
  std::size_t found = 0;
  int polls = 0;
  for (bool more = true; more && polls < 20; ++polls) {
    const PollReport report = poll();
    EXPECT_FALSE(report.failed) << report.error;
    found += report.new_mentions;
    more = report.more;
  }
  EXPECT_EQ(found, 700u);
  EXPECT_LE(polls, 6);
  EXPECT_EQ(outbox.cursor(SourceKind::comments).next_page, "");
  // Nor is it read again and again while nothing else is written.
  now += 150s;
  while (poll().more) {}
  poll();
  asked();
  EXPECT_FALSE(poll().more);
  EXPECT_THAT(asked(), ::testing::ElementsAre("/repositories/1/issues -> 304", "/repositories/1/issues/comments -> 304",
                                              "/repositories/1/pulls/comments -> 304"));
}

TEST_F(LongWalk, TheBaselineIsToldWhenAllOfItHasBeenRead) {
  issue(1, false, "x", noon - 1h);
  for (int i = 0; i < 330; ++i) say(PostKind::comment, 1, "@octocat", noon - 1h + std::chrono::seconds(i));
  start_small(2h);
  EXPECT_FALSE(poll().baseline);
  EXPECT_THAT(lines, Not(HasSubstr("baseline")));
  const PollReport second = poll();
  EXPECT_TRUE(second.baseline);
  EXPECT_EQ(second.known_posts, 331u);
}

TEST_F(LongWalk, ReviewsOfManyPullRequestsAreReadOverSeveralPolls) {
  poll();
  now += 60s;
  for (int number = 1; number <= 120; ++number) issue(number, true, "a pull request", now);
  say(PostKind::review, 120, "@octocat", now);
  now += 60s;
  asked();
  EXPECT_TRUE(poll().more);
  const auto paths = asked();
  const auto of_reviews = [](const std::string& path) { return path.find("/reviews") != path.npos; };
  EXPECT_EQ(std::ranges::count_if(paths, of_reviews), 100);
  const PollReport second = poll();
  EXPECT_FALSE(second.more);
  EXPECT_EQ(second.new_mentions, 1u);
  EXPECT_EQ(outbox.reviews_read.size(), 120u);
}

}  // namespace
}  // namespace beckon::core
