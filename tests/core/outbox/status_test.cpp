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
