#include "feed_fixture.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>

namespace beckon::core {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

TEST_F(FeedTest, TheFirstPollIsABaselineAndSaysSo) {
  issue(1, false, "old, @octocat", noon - 24h);
  const PollReport report = poll();
  EXPECT_FALSE(report.failed);
  EXPECT_TRUE(report.baseline);
  EXPECT_EQ(report.known_posts, 0u);
  EXPECT_EQ(report.new_mentions, 0u);
  EXPECT_THAT(lines, HasSubstr("octo/lab: baseline: 0 known, new ones are told from now (2023-11-14T22:13:20Z) on"));
  EXPECT_FALSE(poll().baseline);
}

TEST_F(FeedTest, BackfillReadsWhatIsYoungerThanIt) {
  issue(1, false, "old, @octocat", noon - 24h * 30);
  issue(2, false, "recent, @octocat", noon - 24h * 3);
  start(std::chrono::hours(24 * 7));
  const PollReport report = poll();
  EXPECT_EQ(report.known_posts, 1u);
  EXPECT_EQ(report.new_mentions, 1u);
  EXPECT_THAT(lines, HasSubstr("baseline: 1 known, those of the last 7d are told (2023-11-07T22:13:20Z on)"));
}

TEST_F(FeedTest, EveryKindOfPostIsFoundOnceInTheOrderOfTheSources) {
  poll();
  now += 60s;
  issue(7, true, "body @a", now);
  say(PostKind::comment, 7, "comment @b", now);
  say(PostKind::review_comment, 7, "diff @c", now);
  say(PostKind::review, 7, "review @d", now);
  now += 60s;
  EXPECT_EQ(poll().new_mentions, 4u);
  EXPECT_THAT(listener.names, ElementsAre("a", "b", "c", "d"));
  EXPECT_THAT(listener.names_by_poll, ElementsAre(0u, 4u));
  EXPECT_EQ(outbox.threads.at(7).title, "A title");
  EXPECT_EQ(poll().new_mentions, 0u);
}

TEST_F(FeedTest, AMentionAddedByAnEditIsFound) {
  issue(1, false, "nobody", noon);
  poll();
  now += 60s;
  host.edit_post(1, "now @octocat", now);
  now += 60s;
  EXPECT_EQ(poll().new_mentions, 1u);
}

TEST_F(FeedTest, AQuietRepositoryIsAnsweredWithoutContent) {
  issue(1, false, "hello", noon);
  now += 60s;
  poll();
  poll();
  asked();
  EXPECT_FALSE(poll().failed);
  EXPECT_THAT(asked(), ElementsAre("/repositories/1/issues -> 304", "/repositories/1/issues/comments -> 304",
                                   "/repositories/1/pulls/comments -> 304"));
}

TEST_F(FeedTest, AKnownFeedIsOpenedBeforeTheForgeIsAsked) {
  poll();
  start();
  listener.openings.clear();
  refuse("/", 503);
  EXPECT_TRUE(poll().failed);
  EXPECT_THAT(listener.openings, ElementsAre("octo/lab without a clock"));
  allow();
  EXPECT_FALSE(poll().failed);
  EXPECT_THAT(listener.openings, ElementsAre("octo/lab without a clock", "octo/lab at 2023-11-14T22:13:20Z"));
}

TEST_F(FeedTest, WhatComesBetweenTheWishAndTheFirstAnswerIsNew) {
  issue(1, false, "before, @octocat", noon - 2h);
  issue(2, false, "while the forge was away, @octocat", noon - 30min);
  start(0s, 0ms, 1h + 500ms);
  refuse("/", 503);
  EXPECT_TRUE(poll().failed);
  allow();
  EXPECT_EQ(poll().new_mentions, 1u);
  EXPECT_THAT(listener.openings, ElementsAre("octo/lab at 2023-11-14T21:13:20Z"));
  EXPECT_THAT(lines, HasSubstr("new ones are told from now (2023-11-14T21:13:20Z) on"));
}

TEST_F(FeedTest, ANameThatPassesToAnotherRepositoryLaterBringsNoPast) {
  start(0s, 0ms, 1h + 500ms);
  poll();
  host.rename_repository("octo/lab", "octo/laboratory");
  host.add_repository("octo/lab");
  now += 2h;
  HostedPost post;
  post.author = "mona";
  post.body = "the name has changed";
  post.created = now;
  host.open_thread("octo/laboratory", 1, HostedThread{false, "t"}, post);
  poll();
  EXPECT_THAT(lines, HasSubstr("octo/lab: this name now belongs to another repository"));
  EXPECT_THAT(listener.openings, ElementsAre("octo/lab at 2023-11-14T21:13:20Z", "octo/lab at 2023-11-15T00:13:20Z"));
}

TEST_F(FeedTest, ARenamedRepositoryIsFollowedUnderItsNumber) {
  poll();
  host.rename_repository("octo/lab", "octo/laboratory");
  now += 60s;
  HostedPost post;
  post.author = "mona";
  post.body = "@octocat";
  post.created = now;
  host.open_thread("octo/laboratory", 1, HostedThread{false, "t"}, post);
  now += 60s;
  EXPECT_EQ(poll().new_mentions, 1u);
  start();
  EXPECT_FALSE(poll().failed);
  EXPECT_EQ(outbox.feeds.size(), 1u);
  EXPECT_EQ(outbox.feeds.at(1).repository.full_name, "octo/laboratory");
  EXPECT_THAT(lines, HasSubstr("octo/lab: is called octo/laboratory now"));
}

TEST_F(FeedTest, HistoryIsWalkedAfterTheHeadsAndEnds) {
  issue(1, false, "old, @octocat", noon - 24h);
  issue(2, true, "old too", noon - 24h);
  say(PostKind::review, 2, "old review of @mona", noon - 23h);
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
  EXPECT_EQ(report.known_posts, 3u);
  EXPECT_EQ(outbox.feeds.at(1).cursors.size(), 5u);
  EXPECT_THAT(listener.names, ElementsAre("octocat", "mona"));
}

TEST_F(FeedTest, ManyPagesAreCommittedOneByOneWithTheirCursors) {
  poll();
  now += 60s;
  issue(1, false, "x", now);
  for (int i = 0; i < 350; ++i) say(PostKind::comment, 1, "@octocat", now += 1s);
  now += 60s;
  outbox.commits.clear();
  EXPECT_EQ(poll().new_mentions, 350u);
  std::size_t pages = 0;
  ForgeTime watermark{};
  for (const PageCommit& commit : outbox.commits) {
    if (commit.cursor.source != SourceKind::comments) continue;
    ++pages;
    EXPECT_GE(commit.cursor.watermark, watermark);
    watermark = commit.cursor.watermark;
  }
  EXPECT_GE(pages, 4u);
  EXPECT_EQ(outbox.cursor(SourceKind::comments).watermark, now - 60s);
}

TEST_F(FeedTest, RunEndsWhenItIsCancelled) {
  asio::cancellation_signal signal;
  std::exception_ptr ended;
  bool done = false;
  auto body = [this] { return poller->run(); };
  asio::co_spawn(context, shielded(body),
                 asio::bind_cancellation_slot(signal.slot(), [&](std::exception_ptr e) { ended = e; done = true; }));
  context.restart();
  while (host.requests().size() < 4 && context.run_one() > 0) {}
  context.poll();
  signal.emit(asio::cancellation_type::terminal);
  context.run();
  ASSERT_TRUE(done);
  EXPECT_THROW(std::rethrow_exception(ended), boost::system::system_error);
  EXPECT_EQ(host.requests().size(), 4u);
}

TEST_F(FeedTest, AKnownFeedIsOpenedAtOnceHoweverFarItsFirstPollIs) {
  poll();
  asked();
  start(0s, 1h);
  listener.openings.clear();
  auto body = [this] { return poller->run(); };
  asio::co_spawn(context, shielded(body), [](std::exception_ptr) {});
  context.restart();
  context.poll();
  EXPECT_THAT(listener.openings, ElementsAre("octo/lab without a clock"));
  EXPECT_THAT(asked(), ElementsAre());
}

TEST_F(FeedTest, OneThatRestsAsksForItsNameAndReadsNothing) {
  issue(1, false, "@octocat", noon);
  now += 60s;
  start(24h);
  listener.role = FeedRole::rests;
  EXPECT_FALSE(poll().failed);
  EXPECT_FALSE(poll().failed);
  EXPECT_THAT(asked(), ElementsAre("/repos/octo/lab -> 200"));
  EXPECT_THAT(lines, Not(HasSubstr("baseline")));
}

// The same with the real outbox: a subscription that wants more history than the feed has yet.
class Subscriber final : public FeedListener {
 public:
  explicit Subscriber(Outbox& outbox) : outbox_(outbox) {}
  task<Result<FeedRole>> opened(Feed feed, std::optional<ForgeTime> now) override {
    std::vector<Wanted> wanted = subscriptions;
    const auto enrolled = co_await outbox_.enroll(feed.id, std::move(wanted), now);
    if (!enrolled) co_return enrolled.error();
    ids.clear();
    for (const Enrolled& one : *enrolled) ids.push_back(one.id);
    co_return FeedRole::reads;
  }
  void committed(std::int64_t, const PageCommitted&) override {}
  void polled(std::int64_t) override {}
  void noticed(std::int64_t) override {}

  std::vector<Wanted> subscriptions;
  std::vector<std::int64_t> ids;

 private:
  Outbox& outbox_;
};

TEST_F(FeedTest, WithTheRealOutboxALaterSubscriptionGetsItsHistoryOfEveryKind) {
  issue(1, true, "body @octocat", noon - 24h);
  say(PostKind::comment, 1, "comment @octocat", noon - 23h);
  say(PostKind::review_comment, 1, "diff @octocat", noon - 22h);
  say(PostKind::review, 1, "review @octocat", noon - 21h);
  auto opened = open_outbox(context.get_executor(), ":memory:");
  ASSERT_TRUE(opened.has_value()) << opened.error().message;
  Outbox& real = **opened;
  Subscriber subscriber(real);
  Wanted wanted;
  wanted.name = "now";
  wanted.login = "octocat";
  wanted.sink = "console";
  wanted.endpoint = "console a";
  wanted.filter = std::make_shared<const Filter>();
  subscriber.subscriptions = {wanted};

  FeedOptions options;
  options.repository = "octo/lab";
  const auto poll_anew = [&] {
    poller = make_feed(*forge, real, subscriber, options);
    return poll();
  };
  const PollReport first = poll_anew();
  EXPECT_TRUE(first.baseline);
  EXPECT_EQ(first.new_mentions, 0u);

  wanted.name = "history";
  wanted.endpoint = "console b";
  wanted.backfill = std::chrono::hours(48);
  subscriber.subscriptions.push_back(wanted);
  const PollReport second = poll_anew();
  EXPECT_FALSE(second.failed) << second.error;
  EXPECT_FALSE(second.baseline);
  EXPECT_EQ(second.new_mentions, 4u);
  ASSERT_EQ(subscriber.ids.size(), 2u);
  const auto now_claim = testing::run(context, [&] { return real.claim(subscriber.ids[0], 10); });
  const auto history_claim = testing::run(context, [&] { return real.claim(subscriber.ids[1], 10); });
  ASSERT_TRUE(now_claim.has_value() && history_claim.has_value());
  EXPECT_EQ(now_claim->mentions.size(), 0u);
  EXPECT_EQ(history_claim->mentions.size(), 4u);
  EXPECT_EQ(poll_anew().new_mentions, 0u);
  poller.reset();
}

}  // namespace
}  // namespace beckon::core
