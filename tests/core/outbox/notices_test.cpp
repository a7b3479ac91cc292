// What is told beside mentions keeps its place in the log.
#include "core/outbox/fixture.hpp"

#include <gmock/gmock.h>

namespace beckon::core::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class Notices : public OutboxDeliveries {
 protected:
  // As many polls in a row as are needed to be believed.
  bool refuse() {
    get(outbox->note_refused(feed.id, "the token is dead"));
    get(outbox->note_refused(feed.id, "the token is dead"));
    return get(outbox->note_refused(feed.id, "the token is dead"));
  }
  static std::vector<std::string> texts(const Claim& claim) {
    std::vector<std::string> found;
    for (const OwedNotice& owed : claim.notices) found.push_back(owed.text);
    return found;
  }
};

TEST_F(Notices, AHiccupOfTheForgeIsToldToNobody) {
  EXPECT_FALSE(get(outbox->note_refused(feed.id, "not found")));
  EXPECT_FALSE(get(outbox->note_refused(feed.id, "not found")));
  EXPECT_FALSE(get(outbox->note_readable(feed.id)));
  EXPECT_TRUE(claim(me).empty());
}

TEST_F(Notices, AnOutageIsToldOnceAndOnceMoreWhenItIsOver) {
  EXPECT_TRUE(refuse());
  EXPECT_FALSE(refuse()) << "once";
  EXPECT_TRUE(get(outbox->feed(feed.id)).in_doubt);
  reopen();
  enroll(feed, wanted("me", "octocat"));
  EXPECT_FALSE(refuse()) << "and a restart does not forget it";
  const Claim told = claim(me);
  EXPECT_THAT(texts(told), ElementsAre(HasSubstr("I can no longer read O/R: the token is dead")));
  EXPECT_THAT(told.mentions, IsEmpty());
  freeze(me, told);
  EXPECT_TRUE(settle(me, Settlement::Kind::delivered).empty());
  EXPECT_TRUE(get(outbox->note_readable(feed.id)));
  EXPECT_FALSE(get(outbox->note_readable(feed.id)));
  EXPECT_FALSE(get(outbox->feed(feed.id)).in_doubt);
  EXPECT_THAT(texts(claim(me)), ElementsAre(HasSubstr("I can read O/R again")));
}

TEST_F(Notices, AnOutageThatComesAndGoesIsNotToldEachTime) {
  EXPECT_TRUE(refuse());
  EXPECT_TRUE(get(outbox->note_readable(feed.id)));
  EXPECT_FALSE(refuse());
  EXPECT_FALSE(get(outbox->note_readable(feed.id))) << "nor that it is over";
  while_closed([](Database& db) { db.script("UPDATE mention SET found_at = 0 WHERE notice IS NOT NULL"); });
  EXPECT_TRUE(refuse());
}

TEST_F(Notices, TheyKeepTheirPlaceBetweenMentions) {
  mention(feed, "octocat", 2, 1);
  refuse();
  mention(feed, "octocat", 1, 3);
  const Claim first = claim(me);
  EXPECT_EQ(ids(first), (std::vector<std::int64_t>{1, 2}));
  EXPECT_THAT(first.notices, IsEmpty());
  freeze(me, first);
  const Claim second = settle(me, Settlement::Kind::delivered);
  EXPECT_THAT(second.notices, SizeIs(1));
  EXPECT_THAT(second.mentions, IsEmpty());
  freeze(me, second);
  EXPECT_EQ(ids(settle(me, Settlement::Kind::delivered)), (std::vector<std::int64_t>{3}));
}

TEST_F(Notices, AFrozenOneSurvivesARestart) {
  refuse();
  const Claim told = claim(me);
  freeze(me, told);
  reopen();
  enroll(feed, wanted("me", "octocat"));
  const Claim again = claim(me);
  EXPECT_TRUE(again.frozen);
  EXPECT_EQ(again.batch_id, told.batch_id);
  EXPECT_EQ(texts(again), texts(told));
}

TEST_F(Notices, AFilteredMentionBeforeItTakesNothingAway) {
  Filter nobody;
  nobody.ignore_authors = {"mona"};
  const std::int64_t filtered = enroll_with("octocat", nobody);
  refuse();
  mention(feed, "octocat", 3);
  const Claim told = claim(filtered);
  ASSERT_THAT(told.notices, SizeIs(1));
  freeze(filtered, told);
  EXPECT_TRUE(settle(filtered, Settlement::Kind::delivered).empty());
}

TEST_F(Notices, WhoseOutageItWasBeforeTheyCameHearNothingOfIt) {
  refuse();
  get(outbox->note_readable(feed.id));
  mention(feed, "newcomer", 1);
  Wanted later = wanted("newcomer", "newcomer", "elsewhere");
  later.backfill = std::chrono::hours(24 * 365 * 20);   // far enough to cover all of it
  const Enrolled enrolled = get(outbox->enroll(feed.id, {wanted("me", "octocat"), later}, t0)).at(1);
  const Claim told = claim(enrolled.id);
  EXPECT_THAT(told.notices, IsEmpty());
  EXPECT_EQ(ids(told), (std::vector<std::int64_t>{1}));
}

TEST_F(Notices, TheyAreCountedAsOwedAndTheReasonIsSeen) {
  refuse();
  const OutboxStatus seen = get(outbox->status());
  EXPECT_EQ(seen.subscriptions.at(0).owed, 1u);
  EXPECT_EQ(seen.feeds.at(0).refused, "the token is dead");
  get(outbox->note_readable(feed.id));
  EXPECT_EQ(get(outbox->status()).feeds.at(0).refused, "");
}

TEST_F(Notices, EverybodysWatcherHearsThemToo) {
  const std::int64_t everybody = enroll_with("*", {});
  mention(feed, "somebody", 1);
  refuse();
  EXPECT_EQ(ids(claim(everybody)), (std::vector<std::int64_t>{1}));
  EXPECT_THAT(deliver(everybody).notices, SizeIs(1));
}

TEST_F(Notices, OneThatIsRefusedInEveryFormIsADeadLetterToo) {
  refuse();
  freeze(me, claim(me));
  EXPECT_THAT(settle(me, Settlement::Kind::plain).notices, SizeIs(1));
  EXPECT_TRUE(settle(me, Settlement::Kind::dead).empty());
  EXPECT_EQ(get(outbox->counts()).dead, 1u);
}

// ---- alerts -----------------------------------------------------------------------------------------------------------

class Alerts : public Notices {
 protected:
  void SetUp() override {
    Notices::SetUp();
    open_alerts();
  }
  void open_alerts() {
    Wanted operators = wanted("(alerts)", "*", "the operator's");
    operators.sink = "mail";
    op = get(outbox->open_alerts(std::move(operators)));
  }
  Enrolled op;
};

TEST_F(Alerts, OfWhatIsGone) {
  get(outbox->bury_endpoint(1, "no_service", "the webhook was removed"));
  EXPECT_THAT(texts(claim(op.id)), ElementsAre(HasSubstr("A subscriber is gone: the webhook was removed. Ended with it: \"me\"")));
}

TEST_F(Alerts, OfADeadLetterWithWhereItIs) {
  mention(feed, "octocat", 1);
  freeze(me, claim(me));
  settle(me, Settlement::Kind::plain);
  Settlement dead = settlement(me, Settlement::Kind::dead);
  dead.code = "too_large";
  dead.reason = "the message is too large";
  get(outbox->settle(std::move(dead), 10));
  EXPECT_THAT(texts(claim(op.id)), ElementsAre(HasSubstr("\"me\": a dead letter: the mention in O/R#7, "
                                                         "https://github.test/o/r/issues/7#issuecomment-1: the message is too large")));
}

TEST_F(Alerts, OfWhatIsMisconfiguredOnce) {
  mention(feed, "octocat", 1);
  Claim claimed = claim(me);
  for (int i = 0; i < 2; ++i) {
    freeze(me, claimed);
    Settlement wrong = settlement(me, Settlement::Kind::retry);
    wrong.reason = "the token is dead";
    wrong.next_at = wall_now() - 1s;
    wrong.doubt = claimed.doubt;
    wrong.standing = Settlement::Standing{EndpointState::misconfigured, true, true, wall_now() - 1s};
    claimed = get(outbox->settle(std::move(wrong), 10));
  }
  EXPECT_THAT(texts(claim(op.id)), ElementsAre(HasSubstr("Sink team cannot deliver: the token is dead")));
}

TEST_F(Alerts, EachKeyOnceEvenOverARestart) {
  EXPECT_TRUE(get(outbox->alert("expires:github:2026", "The token ends soon.")));
  EXPECT_FALSE(get(outbox->alert("expires:github:2026", "The token ends soon.")));
  reopen();
  open_alerts();
  EXPECT_FALSE(get(outbox->alert("expires:github:2026", "The token ends soon.")));
  EXPECT_TRUE(op.owed);
  EXPECT_THAT(claim(op.id).notices, SizeIs(1));
}

TEST_F(Alerts, AfterOneDeliveryTheyGatherForAWhile) {
  get(outbox->alert("a", "first"));
  freeze(op.id, claim(op.id));
  settle(op.id, Settlement::Kind::delivered);
  for (int i = 0; i < 300; ++i) get(outbox->alert(std::to_string(i), "more"));
  const Claim later = claim(op.id);
  ASSERT_TRUE(later.not_before);
  EXPECT_GT(*later.not_before, wall_now() + 30s);
  while_closed([](Database& db) { db.script("UPDATE subscription SET last_delivery = 0"); });
  open_alerts();
  EXPECT_THAT(claim(op.id).notices, SizeIs(300));
}

TEST_F(Alerts, NothingIsToldOfTheAlertsThemselves) {
  get(outbox->alert("a", "first"));
  freeze(op.id, claim(op.id));
  settle(op.id, Settlement::Kind::plain);
  EXPECT_TRUE(settle(op.id, Settlement::Kind::dead).empty()) << "else one dead letter would bring the next";
  get(outbox->bury_endpoint(op.endpoint, "no_service", "gone"));
  EXPECT_EQ(get(outbox->counts()).owed, 0u);
}

TEST_F(Alerts, TheyOutliveAnOrderOfWhatIsWatched) {
  get(outbox->keep_feeds({{"https://api.github.test", "github", "o/r"}}));
  get(outbox->alert("a", "first"));
  EXPECT_FALSE(claim(op.id).empty());
  EXPECT_EQ(get(outbox->status()).subscriptions.size(), 2u) << "they belong to no repository, and still are present";
  EXPECT_EQ(get(outbox->counts()).owed, 0u) << "and are no debt of a run";
}

TEST_F(Notices, WithoutAnOperatorNothingIsKeptForOne) {
  EXPECT_FALSE(get(outbox->alert("a", "first")));
  get(outbox->bury_endpoint(1, "no_service", "gone"));
}

}  // namespace
}  // namespace beckon::core::testing
