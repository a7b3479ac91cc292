// A syncer and what its sink says: delivered, retry, rejected, gone.
#include "core/syncer/syncer_fixture.hpp"

namespace beckon::core::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST_F(SyncerAtWork, ParksWhenNothingIsOwed) {
  EXPECT_EQ(run().kind, Farewell::Kind::idle);
  EXPECT_TRUE(sink.sent.empty());
}

TEST_F(SyncerAtWork, ParksWhilePausedAndGoesOnOnceResumed) {
  post({1, 2});
  testing::run(context, [this] { return outbox->pause("beast"); });
  EXPECT_EQ(run().kind, Farewell::Kind::idle);
  EXPECT_TRUE(sink.sent.empty());
  testing::run(context, [this] { return outbox->resume("beast"); });
  EXPECT_EQ(run().kind, Farewell::Kind::idle);
  ASSERT_EQ(sink.sent.size(), 1u);
  EXPECT_EQ(sink.sent[0].posts, (std::vector<std::int64_t>{1, 2}));
}

TEST_F(SyncerAtWork, ADeadLetterThatIsAskedForIsToldOnceAndBeforeTheLog) {
  post({1});
  sink.script = {said(OutcomeKind::rejected), said(OutcomeKind::rejected)};
  run();
  post({2});
  DeadChoice all;
  testing::run(context, [&] { return outbox->retry_dead(all); });
  sink.sent.clear();
  EXPECT_EQ(run().kind, Farewell::Kind::idle);
  ASSERT_EQ(sink.sent.size(), 2u);
  EXPECT_EQ(sink.sent[0].posts, (std::vector<std::int64_t>{1}));
  EXPECT_EQ(sink.sent[1].posts, (std::vector<std::int64_t>{2}));
}

TEST_F(SyncerAtWork, TheSinkHearsTheTimeZoneOfThisMachine) {
  const char* value = std::getenv("TZ");
  const std::optional<std::string> before = value ? std::optional<std::string>(value) : std::nullopt;
  ::setenv("TZ", "Asia/Kathmandu", 1);
  post({1});
  run();
  before ? ::setenv("TZ", before->c_str(), 1) : ::unsetenv("TZ");
  ASSERT_EQ(sink.sent.size(), 1u);
  EXPECT_EQ(sink.sent[0].time_zone, "Asia/Kathmandu");
}

TEST_F(SyncerAtWork, SeveralOwedMentionsBecomeOneDigest) {
  post({1, 2, 3});
  EXPECT_EQ(run().kind, Farewell::Kind::idle);
  ASSERT_EQ(sink.sent.size(), 1u);
  EXPECT_EQ(sink.sent[0].posts, (std::vector<std::int64_t>{1, 2, 3}));
}

TEST_F(SyncerAtWork, EachAttemptIsHeardOfWithItsOutcomeAndHowLongItTook) {
  std::vector<OutcomeKind> heard;
  room->attempted = [&](const std::string& name, OutcomeKind outcome, std::optional<Milliseconds> took) {
    EXPECT_EQ(name, "team");
    EXPECT_TRUE(took && *took >= 0ms && *took < 60s);
    heard.push_back(outcome);
  };
  post({1});
  Outcome busy = said(OutcomeKind::retry);
  busy.retry_after = 0s;
  sink.script = {busy, said(OutcomeKind::rejected)};
  run();
  using enum OutcomeKind;
  EXPECT_THAT(heard, ::testing::ElementsAre(retry, rejected, delivered)) << "the last in plain form";
}

TEST_F(SyncerAtWork, WhatIsNotSentTakesNoTime) {
  std::optional<std::optional<Milliseconds>> heard;
  room->attempted = [&](const std::string&, OutcomeKind, std::optional<Milliseconds> took) { heard = took; };
  sink.refusal = said(OutcomeKind::retry);
  post({1});
  room->until = wall_now();
  run();
  ASSERT_TRUE(heard.has_value());
  EXPECT_FALSE(heard->has_value());
}

TEST_F(SyncerAtWork, WhatDoesNotFitGoesWithTheNextDelivery) {
  post({1, 2, 3});
  sink.most = 2;
  run();
  ASSERT_EQ(sink.sent.size(), 2u);
  EXPECT_EQ(sink.sent[0].posts, (std::vector<std::int64_t>{1, 2}));
  EXPECT_EQ(sink.sent[1].posts, (std::vector<std::int64_t>{3}));
  EXPECT_NE(sink.sent[0].id, sink.sent[1].id);
}

TEST_F(SyncerAtWork, ManyThatAreStaleForTheirSinkBecomeOneNotice) {
  post({1, 2, 3});
  sink.about.max_batch = 2;
  sink.about.stale_after = -1h;   // so all are
  Outcome busy = said(OutcomeKind::retry);
  busy.retry_after = 0s;
  sink.script = {busy};
  EXPECT_EQ(run().kind, Farewell::Kind::idle);
  ASSERT_EQ(sink.sent.size(), 2u);
  for (const Sent& sent : sink.sent) {
    EXPECT_EQ(sent.purpose, Purpose::notice);
    EXPECT_TRUE(sent.posts.empty());
    EXPECT_THAT(sent.notice, HasSubstr("3 mentions of @octocat in acme/rocket since 20"));
    EXPECT_THAT(sent.notice, HasSubstr("\n3× "));
    EXPECT_EQ(sent.id, sink.sent[0].id);
  }
  sink.sent.clear();
  post({4});
  run();
  ASSERT_EQ(sink.sent.size(), 1u);
  EXPECT_EQ(sink.sent[0].posts, (std::vector<std::int64_t>{4})) << "what fits is told as it is";
}

TEST_F(SyncerAtWork, ARefusedSummaryIsToldOneByOne) {
  post({1, 2, 3});
  sink.about.max_batch = 2;
  sink.about.stale_after = -1h;
  sink.script = {said(OutcomeKind::rejected)};
  run();
  ASSERT_EQ(sink.sent.size(), 4u);
  for (std::size_t i = 1; i < 4; ++i) EXPECT_EQ(sink.sent[i].posts, (std::vector<std::int64_t>{static_cast<std::int64_t>(i)}));
}

TEST_F(SyncerAtWork, ARetryCarriesTheSameIdAndTheSameMentions) {
  post({1, 2});
  Outcome busy = said(OutcomeKind::retry);
  busy.retry_after = 0s;
  sink.script = {busy};
  run();
  ASSERT_EQ(sink.sent.size(), 2u);
  EXPECT_EQ(sink.sent[0].id, sink.sent[1].id);
  EXPECT_EQ(sink.sent[0].posts, sink.sent[1].posts);
  EXPECT_EQ(sink.sent[1].attempt, 2u);
}

TEST_F(SyncerAtWork, ARefusedDigestGoesOneByOneThenPlainAndOnlyTheBadOneIsDead) {
  post({1, 2, 3});
  const Outcome refused = said(OutcomeKind::rejected);
  const Outcome fine = said(OutcomeKind::delivered);
  // whole; 1 fine; 2 refused rich, refused plain; 3 fine
  sink.script = {refused, fine, refused, refused, fine};
  run();
  ASSERT_EQ(sink.sent.size(), 5u);
  EXPECT_EQ(sink.sent[1].posts, (std::vector<std::int64_t>{1}));
  EXPECT_EQ(sink.sent[2].posts, (std::vector<std::int64_t>{2}));
  EXPECT_EQ(sink.sent[3].posts, (std::vector<std::int64_t>{2}));
  EXPECT_EQ(sink.sent[3].form, Form::plain);
  EXPECT_EQ(sink.sent[4].posts, (std::vector<std::int64_t>{3}));
  EXPECT_EQ(sink.sent[4].form, Form::rich);
  const Counts counts = testing::run(context, [this]() -> task<Counts> {
    auto counting = outbox->counts();
    auto counts = co_await std::move(counting);
    co_return counts.value();
  });
  EXPECT_EQ(counts.dead, 1u);
  EXPECT_EQ(counts.owed, 0u);
}

TEST_F(SyncerAtWork, GoneIsProbedAndOnlyThenBuried) {
  post({1});
  sink.script = {said(OutcomeKind::gone, "no_service"), said(OutcomeKind::gone, "no_service")};
  const Farewell last = run();
  EXPECT_EQ(last.kind, Farewell::Kind::gone);
  ASSERT_EQ(sink.sent.size(), 2u);
  EXPECT_EQ(sink.sent[1].purpose, Purpose::probe);
  EXPECT_EQ(buried, (std::vector<std::int64_t>{job.subscription}));
  EXPECT_EQ(run().kind, Farewell::Kind::gone) << "and it stays gone";
}

TEST_F(SyncerAtWork, WhatArrivesWhileItWaitsForItsTurnGoesAlong) {
  post({1});
  sink.about.at_once = 1;
  Pacer::Permit busy;
  ASSERT_TRUE(pacer->try_admit(busy, "", sink.info()));
  bool ended = false;
  asio::co_spawn(context.get_executor(), run_syncer(*room, job), [&](std::exception_ptr, Farewell) { ended = true; });
  context.restart();
  context.run_for(50ms);
  ASSERT_TRUE(sink.sent.empty());
  post({2});
  busy = Pacer::Permit();
  context.restart();
  context.run_for(10s);
  EXPECT_TRUE(ended);
  ASSERT_EQ(sink.sent.size(), 1u);
  EXPECT_EQ(sink.sent[0].posts, (std::vector<std::int64_t>{1, 2}));
}

TEST_F(SyncerAtWork, ACallThatItMustNotMakeEndsItInsteadOfBeingRepeated) {
  job.subscription += 7;
  EXPECT_THROW(run(), std::logic_error);
}

TEST_F(SyncerAtWork, TroubleOfTheStoreIsWaitedOut) {
  struct FullDisk final : testing::FakeOutbox {
    task<Result<Claim>> claim(std::int64_t, Portion) override {
      if (++asked == 1) co_return fail("the disk is full");
      co_return Claim();
    }
    int asked = 0;
  } disk;
  Lines lines;
  room = std::make_unique<SyncerRoom>(SyncerRoom{disk, *pacer});
  EXPECT_EQ(run().kind, Farewell::Kind::idle);
  EXPECT_EQ(disk.asked, 2);
  EXPECT_THAT(lines.text, HasSubstr("\"beast\": the disk is full; waiting, nothing is lost"));
  EXPECT_THAT(lines.text, HasSubstr("\"beast\": the state file works again"));
}

TEST_F(SyncerAtWork, WhatMayHaveArrivedIsNotSentTwiceIfTheSinkSaysSo) {
  post({1, 2});
  Outcome lost = said(OutcomeKind::retry, "no_answer");
  lost.ambiguous = lost.held = true;
  sink.script = {lost};
  Lines lines;
  run();
  EXPECT_EQ(sink.sent.size(), 1u);
  const Counts counts = testing::run(context, [this]() -> task<Counts> {
    auto counting = outbox->counts();
    auto counts = co_await std::move(counting);
    co_return counts.value();
  });
  EXPECT_EQ(counts.dead, 2u);
  EXPECT_EQ(counts.owed, 0u);
  EXPECT_THAT(lines.text, HasSubstr("may or may not have got 2 mentions, first the mention in"));
}

TEST_F(SyncerAtWork, ATargetThatHasMovedIsToldOnceWithTheWayOut) {
  sink.about.target_option = "chat_id";
  Outcome moved = said(OutcomeKind::delivered);
  moved.retarget = "-1009";
  sink.script = {moved, moved};
  Lines lines;
  post({1});
  run();
  EXPECT_THAT(lines.text, HasSubstr("set chat_id = \"-1009\" in the subscription's target, or in [sinks.team]"));
  lines.text.clear();
  post({2});
  run();
  EXPECT_THAT(lines.text, Not(HasSubstr("moved"))) << "no news";
  moved.retarget = "-1010";
  sink.script = {moved};
  post({3});
  run();
  EXPECT_THAT(lines.text, HasSubstr("-1010"));
}

TEST_F(SyncerAtWork, ASecretTargetThatHasMovedIsToldWithoutIt) {
  sink.about.target_option = "webhook_url";
  sink.about.target_secret = true;
  Outcome moved = said(OutcomeKind::misconfigured);
  moved.retry_after = 0s;
  moved.retarget = "https://hooks.example/T1/verysecretpart";
  moved.reason = "it is now at https://hooks.example/T1/verysecretpart";
  sink.script = {moved};
  Lines lines;
  post({1});
  run();
  EXPECT_THAT(lines.text, HasSubstr("get the new webhook_url from it"));
  EXPECT_THAT(lines.text, Not(HasSubstr("verysecretpart")));
}

TEST_F(SyncerAtWork, AnAttemptThatIsCutOffIsRepeatedUnderItsId) {
  post({1});
  sink.hang = true;
  std::optional<Farewell> last;
  asio::co_spawn(context.get_executor(), run_syncer(*room, job),
                 [&](std::exception_ptr, Farewell farewell) { last = farewell; });
  for (int turn = 0; turn < 2000 && room->under_way.empty(); ++turn) {
    context.restart();
    context.run_for(5ms);
  }
  ASSERT_EQ(room->under_way.size(), 1u);
  room->stopping = true;
  room->cut_off();
  context.restart();
  context.run_for(10s);
  ASSERT_TRUE(last);
  EXPECT_EQ(last->kind, Farewell::Kind::idle);
  EXPECT_TRUE(room->under_way.empty());
  sink.hang = room->stopping = room->was_cut_off = false;   // another daemon
  run();
  ASSERT_EQ(sink.sent.size(), 2u);
  EXPECT_EQ(sink.sent[0].id, sink.sent[1].id);
  EXPECT_EQ(sink.sent[1].attempt, 2u);
}

TEST_F(SyncerAtWork, ARunThatEndsLeavesWhatIsDueLaterToAnother) {
  post({1});
  room->until = wall_now() + 10s;
  Outcome busy = said(OutcomeKind::retry);
  busy.retry_after = 1h;
  sink.script = {busy};
  EXPECT_EQ(run().kind, Farewell::Kind::idle) << "at once, not at the end";
  EXPECT_EQ(run().kind, Farewell::Kind::idle) << "nor another run";
  EXPECT_EQ(sink.sent.size(), 1u);
}

TEST_F(SyncerAtWork, AtShutdownNothingNewBegins) {
  post({1});
  room->stopping = true;
  EXPECT_EQ(run().kind, Farewell::Kind::idle);
  EXPECT_TRUE(sink.sent.empty());
}

}  // namespace
}  // namespace beckon::core::testing
