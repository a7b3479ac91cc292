#include "fixture.hpp"

namespace beckon::core::testing {
namespace {

class OutboxFeeds : public OutboxFact {};

TEST_F(OutboxFeeds, NewFeedHasAHeadForEverySource) {
  const Feed feed = open_feed();
  ASSERT_EQ(feed.cursors.size(), 5u);
  for (const Cursor& cursor : feed.cursors) {
    EXPECT_EQ(cursor.walk, 0);
    EXPECT_EQ(cursor.watermark, t0);
    EXPECT_FALSE(cursor.until);
    EXPECT_TRUE(cursor.error.empty());
  }
  EXPECT_EQ(feed.repository.full_name, "O/R");
  EXPECT_EQ(feed.repository.forge_id, 42);
}

TEST_F(OutboxFeeds, IsFoundByConfiguredAndByTodaysNameInAnyCase) {
  Repository renamed = repository();
  renamed.full_name = "New/Name";
  const Feed feed = get(outbox->open_feed("github", "O/r", renamed, t0));
  for (const char* name : {"o/R", "new/NAME"}) {
    const auto found = get(outbox->find_feed(renamed.origin, "github", name));
    ASSERT_TRUE(found) << name;
    EXPECT_EQ(found->id, feed.id);
    EXPECT_EQ(found->cursors.size(), 5u);
  }
  EXPECT_FALSE(get(outbox->find_feed(renamed.origin, "other", "o/r")));
  EXPECT_FALSE(get(outbox->find_feed("https://elsewhere.test", "github", "o/r")));
  EXPECT_FALSE(get(outbox->find_feed(renamed.origin, "github", "o/other")));
}

TEST_F(OutboxFeeds, SurvivesARenameWithoutRepeatingAnything) {
  const Feed feed = open_feed();
  const Enrolled me = enroll(feed, wanted("me", "octocat"));
  mention(feed, "octocat", 3);
  deliver(me.id);
  Repository renamed = repository();
  renamed.full_name = "O/Renamed";
  const Feed again = get(outbox->open_feed("github", "o/r", renamed, t0 + 24h));
  EXPECT_EQ(again.id, feed.id);
  EXPECT_EQ(again.repository.full_name, "O/Renamed");
  EXPECT_EQ(head(again).watermark, t0);
  mention(again, "octocat", 3);
  EXPECT_TRUE(claim(me.id).mentions.empty());
  EXPECT_EQ(get(outbox->find_feed(renamed.origin, "github", "o/renamed"))->id, feed.id);
  mention(again, "octocat", 1, 50);
  EXPECT_EQ(claim(me.id).mentions.at(0).mention.repository.full_name, "O/Renamed");
}

TEST_F(OutboxFeeds, NameThatPassedToAnotherRepositoryLeadsThere) {
  const Feed old = open_feed();
  Repository other = repository();
  other.forge_id = 43;
  const Feed feed = get(outbox->open_feed("github", "o/r", other, t0));
  EXPECT_NE(feed.id, old.id);
  EXPECT_EQ(get(outbox->find_feed(other.origin, "github", "o/r"))->id, feed.id);
}

TEST_F(OutboxFeeds, CursorComesBackWholeAfterARestart) {
  const Feed feed = open_feed();
  Cursor cursor = head(feed, SourceKind::review_comments);
  cursor.watermark = t0 + 5h;
  cursor.etag = "W/\"abc\"";
  cursor.etag_key = std::string("k\0\xff", 3);
  cursor.next_page = "https://api.github.test/next?page=2";
  cursor.retry_at = from_unix_ms(1'780'000'000'123);
  cursor.error = "switched off";
  get(outbox->save_cursor(feed.id, cursor));
  reopen();
  const Cursor read = head(get(outbox->feed(feed.id)), SourceKind::review_comments);
  EXPECT_EQ(read.watermark, cursor.watermark);
  EXPECT_EQ(read.etag, cursor.etag);
  EXPECT_EQ(read.etag_key, cursor.etag_key);
  EXPECT_EQ(read.next_page, cursor.next_page);
  EXPECT_EQ(read.retry_at, cursor.retry_at);
  EXPECT_EQ(read.error, cursor.error);
}

TEST_F(OutboxFeeds, WhatIsUnknownIsABugOfTheCallersAndThrows) {
  const Feed feed = open_feed();
  Cursor walk = head(feed);
  walk.walk = 9;
  EXPECT_THROW(ask(outbox->save_cursor(feed.id, walk)), std::logic_error);
  EXPECT_THROW(ask(outbox->feed(feed.id + 1)), std::logic_error);
  EXPECT_THROW(ask(outbox->enroll(feed.id + 1, std::vector<Wanted>{}, t0)), std::logic_error);
  EXPECT_THROW(ask(outbox->claim(77, 1)), std::logic_error);
  EXPECT_THROW(ask(outbox->bury_endpoint(77, "c", "r")), std::logic_error);
}

class OutboxPages : public OutboxFact {};

TEST_F(OutboxPages, PostIsLoggedOnceHoweverOftenItsPageComes) {
  const Feed feed = open_feed();
  const std::vector<SeenPost> posts{
      {comment(1, "@a @b"), {"a", "b"}}, {comment(2, "@a"), {"a"}}, {comment(3, "nobody"), {}}};
  const PageCommitted first = commit(feed, posts);
  EXPECT_EQ(first.new_posts, 3u);
  EXPECT_EQ(first.new_mentions, 3u);
  EXPECT_EQ(first.names, (std::vector<std::string>{"a", "b"}));
  const PageCommitted second = commit(feed, posts);
  EXPECT_EQ(second.new_posts, 0u);
  EXPECT_EQ(second.new_mentions, 0u);
  EXPECT_TRUE(second.names.empty());
}

// A page that the forge gave at `date`.
struct OutboxTimes : OutboxPages {
  using Ages = std::vector<std::chrono::seconds>;
  Ages found_after(const Feed& feed, ForgeTime date, std::vector<SeenPost> posts) {
    PageCommit commit = page(feed, std::move(posts));
    commit.date = date;
    return get(outbox->commit_page(std::move(commit))).found_after;
  }
  // As if whoever is enrolled had been so for that long.
  void watched_for(std::chrono::seconds time) {
    while_closed([&](Database& db) { db.execute("UPDATE subscription SET created_at = created_at - ?", Milliseconds(time).count()); });
  }
  const ForgeTime now = std::chrono::floor<std::chrono::seconds>(wall_now());
};

TEST_F(OutboxTimes, OnlyWhatAppearedWhileSomebodyWatchedIsTimed) {
  const Feed feed = open_feed();
  EXPECT_EQ(found_after(feed, now, {{comment(1, "@octocat", now - 9s), {"octocat"}}}), Ages{}) << "nobody watches yet";
  enroll(feed, wanted("me", "octocat"), now);
  watched_for(60s);
  Post labelled = comment(5, "@octocat", now - 20s);
  labelled.kind = PostKind::body;
  labelled.updated = now - 1s;
  EXPECT_EQ(found_after(feed, now, {{comment(2, "@octocat", now - 3600s), {"octocat"}}, {comment(4, "nobody", now - 30s), {}},
                                    {comment(3, "@octocat @hubot", now - 6s), {"octocat", "hubot"}}, {labelled, {"octocat"}}}),
            (Ages{6s, 1s})) << "once for each post, from its last update";
  EXPECT_EQ(found_after(feed, now, {{comment(3, "@octocat @hubot", now - 6s), {"octocat", "hubot"}}}), Ages{}) << "it was known";
  Post edited = comment(4, "@octocat", now - 30s);
  edited.updated = now - 5s;
  EXPECT_EQ(found_after(feed, now, {{edited, {"octocat"}}}), Ages{5s});
}

TEST_F(OutboxTimes, TheForgesClockAloneIsAsked) {
  const Feed feed = open_feed();
  const ForgeTime theirs = now - 5h;
  enroll(feed, wanted("me", "octocat"), theirs);
  watched_for(60s);
  EXPECT_EQ(found_after(feed, theirs, {{comment(1, "@octocat", theirs - 20s), {"octocat"}}}), Ages{20s});
  EXPECT_EQ(found_after(feed, theirs, {{comment(2, "@octocat", theirs - 600s), {"octocat"}}}), Ages{});
}

TEST_F(OutboxTimes, WhoComesLaterWithABackfillMakesNoHistoryNew) {
  const Feed feed = open_feed();
  enroll(feed, wanted("me", "octocat"), now);
  watched_for(2h);
  Wanted late = wanted("late", "hubot", "slack https://hooks.test/b");
  late.backfill = 24h;
  get(outbox->enroll(feed.id, {wanted("me", "octocat"), late}, now));
  EXPECT_EQ(found_after(feed, now, {{comment(1, "@hubot", now - 86000s), {"hubot"}}, {comment(2, "@hubot", now - 3600s), {"hubot"}}}),
            Ages{3600s}) << "the daemon was down for an hour";
  // Whoever has watched for longest leaves.
  get(outbox->enroll(feed.id, {late}, now));
  EXPECT_EQ(found_after(feed, now, {{comment(3, "@hubot", now - 3600s), {"hubot"}}}), Ages{});
}

TEST_F(OutboxPages, SameNumberInAnotherKindIsAnotherPost) {
  const Feed feed = open_feed();
  Post review = comment(1, "@a");
  review.kind = PostKind::review;
  EXPECT_EQ(commit(feed, {{comment(1, "@a"), {"a"}}, {review, {"a"}}}).new_mentions, 2u);
}

TEST_F(OutboxPages, NameAddedByAnEditIsToldAndTheOthersAreNot) {
  const Feed feed = open_feed(t0 - 1000h);
  const Enrolled a = enroll(feed, wanted("a", "a"), t0 - 1000h);
  const Enrolled b = get(outbox->enroll(feed.id, {wanted("a", "a"), wanted("b", "b")}, t0)).at(1);
  Post post = comment(1, "Hi @a", t0 - 500h);
  commit(feed, {{post, {"a"}}});
  deliver(a.id);
  post.body = "Hi @a and @b";
  post.updated = t0 + 2h;
  const PageCommitted edited = commit(feed, {{post, {"a", "b"}}});
  EXPECT_EQ(edited.names, std::vector<std::string>{"b"});
  EXPECT_EQ(edited.new_posts, 0u);
  EXPECT_TRUE(claim(a.id).mentions.empty());
  const Claim told = claim(b.id);
  ASSERT_EQ(told.mentions.size(), 1u);
  EXPECT_TRUE(told.mentions[0].mention.edited);
  EXPECT_EQ(told.mentions[0].mention.appeared, t0 + 2h);
  EXPECT_EQ(told.mentions[0].mention.post.body, "Hi @a and @b");
}

TEST_F(OutboxPages, WhatIsStillOwedGoesOutAsThePostReadsNow) {
  const Feed feed = open_feed();
  const Enrolled a = enroll(feed, wanted("a", "a"));
  Post post = comment(1, "Hi @a");
  commit(feed, {{post, {"a"}}});
  post.body = "Never mind";
  post.updated += 60s;
  commit(feed, {{post, {}}});
  EXPECT_EQ(claim(a.id).mentions.at(0).mention.post.body, "Never mind");
}

TEST_F(OutboxPages, NameThatWasRemovedAndCameBackIsToldOnce) {
  const Feed feed = open_feed();
  const Enrolled a = enroll(feed, wanted("a", "a"));
  Post post = comment(1, "Hi @a");
  commit(feed, {{post, {"a"}}});
  deliver(a.id);
  for (const char* body : {"Hi", "Hi @a again"}) {
    post.body = body;
    post.updated += 60s;
    const bool named = post.body.find('@') != std::string::npos;
    commit(feed, {{post, named ? std::vector<std::string>{"a"} : std::vector<std::string>{}}});
  }
  EXPECT_TRUE(claim(a.id).mentions.empty());
}

TEST_F(OutboxPages, NameOfAPostThatWasKnownWithoutAnyIsTold) {
  const Feed feed = open_feed();
  const Enrolled a = enroll(feed, wanted("a", "a"));
  Post post = comment(1, "Hi");
  commit(feed, {{post, {}}});
  post.body = "Hi @a";
  post.updated += 60s;
  commit(feed, {{post, {"a"}}});
  const Claim told = claim(a.id);
  ASSERT_EQ(told.mentions.size(), 1u);
  EXPECT_EQ(told.mentions[0].mention.post.body, "Hi @a");
  EXPECT_EQ(told.mentions[0].mention.post.author.login, "Mona");
}

TEST_F(OutboxPages, OlderAnswerOfALaggingReplicaChangesNothing) {
  const Feed feed = open_feed();
  const Enrolled a = enroll(feed, wanted("a", "a"));
  Post post = comment(1, "now @a");
  post.updated += 60s;
  commit(feed, {{post, {"a"}}});
  post.body = "before @b";
  post.updated -= 30s;
  EXPECT_EQ(commit(feed, {{post, {"b"}}}).new_mentions, 0u);
  EXPECT_EQ(claim(a.id).mentions.at(0).mention.post.body, "now @a");
}


TEST_F(OutboxPages, PageAndCursorCommitTogetherOrNotAtAll) {
  const Feed feed = open_feed();
  PageCommit broken = page(feed, {{comment(1, "@a"), {"a"}}});
  broken.cursor.watermark = t0 + 1h;
  broken.walk_finished = true;  // the head is no walk
  EXPECT_THROW(ask(outbox->commit_page(broken)), std::logic_error);
  EXPECT_EQ(head(get(outbox->feed(feed.id))).watermark, t0);
  broken.walk_finished = false;
  EXPECT_EQ(get(outbox->commit_page(broken)).new_posts, 1u);
  EXPECT_EQ(head(get(outbox->feed(feed.id))).watermark, t0 + 1h);
}

TEST_F(OutboxPages, KnownTitleIsNotLostToAPageThatDoesNotKnowIt) {
  const Feed feed = open_feed();
  const Enrolled a = enroll(feed, wanted("a", "a"));
  PageCommit bodies = page(feed, {});
  bodies.threads = {{7, true, "A title", "https://github.test/o/r/pull/7", t0}};
  get(outbox->commit_page(bodies));
  PageCommit comments = page(feed, {{comment(1, "@a"), {"a"}}});
  comments.threads = {{7, false, "", "", {}}};
  get(outbox->commit_page(comments));
  const Thread thread = claim(a.id).mentions.at(0).mention.thread;
  EXPECT_EQ(thread.title, "A title");
  EXPECT_EQ(thread.url, "https://github.test/o/r/pull/7");
  EXPECT_TRUE(thread.is_pull_request);
  EXPECT_EQ(thread.updated, t0);
  bodies.threads[0].title = "A better title";
  get(outbox->commit_page(bodies));
  EXPECT_EQ(claim(a.id).mentions.at(0).mention.thread.title, "A better title");
}

TEST_F(OutboxPages, HostileTextSurvives) {
  const Feed feed = open_feed();
  const Enrolled a = enroll(feed, wanted("a", "a"));
  constexpr char literal[] = "@a \0 \xff\xfe \xc3( '; DROP TABLE post; -- \xf0\x9f\x98\x80\r\n";
  const std::string hostile(literal, sizeof literal - 1);
  Post post = comment(1, hostile);
  post.author.login = std::string("m\0\xff", 3);
  PageCommit commit = page(feed, {{post, {"a"}}});
  commit.threads = {{7, false, hostile, "u", t0}};
  get(outbox->commit_page(commit));
  reopen();
  const DeliveredMention read = claim(a.id).mentions.at(0).mention;
  EXPECT_EQ(read.post.body, hostile);
  EXPECT_EQ(read.thread.title, hostile);
  EXPECT_EQ(read.post.author.login, std::string("m\0\xef\xbf\xbd", 5));
}

TEST_F(OutboxPages, LongBodyIsCutAtACharacterAndSaysSo) {
  const Feed feed = open_feed();
  const Enrolled a = enroll(feed, wanted("a", "a"));
  std::string body = "x";
  while (body.size() < 200 * 1024) body += "\xe2\x82\xac";
  commit(feed, {{comment(1, body), {"a"}}});
  const DeliveredMention read = claim(a.id).mentions.at(0).mention;
  EXPECT_TRUE(read.truncated);
  EXPECT_LE(read.post.body.size(), 64u * 1024);
  EXPECT_GT(read.post.body.size(), 64u * 1024 - 4);
  EXPECT_EQ(read.post.body, body.substr(0, read.post.body.size()));
  EXPECT_EQ((read.post.body.size() - 1) % 3, 0u);
}

TEST_F(OutboxPages, PullRequestsThatMovedAreDueForTheirReviewsOldestFirst) {
  const Feed feed = open_feed();
  PageCommit bodies = page(feed, {});
  bodies.threads = {{1, true, "newest", "u", t0 + 9h},
                    {2, true, "oldest", "u", t0 + 1h},
                    {3, false, "an issue", "u", t0 + 2h},
                    {4, true, "before the head's start", "u", t0 - 1h},
                    {5, true, "known by a comment only", "u", {}}};
  get(outbox->commit_page(bodies));
  const auto numbers = [&](std::size_t limit) {
    std::vector<std::int64_t> found;
    for (const DueReview& due : get(outbox->due_reviews(feed.id, limit))) found.push_back(due.pull_request);
    return found;
  };
  EXPECT_EQ(numbers(10), (std::vector<std::int64_t>{2, 1}));
  EXPECT_EQ(numbers(1), (std::vector<std::int64_t>{2}));

  PageCommit reviews = page(feed, {});
  reviews.cursor = head(feed, SourceKind::reviews);
  reviews.reviews_read = std::pair(std::int64_t{2}, t0 + 1h);
  get(outbox->commit_page(reviews));
  EXPECT_EQ(numbers(10), (std::vector<std::int64_t>{1}));
  bodies.threads = {{2, true, "moved again", "u", t0 + 3h}};
  get(outbox->commit_page(bodies));
  EXPECT_EQ(numbers(10), (std::vector<std::int64_t>{2, 1}));
}

}  // namespace
}  // namespace beckon::core::testing
