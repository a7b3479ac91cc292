// How many of a post's names reach the log, and what the log of the program says of it.
#include "fixture.hpp"

#include "base/log.hpp"

#include <gmock/gmock.h>

namespace beckon::core::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class OutboxNames : public OutboxDeliveries {
 protected:
  void SetUp() override {
    OutboxDeliveries::SetUp();
    log::capture(&lines);
  }
  void TearDown() override {
    log::capture(nullptr);
    OutboxDeliveries::TearDown();
  }
  static std::vector<std::string> crowd(int size) {
    std::vector<std::string> names;
    for (int i = 0; i < size; ++i) names.push_back("user" + std::to_string(i));
    return names;
  }
  std::string lines;
};

TEST_F(OutboxNames, OfThoseWhomNobodyWatchesTheFirstFiftyAreKept) {
  EXPECT_EQ(commit(feed, {{comment(1, "all"), crowd(400)}}).new_mentions, 50u);
  EXPECT_EQ(commit(feed, {{comment(1, "all"), crowd(400)}}).new_mentions, 0u);
  get(outbox->enroll(feed.id, {wanted("late", "user49", "x"), wanted("later", "user50", "y")}, t0));
  EXPECT_EQ(get(outbox->counts()).owed, 1u);
}

TEST_F(OutboxNames, WhoIsWatchedIsToldHoweverManyStandBefore) {
  auto names = crowd(400);
  names.push_back("octocat");
  const PageCommitted committed = commit(feed, {{comment(1, "all"), names}});
  EXPECT_EQ(committed.new_mentions, 51u);
  EXPECT_EQ(ids(claim(me)), (std::vector<std::int64_t>{1}));
  EXPECT_EQ(commit(feed, {{comment(1, "all"), names}}).new_mentions, 0u);
}

TEST_F(OutboxNames, WhoIsWatchedNoLongerOrElsewhereIsNobody) {
  Repository other = repository();
  other.forge_id = 43;
  other.full_name = "o/other";
  const Feed elsewhere = get(outbox->open_feed("github", "o/other", other, t0));
  auto names = crowd(50);
  names.push_back("octocat");
  EXPECT_EQ(commit(elsewhere, {{comment(1, "all"), names}}).new_mentions, 50u);
  get(outbox->enroll(feed.id, {}, t0));
  EXPECT_EQ(commit(feed, {{comment(2, "all"), names}}).new_mentions, 50u);
}

TEST_F(OutboxNames, WhereEverybodyIsWatchedAThousandAreKeptAndTheRestIsSaid) {
  enroll_with("*", {});
  EXPECT_EQ(commit(feed, {{comment(1, "all"), crowd(1000)}}).new_mentions, 1000u);
  EXPECT_THAT(lines, Not(HasSubstr("warn")));
  EXPECT_EQ(commit(feed, {{comment(2, "all"), crowd(1200)}}).new_mentions, 1000u);
  EXPECT_THAT(lines, HasSubstr("warn outbox: https://github.test/o/r/issues/7#issuecomment-2 names 1200 people; the "
                               "first 1000 of those who are watched are told, 200 are not"));
}

TEST_F(OutboxNames, TheDebugLogSaysWhoIsMentionedAndWhoIsNotTold) {
  Filter filter;
  filter.ignore_authors = {"noisy"};
  filter.include_bots = false;
  const std::int64_t filtered = enroll_with("octocat", filter);
  EXPECT_THAT(lines, HasSubstr("debug outbox: \"filtered\" is told of octocat from 2026-"));
  commit(feed, {by(1, "noisy"), by(2, "ci", true), by(3, "octocat"), by(4, "mona")});
  EXPECT_THAT(lines, HasSubstr("debug outbox: @octocat is mentioned in "
                               "https://github.test/o/r/issues/7#issuecomment-4, written 2026-"));
  claim(filtered);
  for (const char* line : {"#issuecomment-1: its author is ignored (ignore_authors)",
                           "#issuecomment-2: a bot wrote it (include_bots)",
                           "#issuecomment-3: it is their own (include_own)"})
    EXPECT_THAT(lines, HasSubstr(std::string("debug outbox: the watcher of octocat is not told of @octocat in "
                                             "https://github.test/o/r/issues/7") + line));
  EXPECT_THAT(lines, Not(HasSubstr("issuecomment-4: ")));
  EXPECT_THAT(lines, Not(HasSubstr("text"))) << "no post's text";
}

TEST_F(OutboxNames, AHoldAndARepositorysMarkSurviveARestart) {
  EXPECT_FALSE(get(outbox->held("https://api.github.test", "github")));
  Hold hold{std::string("k\0\xff", 3), from_unix_ms(1'780'000'123'456), "slow down"};
  get(outbox->hold("https://api.github.test", "github", hold));
  get(outbox->open_feed("github", "o/r", repository(), t0, {"W/\"e\"", std::string("\0k", 2), false}));
  reopen();
  const auto kept = get(outbox->held("https://api.github.test", "github"));
  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->key, hold.key);
  EXPECT_EQ(kept->until, hold.until);
  EXPECT_EQ(kept->reason, "slow down");
  EXPECT_FALSE(get(outbox->held("https://api.github.test", "other")));
  const RepositoryMark mark = get(outbox->feed(feed.id)).mark;
  EXPECT_EQ(mark.etag, "W/\"e\"");
  EXPECT_EQ(mark.etag_key, std::string("\0k", 2));
  EXPECT_FALSE(mark.has_issues);
  hold.until += 1h;
  get(outbox->hold("https://api.github.test", "github", hold));
  EXPECT_EQ(get(outbox->held("https://api.github.test", "github"))->until, hold.until);
}

}  // namespace
}  // namespace beckon::core::testing
