#include "forge/github_pages.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace beckon::core {
namespace {

using ::testing::ElementsAre;

constexpr ForgeTime noon{std::chrono::seconds{1'700'000'000}};

// Posts as (id, seconds after noon), in ascending order as the forge room hands them over.
Page page(std::vector<std::pair<std::int64_t, int>> posts, bool more = true) {
  Page page;
  page.more = more;
  for (const auto& [id, second] : posts) {
    Post post;
    post.id = post.thread_number = id;
    post.updated = noon + std::chrono::seconds(second);
    page.newest = post.updated;
    page.threads.push_back({id, true, "t", "u", post.updated});
    page.posts.push_back(std::move(post));
  }
  return page;
}

std::vector<std::int64_t> ids(const Page& page) {
  std::vector<std::int64_t> found;
  for (const Post& post : page.posts) found.push_back(post.id);
  return found;
}

TEST(PageStack, ReadsDownToSinceAndAnswersOldestFirst) {
  PageStack stack(noon, 10);
  Page first = page({{4, 30}, {5, 40}});
  first.etag = "\"first\"";
  EXPECT_TRUE(stack.take(std::move(first)));
  Page second = page({{1, -10}, {2, 0}, {3, 20}});
  second.etag = "\"second\"";
  EXPECT_FALSE(stack.take(std::move(second)));
  const Page whole = std::move(stack).whole();
  EXPECT_THAT(ids(whole), ElementsAre(2, 3, 4, 5));
  EXPECT_EQ(whole.threads.size(), 4u);
  EXPECT_FALSE(whole.more);
  EXPECT_EQ(whole.newest, noon + 40s);
  EXPECT_EQ(whole.etag, "\"first\"");
}

TEST(PageStack, EndsWithTheLastPage) {
  PageStack stack(noon, 10);
  EXPECT_FALSE(stack.take(page({{1, 5}}, false)));
  EXPECT_THAT(ids(std::move(stack).whole()), ElementsAre(1));
}

TEST(PageStack, WhatMovedBetweenTwoPagesIsThereOnce) {
  PageStack stack(noon, 10);
  stack.take(page({{2, 20}, {3, 30}}));
  stack.take(page({{1, 10}, {2, 20}}, false));
  EXPECT_THAT(ids(std::move(stack).whole()), ElementsAre(1, 2, 3));
}

TEST(PageStack, KeepsTheOldestPagesAndSaysThatThereIsMore) {
  PageStack stack(noon, 2);
  stack.take(page({{5, 50}, {6, 60}}));
  stack.take(page({{3, 30}, {4, 40}}));
  stack.take(page({{1, 10}, {2, 20}}, false));
  const Page whole = std::move(stack).whole();
  EXPECT_THAT(ids(whole), ElementsAre(1, 2, 3, 4));
  EXPECT_TRUE(whole.more);
  EXPECT_EQ(whole.newest, noon + 40s);
}

TEST(PageStack, AnUnchangedFirstPageIsAllThereIsToKnow) {
  PageStack stack(noon, 2);
  Page unchanged;
  unchanged.not_modified = true;
  EXPECT_FALSE(stack.take(std::move(unchanged)));
  EXPECT_TRUE(std::move(stack).whole().not_modified);
}

}  // namespace
}  // namespace beckon::core
