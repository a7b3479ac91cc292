#include "forge/github_json.hpp"
#include "forge/json_text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace beckon::core {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string comment(const std::string& id, const std::string& extra) {
  return R"({"id": )" + id +
         R"(, "issue_url": "https://api.test/repos/o/r/issues/3", "created_at": "2024-01-01T00:00:00Z",
    "updated_at": "2024-01-02T00:00:00Z", "html_url": "https://github.test/o/r/issues/3#issuecomment-1")" +
         extra + "}";
}

PostList read(std::string body, SourceKind source = SourceKind::comments, std::int64_t thread = 0) {
  auto list = read_posts(std::move(body), source, thread);
  EXPECT_TRUE(list.has_value());
  return list ? std::move(*list) : PostList();
}

TEST(GithubJson, ReadsACommentWithItsThreadAndAuthor) {
  const PostList list = read("[" + comment("7", R"(, "body": "hi", "user": {"login": "mona", "type": "User",
    "html_url": "https://github.test/mona", "avatar_url": "https://github.test/mona.png"})") + "]");
  ASSERT_EQ(list.posts.size(), 1u);
  const Post& post = list.posts[0];
  EXPECT_EQ(post.kind, PostKind::comment);
  EXPECT_EQ(post.id, 7);
  EXPECT_EQ(post.thread_number, 3);
  EXPECT_EQ(post.body, "hi");
  EXPECT_EQ(post.author.login, "mona");
  EXPECT_EQ(post.author.url, "https://github.test/mona");
  EXPECT_FALSE(post.author.is_bot);
  EXPECT_EQ(format_iso_time(post.created), "2024-01-01T00:00:00Z");
  EXPECT_EQ(format_iso_time(post.updated), "2024-01-02T00:00:00Z");
  EXPECT_FALSE(post.submitted.has_value());
  ASSERT_EQ(list.threads.size(), 1u);
  EXPECT_EQ(list.threads[0].url, "https://github.test/o/r/issues/3");
  EXPECT_FALSE(list.threads[0].is_pull_request);
  EXPECT_EQ(list.threads[0].updated, ForgeTime{});
}

TEST(GithubJson, ABodyTellsItsThreadsTitleAndTime) {
  const PostList list = read(R"([{"id": 9, "number": 4, "title": "T", "body": null, "user": null, "pull_request": {},
    "created_at": "2024-01-01T00:00:00Z", "updated_at": "2024-01-02T00:00:00Z"}])", SourceKind::bodies);
  ASSERT_EQ(list.posts.size(), 1u);
  EXPECT_EQ(list.posts[0].body, "");
  EXPECT_EQ(list.posts[0].author.login, "");
  ASSERT_EQ(list.threads.size(), 1u);
  EXPECT_EQ(list.threads[0].title, "T");
  EXPECT_TRUE(list.threads[0].is_pull_request);
  EXPECT_EQ(format_iso_time(list.threads[0].updated), "2024-01-02T00:00:00Z");
}

TEST(GithubJson, ABodyIsTheSamePostInBothLists) {
  const std::string element = R"([{"id": 9, "number": 4, "title": "T", "body": "@a",
    "created_at": "2024-01-01T00:00:00Z", "updated_at": "2024-01-02T00:00:00Z"}])";
  for (const SourceKind source : {SourceKind::bodies, SourceKind::pull_requests}) {
    const PostList list = read(element, source);
    ASSERT_EQ(list.posts.size(), 1u);
    EXPECT_EQ(list.posts[0].kind, PostKind::body);
    EXPECT_EQ(list.posts[0].id, 4);
    EXPECT_EQ(list.threads[0].title, "T");
    EXPECT_EQ(list.threads[0].is_pull_request, source == SourceKind::pull_requests);
  }
}

TEST(GithubJson, APullRequestShowsInACommentsLink) {
  const PostList list = read(R"([{"id": 1, "body": "x", "created_at": "2024-01-01T00:00:00Z",
    "html_url": "https://github.test/o/r/pull/12#issuecomment-1"}])");
  ASSERT_EQ(list.posts.size(), 1u);
  EXPECT_EQ(list.posts[0].thread_number, 12);
  EXPECT_TRUE(list.threads[0].is_pull_request);
}

TEST(GithubJson, OfReviewsOnlySubmittedOnesWithWordsAreRead) {
  const PostList list = read(R"([
    {"id": 1, "state": "APPROVED", "body": "", "submitted_at": "2024-01-01T00:00:00Z"},
    {"id": 2, "state": "PENDING", "body": "draft @x"},
    {"id": 3, "state": "APPROVED", "body": null, "submitted_at": "2024-01-01T00:00:00Z"},
    {"id": 4, "state": "COMMENTED", "body": "see @x", "submitted_at": "2024-01-03T00:00:00Z"}])",
                             SourceKind::reviews, 12);
  ASSERT_EQ(list.posts.size(), 1u);
  EXPECT_EQ(list.posts[0].id, 4);
  EXPECT_EQ(list.posts[0].thread_number, 12);
  ASSERT_TRUE(list.posts[0].submitted.has_value());
  EXPECT_EQ(list.posts[0].created, *list.posts[0].submitted);
  EXPECT_THAT(list.unreadable, IsEmpty());
}

TEST(GithubJson, PostsComeInTheOrderOfTheirTimeThenTheirNumber) {
  const PostList list =
      read("[" + comment("9", R"(, "body": "b")") + "," + comment("8", R"(, "body": "a")") +
           R"(,{"id": 10, "body": "first", "issue_url": "x/1", "created_at": "2023-01-01T00:00:00Z"}])");
  ASSERT_EQ(list.posts.size(), 3u);
  EXPECT_EQ(list.posts[0].id, 10);
  EXPECT_EQ(list.posts[1].id, 8);
  EXPECT_EQ(list.posts[2].id, 9);
  EXPECT_EQ(format_iso_time(*list.newest), "2024-01-02T00:00:00Z");
}

TEST(GithubJson, BotsAreKnownByTypeOrName) {
  const auto is_bot = [](const std::string& user) {
    return read("[" + comment("1", R"(, "body": "", "user": )" + user) + "]").posts.at(0).author.is_bot;
  };
  EXPECT_TRUE(is_bot(R"({"login": "x", "type": "Bot"})"));
  EXPECT_TRUE(is_bot(R"({"login": "dependabot[bot]"})"));
  EXPECT_FALSE(is_bot(R"({"login": "robot", "type": "User"})"));
  EXPECT_FALSE(is_bot(R"("a string")"));
}

TEST(GithubJson, OneUnreadableElementNeverCostsItsPage) {
  const PostList list =
      read("[17, null, {}, " + comment("1", R"(, "body": "good")") + "," + comment("2", R"(, "body": ["x"])") + "," +
           comment("\"3\"", R"(, "body": "an id as text")") + "," + comment("-4", "") + "," + comment("5.5", "") +
           R"(, {"id": 6, "issue_url": "x/1", "body": ""}, {"id": 7, "body": "x",
                             "created_at": "2024-01-01T00:00:00Z"}])");
  ASSERT_EQ(list.posts.size(), 2u);
  EXPECT_EQ(list.posts[0].id, 1);
  EXPECT_EQ(list.posts[1].id, 3);
  EXPECT_THAT(
      list.unreadable,
      ElementsAre(HasSubstr("comment no. 1 of a page cannot be read: it is a JSON number"), HasSubstr("JSON null"),
                  HasSubstr("it has no numeric id"), HasSubstr("comment 2 cannot be read: its body is a JSON array"),
                  HasSubstr("no. 7"), HasSubstr("no. 8"), HasSubstr("comment 6 cannot be read: it does not say when"),
                  HasSubstr("comment 7 cannot be read: it does not say which issue")));
}

TEST(GithubJson, TheNewestTimeCountsUnreadableElements) {
  const PostList list = read("[" + comment("1", R"(, "body": 5)") + "]");
  EXPECT_THAT(list.posts, IsEmpty());
  ASSERT_TRUE(list.newest.has_value());
  EXPECT_EQ(format_iso_time(*list.newest), "2024-01-02T00:00:00Z");
}

TEST(GithubJson, InvalidBytesAreReplacedAndTheRestIsKept) {
  const PostList list =
      read("[" + comment("1", ", \"body\": \"a\xFF\xC0\x80z @octocat \\ud83d lone \\u0000 nul\"") + "]");
  ASSERT_EQ(list.posts.size(), 1u);
  EXPECT_EQ(list.posts[0].body, "a\uFFFD\uFFFD\uFFFDz @octocat \uFFFD lone \uFFFD nul");
}

TEST(GithubJson, ValidTextIsLeftAlone) {
  const std::string text = R"({"a": "\ud83d\ude00 \\ud83d \" ünï 😀", "b": "\\"})";
  EXPECT_EQ(repair_json_text(text), text);
}

TEST(GithubJson, LinksThatAreNoWebAddressesAreDropped) {
  const PostList list = read(R"json([{"id": 1, "body": "x", "issue_url": "x/3", "created_at": "2024-01-01T00:00:00Z",
    "html_url": "javascript:alert(1)", "user": {"login": "m", "html_url": "https://x\ny"}}])json");
  ASSERT_EQ(list.posts.size(), 1u);
  EXPECT_EQ(list.posts[0].url, "");
  EXPECT_EQ(list.posts[0].author.url, "");
}

TEST(GithubJson, LongCommentsAreWhole) {
  const std::string body(200 * 1024, 'x');
  EXPECT_EQ(read("[" + comment("1", R"(, "body": ")" + body + "\"") + "]").posts.at(0).body, body);
}

TEST(GithubJson, WhatIsNoListIsAnError) {
  EXPECT_FALSE(read_posts("<html>", SourceKind::comments).has_value());
  EXPECT_FALSE(read_posts("", SourceKind::comments).has_value());
  EXPECT_FALSE(read_posts("[{\"id\": 1", SourceKind::comments).has_value());
  EXPECT_FALSE(read_posts(R"({"message": "Hello"})", SourceKind::comments).has_value());
}

TEST(GithubJson, DeepNestingIsRefusedBeforeItIsParsed) {
  std::string deep(1'000'000, '[');
  deep += std::string(1'000'000, ']');
  EXPECT_FALSE(read_posts(deep, SourceKind::comments).has_value());
  EXPECT_FALSE(nests_deeper_than(R"(["[[[[[["])", 1));
  EXPECT_TRUE(nests_deeper_than("[[]]", 1));
}

TEST(GithubJson, ReadsARepository) {
  const auto text = read_repository(R"({"id": 5, "full_name": "o/r", "private": true, "has_issues": false,
    "html_url": "https://github.test/o/r"})");
  ASSERT_TRUE(text.has_value());
  EXPECT_EQ(text->repository.forge_id, 5);
  EXPECT_EQ(text->repository.full_name, "o/r");
  EXPECT_TRUE(text->repository.is_private);
  EXPECT_FALSE(text->has_issues);
  EXPECT_FALSE(read_repository(R"({"full_name": "o/r"})").has_value());
  EXPECT_FALSE(read_repository(R"({"id": 5, "full_name": 6})").has_value());
  EXPECT_FALSE(read_repository("[]").has_value());
}

TEST(GithubJson, AnErrorsMessageIsOneShortLine) {
  EXPECT_EQ(read_error_message(R"({"message": "a\nb"})"), "a b");
  EXPECT_EQ(read_error_message("<html>"), "");
  EXPECT_EQ(read_error_message(R"({"message": ")" + std::string(5000, 'x') + "\"}").size(), 200u);
}

}  // namespace
}  // namespace beckon::core
