// A syncer on the real outbox (in memory) with a scripted sink.
#pragma once

#include "base/log.hpp"
#include "support/fake_outbox.hpp"
#include "support/run.hpp"
#include "syncer/syncer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <deque>
#include <optional>

namespace beckon::core::testing {

inline Outcome said(OutcomeKind kind, std::string code = "code") {
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
  std::string time_zone;
  std::string notice;
};

struct ScriptedSink final : Sink {
  task<Result<std::optional<LateOutcome>>> feedback(std::shared_ptr<const std::string>) override {
    co_return std::optional<LateOutcome>();
  }
  const SinkInfo& info() const override { return about; }
  task<Prepared> prepare(std::shared_ptr<const Delivery> delivery) override {
    Prepared prepared;
    prepared.covered = std::min(most, delivery->mentions.size());
    prepared.outcome = refusal;
    co_return prepared;
  }
  task<Outcome> deliver(std::shared_ptr<const Delivery> delivery, Prepared) override {
    Sent record{delivery->id, delivery->purpose, delivery->form, delivery->attempt, {}, delivery->time_zone,
                delivery->notice};
    for (const auto& mention : delivery->mentions) record.posts.push_back(mention.post.id);
    sent.push_back(std::move(record));
    if (hang) {
      auto for_ever = sleep_for(1h);
      co_await std::move(for_ever);
    }
    Outcome next = said(OutcomeKind::delivered);
    if (always) next = *always;
    if (poisoned && !delivery->mentions.empty() && delivery->mentions.front().post.id == poisoned) next = poison;
    if (!script.empty()) {
      next = script.front();
      script.pop_front();
    }
    co_return next;
  }
  SinkInfo about{"team", "scripted", 10, true};
  std::size_t most = 10;
  bool hang = false;
  std::optional<Outcome> refusal;             // without sending
  std::deque<Outcome> script;                 // first
  std::optional<Outcome> always;
  std::int64_t poisoned = 0;                  // the post that `poison` is the answer to
  Outcome poison;
  std::vector<Sent> sent;
};

// What is logged while it lives.
struct Lines {
  Lines() {
    log::open(LogLevel::info, LogFormat::text);
    log::capture(&text);
  }
  ~Lines() { log::capture(nullptr); }
  std::string text;
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
    });
    job = enroll({wanted("beast", "octocat")})[0];
  }

  static Wanted wanted(std::string name, std::string login, std::string endpoint = "hook") {
    Wanted one;
    one.name = std::move(name);
    one.login = std::move(login);
    one.sink = "team";
    one.endpoint = std::move(endpoint);
    one.filter = std::make_shared<const Filter>();
    return one;
  }
  // What is not named is absent from here on. Names have static storage.
  std::vector<SyncerJob> enroll(std::vector<Wanted> all) {
    return testing::run(context, [&]() -> task<std::vector<SyncerJob>> {
      auto enrolling = outbox->enroll(feed_id, all, begin);
      auto enrolled = co_await std::move(enrolling);
      std::vector<SyncerJob> jobs;
      const auto endpoint = std::make_shared<const Endpoint>(
          Endpoint{std::shared_ptr<Sink>(std::shared_ptr<void>(), &sink), std::make_shared<const OptionValues>()});
      for (const Enrolled& one : enrolled.value()) jobs.push_back({one.id, one.endpoint, "beast", endpoint});
      co_return jobs;
    });
  }

  // Comments that mention `login`.
  void post(std::initializer_list<std::int64_t> ids, const std::string& login = "octocat") {
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
        seen.post.body = "@" + login + " hello";
        seen.post.created = seen.post.updated = begin + 1min;
        seen.names = {login};
        page.posts.push_back(std::move(seen));
      }
      auto committing = outbox->commit_page(std::move(page));
      auto committed = co_await std::move(committing);
      EXPECT_EQ(committed.value().new_mentions, ids.size());
    });
  }

  Farewell run() { return run(job); }
  Farewell run(const SyncerJob& one) {
    return testing::run(context, [&]() -> task<Farewell> { return run_syncer(*room, one); });
  }
  Counts counts() {
    return testing::run(context, [this]() -> task<Counts> {
      auto counting = outbox->counts();
      auto counts = co_await std::move(counting);
      co_return counts.value();
    });
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

}  // namespace beckon::core::testing
