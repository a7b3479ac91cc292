#include "viewers.hpp"

#include "support/fake_outbox.hpp"
#include "support/run.hpp"

#include <gmock/gmock.h>

namespace beckon::core {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

// A tab that writes down what it is told.
struct ScriptedTab final : WebSocket {
  void send(std::shared_ptr<const std::string> text) override { told.push_back(*text); }
  task<std::optional<std::string>> receive() override { co_return std::nullopt; }
  void close(std::uint16_t with, std::string_view) override { code = code == 0 ? with : code; }
  std::string all() const {
    std::string text;
    for (const std::string& one : told) text += one + "\n";
    return text;
  }
  std::vector<std::string> told;
  std::uint16_t code = 0;
};

struct GuardedForge final : Forge {
  explicit GuardedForge(bool& open) : open(open) {}
  const std::string& origin() const override { return name; }
  const std::string& credential() const override { return name; }
  task<ForgeResult<RepositoryAnswer>> repository(std::string full_name, RepositoryMark) override {
    if (!open) co_return ForgeError{ForgeFailure::not_found, "404", {}};
    RepositoryAnswer answer;
    answer.repository.full_name = full_name;
    answer.repository.is_private = true;
    co_return answer;
  }
  task<ForgeResult<Page>> page(Repository, PageRequest) override { co_return Page(); }
  task<ForgeResult<Page>> reviews(Repository, std::int64_t) override { co_return Page(); }
  task<ForgeResult<Account>> account() override { co_return Account(); }
  Quota quota() const override { return {}; }
  bool authenticated() const override { return true; }
  bool& open;
  std::string name = "github";
};

// A log of one feed, row 7.
struct LogOutbox final : testing::FakeOutbox {
  task<Result<LogSlice>> read_log(std::int64_t feed, std::string login, std::optional<std::int64_t> after, std::size_t) override {
    ++reads;
    if (broken) {
      ++failures;
      co_return fail("the disk is away");
    }
    LogSlice slice;
    slice.position = after.value_or(0);
    for (const OwedMention& owed : log)
      if (feed == 7 && owed.mention.name == login && owed.seq > after.value_or(0)) {
        slice.mentions.push_back(owed);
        slice.position = owed.seq;
      }
    co_return slice;
  }
  task<Result<void>> reach_back(std::int64_t, std::chrono::seconds history) override {
    reached.push_back(history);
    co_return Result<void>();
  }
  void write(std::int64_t seq, std::string body) {
    OwedMention owed;
    owed.seq = seq;
    owed.mention.name = "octocat";
    owed.mention.post.body = std::move(body);
    log.push_back(std::move(owed));
  }
  std::vector<OwedMention> log;
  std::vector<std::chrono::seconds> reached;
  int reads = 0, failures = 0;
  bool broken = false;
};

struct Watching : ::testing::Test {
  Watching() {
    view.row = 7;
    view.complete = true;
    Viewers::Needs needs{outbox,
                         *metrics,
                         [this](const std::string&, const std::string&) { return std::make_shared<GuardedForge>(open); },
                         [this](const RepositoryKey& key) { return key.second == "acme/rocket" ? &view : nullptr; },
                         [](std::int64_t) { return true; },
                         [](const std::string&, const std::string&, std::size_t) { return ViewedFeeds::Source(); },
                         [] { return std::size_t{0}; },
                         [] { return std::chrono::seconds(7 * 24h); },
                         0ms};
    viewers = std::make_unique<Viewers>(context.get_executor(), std::move(needs));
    supervisor = viewers->make_viewers();
    viewers->supervised_by(supervisor.get());
  }
  ~Watching() override {
    testing::run(context, [this] { return supervisor->stop(); });
    viewers->supervised_by(nullptr);
  }
  ViewerId join(std::string repository = "Acme/Rocket", std::optional<std::int64_t> after = {}) {
    WatchWish wish{"github", std::move(repository), "octocat", after, {WebRole::viewer, "octocat", "token"}};
    return viewers->join(std::move(wish), tab);
  }
  void settle_down() {
    context.restart();
    context.run_for(20ms);
  }

  asio::io_context context{1};
  std::unique_ptr<Metrics> metrics = make_metrics("0");
  LogOutbox outbox;
  ViewedFeed view;
  bool open = true;
  ScriptedTab tab;
  std::unique_ptr<Viewers> viewers;
  std::unique_ptr<Supervisor> supervisor;
};

TEST_F(Watching, ASyncerReadsWhatIsThereAndThenWaitsWithoutACoroutine) {
  outbox.write(1, "one");
  const ViewerId id = join();
  settle_down();
  EXPECT_THAT(tab.all(), HasSubstr("\"one\""));
  EXPECT_EQ(supervisor->state(id), ChildState::parked);
  EXPECT_EQ(viewers->list().size(), 1u);
}

TEST_F(Watching, OnlyItsOwnNameInItsOwnFeedWakesIt) {
  join();
  settle_down();
  const int before = outbox.reads;
  outbox.write(2, "two");
  viewers->found(7, {"mona"});
  viewers->found(8, {"octocat"});
  settle_down();
  EXPECT_EQ(outbox.reads, before);
  viewers->found(7, {"mona", "octocat"});
  settle_down();
  EXPECT_THAT(tab.all(), HasSubstr("\"two\""));
}

TEST_F(Watching, ANewTabHasThePastReadAndOneThatComesBackHasNot) {
  join();
  settle_down();
  EXPECT_THAT(outbox.reached, ::testing::ElementsAre(7 * 24h));
  join("acme/rocket", 0);
  settle_down();
  EXPECT_EQ(outbox.reached.size(), 1u);
}

TEST_F(Watching, BehindItsPlaceNothingIsRepeated) {
  outbox.write(1, "one");
  outbox.write(2, "two");
  join("acme/rocket", 1);
  settle_down();
  EXPECT_THAT(tab.all(), HasSubstr("\"two\""));
  EXPECT_THAT(tab.all(), ::testing::Not(HasSubstr("\"one\"")));
}

TEST_F(Watching, WhoHasLeftIsToldNothingAndLeavesNothing) {
  const ViewerId id = join();
  settle_down();
  viewers->leave(id);
  tab.told.clear();
  outbox.write(2, "two");
  viewers->found(7, {"octocat"});
  viewers->changed({"github", "acme/rocket"});
  settle_down();
  EXPECT_THAT(tab.told, IsEmpty());
  EXPECT_FALSE(supervisor->state(id));
  EXPECT_THAT(viewers->list(), IsEmpty());
}

TEST_F(Watching, WhoMayNoLongerReadItIsLetGoWhenHisProofIsOver) {
  const ViewerId id = join();
  settle_down();
  ASSERT_TRUE(supervisor->state(id));
  open = false;
  testing::run(context, [this] { return viewers->look_again(false); });
  settle_down();
  EXPECT_THAT(tab.all(), HasSubstr("there is no repository Acme/Rocket that you may read"));
  EXPECT_EQ(tab.code, 1008);
  EXPECT_FALSE(supervisor->state(id));
}

TEST_F(Watching, WhoMayStillReadItNoticesNothing) {
  const ViewerId id = join();
  settle_down();
  const std::size_t told = tab.told.size();
  testing::run(context, [this] { return viewers->look_again(false); });
  settle_down();
  EXPECT_EQ(supervisor->state(id), ChildState::parked);
  EXPECT_EQ(tab.told.size(), told);
}

TEST_F(Watching, ACrashIsRestartedWithItsPlace) {
  outbox.write(1, "one");
  const ViewerId id = join();
  settle_down();
  outbox.broken = true;
  viewers->found(7, {"octocat"});
  context.restart();
  while (outbox.failures == 0) context.run_one();
  outbox.broken = false;
  outbox.write(2, "two");
  settle_down();
  EXPECT_EQ(outbox.failures, 1);
  EXPECT_EQ(metrics->restarts("viewer"), 1u);
  EXPECT_EQ(supervisor->state(id), ChildState::parked);
  EXPECT_THAT(tab.all(), HasSubstr("\"two\""));
}

TEST_F(Watching, OneThatCrashesAgainAndAgainIsSetAsideAndSaysSo) {
  outbox.broken = true;
  const ViewerId id = join();
  settle_down();
  EXPECT_EQ(supervisor->state(id), ChildState::set_aside);
  EXPECT_THAT(tab.all(), HasSubstr("the daemon fails at this again and again"));
  viewers->leave(id);
  EXPECT_FALSE(supervisor->state(id));
}

TEST_F(Watching, MoreRepositoriesThanAreAllowedAreRefusedInWords) {
  join("acme/other");
  settle_down();
  EXPECT_THAT(tab.all(), HasSubstr("which is the most"));
  EXPECT_EQ(tab.code, 1008);
}

}  // namespace
}  // namespace beckon::core
