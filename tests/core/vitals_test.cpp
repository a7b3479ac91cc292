#include "vitals.hpp"

#include "peers.hpp"
#include "live_page.hpp"
#include "pollers.hpp"
#include "subscribers.hpp"
#include "supervisor/tree.hpp"
#include "support/fake_outbox.hpp"
#include "support/run.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace beckon::core::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

struct ScriptedOutbox final : FakeOutbox {
  task<Result<Tally>> tally() override {
    ++tallies;
    if (silent) co_await sleep_for(1h);
    if (!failure.empty()) co_return fail(failure);
    co_return counted;
  }
  task<Result<std::optional<Hold>>> held(std::string, std::string) override {
    if (silent) co_await sleep_for(1h);
    if (!failure.empty()) co_return fail(failure);
    co_return std::optional<Hold>();
  }
  bool silent = false;
  int tallies = 0;
  Tally counted;
};

// A daemon with a part called "part", one forge and one sink, and nobody subscribed.
struct VitalsFact : ::testing::Test {
  VitalsFact() {
    PlannedSink sink;
    sink.config.name = "team";
    sink.config.plugin = "slack";
    ForgeConfig forge;
    forge.name = "github";
    Plan plan;
    plan.forges.push_back(forge);
    peers = Peers::open(context.get_executor(), plan, {}).value();
    plan.sinks.push_back(sink);
    vitals.keep(plan);
    TreeChild part;
    part.rules.name = "part";
    part.start = [this]() -> task<Result<ChildBody>> {
      ChildBody body = [this] { return live(); };
      co_return body;
    };
    tree = make_tree(context.get_executor(), "daemon", SupervisorFlags(), {part});
  }
  ~VitalsFact() override {
    testing::run(context, [this] { return tree->stop(); });
  }
  task<Farewell> live() {
    Timer gate(context.get_executor(), SteadyTime::max());
    co_await gate.async_wait(use_task);
    co_return Farewell();
  }
  void start() {
    testing::run(context, [this] { return tree->start(); });
  }
  DaemonParts parts() { return {outbox, *tree, subscribers, pollers, page, peers}; }
  std::string text() {
    return testing::run(context, [this] { return vitals.text(parts()); });
  }
  std::string why_not_ready() {
    const Result<void> ready = testing::run(context, [this] { return vitals.ready(parts()); });
    return ready ? "" : ready.error().message;
  }

  asio::io_context context{1};
  ScriptedOutbox outbox;
  Vitals vitals{context.get_executor(), 20ms};
  std::unique_ptr<Pacer> pacer = make_pacer(context.get_executor());
  Peers peers;
  Subscribers subscribers{context.get_executor(), outbox, *pacer, vitals.metrics(), std::make_shared<const Plan>(), peers};
  Pollers pollers{context.get_executor(), outbox, vitals.metrics(), subscribers};
  LivePage page{context.get_executor(),
                {outbox, vitals.metrics(), subscribers, pollers, [this]() -> const Peers& { return peers; }, [] { return WebConfig(); }}};
  std::unique_ptr<Tree> tree;
};

TEST_F(VitalsFact, ReadyIsADaemonAllOfWhichRuns) {
  EXPECT_EQ(why_not_ready(), "\"part\" is stopped");
  start();
  EXPECT_EQ(why_not_ready(), "");
}

TEST_F(VitalsFact, ReadyIsADaemonWhoseStateFileAnswers) {
  start();
  outbox.failure = "the disk is on fire";
  EXPECT_EQ(why_not_ready(), "the disk is on fire");
  outbox.failure.clear();
  outbox.silent = true;
  EXPECT_EQ(why_not_ready(), "the state file does not answer within 20ms");
}

TEST_F(VitalsFact, WhatTheOutboxCountsIsShownForEverySinkAndState) {
  outbox.counted.owed = {{"team", 4}, {"old", 3}};
  outbox.counted.subscriptions = {{SubscriptionState::active, 2}, {SubscriptionState::gone, 1}};
  const std::string said = text();
  EXPECT_THAT(said, HasSubstr("beckon_outbox_pending{sink=\"team\"} 4\n"));
  EXPECT_THAT(said, Not(HasSubstr("old"))) << "it is configured no longer";
  EXPECT_THAT(said, HasSubstr("beckon_subscriptions{state=\"active\"} 2\n"));
  EXPECT_THAT(said, HasSubstr("beckon_subscriptions{state=\"paused\"} 0\n"));
  EXPECT_THAT(said, HasSubstr("beckon_subscriptions{state=\"set_aside\"} 0\n"));
  EXPECT_THAT(said, HasSubstr("process_resident_memory_bytes"));
}

TEST_F(VitalsFact, ManyWhoScrapeCostOneLookAtTheOutbox) {
  for (int i = 0; i < 3; ++i) text();
  EXPECT_EQ(outbox.tallies, 1);
}

TEST_F(VitalsFact, AnOutboxThatIsInTroubleCostsItsOwnNumbersAlone) {
  outbox.silent = true;
  const std::string said = text();
  EXPECT_THAT(said, Not(HasSubstr("beckon_outbox_pending{")));
  EXPECT_THAT(said, HasSubstr("beckon_polls_total{forge=\"github\",result=\"ok\"} 0\n"));
  outbox.silent = false;
  EXPECT_THAT(text(), HasSubstr("beckon_outbox_pending{sink=\"team\"} 0\n")) << "and it is asked again";
}

TEST_F(VitalsFact, TheTreeAndTheForgesAreSeenAsTheyAre) {
  start();
  vitals.metrics().restarted("part");
  vitals.metrics().attempted("team", OutcomeKind::delivered, 1s);
  const LiveDaemon live = vitals.live(parts());
  ASSERT_EQ(live.forges.size(), 1u);
  EXPECT_EQ(live.forges[0].name, "github");
  EXPECT_FALSE(live.forges[0].quota_limit) << "it has not been asked yet";
  EXPECT_TRUE(live.hosts.empty());
  EXPECT_EQ(live.deliveries.at("team").outcomes.at(OutcomeKind::delivered), 1u);
  ASSERT_TRUE(live.tree);
  ASSERT_EQ(live.tree->children.size(), 1u);
  EXPECT_EQ(live.tree->children[0].name, "part");
  EXPECT_EQ(live.tree->children[0].state, "running");
  EXPECT_EQ(live.tree->children[0].restarts, 1u);
  EXPECT_FALSE(live.tree->children[0].is_supervisor);
}

}  // namespace
}  // namespace beckon::core::testing
