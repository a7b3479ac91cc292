#include "roster.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace beckon::core {
namespace {

struct RosterTest : ::testing::Test {
  void subscribe(std::string forge, std::string repository, std::string login, Milliseconds interval = 60s,
                 Milliseconds backfill = 0ms) {
    PlannedSubscription made;
    const auto known = std::find_if(plan.repositories.begin(), plan.repositories.end(),
                                    [&](const auto& r) { return r.forge == forge && r.name == repository; });
    made.repository = known != plan.repositories.end()
                          ? &*known
                          : &plan.repositories.emplace_back(PlannedRepository{std::move(forge), std::move(repository)});
    made.login = std::move(login);
    made.interval = interval;
    made.backfill = backfill;
    plan.subscriptions.push_back(std::move(made));
  }
  using Members = std::vector<std::uint32_t>;
  Plan plan;
};

TEST_F(RosterTest, OneFeedServesAllSubscriptionsOfARepository) {
  subscribe("github", "acme/rocket", "a", 60s, 0ms);
  subscribe("github", "acme/rocket", "b", 30s, 24h);
  const Roster roster(plan);
  ASSERT_EQ(roster.watched().size(), 1u);
  EXPECT_EQ(roster.watched()[0].interval, 30s);
  EXPECT_EQ(roster.watched()[0].backfill, 24h);
  EXPECT_EQ(roster.watched()[0].subscriptions, (Members{0, 1}));
}

TEST_F(RosterTest, RepositoriesKnowHowManyShareTheirCredential) {
  subscribe("github", "acme/a", "x");
  subscribe("work", "acme/a", "x");
  subscribe("github", "acme/b", "x");
  const Roster roster(plan);
  ASSERT_EQ(roster.watched().size(), 3u) << "another credential is another feed";
  EXPECT_EQ(roster.watched()[0].sharing, 2u);
  EXPECT_EQ(roster.watched()[1].sharing, 1u);
  EXPECT_EQ(roster.watched()[0].place, 0u);
  EXPECT_EQ(roster.watched()[1].place, 0u);
  EXPECT_EQ(roster.watched()[2].place, 1u);
}

TEST_F(RosterTest, TwoNamesThatLeadToOneFeedAreEnrolledTogether) {
  subscribe("github", "acme/old", "a");
  subscribe("github", "acme/new", "b");
  Roster roster(plan);
  EXPECT_EQ(roster.opened(0, 7), (Members{0}));
  EXPECT_EQ(roster.opened(1, 7), (Members{0, 1}));
  EXPECT_EQ(roster.reader(7), 0u) << "one of them reads it";
  roster.opened(0, 8);
  roster.opened(1, 7);
  EXPECT_EQ(roster.reader(7), 1u);
  EXPECT_EQ(roster.reader(8), 0u);
}

TEST_F(RosterTest, ANameWakesItsWatchersAndThoseOfEverybodyOnce) {
  subscribe("github", "acme/a", "ada");
  subscribe("github", "acme/a", "*");
  subscribe("github", "acme/a", "ada");
  subscribe("github", "acme/b", "ada");
  Roster roster(plan);
  roster.watch(1, {0, 1, 2});
  roster.watch(2, {3});
  roster.watch(1, {0, 1, 2});
  EXPECT_EQ(roster.watchers(1, {"ada"}), (Members{0, 1, 2}));
  EXPECT_EQ(roster.watchers(1, {"ada", "grace"}), (Members{0, 1, 2}));
  EXPECT_EQ(roster.watchers(1, {"grace"}), (Members{1}));
  EXPECT_EQ(roster.watchers(2, {"ada"}), (Members{3}));
  EXPECT_TRUE(roster.watchers(1, {}).empty());
}

}  // namespace
}  // namespace beckon::core
