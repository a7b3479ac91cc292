// How far a long reading has come: the reckoning, and what a feed tells of it.
#include "feed/progress.hpp"

#include "feed_fixture.hpp"

#include <algorithm>

namespace beckon::core {
namespace {

using namespace testing;
using ::testing::HasSubstr;
using ::testing::Not;

// Of a hundred hours that end at noon.
PagesRead read_until(std::chrono::hours covered, std::size_t pages) {
  PagesRead read;
  read.count = pages;
  read.begin = noon - 100h;
  read.position = read.begin + covered;
  read.now = noon;
  return read;
}

TEST(EstimateLeft, TheForgesOwnCountIsBelieved) {
  PagesRead read = read_until(50h, 10);
  read.following = 7;
  EXPECT_EQ(estimate_left(read), 7u);
}

TEST(EstimateLeft, OfAWalkOnlyThePagesBeforeItsEndCount) {
  PagesRead read = read_until(20h, 10);
  read.following = 80;
  read.end = noon - 60h;   // 20 of the 80 hours that are left
  EXPECT_EQ(estimate_left(read), 20u);
  read.end = noon + 1h;
  EXPECT_EQ(estimate_left(read), 80u) << "the present is an end, too";
  read.end = read.position - 1h;
  EXPECT_EQ(estimate_left(read), 1u);
}

TEST(EstimateLeft, WithoutACountTheTimeThatIsCoveredTells) {
  EXPECT_EQ(estimate_left(read_until(25h, 10)), 30u);
  EXPECT_EQ(estimate_left(read_until(99h, 10)), 1u);
  PagesRead walk = read_until(25h, 10);
  walk.end = noon - 50h;
  EXPECT_EQ(estimate_left(walk), 10u);
}

TEST(EstimateLeft, OfTooLittleNothingIsConcluded) {
  EXPECT_EQ(estimate_left(read_until(0h, 10)), std::nullopt);
  PagesRead backwards = read_until(25h, 10);
  std::swap(backwards.begin, backwards.position);
  EXPECT_EQ(estimate_left(backwards), std::nullopt);
  PagesRead barely = read_until(25h, 10);
  barely.position = barely.begin + 1min;
  EXPECT_EQ(estimate_left(barely), std::nullopt);
}

constexpr ReadingProgress::Part bodies{SourceKind::bodies, 0}, comments{SourceKind::comments, 0}, walk{SourceKind::comments, 3};

TEST(ReadingProgress, SaysNothingWhereEachSourceHasOnePage) {
  ReadingProgress progress;
  progress.expect({bodies, comments});
  EXPECT_EQ(progress.total(), std::nullopt);
  progress.finish(bodies, 1);
  progress.finish(comments, 0);
  EXPECT_EQ(progress.total(), std::nullopt);
}

TEST(ReadingProgress, AddsUpAllSourcesOnceEachHasBeenAsked) {
  ReadingProgress progress;
  progress.expect({bodies, comments});
  progress.read(bodies, 9);
  EXPECT_EQ(progress.total(), (FeedProgress{1, std::nullopt}));
  progress.read(comments, 20);
  EXPECT_EQ(progress.total(), (FeedProgress{2, 29}));
  progress.read(bodies, 8);
  EXPECT_EQ(progress.total(), (FeedProgress{3, 28}));
  progress.finish(bodies, 1);
  EXPECT_EQ(progress.total(), (FeedProgress{4, 20}));
  progress.finish(bodies, 1);
  EXPECT_EQ(progress.total(), (FeedProgress{4, 20})) << "a second look is not part of it";
  progress.finish(comments, 1);
  EXPECT_EQ(progress.total(), std::nullopt);
}

TEST(ReadingProgress, WhatIsNotReadAnyMoreHoldsNothingUp) {
  ReadingProgress progress;
  progress.expect({bodies, walk});
  progress.read(bodies, 9);
  progress.read(walk, std::nullopt);
  progress.expect({bodies});
  EXPECT_EQ(progress.total(), (FeedProgress{1, 9})) << "the walk's subscription is gone";
  progress.abandon(bodies);
  EXPECT_EQ(progress.total(), std::nullopt) << "its source rests";
}

TEST(LineIsDue, FirstAfterManyPagesOrSecondsAndThenInSteps) {
  const SteadyTime begun{1h};
  EXPECT_FALSE(line_is_due(49, begun, std::nullopt, begun + 4s));
  EXPECT_TRUE(line_is_due(50, begun, std::nullopt, begun));
  EXPECT_TRUE(line_is_due(1, begun, std::nullopt, begun + 5s));
  EXPECT_FALSE(line_is_due(1000, begun, begun + 5s, begun + 9s));
  EXPECT_TRUE(line_is_due(7, begun, begun + 5s, begun + 10s));
}

class LongReading : public FeedTest {
 protected:
  // Ten posts a page, read back to two hours before noon.
  void start_small() {
    poller.reset();
    GithubOptions options;
    options.api_url = hosted_at;
    options.page_size = 10;
    forge = make_github(http, options);
    FeedOptions feed;
    feed.repository = "octo/lab";
    feed.backfill = 2h;
    poller = make_feed(*forge, outbox, listener, feed);
  }
  void comment(int count, ForgeTime from = noon - 100min) {
    for (int i = 0; i < count; ++i) say(PostKind::comment, 1, "x", from + std::chrono::seconds(i * 10));
  }
  // GitHub's lists that are paged by keys: nobody says how many pages there are.
  void hide_the_last_page() {
    host.set_interception([this](const HttpRequest& request) -> std::optional<HttpResponse> {
      if (inside) return std::nullopt;
      inside = true;
      HttpResponse answer = host.answer(request);
      inside = false;
      for (auto& [name, value] : answer.headers)
        if (name == "Link") value = value.substr(0, value.find(", <" + std::string(hosted_at) + "/repositories/1/issues/comments?") );
      return answer;
    });
  }
  bool inside = false;
};

TEST_F(LongReading, PagesDoneGrowAndPagesLeftFallUntilAllIsRead) {
  issue(1, false, "x", noon - 100min);
  comment(500);
  start_small();
  PollReport report = poll();
  EXPECT_TRUE(report.more);
  ASSERT_TRUE(listener.progress.back().has_value()) << "between two polls it stays";
  // One of bodies, an empty one of review comments, thirty of comments, each with a post of the one before.
  EXPECT_EQ(listener.progress.back()->pages_done, 32u);
  std::optional<std::size_t> left;
  for (const auto& now : listener.progress) {
    if (!now || !now->pages_left) continue;
    if (left) {
      EXPECT_LE(*now->pages_left, *left);
    }
    left = now->pages_left;
  }
  ASSERT_TRUE(left.has_value());
  const std::size_t said = *left;
  const std::size_t before = listener.progress.size();
  while (poll().more) {}
  EXPECT_EQ(listener.progress.back(), std::nullopt) << "it is over";
  EXPECT_GE(listener.progress.size() - before, said);
  EXPECT_LE(listener.progress.size() - before, said + said / 2);
  const std::size_t told = listener.progress.size();
  poll();
  EXPECT_EQ(listener.progress.size(), told) << "an ordinary poll is no long reading";
}

TEST_F(LongReading, WithoutALastPageTheTimeTells) {
  issue(1, false, "x", noon - 100min);
  comment(600);
  hide_the_last_page();
  start_small();
  poll();
  ASSERT_TRUE(listener.progress.back().has_value());
  ASSERT_TRUE(listener.progress.back()->pages_left.has_value());
  EXPECT_GT(*listener.progress.back()->pages_left, 20u);
  EXPECT_LT(*listener.progress.back()->pages_left, 80u);
}

TEST_F(LongReading, ReviewsOfManyPullRequestsCountOneByOne) {
  poll();
  now += 60s;
  for (int number = 1; number <= 250; ++number) issue(number, true, "a pull request", now);
  now += 60s;
  EXPECT_TRUE(poll().more);
  ASSERT_TRUE(listener.progress.back().has_value());
  EXPECT_EQ(listener.progress.back()->pages_left, 150u);
  EXPECT_THAT(told(), HasSubstr("octo/lab: the reviews of 50 pull requests have been read; 200 more are due"));
  while (poll().more) {}
  EXPECT_EQ(listener.progress.back(), std::nullopt);
}

TEST_F(LongReading, ASourceThatFailsInTheMiddleIsNotWaitedFor) {
  issue(1, false, "x", noon - 100min);
  comment(400);
  start_small();
  EXPECT_TRUE(poll().more);
  refuse("/issues/comments", 403);
  poll();
  EXPECT_EQ(listener.progress.back(), std::nullopt);
  allow();
}

TEST_F(LongReading, AForgeThatAsksForAPauseLeavesItAsItStands) {
  issue(1, false, "x", noon - 100min);
  comment(400);
  start_small();
  EXPECT_TRUE(poll().more);
  const auto before = listener.progress.back();
  ASSERT_TRUE(before.has_value());
  refuse("/issues/comments", 429, R"({"message": "slow down"})", {{"Retry-After", "60"}});
  poll();
  EXPECT_EQ(listener.progress.back(), before);
  allow();
}

}  // namespace
}  // namespace beckon::core
