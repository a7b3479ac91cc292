// Dead letters are seen, told again, and dropped; the log goes its own way beside them.
#include "fixture.hpp"

namespace beckon::core::testing {
namespace {

using Kind = Settlement::Kind;
using Ids = std::vector<std::int64_t>;

class OutboxDeadLetters : public OutboxDeliveries {
 protected:
  // The next `count` mentions die, one by one.
  void die(int count) {
    for (int i = 0; i < count; ++i) {
      freeze(me, claim(me, 1));
      Settlement dead = settlement(me, Kind::dead);
      dead.code = "too_long";
      dead.reason = "it does not fit";
      get(outbox->settle(dead, 1));
    }
  }
  std::vector<DeadLetter> letters() { return get(outbox->dead_letters({"me", 100})).letters; }
  Ids seqs() {
    Ids all;
    for (const DeadLetter& letter : letters()) all.push_back(letter.seq);
    return all;
  }
  DeadChange retry(Ids seqs = {}) { return get(outbox->retry_dead({"me", std::move(seqs)})); }
  DeadChange drop(Ids seqs = {}) { return get(outbox->drop_dead({"me", std::move(seqs)})); }
  std::int64_t position() {
    return Database(file.string()).integer("SELECT position FROM subscription WHERE id = ?", me).value();
  }
};

TEST_F(OutboxDeadLetters, AreListedWithAllThatFindsThem) {
  Post post = comment(11, "Hello @octocat");
  PageCommit page = OutboxFact::page(feed, {{post, {"octocat"}}});
  page.threads = {{7, true, "The title", "https://github.test/o/r/pull/7", t0}};
  get(outbox->commit_page(page));
  die(1);
  ASSERT_EQ(letters().size(), 1u);
  const DeadLetter letter = letters()[0];
  EXPECT_EQ(letter.subscription, "me");
  EXPECT_GT(letter.seq, 0);
  EXPECT_LE(letter.at, wall_now());
  EXPECT_EQ(letter.code, "too_long");
  EXPECT_EQ(letter.reason, "it does not fit");
  EXPECT_EQ(letter.attempts, 1u);
  EXPECT_FALSE(letter.again);
  EXPECT_EQ(letter.login, "octocat");
  EXPECT_EQ(letter.url, post.url);
  EXPECT_EQ(letter.author, "Mona");
  EXPECT_EQ(letter.repository, "O/R");
  EXPECT_EQ(letter.thread, "The title");
  EXPECT_EQ(get(outbox->dead_letters({std::nullopt, 100})).letters.size(), 1u);
  EXPECT_EQ(good(read_dead_letters(file, {"me", 100})).letters.size(), 1u) << "from beside the daemon";
  EXPECT_FALSE(get(outbox->dead_letters({"nobody", 100})).known);
}

TEST_F(OutboxDeadLetters, ListingStopsAtItsLimitAndSaysSo) {
  mention(feed, "octocat", 3);
  die(3);
  const DeadLetters two = get(outbox->dead_letters({"me", 2}));
  EXPECT_EQ(two.letters.size(), 2u);
  EXPECT_TRUE(two.more);
  EXPECT_FALSE(get(outbox->dead_letters({"me", 3})).more);
}

TEST_F(OutboxDeadLetters, AskedForAgainTheyGoFirstByThemselvesAndTheLogFollowsUndisturbed) {
  mention(feed, "octocat", 4);
  die(3);
  const std::int64_t before = position();
  EXPECT_EQ(get(outbox->counts()).owed, 1u);
  const DeadChange asked = retry();
  EXPECT_EQ(asked.changed, 3u);
  ASSERT_EQ(asked.awake.size(), 1u);
  EXPECT_EQ(asked.awake[0].id, me);
  EXPECT_EQ(get(outbox->status()).subscriptions.at(0).owed, 4u);

  const Claim first = claim(me, 2);
  EXPECT_EQ(ids(first), (Ids{1, 2})) << "as many as go together, none of the log among them";
  EXPECT_EQ(first.more_owed, 2u);
  freeze(me, first);
  EXPECT_EQ(claim(me, 2).batch_id, first.batch_id);
  EXPECT_EQ(claim(me, 2).more_owed, 2u);
  reopen();
  EXPECT_EQ(ids(claim(me, 2)), (Ids{1, 2}));
  mention(feed, "octocat", 1, 5);
  const Claim second = settle(me, Kind::delivered, 2);
  EXPECT_EQ(ids(second), (Ids{3}));
  EXPECT_EQ(position(), before);
  freeze(me, second);
  const Claim rest = settle(me, Kind::delivered, 2);
  EXPECT_EQ(ids(rest), (Ids{4, 5}));
  EXPECT_EQ(get(outbox->counts()).dead, 0u);
  freeze(me, rest);
  EXPECT_TRUE(settle(me, Kind::delivered).mentions.empty());
}

TEST_F(OutboxDeadLetters, AFrozenBatchOfTheLogIsFinishedBeforeThem) {
  mention(feed, "octocat", 3);
  die(1);
  const Claim log = claim(me, 1);
  freeze(me, log);
  retry();
  EXPECT_EQ(ids(claim(me, 1)), (Ids{2}));
  EXPECT_EQ(claim(me, 1).more_owed, 2u);
  EXPECT_EQ(ids(settle(me, Kind::delivered, 1)), (Ids{1}));
  freeze(me, claim(me, 1));
  EXPECT_EQ(ids(settle(me, Kind::delivered, 1)), (Ids{3}));
}

TEST_F(OutboxDeadLetters, RefusedOnceMoreTheyAreDeadAgainWithTheNewReason) {
  mention(feed, "octocat", 2);
  die(2);
  retry();
  freeze(me, claim(me));
  Claim next = settle(me, Kind::split);
  EXPECT_EQ(ids(next), (Ids{1}));
  next = settle(me, Kind::plain);
  EXPECT_EQ(ids(next), (Ids{1}));
  Settlement dead = settlement(me, Kind::dead);
  dead.code = "blocked";
  dead.reason = "not here";
  next = get(outbox->settle(dead, 10));
  EXPECT_EQ(ids(next), (Ids{2}));
  next = settle(me, Kind::delivered);
  EXPECT_TRUE(next.mentions.empty());
  ASSERT_EQ(letters().size(), 1u);
  EXPECT_EQ(letters()[0].code, "blocked");
  EXPECT_EQ(letters()[0].reason, "not here");
  EXPECT_FALSE(letters()[0].again);
  EXPECT_GT(letters()[0].attempts, 1u);
}

TEST_F(OutboxDeadLetters, ARetryOfThemWaitsLikeAnyOther) {
  mention(feed, "octocat", 1);
  die(1);
  retry();
  const Claim first = claim(me);
  freeze(me, first);
  Settlement later = settlement(me, Kind::retry);
  later.next_at = wall_now() + 5min;
  const Claim again = get(outbox->settle(later, 10));
  EXPECT_EQ(again.not_before, later.next_at);
  EXPECT_EQ(again.batch_id, first.batch_id);
  freeze(me, again);
  EXPECT_EQ(letters().size(), 1u);
  EXPECT_TRUE(letters()[0].again);
  EXPECT_TRUE(settle(me, Kind::delivered).mentions.empty());
  EXPECT_TRUE(letters().empty());
}

TEST_F(OutboxDeadLetters, ARestartForgetsNoneThatWasAskedFor) {
  mention(feed, "octocat", 1);
  die(1);
  retry();
  reopen();
  feed = open_feed();
  EXPECT_TRUE(enroll(feed, wanted("me", "octocat")).owed);
  EXPECT_EQ(get(outbox->counts()).owed, 1u);
  EXPECT_EQ(ids(claim(me)), (Ids{1}));
}

TEST_F(OutboxDeadLetters, TheOperatorsWordGoesBeforeAFilter) {
  mention(feed, "octocat", 1);
  die(1);
  Wanted strict = wanted("me", "octocat");
  Filter filter;
  filter.ignore_authors = {"mona"};
  strict.filter = std::make_shared<Filter>(filter);
  enroll(feed, strict);
  retry();
  EXPECT_EQ(ids(claim(me)), (Ids{1}));
}

TEST_F(OutboxDeadLetters, OnlyTheChosenOnesAreToldAgainOrDropped) {
  mention(feed, "octocat", 4);
  die(4);
  const Ids all = seqs();
  const DeadChange asked = retry({all[2], 99999});
  EXPECT_EQ(asked.changed, 1u);
  EXPECT_EQ(asked.missing, Ids{99999});
  EXPECT_EQ(ids(claim(me)), (Ids{3}));
  EXPECT_EQ(drop({all[0]}).changed, 1u);
  EXPECT_EQ(seqs(), (Ids{all[1], all[2], all[3]}));
  EXPECT_FALSE(get(outbox->drop_dead({"nobody", {}})).known);
  EXPECT_THROW(ask(outbox->drop_dead({std::nullopt, {all[1]}})), std::logic_error);
  EXPECT_EQ(get(outbox->drop_dead({std::nullopt, {}})).changed, 3u);
  EXPECT_TRUE(letters().empty());
  EXPECT_TRUE(claim(me).mentions.empty());
}

TEST_F(OutboxDeadLetters, OneThatIsOnItsWayIsNotDropped) {
  mention(feed, "octocat", 2);
  die(2);
  retry({seqs()[0]});
  freeze(me, claim(me));
  const DeadChange dropped = drop();
  EXPECT_EQ(dropped.changed, 1u);
  EXPECT_EQ(dropped.under_way, 1u);
  EXPECT_TRUE(settle(me, Kind::delivered).mentions.empty());
  EXPECT_TRUE(letters().empty());
}

TEST_F(OutboxDeadLetters, OfOneThatIsGoneNoneIsOnItsWay) {
  mention(feed, "octocat", 3);
  die(2);
  retry();
  freeze(me, claim(me));
  get(outbox->bury_endpoint(Database(file.string()).integer("SELECT endpoint_id FROM subscription").value(), "gone", "gone"));
  EXPECT_EQ(drop().changed, 2u);
  get(outbox->revive("me"));
  EXPECT_EQ(ids(claim(me)), (Ids{3}));
}

TEST_F(OutboxDeadLetters, KeepTheirTextUntilTheyAreDropped) {
  mention(feed, "octocat", 2);
  die(2);
  const auto texts = [&] { return Database(file.string()).integer("SELECT count(body) FROM post").value(); };
  get(outbox->retain(wall_now() + 24h * 40));
  EXPECT_EQ(texts(), 2);
  drop({seqs()[0]});
  get(outbox->retain(wall_now() + 24h * 40));
  EXPECT_EQ(texts(), 1);
  retry();
  EXPECT_FALSE(claim(me).mentions.at(0).mention.post.body.empty());
}

TEST_F(OutboxDeadLetters, ThoseOfAPausedOrGoneSubscriptionWakeNobody) {
  mention(feed, "octocat", 1);
  die(1);
  get(outbox->pause("me"));
  const DeadChange asked = retry();
  EXPECT_EQ(asked.changed, 1u);
  EXPECT_TRUE(asked.awake.empty());
  EXPECT_TRUE(claim(me).paused);
  EXPECT_TRUE(get(outbox->resume("me")).awake.at(0).owed);
}

TEST_F(OutboxDeadLetters, ThoseThatWereNotAskedForCannotBeFrozen) {
  mention(feed, "octocat", 2);
  die(1);
  Freeze freeze;
  freeze.subscription = me;
  freeze.batch_id = "id";
  freeze.seqs = seqs();
  EXPECT_THROW(ask(outbox->freeze(freeze)), std::logic_error);
  retry();
  freeze.seqs.push_back(freeze.seqs[0] + 1);
  EXPECT_THROW(ask(outbox->freeze(freeze)), std::logic_error) << "nor mixed with the log";
}

}  // namespace
}  // namespace beckon::core::testing
