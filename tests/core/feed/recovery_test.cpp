// What must not last: a trouble that is over, or that concerns one thing only.
#include "feed_fixture.hpp"

#include <boost/asio/post.hpp>

namespace beckon::core {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST_F(FeedTest, WhoCouldNotBeEnrolledIsEnrolledByTheNextPoll) {
  listener.failure = "the disk is full";
  EXPECT_THAT(poll().error, HasSubstr("the disk is full"));
  listener.openings.clear();
  listener.failure.clear();
  const PollReport report = poll();
  EXPECT_FALSE(report.failed) << report.error;
  EXPECT_TRUE(report.baseline);
  EXPECT_THAT(listener.openings, ElementsAre(HasSubstr("octo/lab at ")));
  poll();
  EXPECT_EQ(listener.openings.size(), 1u);
}

TEST_F(FeedTest, WhoCouldNotBeEnrolledAtTheStartOfAKnownFeedIsEnrolledByTheNextPoll) {
  poll();
  start();
  listener.failure = "the disk is full";
  EXPECT_TRUE(poll().failed);
  listener.openings.clear();
  listener.failure.clear();
  EXPECT_FALSE(poll().failed);
  EXPECT_THAT(listener.openings, ElementsAre("octo/lab without a clock", HasSubstr("octo/lab at ")));
}

TEST_F(FeedTest, ALinkThatLeadsNowhereAnyMoreIsGivenUp) {
  poll();
  now += 60s;
  issue(1, false, "x", now);
  say(PostKind::comment, 1, "@octocat", now);
  now += 60s;
  for (Cursor& cursor : outbox.feeds.at(1).cursors) {
    if (cursor.source != SourceKind::comments) continue;
    cursor.next_page = std::string(hosted_at) + "/repositories/1/issues/comments?after=expired&page=2";
    cursor.error = "127.0.0.1:8080 answered 422 \"Nope\" to a question about the comments of octo/lab; is `api_url` of "
                   "[forges.github] the address of its API?";
  }
  refuse("after=expired", 422);
  const PollReport report = poll();
  EXPECT_THAT(report.error, HasSubstr("422"));
  EXPECT_EQ(outbox.cursor(SourceKind::comments).next_page, "");
  EXPECT_EQ(poll().new_mentions, 1u);
  EXPECT_EQ(outbox.cursor(SourceKind::comments).error, "");
}

TEST_F(FeedTest, ALinkIsKeptWhileTheForgeCannotBeReached) {
  poll();
  const std::string link = std::string(hosted_at) + "/repositories/1/issues/comments?page=2";
  for (Cursor& cursor : outbox.feeds.at(1).cursors)
    if (cursor.source == SourceKind::comments) cursor.next_page = link;
  refuse("page=2", 429, "{}", {{"Retry-After", "30"}});
  EXPECT_TRUE(poll().failed);
  EXPECT_EQ(outbox.cursor(SourceKind::comments).next_page, link);
}

TEST_F(FeedTest, PullRequestsThatCanNeverBeReadDoNotKeepTheOthersBackForever) {
  poll();
  now += 60s;
  for (int number = 1; number <= 6; ++number) issue(number, true, "a pull request", now);
  say(PostKind::review, 6, "@octocat", now);
  now += 60s;
  host.set_interception([](const HttpRequest& request) -> std::optional<HttpResponse> {
    const bool broken = request.url.find("/reviews") != std::string::npos && request.url.find("/6/") == std::string::npos;
    if (!broken) return std::nullopt;
    return response(502, "<html>");
  });
  std::size_t found = 0;
  for (int polls = 0; polls < 3; ++polls) found += poll().new_mentions;
  EXPECT_EQ(found, 1u);
  allow();
  EXPECT_FALSE(poll().failed);
  EXPECT_EQ(outbox.reviews_read.size(), 6u);
}

// Counts the turns that others get between a page's arrival and its commit.
class Turns final : public FakeOutbox {
 public:
  explicit Turns(asio::io_context& context) : context_(context) {}
  task<Result<std::vector<DueReview>>> due_reviews(std::int64_t, std::size_t) override {
    co_return std::vector<DueReview>();
  }
  task<Result<PageCommitted>> commit_page(PageCommit page) override {
    if (!page.posts.empty()) counted = turns_;
    return FakeOutbox::commit_page(std::move(page));
  }
  void begin() {
    turns_ = 0;
    take_turn();
  }
  std::size_t counted = 0;

 private:
  void take_turn() {
    ++turns_;
    asio::post(context_, [this] { take_turn(); });
  }
  asio::io_context& context_;
  std::size_t turns_ = 0;
};

TEST_F(FeedTest, APageOfLongTextsLeavesTurnsToOthers) {
  Turns turns(context);
  FeedOptions options;
  options.repository = "octo/lab";
  poller = make_feed(*forge, turns, listener, options);
  poll();
  now += 60s;
  const std::string text(64 * 1024, 'x');
  for (int number = 1; number <= 20; ++number) issue(number, false, text, now);
  host.set_interception([&](const HttpRequest& request) -> std::optional<HttpResponse> {
    if (request.url.find("/issues?") != std::string::npos) turns.begin();
    return std::nullopt;
  });
  EXPECT_FALSE(poll().failed);
  EXPECT_GE(turns.counted, 20u);
  poller.reset();
}

}  // namespace
}  // namespace beckon::core
