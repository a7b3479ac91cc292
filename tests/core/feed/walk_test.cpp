#include "feed/walk.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <random>
#include <set>

namespace beckon::core {
namespace {

constexpr ForgeTime beginning{std::chrono::seconds{1'700'000'000}};

// A list as a forge keeps it, under edits. Links are "PAGE@SINCE".
class List {
 public:
  explicit List(std::size_t page_size) : page_size_(page_size) {}

  void add(ForgeTime updated) {
    const auto id = static_cast<std::int64_t>(items_.size()) + 1;
    items_[id] = updated;
    listed_.emplace(updated, id);
    now_ = std::max(now_, updated);
  }
  void edit(std::int64_t id) {
    now_ += 1s;
    listed_.erase({items_.at(id), id});
    listed_.emplace(now_, id);
    items_[id] = now_;
  }
  void tick(std::chrono::seconds time) { now_ += time; }
  const std::map<std::int64_t, ForgeTime>& items() const { return items_; }
  std::int64_t size() const { return static_cast<std::int64_t>(items_.size()); }

  Page page(const PageRequest& request) const {
    std::size_t number = 1;
    ForgeTime since = request.since;
    if (!request.page_url.empty()) {
      const std::size_t at = request.page_url.find('@');
      number = std::stoul(request.page_url.substr(0, at));
      since = from_unix_s(std::stoll(request.page_url.substr(at + 1)));
    }
    auto item = listed_.lower_bound({since, 0});
    for (std::size_t skipped = (number - 1) * page_size_; skipped > 0 && item != listed_.end(); --skipped) ++item;
    Page page;
    page.date = now_;
    for (; page.posts.size() < page_size_ && item != listed_.end(); ++item) {
      Post& post = page.posts.emplace_back();
      post.updated = item->first;
      post.id = item->second;
      page.newest = post.updated;
    }
    page.more = item != listed_.end();
    if (page.more) page.next = std::to_string(number + 1) + "@" + std::to_string(unix_s(since));
    page.etag = "etag of " + std::to_string(unix_s(since));
    page.etag_key = "key of " + std::to_string(unix_s(since));
    return page;
  }

 private:
  std::map<std::int64_t, ForgeTime> items_;
  std::set<std::pair<ForgeTime, std::int64_t>> listed_;
  ForgeTime now_{};
  std::size_t page_size_;
};

// What has reached the log, and the cursor that was committed with it.
struct Log {
  Cursor cursor;
  std::map<std::int64_t, ForgeTime> seen;

  void take(const Page& page, const Cursor& committed) {
    for (const Post& post : page.posts) seen[post.id] = std::max(seen[post.id], post.updated);
    cursor = committed;
  }
  std::size_t missing(const List& list) const {
    std::size_t count = 0;
    for (const auto& [id, updated] : list.items()) {
      const auto found = seen.find(id);
      if (found == seen.end() || found->second < updated) ++count;
    }
    return count;
  }
};

Log fresh_log(ForgeTime watermark = beginning) {
  Log log;
  log.cursor.source = SourceKind::comments;
  log.cursor.watermark = watermark;
  return log;
}

using Disturbance = std::function<void()>;

// One poll; `between` runs before every page but the first. Returns the last step.
Walk::Step poll(const List& list, Log& log, WalkLimits limits = {}, const Disturbance& between = {},
                int crash_after = -1) {
  Walk walk(log.cursor, limits);
  for (int pages = 0;; ++pages) {
    if (pages > 0 && between) between();
    const Page page = list.page(walk.request());
    const Walk::Step step = walk.take(page);
    log.take(page, step.cursor);
    if (step.finished || pages == crash_after) return step;
  }
}

List spread_list(std::mt19937& random, std::size_t items, int seconds_apart) {
  List list(100);
  ForgeTime at = beginning;
  for (std::size_t i = 0; i < items; ++i) {
    at += std::chrono::seconds(random() % static_cast<unsigned>(seconds_apart + 1));
    list.add(at);
  }
  return list;
}

constexpr WalkLimits no_overlap{.overlap = 0s};

TEST(Walk, FollowingLinksAloneWouldLosePostsInThisSimulation) {
  std::mt19937 random(7);
  std::size_t lost = 0;
  for (int round = 0; round < 20; ++round) {
    List list = spread_list(random, 1000, 30);
    Log log = fresh_log();
    PageRequest request;
    request.since = beginning;
    while (true) {
      const Page page = list.page(request);
      log.take(page, log.cursor);
      if (page.next.empty()) break;
      request.page_url = page.next;
      list.edit(static_cast<std::int64_t>(random() % 1000) + 1);
    }
    lost += log.missing(list);
  }
  EXPECT_GT(lost, 0u);
}

TEST(Walk, LosesNothingWhilePostsAreEditedBetweenPages) {
  for (unsigned seed = 0; seed < 100; ++seed) {
    std::mt19937 random(seed);
    List list = spread_list(random, 1000, 30);
    Log log = fresh_log();
    poll(list, log, no_overlap, [&] { list.edit(static_cast<std::int64_t>(random() % 1000) + 1); });
    poll(list, log, no_overlap);
    ASSERT_EQ(log.missing(list), 0u) << "seed " << seed;
  }
}

TEST(Walk, LosesNothingInSecondsThatHoldManyPages) {
  for (unsigned seed = 0; seed < 100; ++seed) {
    std::mt19937 random(seed);
    List list(100);
    ForgeTime at = beginning;
    for (int burst = 0; burst < 4; ++burst) {
      const unsigned size = 50 + random() % 400;
      for (unsigned i = 0; i < size; ++i) list.add(at);
      at += std::chrono::seconds(1 + random() % 50);
    }
    list.tick(100s);
    Log log = fresh_log();
    int edits = 8;
    poll(list, log, no_overlap, [&] {
      if (edits-- > 0) list.edit(static_cast<std::int64_t>(random() % static_cast<unsigned>(list.size())) + 1);
    });
    poll(list, log, no_overlap);
    ASSERT_EQ(log.missing(list), 0u) << "seed " << seed;
  }
}

TEST(Walk, LosesNothingWhenTheDaemonDiesBetweenAnyTwoPages) {
  for (unsigned seed = 0; seed < 50; ++seed) {
    std::mt19937 random(seed);
    List list = spread_list(random, 600, 4);
    for (int i = 0; i < 350; ++i) list.add(beginning + 5000s);
    list.tick(60s);
    Log log = fresh_log();
    const auto edit = [&] {
      if (random() % 3 == 0) list.edit(static_cast<std::int64_t>(random() % static_cast<unsigned>(list.size())) + 1);
    };
    for (int life = 0; life < 12; ++life) poll(list, log, no_overlap, edit, static_cast<int>(random() % 4));
    poll(list, log, no_overlap);
    poll(list, log, no_overlap);
    ASSERT_EQ(log.missing(list), 0u) << "seed " << seed;
  }
}

TEST(Walk, AsksTheOverlapOnlyAtAPollsBeginning) {
  std::mt19937 random(1);
  const List list = spread_list(random, 250, 30);
  Cursor cursor;
  cursor.watermark = beginning;
  Walk walk(cursor, {.overlap = 60s});
  EXPECT_EQ(walk.request().since, beginning - 60s);
  const Page page = list.page(walk.request());
  walk.take(page);
  EXPECT_EQ(walk.request().since, page.posts[98].updated);
  EXPECT_TRUE(walk.request().page_url.empty());
}

TEST(Walk, APostThatWasEditedWhileTheForgeAnsweredDoesNotCarryTheWatermarkAway) {
  std::mt19937 random(1);
  const List list = spread_list(random, 250, 30);
  Walk walk(fresh_log().cursor, no_overlap);
  Page page = list.page(walk.request());
  const ForgeTime sane = page.posts[98].updated;
  page.posts[99].updated = page.date;
  page.newest = page.date;
  EXPECT_LE(walk.take(page).cursor.watermark, sane);
}

TEST(Walk, SavesTheEtagOnlyWithTheLastPage) {
  std::mt19937 random(1);
  const List list = spread_list(random, 150, 30);
  Log log = fresh_log();
  log.cursor.etag = "old";
  Walk walk(log.cursor, no_overlap);
  EXPECT_EQ(walk.take(list.page(walk.request())).cursor.etag, "");
  const Page last = list.page(walk.request());
  const Walk::Step step = walk.take(last);
  EXPECT_TRUE(step.finished);
  EXPECT_EQ(step.cursor.etag, last.etag);
  EXPECT_EQ(step.cursor.etag_key, last.etag_key);
}

TEST(Walk, KeepsItsUrlWhileNothingChanges) {
  std::mt19937 random(1);
  const List list = spread_list(random, 30, 30);
  Log log = fresh_log();
  poll(list, log);
  const PageRequest second = Walk(log.cursor).request();
  poll(list, log);
  const PageRequest third = Walk(log.cursor).request();
  EXPECT_EQ(second.since, third.since);
  EXPECT_EQ(third.etag, list.page(second).etag);
}

TEST(Walk, AWindowKeepsTheWatermarkUntilItIsWalked) {
  List list(10);
  for (int i = 0; i < 25; ++i) list.add(beginning);
  list.add(beginning + 5s);
  list.tick(5s);
  Log log = fresh_log();
  Walk walk(log.cursor, no_overlap);
  const Walk::Step first = walk.take(list.page(walk.request()));
  EXPECT_EQ(first.cursor.watermark, beginning);
  EXPECT_EQ(first.cursor.next_page, "2@" + std::to_string(unix_s(beginning)));
  const Walk::Step last = poll(list, log, no_overlap);
  EXPECT_TRUE(last.finished);
  EXPECT_EQ(last.cursor.next_page, "");
  EXPECT_EQ(last.cursor.watermark, beginning + 10s) << "until when the forge answered";
}

TEST(Walk, ADateInTheFutureDoesNotHideTheTimeUntilThen) {
  List list(10);
  list.add(beginning);
  Page page = list.page(Walk(fresh_log().cursor).request());
  page.posts[0].updated = beginning + 24h;
  page.newest = beginning + 24h;
  EXPECT_EQ(Walk(fresh_log().cursor).take(page).cursor.watermark, beginning);
}

TEST(Walk, PagesThatRepeatThemselvesAreAnError) {
  List list(10);
  for (int i = 0; i < 25; ++i) list.add(beginning);
  Walk walk(fresh_log().cursor, no_overlap);
  Page page = list.page(walk.request());
  ASSERT_FALSE(walk.take(page).finished);
  page.next = "another link, the same posts";
  const Walk::Step step = walk.take(page);
  EXPECT_TRUE(step.finished);
  EXPECT_NE(step.error, "");
  EXPECT_EQ(step.cursor.watermark, beginning);
}

TEST(Walk, ALinkToAnotherHostIsAnErrorOnlyWhereNothingElseLeadsOn) {
  std::mt19937 random(1);
  const List spread = spread_list(random, 150, 30);
  Walk walk(fresh_log().cursor, no_overlap);
  Page page = spread.page(walk.request());
  page.next.clear();
  EXPECT_EQ(walk.take(page).error, "");

  List burst(10);
  for (int i = 0; i < 25; ++i) burst.add(beginning);
  Walk stuck(fresh_log().cursor, no_overlap);
  page = burst.page(stuck.request());
  page.next.clear();
  EXPECT_NE(stuck.take(page).error, "");
}

TEST(Walk, ManyPagesWithinTheOverlapAreNotReadAgainOnceTheyAreOld) {
  List list(10);
  for (int i = 0; i < 35; ++i) list.add(beginning + std::chrono::seconds(i / 10));
  list.tick(20s);
  Log log = fresh_log();
  const auto pages = [&] {
    int count = 0;
    Walk walk(log.cursor);
    for (bool finished = false; !finished; ++count) {
      const Page page = list.page(walk.request());
      const Walk::Step step = walk.take(page);
      log.take(page, step.cursor);
      finished = step.finished;
    }
    return count;
  };
  EXPECT_GT(pages(), 3);
  EXPECT_GT(pages(), 3) << "replicas may still lag";
  list.tick(120s);
  pages();
  EXPECT_EQ(pages(), 1);
  const ForgeTime watermark = log.cursor.watermark;
  list.tick(24h);
  EXPECT_EQ(pages(), 1);
  EXPECT_EQ(log.cursor.watermark, watermark) << "nothing moves where nothing does";
}

TEST(Walk, HistoryEndsWhereTheHeadBegins) {
  std::mt19937 random(1);
  const List list = spread_list(random, 1000, 30);
  const ForgeTime until = list.items().at(500);
  Log log = fresh_log();
  log.cursor.walk = 1;
  log.cursor.until = until;
  EXPECT_EQ(Walk(log.cursor).request().since, beginning);
  const Walk::Step step = poll(list, log);
  EXPECT_TRUE(step.finished);
  EXPECT_TRUE(step.walk_finished);
  for (const auto& [id, updated] : list.items()) EXPECT_TRUE(updated >= until || log.seen.contains(id)) << id;
  EXPECT_LT(log.seen.size(), 800u);
}

TEST(Walk, HistoryShorterThanItsCoverageEndsWithTheList) {
  std::mt19937 random(1);
  const List list = spread_list(random, 20, 30);
  Log log = fresh_log();
  log.cursor.walk = 2;
  log.cursor.until = beginning + 24h;
  EXPECT_TRUE(poll(list, log).walk_finished);
  EXPECT_EQ(log.missing(list), 0u);
}

}  // namespace
}  // namespace beckon::core
