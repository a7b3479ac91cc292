// A syncer on the real outbox (in memory) with a scripted sink.
#include "support/run.hpp"
#include "syncer/syncer.hpp"

#include <gtest/gtest.h>

#include <deque>

namespace beckon::core {
namespace {

Outcome said(OutcomeKind kind, std::string code = "code") {
  Outcome outcome;
  outcome.kind = kind;
  outcome.code = std::move(code);
  outcome.reason = "because";
  return outcome;
}

struct Sent {
  std::string id;
  Purpose purpose{};
  Form form{};
  std::uint32_t attempt = 0;
  std::vector<std::int64_t> posts;
};

struct ScriptedSink final : Sink {
  const SinkInfo& info() const override { return about; }
  Prepared prepare(const Delivery& delivery) override {
    Prepared prepared;
    prepared.covered = std::min(most, delivery.mentions.size());
    return prepared;
  }
  task<Outcome> deliver(std::shared_ptr<const Delivery> delivery, Prepared) override {
    Sent record{delivery->id, delivery->purpose, delivery->form, delivery->attempt, {}};
    for (const auto& mention : delivery->mentions) record.posts.push_back(mention.post.id);
    sent.push_back(std::move(record));
    Outcome next = said(OutcomeKind::delivered);
    if (!script.empty()) {
      next = script.front();
      script.pop_front();
    }
    co_return next;
  }
  SinkInfo about{"team", "scripted", 10, true};
  std::size_t most = 10;
  std::deque<Outcome> script;
  std::vector<Sent> sent;
};

struct SyncerAtWork : ::testing::Test {
  SyncerAtWork() {
    auto opened = open_outbox(context.get_executor(), ":memory:");
    if (!opened) throw std::runtime_error(opened.error().message);
    outbox = std::move(*opened);
    pacer = make_pacer(context.get_executor());
    room = std::make_unique<SyncerRoom>(SyncerRoom{*outbox, *pacer});
    room->buried = [this](const std::vector<std::int64_t>& ended, const std::string&) { buried = ended; };
    testing::run(context, [this]() -> task<void> {
      Repository repository;
      repository.origin = "https://forge.example";
      repository.forge_id = 7;
      repository.full_name = "acme/rocket";
      auto opening = outbox->open_feed("github", "acme/rocket", repository, begin);
      auto feed = co_await std::move(opening);
      feed_id = feed.value().id;
      Wanted wanted;
      wanted.name = "beast";
      wanted.login = "octocat";
      wanted.sink = "team";
      wanted.endpoint = "hook";
      wanted.filter = std::make_shared<const Filter>();
      std::vector<Wanted> all;
      all.push_back(std::move(wanted));
      auto enrolling = outbox->enroll(feed_id, std::move(all), begin);
      auto enrolled = co_await std::move(enrolling);
      job = {enrolled.value()[0].id, enrolled.value()[0].endpoint, "beast", std::make_shared<const Endpoint>(Endpoint{&sink, {}})};
    });
  }

  void post(std::initializer_list<std::int64_t> ids) {
    testing::run(context, [&]() -> task<void> {
      PageCommit page;
      page.feed = feed_id;
      page.cursor.source = SourceKind::comments;
      page.cursor.watermark = begin + 1h;
      for (const std::int64_t id : ids) {
        SeenPost seen;
        seen.post.kind = PostKind::comment;
        seen.post.id = id;
        seen.post.thread_number = 1;
        seen.post.author.login = "vera";
        seen.post.body = "@octocat hello";
        seen.post.created = seen.post.updated = begin + 1min;
        seen.names = {"octocat"};
        page.posts.push_back(std::move(seen));
      }
      auto committing = outbox->commit_page(std::move(page));
      auto committed = co_await std::move(committing);
      EXPECT_EQ(committed.value().new_mentions, ids.size());
    });
  }

  Farewell run() {
    return testing::run(context, [this]() -> task<Farewell> { return run_syncer(*room, job); });
  }

  const ForgeTime begin = from_unix_s(1'700'000'000);
  asio::io_context context{1};
  ScriptedSink sink;
  std::unique_ptr<Outbox> outbox;
  std::unique_ptr<Pacer> pacer;
  std::unique_ptr<SyncerRoom> room;
  std::int64_t feed_id = 0;
  SyncerJob job;
  std::vector<std::int64_t> buried;
};

TEST_F(SyncerAtWork, ParksWhenNothingIsOwed) {
  EXPECT_EQ(run().kind, Farewell::Kind::idle);
  EXPECT_TRUE(sink.sent.empty());
}

TEST_F(SyncerAtWork, SeveralOwedMentionsBecomeOneDigest) {
  post({1, 2, 3});
  EXPECT_EQ(run().kind, Farewell::Kind::idle);
  ASSERT_EQ(sink.sent.size(), 1u);
  EXPECT_EQ(sink.sent[0].posts, (std::vector<std::int64_t>{1, 2, 3}));
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

TEST_F(SyncerAtWork, AtShutdownNothingNewBegins) {
  post({1});
  room->stopping = true;
  EXPECT_EQ(run().kind, Farewell::Kind::idle);
  EXPECT_TRUE(sink.sent.empty());
}

}  // namespace
}  // namespace beckon::core
