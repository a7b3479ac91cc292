// Lists that have no end, and an answer that is none.
#include "feed/walk.hpp"

#include <gtest/gtest.h>

namespace beckon::core {
namespace {

constexpr ForgeTime beginning{std::chrono::seconds{1'700'000'000}};

Cursor fresh_cursor() {
  Cursor cursor;
  cursor.source = SourceKind::comments;
  cursor.watermark = beginning;
  return cursor;
}

TEST(WalkBounds, ASecondThatDoesNotEndIsAnErrorAndMovesNothing) {
  Walk walk(fresh_cursor(), {.overlap = 0s});
  Walk::Step step;
  int pages = 0;
  for (std::int64_t id = 1; !step.finished && pages < 1000; ++pages) {
    Page page;
    page.date = beginning + 1h;
    for (int i = 0; i < 2; ++i, ++id) {
      page.posts.emplace_back().id = id;
      page.posts.back().updated = beginning;
    }
    page.newest = beginning;
    page.more = true;
    page.next = "page " + std::to_string(id);
    step = walk.take(page);
  }
  EXPECT_EQ(pages, 100);
  EXPECT_EQ(step.error, "after 100 pages of the one second 2023-11-14T22:13:20Z there is still no end");
  EXPECT_EQ(step.cursor.watermark, beginning);
  EXPECT_EQ(step.cursor.next_page, "");
}

TEST(WalkBounds, ASecondThatIsAnotherOneEachTimeItIsReadIsAnError) {
  Walk walk(fresh_cursor(), {.overlap = 0s});
  Walk::Step step;
  int pages = 0;
  for (std::int64_t id = 1; !step.finished && pages < 1000; ++pages) {
    Page page;
    page.date = beginning + 1h;
    for (int i = 0; i < 2; ++i, ++id) {
      page.posts.emplace_back().id = id;
      page.posts.back().updated = beginning;
    }
    page.more = pages % 3 != 2;
    if (page.more) page.next = "page " + std::to_string(id);
    step = walk.take(page);
  }
  EXPECT_LE(pages, 61);
  EXPECT_NE(step.error, "");
  EXPECT_EQ(step.cursor.watermark, beginning);
}

TEST(WalkBounds, PagesThatRunAwayIntoTheFutureAreAnError) {
  Walk walk(fresh_cursor(), {.overlap = 0s});
  Walk::Step step;
  int pages = 0;
  for (; !step.finished && pages < 1000; ++pages) {
    Page page;
    page.date = beginning + 1h;
    for (int i = 0; i < 2; ++i) {
      page.posts.emplace_back().id = 2 * pages + i;
      page.posts.back().updated = beginning + std::chrono::hours(pages + 1);
    }
    page.more = true;
    page.next = "page " + std::to_string(pages);
    step = walk.take(page);
  }
  EXPECT_LE(pages, 27);
  EXPECT_NE(step.error, "");
  EXPECT_EQ(step.cursor.watermark, beginning + 1h);
}

TEST(WalkBounds, NotModifiedChangesNothing) {
  Cursor cursor;
  cursor.watermark = beginning;
  cursor.etag = "e";
  cursor.etag_key = "k";
  Page page;
  page.not_modified = true;
  const Walk::Step step = Walk(cursor).take(page);
  EXPECT_TRUE(step.finished);
  EXPECT_EQ(step.error, "");
  EXPECT_EQ(step.cursor.watermark, beginning);
  EXPECT_EQ(step.cursor.etag, "e");
}

}  // namespace
}  // namespace beckon::core
