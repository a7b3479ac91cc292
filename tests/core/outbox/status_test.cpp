// What `beckon status` reads, beside a daemon that has the file open.
#include "fixture.hpp"
#include "outbox/status.hpp"

namespace beckon::core::testing {
namespace {

TEST_F(OutboxDeliveries, StatusTellsWhatIsOwedAndWhatIsWrong) {
  mention(feed, "octocat", 3);
  deliver(me, 1);
  freeze(me, claim(me));
  Settlement later = settlement(me, Settlement::Kind::retry);
  later.next_at = wall_now() + 1h;
  later.reason = "the chat is closed";
  get(outbox->settle(later, 10));

  const OutboxStatus status = good(read_status(file));
  ASSERT_EQ(status.subscriptions.size(), 1u);
  const SubscriptionStatus& one = status.subscriptions[0];
  EXPECT_EQ(one.repository, "O/R");
  EXPECT_EQ(one.login, "octocat");
  EXPECT_EQ(one.sink, "team");
  EXPECT_EQ(one.state, SubscriptionState::active);
  EXPECT_EQ(one.owed, 2u);
  EXPECT_EQ(one.dead, 0u);
  EXPECT_EQ(one.reason, "the chat is closed");
  EXPECT_TRUE(one.last_delivery);
  ASSERT_TRUE(one.next_attempt);
  EXPECT_GT(*one.next_attempt, wall_now() + 59min);
  ASSERT_EQ(status.feeds.size(), 1u);
  EXPECT_EQ(status.feeds[0].repository, "O/R");
  EXPECT_EQ(status.feeds[0].credential, "github");
  EXPECT_FALSE(status.feeds[0].sources.empty());
}

TEST_F(OutboxDeliveries, StatusNamesTheReasonOfAnEnd) {
  const std::int64_t endpoint = Database(file.string()).integer("SELECT endpoint_id FROM subscription").value();
  get(outbox->bury_endpoint(endpoint, "no_service", "the webhook was removed"));
  const OutboxStatus status = good(read_status(file));
  EXPECT_EQ(status.subscriptions.at(0).state, SubscriptionState::gone);
  EXPECT_EQ(status.subscriptions.at(0).reason, "the webhook was removed");
  EXPECT_FALSE(status.subscriptions.at(0).last_delivery);
}

TEST_F(OutboxDeliveries, StatusDatesAnEndHoweverItCame) {
  const WallTime before = wall_now() - 1ms;
  enroll(feed, wanted("me", "octocat"));
  const auto other = get(outbox->enroll(feed.id, {wanted("me", "octocat"), wanted("other", "hubot", "slack https://hooks.test/b")}, t0)).at(1);
  const auto gone_since = [&](std::size_t index) { return good(read_status(file)).subscriptions.at(index).gone_since; };
  EXPECT_FALSE(gone_since(0));
  get(outbox->end_subscription(me, "unsubscribed", "the subscriber has left"));
  get(outbox->bury_endpoint(other.endpoint, "no_service", "the webhook was removed"));
  for (const std::size_t index : {0, 1}) {
    ASSERT_TRUE(gone_since(index));
    EXPECT_GE(*gone_since(index), before);
    EXPECT_LE(*gone_since(index), wall_now());
  }
}

TEST_F(OutboxDeliveries, StatusSaysWhichFeedASubscriptionIsOf) {
  const OutboxStatus status = good(read_status(file));
  EXPECT_EQ(status.subscriptions.at(0).feed, status.feeds.at(0).id);
}

TEST_F(OutboxDeliveries, TheTallyCountsByWhatIsSeenInTheStatus) {
  const auto all = get(outbox->enroll(feed.id, {wanted("me", "octocat"), wanted("gone", "octocat", "b"), wanted("paused", "octocat", "c"),
                                                wanted("everybody", "*", "d")}, t0));
  mention(feed, "octocat", 3);
  deliver(me, 1);
  get(outbox->bury_endpoint(all.at(1).endpoint, "no_service", "the webhook was removed"));
  get(outbox->pause("paused"));
  get(outbox->open_alerts(wanted("alerts", "*", "e")));
  get(outbox->alert("key", "look at this"));
  const Tally tally = get(outbox->tally());
  EXPECT_EQ(tally.subscriptions, (std::map<SubscriptionState, std::size_t>{
                                     {SubscriptionState::active, 2}, {SubscriptionState::gone, 1}, {SubscriptionState::paused, 1}}));
  EXPECT_EQ(tally.owed, (std::map<std::string, std::size_t>{{"team", 2 + 3}})) << "nobody waits for what is paused or gone";
}

TEST_F(OutboxDeliveries, TheTallyCountsADeadLetterThatIsAskedForAgain) {
  mention(feed, "octocat", 1);
  freeze(me, claim(me));
  settle(me, Settlement::Kind::dead);
  EXPECT_EQ(get(outbox->tally()).owed.at("team"), 0u);
  get(outbox->retry_dead(DeadChoice()));
  EXPECT_EQ(get(outbox->tally()).owed.at("team"), 1u);
}

TEST_F(OutboxDeliveries, StatusLeavesOutWhatIsNoLongerInTheConfiguration) {
  get(outbox->keep_feeds({}));
  const OutboxStatus status = good(read_status(file));
  EXPECT_TRUE(status.subscriptions.empty());
  EXPECT_TRUE(status.feeds.empty());
}

TEST_F(OutboxDeliveries, StatusOfNoFileSaysWhatToDoAndMakesNone) {
  const auto none = file.parent_path() / "none.db";
  EXPECT_EQ(sentence(read_status(none)), "there is no state yet in " + none.string() + ": start `beckon run` first");
  EXPECT_FALSE(std::filesystem::exists(none));
}

}  // namespace
}  // namespace beckon::core::testing
