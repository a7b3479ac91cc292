// What holds when the daemon dies, the disk fills, or nobody waits for an answer any more.
#include "fixture.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>

#include <gmock/gmock.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

namespace beckon::core::testing {
namespace {

using ::testing::HasSubstr;
using Kind = Settlement::Kind;
using Ids = std::vector<std::int64_t>;

class OutboxDurability : public OutboxFact {
 protected:
  void SetUp() override {
    open();
    feed = open_feed();
    me = enroll(feed, wanted("me", "octocat")).id;
  }
  // Runs `work` in a process of its own that dies by kill -9 at its end.
  template <class Work>
  void in_a_child_that_is_killed(Work work) {
    outbox.reset();
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      try {
        work();
      } catch (...) {
        ::_exit(1);
      }
      ::raise(SIGKILL);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status)) << "the child failed before it was killed";
  }

  Feed feed;
  std::int64_t me = 0;
};

TEST_F(OutboxDurability, FrozenBatchOutlivesARestart) {
  mention(feed, "octocat", 2);
  const Claim before = claim(me);
  freeze(me, before);
  mention(feed, "octocat", 1, 10);
  reopen();
  EXPECT_TRUE(enroll(feed, wanted("me", "octocat"), std::nullopt).owed);
  const Claim after = claim(me);
  EXPECT_TRUE(after.frozen);
  EXPECT_EQ(after.batch_id, before.batch_id);
  EXPECT_EQ(ids(after), (Ids{1, 2}));
}

TEST_F(OutboxDurability, KillBetweenPollAndClaimLosesNothing) {
  in_a_child_that_is_killed([&] {
    open();
    mention(feed, "octocat", 3);
  });
  open();
  EXPECT_EQ(ids(claim(me)), (Ids{1, 2, 3}));
}

TEST_F(OutboxDurability, KillBetweenFreezeAndSettleKeepsBatchAndId) {
  mention(feed, "octocat", 2);
  in_a_child_that_is_killed([&] {
    open();
    freeze(me, claim(me));
  });
  open();
  const Claim once = claim(me);
  EXPECT_TRUE(once.frozen);
  EXPECT_EQ(ids(once), (Ids{1, 2}));
  in_a_child_that_is_killed([&] { open(); });
  open();
  EXPECT_EQ(claim(me).batch_id, once.batch_id);
}

TEST_F(OutboxDurability, KillAfterSettleRepeatsNothing) {
  mention(feed, "octocat", 2);
  in_a_child_that_is_killed([&] {
    open();
    deliver(me, 1);
  });
  open();
  EXPECT_EQ(ids(claim(me)), (Ids{2}));
}

struct Sent {
  std::int64_t first = 0, last = 0;
  char batch[33] = {};
  bool operator==(const Sent& other) const {
    return first == other.first && last == other.last && std::string_view(batch) == other.batch;
  }
};

// Killed in the middle of whatever it does, again and again: all arrives in order, and only a whole batch under the
// same id is ever sent twice.
TEST_F(OutboxDurability, KillAnywhereRepeatsOnlyWhatWasInFlight) {
  constexpr int mentions = 400;
  for (int i = 0; i < mentions / 100; ++i) mention(feed, "octocat", 100, 1 + 100 * i);
  outbox.reset();
  std::vector<Sent> sent;
  for (int round = 0; round < 8; ++round) {
    int pipe[2];
    ASSERT_EQ(::pipe(pipe), 0);
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      ::close(pipe[0]);
      try {
        open();
        for (;;) {
          const Claim next = claim(me, 3);
          if (next.mentions.empty()) break;
          if (!next.frozen) freeze(me, next);
          Sent one{next.mentions.front().mention.post.id, next.mentions.back().mention.post.id, {}};
          next.batch_id.copy(one.batch, 32);
          if (::write(pipe[1], &one, sizeof one) != sizeof one) break;
          settle(me, Kind::delivered, 3);
        }
      } catch (...) {
      }
      ::raise(SIGKILL);
    }
    ::close(pipe[1]);
    Sent one;
    for (int i = 0; ::read(pipe[0], &one, sizeof one) == sizeof one; ++i) {
      sent.push_back(one);
      if (i == 5 + round) ::kill(child, SIGKILL);
    }
    ::close(pipe[0]);
    ASSERT_EQ(::waitpid(child, nullptr, 0), child);
  }
  open();
  for (Claim next = claim(me, 3); !next.mentions.empty(); next = settle(me, Kind::delivered, 3)) {
    if (!next.frozen) freeze(me, next);
    Sent one{next.mentions.front().mention.post.id, next.mentions.back().mention.post.id, {}};
    next.batch_id.copy(one.batch, 32);
    sent.push_back(one);
  }
  std::int64_t expected = 1;
  for (std::size_t i = 0; i < sent.size(); ++i) {
    if (i > 0 && sent[i] == sent[i - 1]) continue;
    ASSERT_EQ(sent[i].first, expected);
    expected = sent[i].last + 1;
  }
  EXPECT_EQ(expected, mentions + 1);
}

// A limit on the size of files stands for the full disk: both fail the same write.
class FullDisk {
 public:
  explicit FullDisk(std::uintmax_t limit) : handler_(::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    rlimit full = before_;
    full.rlim_cur = limit;
    ::setrlimit(RLIMIT_FSIZE, &full);
  }
  ~FullDisk() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    ::signal(SIGXFSZ, handler_);
  }

 private:
  rlimit before_{};
  void (*handler_)(int);
};

TEST_F(OutboxDurability, FullDiskChangesNothingAndIsOverOnceThereIsSpace) {
  PageCommit large = page(feed, {});
  large.cursor.watermark = t0 + 1h;
  for (int i = 0; i < 100; ++i) large.posts.push_back({comment(i + 1, std::string(60'000, 'x')), {"octocat"}});
  {
    FullDisk full(std::filesystem::file_size(file.string() + "-wal") + 100'000);
    const auto refused = ask(outbox->commit_page(large));
    EXPECT_EQ(sentence(refused), "the disk that holds " + file.string() + " is full; free space, nothing is lost");
  }
  EXPECT_EQ(head(get(outbox->feed(feed.id))).watermark, t0);
  EXPECT_TRUE(claim(me).mentions.empty());
  EXPECT_EQ(get(outbox->commit_page(large)).new_posts, 100u);
  EXPECT_EQ(claim(me, 200).mentions.size(), 100u);
}

TEST_F(OutboxDurability, OutcomeThatCouldNotBeStoredIsStoredLater) {
  for (int i = 0; i < 10; ++i) mention(feed, "octocat", 100, 1 + 100 * i);
  const Claim sent = claim(me, 500);
  freeze(me, sent);
  {
    FullDisk full(0);
    EXPECT_THAT(sentence(ask(outbox->settle(settlement(me, Kind::delivered), 10))), HasSubstr("is full"));
    EXPECT_THROW(ask(outbox->freeze({me, {1}, "x", BatchForm::whole})), std::logic_error)
        << "what does not write still answers";
  }
  EXPECT_EQ(claim(me).batch_id, sent.batch_id);
  EXPECT_EQ(ids(settle(me, Kind::delivered, 1)), (Ids{501}));
}

// Commits are the frames in the log that carry the size of the database.
std::size_t commits_in(const std::filesystem::path& wal) {
  std::ifstream in(wal, std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(in)), {});
  std::size_t commits = 0;
  for (std::size_t frame = 32; frame + 24 + 4096 <= bytes.size(); frame += 24 + 4096) {
    if (bytes.substr(frame + 4, 4) != std::string(4, '\0')) ++commits;
  }
  return commits;
}

TEST_F(OutboxDurability, RequestsThatWaitTogetherShareACommit) {
  std::vector<Wanted> all;
  for (int i = 0; i < 32; ++i) all.push_back(wanted("s" + std::to_string(i), "octocat", std::to_string(i)));
  const auto enrolled = get(outbox->enroll(feed.id, all, t0));
  mention(feed, "octocat", 20);
  reopen();  // an empty write-ahead log
  int rounds = 0;
  for (const Enrolled& one : enrolled) {
    asio::co_spawn(context.get_executor(), [&, id = one.id]() -> task<void> {
      Claim next = good(co_await outbox->claim(id, 1));
      while (!next.mentions.empty()) {
        Freeze freeze;
        freeze.subscription = id;
        freeze.seqs.push_back(next.mentions.front().seq);
        freeze.batch_id = next.batch_id;
        good(co_await outbox->freeze(std::move(freeze)));
        Settlement done = settlement(id, Kind::delivered);
        next = good(co_await outbox->settle(std::move(done), 1));
        ++rounds;
      }
    }, [](std::exception_ptr failure) { if (failure) std::rethrow_exception(failure); });
  }
  context.restart();
  context.run();
  EXPECT_EQ(rounds, 32 * 20);
  EXPECT_EQ(get(outbox->counts()).owed, 0u);
  const std::size_t commits = commits_in(file.string() + "-wal");
  EXPECT_GT(commits, 0u);
  EXPECT_LT(commits, 2u * 32 * 20 / 2) << "two requests a round, far fewer commits";
}

TEST_F(OutboxDurability, FailureOfOneRequestLeavesTheOthersOfItsGroupAlone) {
  mention(feed, "octocat", 1);
  int good_ones = 0, bad_ones = 0;
  for (int i = 0; i < 16; ++i) {
    asio::co_spawn(context.get_executor(), [&, i]() -> task<void> {
      PageCommit commit = page(feed, {{comment(1000 + i, "@octocat"), {"octocat"}}});
      commit.walk_finished = i % 2 != 0;  // the head is no walk: the caller's bug
      good(co_await outbox->commit_page(std::move(commit)));
      ++good_ones;
    }, [&](std::exception_ptr failure) { bad_ones += failure ? 1 : 0; });
  }
  context.restart();
  context.run();
  EXPECT_EQ(good_ones, 8);
  EXPECT_EQ(bad_ones, 8);
  EXPECT_EQ(claim(me, 100).mentions.size(), 9u);
}

TEST_F(OutboxDurability, WhoeverIsCancelledWhileWaitingHearsTheResultFirst) {
  asio::cancellation_signal cancel;
  bool answered = false, ended = false;
  asio::co_spawn(context.get_executor(), [&]() -> task<void> {
    PageCommit commit = page(feed, {{comment(1, "@octocat"), {"octocat"}}});
    const auto done = co_await outbox->commit_page(std::move(commit));
    answered = done.has_value();
  }, asio::bind_cancellation_slot(cancel.slot(), [&](std::exception_ptr) { ended = true; }));
  context.restart();
  while (!answered && !ended) {
    if (context.run_one() == 0) break;
    cancel.emit(asio::cancellation_type::terminal);
  }
  context.run();
  EXPECT_TRUE(ended);
  // Cancelled before its first turn it asks for nothing; afterwards it has its answer.
  EXPECT_EQ(claim(me).mentions.size(), answered ? 1u : 0u);
}

TEST_F(OutboxDurability, ClosingFinishesWhatIsQueuedAndAnswersIt) {
  bool answered = false;
  asio::co_spawn(context.get_executor(), [&]() -> task<void> {
    PageCommit commit = page(feed, {{comment(1, "@octocat"), {"octocat"}}});
    const auto done = co_await outbox->commit_page(std::move(commit));
    answered = done.has_value();
  }, [](std::exception_ptr failure) { if (failure) std::rethrow_exception(failure); });
  context.restart();
  context.poll();
  outbox.reset();
  context.run();
  EXPECT_TRUE(answered);
  open();
  EXPECT_EQ(claim(me).mentions.size(), 1u);
}

TEST_F(OutboxDurability, AnswersThatNobodyHearsAreDropped) {
  {
    asio::io_context unheard(1);
    outbox.reset();
    outbox = good(open_outbox(unheard.get_executor(), file));
    asio::co_spawn(unheard.get_executor(), [&]() -> task<void> {
      for (;;) (void)co_await outbox->claim(me, 1);
    }, [](std::exception_ptr) {});
    unheard.poll();
    outbox.reset();
  }
  open();
  EXPECT_TRUE(claim(me).mentions.empty());
}

TEST_F(OutboxDurability, ManySubscriptionsEnrolInOneCallAndAreFoundAgain) {
  std::vector<Wanted> all;
  const auto filter = std::make_shared<const Filter>();
  for (int i = 0; i < 10'000; ++i) {
    const std::string number = std::to_string(i);
    all.push_back(wanted("o/r user" + number + " team", "user" + number, "https://hooks.test/" + number));
    all.back().filter = filter;
  }
  const auto created = get(outbox->enroll(feed.id, all, t0));
  ASSERT_EQ(created.size(), all.size());
  mention(feed, "user7777", 1);
  reopen();
  const auto again = get(outbox->enroll(feed.id, all, std::nullopt));
  ASSERT_EQ(again.size(), all.size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    ASSERT_EQ(again[i].id, created[i].id);
    ASSERT_FALSE(again[i].created);
    ASSERT_EQ(again[i].owed, i == 7777);
  }
  EXPECT_EQ(get(outbox->counts()).owed, 1u);
}

}  // namespace
}  // namespace beckon::core::testing
