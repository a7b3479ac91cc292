// What one delivery shows of an endpoint or a sink, and who hears of it.
#include "core/syncer/syncer_fixture.hpp"
#include "syncer/holds.hpp"

namespace beckon::core::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

struct Standing : SyncerAtWork {
  Standing() {
    room->held = [this](std::int64_t who, std::int64_t, const Held& held) {
      waiting.push_back(who);
      last_held = held;
    };
    room->released = [this](std::int64_t endpoint, const std::string& sink) { released.emplace_back(endpoint, sink); };
    room->alerted = [this] { ++alerts; };
  }
  static Outcome dead_token() {
    Outcome outcome = said(OutcomeKind::misconfigured, "bad_token");
    outcome.scope = Scope::sink;
    return outcome;
  }
  // A start, or a reload.
  void ask_again() {
    testing::run(context, [this]() -> task<void> {
      auto asking = outbox->ask_again();
      co_await std::move(asking);
    });
  }
  std::vector<std::int64_t> waiting;
  std::vector<std::pair<std::int64_t, std::string>> released;
  Held last_held;
  int alerts = 0;
};

TEST_F(Standing, OneDeadWebhookBehindAHundredSubscriptionsCostsOneProbeAndEndsThemAll) {
  std::vector<Wanted> all;
  for (int i = 0; i < 100; ++i) all.push_back(wanted("s" + std::to_string(i), "user" + std::to_string(i)));
  const auto jobs = enroll(all);
  for (int i = 0; i < 100; ++i) post({100 + i}, "user" + std::to_string(i));
  sink.always = said(OutcomeKind::gone, "no_service");
  std::vector<Farewell> ended;
  for (const SyncerJob& one : jobs)
    asio::co_spawn(context.get_executor(), run_syncer(*room, one),
                   [&](std::exception_ptr, Farewell farewell) { ended.push_back(std::move(farewell)); });
  for (int turn = 0; turn < 3000 && ended.size() < jobs.size(); ++turn) {
    context.restart();
    context.run_for(10ms);
  }
  ASSERT_EQ(ended.size(), 100u);
  for (const Farewell& farewell : ended) EXPECT_EQ(farewell.kind, Farewell::Kind::gone);
  EXPECT_EQ(std::count_if(sink.sent.begin(), sink.sent.end(), [](const Sent& sent) { return sent.purpose == Purpose::probe; }), 1);
  EXPECT_EQ(sink.sent.size(), 2u) << "one delivery found it, one probe confirmed it";
  EXPECT_EQ(buried.size(), 101u) << "with the one that the configuration does not name at present";
  EXPECT_EQ(alerts, 1);
}

TEST_F(Standing, ADeadTokenIsFoundOnceAndNotByEverySubscription) {
  std::vector<Wanted> all;
  for (int i = 0; i < 50; ++i) all.push_back(wanted("s" + std::to_string(i), "user" + std::to_string(i), "hook" + std::to_string(i)));
  const auto jobs = enroll(all);
  for (int i = 0; i < 50; ++i) post({100 + i}, "user" + std::to_string(i));
  sink.always = dead_token();
  for (const SyncerJob& one : jobs) EXPECT_EQ(run(one).kind, Farewell::Kind::idle);
  EXPECT_EQ(sink.sent.size(), 1u);
  EXPECT_EQ(waiting.size(), 50u);
  EXPECT_TRUE(last_held.whole_sink);
  EXPECT_EQ(counts().owed, 50u) << "kept";
  EXPECT_EQ(alerts, 1);
}

TEST_F(Standing, WhenItWorksAgainAllWhoWaitAreTold) {
  post({1});
  sink.script = {dead_token()};
  Lines lines;
  EXPECT_EQ(run().kind, Farewell::Kind::idle);
  ask_again();
  EXPECT_EQ(run().kind, Farewell::Kind::idle);
  EXPECT_THAT(lines.text, HasSubstr("\"beast\": team cannot deliver to anybody: because [bad_token]"));
  EXPECT_THAT(lines.text, HasSubstr("which works again"));
  EXPECT_THAT(released, ElementsAre(std::pair(job.endpoint_row, std::string("team"))));
  EXPECT_EQ(counts().owed, 0u);
}

TEST_F(Standing, AWordThatIsKnownIsNoNews) {
  post({1});
  sink.script = {dead_token(), dead_token(), dead_token()};
  Lines lines;
  for (int i = 0; i < 3; ++i) {
    run();
    ask_again();
  }
  EXPECT_EQ(sink.sent.size(), 3u);
  const auto first = lines.text.find("cannot deliver");
  EXPECT_NE(first, std::string::npos);
  EXPECT_EQ(lines.text.find("cannot deliver", first + 1), std::string::npos) << lines.text;
}

TEST_F(Standing, AfterARestartTheLogSaysOnceForWhatTheyWait) {
  post({1});
  sink.script = {dead_token()};
  run();
  room->held_news.clear();   // another daemon
  Lines lines;
  run();
  EXPECT_THAT(lines.text, HasSubstr("\"beast\": waits for team: because; asked again at"));
  lines.text.clear();
  run();
  EXPECT_THAT(lines.text, Not(HasSubstr("waits for")));
  EXPECT_EQ(sink.sent.size(), 1u);
}

TEST_F(Standing, WhoLeavesByItsOwnHandEndsAloneWithoutAProbe) {
  Outcome left = said(OutcomeKind::gone, "unsubscribed");
  left.scope = Scope::subscription;
  const auto jobs = enroll({wanted("beast", "octocat"), wanted("other", "other")});
  post({1});
  post({2}, "other");
  sink.script = {left};
  EXPECT_EQ(run(jobs[0]).kind, Farewell::Kind::gone);
  EXPECT_EQ(run(jobs[0]).kind, Farewell::Kind::gone) << "and stays away";
  EXPECT_EQ(run(jobs[1]).kind, Farewell::Kind::idle);
  ASSERT_EQ(sink.sent.size(), 2u);
  EXPECT_EQ(sink.sent[1].posts, (std::vector<std::int64_t>{2}));
}

TEST_F(Standing, AMentionThatMakesThePluginFailGoesAloneThenPlainThenToTheDeadLetters) {
  sink.most = 1;
  post({1, 2});
  Outcome crash = said(OutcomeKind::retry, "plugin_crashed");
  crash.fault = true;
  crash.retry_after = 0s;
  sink.poisoned = 1;
  sink.poison = crash;
  Lines lines;
  EXPECT_EQ(run().kind, Farewell::Kind::idle);
  EXPECT_THAT(lines.text, HasSubstr("team failed three times at the mention in acme/rocket#1"));
  EXPECT_EQ(std::count_if(sink.sent.begin(), sink.sent.end(), [](const Sent& sent) { return sent.form == Form::plain; }), 3);
  EXPECT_EQ(sink.sent.back().posts, (std::vector<std::int64_t>{2})) << "what stands behind it goes on";
  EXPECT_EQ(counts().dead, 1u);
  EXPECT_EQ(alerts, 1);
}

TEST_F(Standing, ANoticeGoesOutAsOne) {
  testing::run(context, [this]() -> task<void> {
    for (int i = 0; i < 3; ++i) {
      auto noting = outbox->note_refused(feed_id, "the token is dead");
      co_await std::move(noting);
    }
  });
  Lines lines;
  EXPECT_EQ(run().kind, Farewell::Kind::idle);
  ASSERT_EQ(sink.sent.size(), 1u);
  EXPECT_EQ(sink.sent[0].purpose, Purpose::notice);
  EXPECT_THAT(sink.sent[0].notice, HasSubstr("I can no longer read acme/rocket"));
  EXPECT_THAT(lines.text, HasSubstr("told 1 notice through team"));
}

TEST_F(Standing, OfManyNoticesTheFirstAreToldAndTheRestCounted) {
  Wanted operators = wanted("(alerts)", "*", "the operator's");
  const Enrolled op = testing::run(context, [&]() -> task<Enrolled> {
    auto opening = outbox->open_alerts(operators);
    auto opened = co_await std::move(opening);
    for (int i = 0; i < 100; ++i) {
      auto alerting = outbox->alert(std::to_string(i), fmt::format("This is the alert with the number {}.", i));
      co_await std::move(alerting);
    }
    co_return opened.value();
  });
  SyncerJob theirs = job;
  theirs.subscription = op.id;
  theirs.endpoint_row = op.endpoint;
  EXPECT_EQ(run(theirs).kind, Farewell::Kind::idle);
  ASSERT_EQ(sink.sent.size(), 1u);
  EXPECT_LE(sink.sent[0].notice.size(), 1300u) << "every medium has room for it";
  EXPECT_THAT(sink.sent[0].notice, HasSubstr("number 0."));
  EXPECT_THAT(sink.sent[0].notice, HasSubstr("more: see `beckon status`"));
}

// ---- those who wait -----------------------------------------------------------------------------------------------------

struct HoldsAtWork : ::testing::Test {
  HoldsAtWork() : holds(context.get_executor(), [this](std::int64_t who) { woken.push_back(who); }) {}
  void turn() {
    context.restart();
    context.run_for(20ms);
  }
  static Held until(WallTime when, bool whole_sink = false) { return {when, whole_sink, "team", "because"}; }
  asio::io_context context{1};
  std::vector<std::int64_t> woken;
  Holds holds;
};

TEST_F(HoldsAtWork, OneIsWokenWhenTheTimeHasCome) {
  for (const std::int64_t who : {1, 2, 3}) holds.wait(who, 7, until(wall_now() - 1s));
  turn();
  EXPECT_EQ(woken.size(), 1u) << "its word is enough for all";
  EXPECT_EQ(holds.waiting(), 2u);
}

TEST_F(HoldsAtWork, NobodyIsWokenBefore) {
  holds.wait(1, 7, until(wall_now() + 1h));
  turn();
  EXPECT_TRUE(woken.empty());
}

TEST_F(HoldsAtWork, AllAreWokenWhenItWorksAgain) {
  for (const std::int64_t who : {1, 2, 3}) holds.wait(who, 7, until(wall_now() + 1h));
  holds.wait(4, 8, until(wall_now() + 1h));
  holds.wait(5, 9, until(wall_now() + 1h, true));
  holds.release_endpoint(7);
  EXPECT_THAT(woken, ::testing::UnorderedElementsAre(1, 2, 3));
  woken.clear();
  holds.release_sink("team");
  EXPECT_THAT(woken, ElementsAre(5));
  EXPECT_EQ(holds.waiting(), 1u);
}

TEST_F(HoldsAtWork, AllLookAgainAfterAReload) {
  for (const std::int64_t who : {1, 2, 3}) holds.wait(who, who, until(wall_now() + 1h));
  holds.release_all();
  EXPECT_EQ(woken.size(), 3u);
  EXPECT_EQ(holds.waiting(), 0u);
}

TEST_F(HoldsAtWork, WhoWaitsTwiceWaitsOnce) {
  holds.wait(1, 7, until(wall_now() + 1h));
  holds.wait(1, 7, until(wall_now() + 2h));
  EXPECT_EQ(holds.waiting(), 1u);
}

}  // namespace
}  // namespace beckon::core::testing
