// What must not grow with subscriptions times posts, measured in steps of SQLite's machine rather than in time.
#include "fixture.hpp"

#include <sqlite3.h>

#include <atomic>

namespace beckon::core::testing {
namespace {

std::atomic<std::int64_t> thousands_of_steps{0};

int count_steps(void*) {
  ++thousands_of_steps;
  return 0;
}

int on_open(sqlite3* handle, char**, const sqlite3_api_routines*) {
  sqlite3_progress_handler(handle, 1000, count_steps, nullptr);
  return SQLITE_OK;
}

class OutboxScale : public OutboxFact {
 protected:
  static constexpr int subscriptions = 2000;
  static constexpr int posts = 200;

  void SetUp() override {
    sqlite3_auto_extension(reinterpret_cast<void (*)()>(on_open));
    open();
  }
  void TearDown() override {
    outbox.reset();
    sqlite3_cancel_auto_extension(reinterpret_cast<void (*)()>(on_open));
  }

  std::vector<Enrolled> enroll_many(const Feed& feed, ForgeTime now) {
    std::vector<Wanted> all;
    for (int i = 0; i < subscriptions; ++i)
      all.push_back(wanted("one " + std::to_string(i), "octocat", "webhook " + std::to_string(i)));
    return get(outbox->enroll(feed.id, std::move(all), now));
  }
  template <class Work>
  std::int64_t steps_of(Work work) {
    thousands_of_steps = 0;
    work();
    return 1000 * thousands_of_steps;
  }
};

TEST_F(OutboxScale, RetentionDoesNotAskEverySubscriptionAboutEveryPost) {
  const Feed feed = open_feed();
  enroll_many(feed, t0);
  mention(feed, "octocat", posts);
  // All but the last have everything.
  while_closed([](Database& db) {
    db.script("UPDATE subscription SET position = 1000000 WHERE id < (SELECT max(id) FROM subscription)");
  });
  const auto steps = steps_of([&] { get(outbox->retain(wall_now() + 31 * 24h)); });
  EXPECT_LT(steps, 100 * (subscriptions + posts));
  while_closed([](Database& db) { EXPECT_EQ(db.integer("SELECT count(*) FROM post WHERE body IS NOT NULL"), posts); });
}

// Counted with every few scrapes.
TEST_F(OutboxScale, ATallyDoesNotReadThroughWhatHasBeenTold) {
  const Feed feed = open_feed();
  enroll_many(feed, t0);
  mention(feed, "octocat", posts);
  while_closed([](Database& db) { db.script("UPDATE subscription SET position = 1000000"); });
  const auto steps = steps_of([&] { EXPECT_EQ(get(outbox->tally()).owed.at("team"), 0u); });
  EXPECT_LT(steps, 300 * subscriptions);
}

// What a page with a mention asks of the subscriptions is asked once, however many pages there are.
TEST_F(OutboxScale, PagesDoNotAskEverySubscriptionSinceWhenItWatches) {
  const Feed feed = open_feed();
  enroll_many(feed, t0);
  const auto commit_one = [&](std::int64_t id) {
    PageCommit one = page(feed, {{comment(id, "@octocat", t0 + 500s), {"octocat"}}});
    one.date = t0 + 600s;
    get(outbox->commit_page(std::move(one)));
  };
  commit_one(1);
  EXPECT_LT(steps_of([&] { for (int id = 2; id < 12; ++id) commit_one(id); }), 10 * subscriptions);
}

TEST_F(OutboxScale, NewOnesDoNotReadThroughWhatIsOlderThanTheirStart) {
  const Feed feed = open_feed();
  mention(feed, "octocat", posts);
  const auto enrolled = enroll_many(feed, t0 + 1000s);
  EXPECT_FALSE(enrolled.back().owed);
  const auto steps = steps_of([&] {
    EXPECT_EQ(get(outbox->counts()).owed, 0u);
    for (const Enrolled& one : enrolled) EXPECT_TRUE(claim(one.id).mentions.empty());
  });
  EXPECT_LT(steps, 300 * subscriptions);
}

TEST_F(OutboxScale, NewOnesBeginWithTheFirstThatTheyAreOwed) {
  const Feed feed = open_feed();
  mention(feed, "octocat", 3);
  commit(feed, {{comment(4, "@octocat", t0 + 500s), {"octocat"}}, {comment(5, "@octocat", t0 + 300s), {"octocat"}},
                {comment(6, "@octocat", t0 + 600s), {"octocat"}}});
  for (const char* login : {"octocat", "*"}) {
    const Enrolled late = enroll(feed, wanted(login, login), t0 + 400s);
    EXPECT_TRUE(late.owed);
    EXPECT_EQ(ids(claim(late.id)), (std::vector<std::int64_t>{4, 6})) << login;
  }
}

}  // namespace
}  // namespace beckon::core::testing
