// Repositories that left the configuration with all their subscriptions.
#include "fixture.hpp"

namespace beckon::core::testing {
namespace {

class OutboxAbsence : public OutboxFact {
 protected:
  void SetUp() override {
    open();
    kept = open_feed();
    Repository other = repository();
    other.forge_id = 43;
    other.full_name = "O/Left";
    left = get(outbox->open_feed("github", "o/left", other, t0));
    stays = enroll(kept, wanted("stays", "octocat"));
    leaves = enroll(left, wanted("leaves", "octocat"));
    mention(left, "octocat", 2);
  }
  void keep(std::vector<std::string> names, std::string credential = "github") {
    std::vector<FeedName> watched;
    for (std::string& name : names) watched.push_back({repository().origin, credential, std::move(name)});
    get(outbox->keep_feeds(std::move(watched)));
  }

  Feed kept, left;
  Enrolled stays, leaves;
};

TEST_F(OutboxAbsence, SubscriptionsOfAFeedThatIsNoLongerWatchedAreAbsent) {
  EXPECT_EQ(get(outbox->counts()).owed, 1u);
  keep({"o/R", "never/opened"});
  const Counts counts = get(outbox->counts());
  EXPECT_EQ(counts.subscriptions, 1u);
  EXPECT_EQ(counts.owed, 0u);
}

TEST_F(OutboxAbsence, TheirDebtIsKeptForADay) {
  keep({"o/r"});
  keep({"o/r", "o/left"});
  const Enrolled back = enroll(left, wanted("leaves", "octocat"), t0 + 1h);
  EXPECT_EQ(back.id, leaves.id);
  EXPECT_TRUE(back.owed);
  EXPECT_EQ(get(outbox->counts()).subscriptions, 2u);
}

TEST_F(OutboxAbsence, AfterADayTheyStartAnew) {
  keep({"o/r"});
  while_closed([](Database& db) {
    db.execute("UPDATE subscription SET absent_since = ? WHERE present = 0", unix_ms(wall_now() - 25h));
  });
  keep({"o/r"});  // once more: it is not the start of another absence
  keep({"o/r", "o/left"});
  EXPECT_FALSE(enroll(left, wanted("leaves", "octocat"), t0 + 25h).owed);
  commit(left, {{comment(50, "@octocat", t0 + 20h), {"octocat"}}, {comment(51, "@octocat", t0 + 26h), {"octocat"}}});
  EXPECT_EQ(ids(claim(leaves.id)), (std::vector<std::int64_t>{51}));
}

TEST_F(OutboxAbsence, ACredentialOfAnotherNameIsAnotherFeed) {
  keep({"o/r", "o/left"}, "other");
  EXPECT_EQ(get(outbox->counts()).subscriptions, 0u);
}

}  // namespace
}  // namespace beckon::core::testing
