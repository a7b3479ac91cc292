#include "feed/feed.hpp"

#include "base/log.hpp"
#include "forge/code_host.hpp"
#include "support/fake_http.hpp"
#include "support/fake_outbox.hpp"
#include "support/run.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace beckon::core {
namespace {

using testing::FakeHttp;
using testing::FakeOutbox;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr ForgeTime noon{std::chrono::seconds{1'700'000'000}};

class Listener final : public FeedListener {
 public:
  task<void> opened(Feed feed, std::optional<ForgeTime> now) override {
    openings.push_back(feed.repository.full_name + (now ? " at " + format_iso_time(*now) : " without a clock"));
    if (on_opened) on_opened(feed.id, now.has_value());
    co_return;
  }
  void committed(std::int64_t, const PageCommitted& page) override {
    names.insert(names.end(), page.names.begin(), page.names.end());
  }
  std::vector<std::string> openings;
  std::vector<std::string> names;
  std::function<void(std::int64_t, bool)> on_opened;
};

// A feed of "octo/lab" on a code host in memory, with its clock at noon.
class FeedTest : public ::testing::Test {
 protected:
  FeedTest() {
    host.add_repository("octo/lab");
    host.set_clock([this] { return now; });
    log::open(LogLevel::info, LogFormat::text);
    log::capture(&lines);
    start();
  }
  ~FeedTest() override { log::capture(nullptr); }

  // The daemon starts anew; the outbox stays.
  void start(std::chrono::seconds backfill = 0s) {
    poller.reset();
    GithubOptions options;
    options.api_url = testing::hosted_at;
    forge = make_github(http, options);
    FeedOptions feed;
    feed.repository = "octo/lab";
    feed.backfill = backfill;
    poller = make_feed(*forge, outbox, listener, feed);
  }
  PollReport poll() {
    return testing::run(context, [this] { return poller->poll(); });
  }
  void issue(std::int64_t number, bool pull_request, std::string body, ForgeTime at) {
    HostedPost post;
    post.author = "mona";
    post.body = std::move(body);
    post.created = at;
    host.open_thread("octo/lab", number, HostedThread{pull_request, "A title"}, post);
  }
  std::int64_t say(PostKind kind, std::int64_t thread, std::string body, ForgeTime at) {
    HostedPost post;
    post.kind = kind;
    post.thread = thread;
    post.author = "mona";
    post.body = std::move(body);
    post.created = at;
    return host.add_post("octo/lab", post);
  }
  // What was asked since the last call, without the query.
  std::vector<std::string> asked() {
    std::vector<std::string> paths;
    for (; reported < host.requests().size(); ++reported) {
      const std::string& line = host.requests()[reported];
      const std::size_t query = std::min(line.find('?'), line.rfind(" -> "));
      paths.push_back(line.substr(4, query - 4) + line.substr(line.rfind(" -> ")));
    }
    return paths;
  }
  // Answers to paths that contain `part` until it is empty.
  void refuse(std::string part, int status, std::string body = R"({"message": "Nope"})", HttpHeaders headers = {}) {
    host.set_interception([=](const HttpRequest& request) -> std::optional<HttpResponse> {
      if (request.url.find(part) == std::string::npos) return std::nullopt;
      return testing::response(status, body, headers);
    });
  }
  void allow() { host.set_interception({}); }

  ForgeTime now = noon;
  asio::io_context context{1};
  CodeHost host{testing::hosted_at};
  FakeHttp http{testing::hosted_by(host)};
  FakeOutbox outbox;
  Listener listener;
  std::unique_ptr<Forge> forge;
  std::unique_ptr<FeedPoller> poller;
  std::string lines;
  std::size_t reported = 0;
};

TEST_F(FeedTest, TheFirstPollIsABaselineAndSaysSo) {
  issue(1, false, "old, @octocat", noon - 24h);
  const PollReport report = poll();
  EXPECT_FALSE(report.failed);
  EXPECT_TRUE(report.baseline);
  EXPECT_EQ(report.known_posts, 0u);
  EXPECT_EQ(report.new_mentions, 0u);
  EXPECT_THAT(lines, HasSubstr("octo/lab: baseline: 0 known, new ones are told from now"));
  EXPECT_FALSE(poll().baseline);
}

TEST_F(FeedTest, BackfillReadsWhatIsYoungerThanIt) {
  issue(1, false, "old, @octocat", noon - 24h * 30);
  issue(2, false, "recent, @octocat", noon - 24h * 3);
  start(std::chrono::hours(24 * 7));
  const PollReport report = poll();
  EXPECT_EQ(report.known_posts, 1u);
  EXPECT_EQ(report.new_mentions, 1u);
  EXPECT_THAT(lines, HasSubstr("baseline: 1 known, those of the last 7d are told"));
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
  EXPECT_THAT(lines, IsEmpty());
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
  EXPECT_THAT(asked(), ::testing::Contains("/repos/octo/lab -> 200"));
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
    if (!clock || outbox.feeds.at(feed).cursors.size() > 4) return;
    Cursor walk = outbox.cursor(SourceKind::bodies);
    walk.walk = 1;
    walk.until = walk.watermark;
    walk.watermark -= 48h;
    outbox.feeds.at(feed).cursors.push_back(walk);
  };
  const PollReport report = poll();
  EXPECT_FALSE(report.failed) << report.error;
  EXPECT_EQ(report.known_posts, 3u);
  EXPECT_EQ(outbox.feeds.at(1).cursors.size(), 4u);
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

// The same with the real outbox: a subscription that wants more history than the feed has yet.
class Subscriber final : public FeedListener {
 public:
  explicit Subscriber(Outbox& outbox) : outbox_(outbox) {}
  task<void> opened(Feed feed, std::optional<ForgeTime> now) override {
    std::vector<Wanted> wanted = subscriptions;
    const auto enrolled = co_await outbox_.enroll(feed.id, std::move(wanted), now);
    if (!enrolled) throw std::runtime_error(enrolled.error().message);
    ids.clear();
    for (const Enrolled& one : *enrolled) ids.push_back(one.id);
  }
  void committed(std::int64_t, const PageCommitted&) override {}

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
