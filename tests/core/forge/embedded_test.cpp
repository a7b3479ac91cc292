#include "forge/embedded.hpp"

#include "forge/code_host.hpp"
#include "forge/forge.hpp"
#include "support/fake_http.hpp"
#include "support/run.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace beckon::core {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr ForgeTime noon{std::chrono::seconds{1'700'000'000}};

class CodeHostTest : public ::testing::Test {
 protected:
  CodeHostTest() {
    host.add_repository("octo/lab");
    host.set_clock([] { return noon; });
    HostedPost body;
    body.author = "mona";
    body.body = "the body";
    body.created = noon - 1h;
    host.open_thread("octo/lab", 7, HostedThread{true, "A change"}, body);
  }
  std::int64_t comment(ForgeTime at, PostKind kind = PostKind::comment) {
    HostedPost post;
    post.kind = kind;
    post.thread = 7;
    post.author = "mona";
    post.body = "words";
    post.created = at;
    return host.add_post("octo/lab", post);
  }
  HttpResponse get(std::string target, HttpHeaders headers = {}) {
    HttpRequest request;
    request.url = std::move(target);
    request.headers = std::move(headers);
    return host.answer(request);
  }
  std::vector<std::int64_t> ids(const std::string& target) {
    std::vector<std::int64_t> ids;
    for (const auto& element : nlohmann::json::parse(get(target).body)) ids.push_back(element.at("id"));
    return ids;
  }

  CodeHost host{"http://127.0.0.1:1"};
};

TEST_F(CodeHostTest, SinceIncludesItsSecondAndOrderIsOldestChangeFirst) {
  const auto first = comment(noon), second = comment(noon + 1s), third = comment(noon + 2s);
  host.edit_post(first, "edited", noon + 5s);
  const std::string query = "/repos/octo/lab/issues/comments?sort=updated&direction=asc&since=";
  EXPECT_THAT(ids(query + format_iso_time(noon)), ElementsAre(second, third, first));
  EXPECT_THAT(ids(query + format_iso_time(noon + 2s)), ElementsAre(third, first));
}

TEST_F(CodeHostTest, PagesAreLinkedByNumber) {
  for (int i = 0; i < 5; ++i) comment(noon + std::chrono::seconds(i));
  const HttpResponse first = get("/repos/octo/lab/issues/comments?per_page=2&sort=updated&direction=asc");
  const std::string link(find_header(first.headers, "link"));
  EXPECT_THAT(
      link,
      HasSubstr("<http://127.0.0.1:1/repositories/1/issues/comments?per_page=2&sort=updated&direction=asc&page=2>; "
                "rel=\"next\""));
  EXPECT_THAT(link, HasSubstr("page=3>; rel=\"last\""));
  EXPECT_EQ(ids("/repositories/1/issues/comments?per_page=2&page=3").size(), 1u);
  EXPECT_EQ(find_header(get("/repositories/1/issues/comments?per_page=2&page=3").headers, "link").find("next"),
            std::string::npos);
  EXPECT_TRUE(ids("/repositories/1/issues/comments?per_page=2&page=99").empty());
}

TEST_F(CodeHostTest, SaysWhoseTheTokenIs) {
  EXPECT_EQ(get("/user").status, 401);
  EXPECT_EQ(get("/rate_limit").status, 200);
  host.set_token("t");
  const HttpResponse user = get("/user", {{"Authorization", "Bearer t"}});
  EXPECT_EQ(user.status, 200);
  EXPECT_EQ(nlohmann::json::parse(user.body).at("login"), "beckon-bot");
  EXPECT_FALSE(find_header(user.headers, "x-ratelimit-remaining").empty());
}

TEST_F(CodeHostTest, AnEtagIsGoodUntilTheContentChanges) {
  comment(noon);
  const std::string url = "/repos/octo/lab/issues/comments";
  const std::string etag(find_header(get(url).headers, "etag"));
  ASSERT_THAT(etag, ::testing::StartsWith("W/\""));
  const HttpResponse same = get(url, {{"If-None-Match", etag}});
  EXPECT_EQ(same.status, 304);
  EXPECT_EQ(same.body, "");
  EXPECT_NE(find_header(same.headers, "x-ratelimit-remaining"), "");
  comment(noon + 1s);
  EXPECT_EQ(get(url, {{"If-None-Match", etag}}).status, 200);
}

TEST_F(CodeHostTest, ARenamedRepositoryRedirectsToItsNumberWithTheRestOfTheUrl) {
  host.rename_repository("octo/lab", "octo/laboratory");
  const HttpResponse moved = get("/repos/octo/lab/issues?state=all&since=x");
  EXPECT_EQ(moved.status, 301);
  EXPECT_EQ(find_header(moved.headers, "location"), "http://127.0.0.1:1/repositories/1/issues?state=all&since=x");
  EXPECT_THAT(get("/repositories/1").body, HasSubstr("octo/laboratory"));
  EXPECT_EQ(get("/repos/octo/laboratory").status, 200);
}

TEST_F(CodeHostTest, CommentsAndReviewsMoveTheirThreadButReviewCommentsDoNot) {
  const auto updated = [this] {
    return nlohmann::json::parse(get("/repos/octo/lab/issues").body).at(0).at("updated_at");
  };
  comment(noon + 1s, PostKind::review_comment);
  EXPECT_EQ(updated(), format_iso_time(noon - 1h));
  comment(noon + 2s);
  EXPECT_EQ(updated(), format_iso_time(noon + 2s));
  comment(noon + 3s, PostKind::review);
  EXPECT_EQ(updated(), format_iso_time(noon + 3s));
  EXPECT_EQ(ids("/repos/octo/lab/pulls/7/reviews").size(), 1u);
}

TEST_F(CodeHostTest, OnlyTheTokenOpens) {
  host.set_token("right");
  EXPECT_EQ(get("/repos/octo/lab").status, 401);
  EXPECT_EQ(get("/repos/octo/lab", {{"Authorization", "Bearer wrong"}}).status, 401);
  EXPECT_EQ(get("/repos/octo/lab", {{"Authorization", "Bearer right"}}).status, 200);
}

TEST_F(CodeHostTest, WhatIsNotThereIsNotFound) {
  for (const char* target : {"/", "/repos/octo", "/repos/octo/other", "/repositories/2", "/repositories/x",
                             "/repos/octo/lab/pulls/8/reviews", "/repos/octo/lab/nonsense", "/users"})
    EXPECT_EQ(get(target).status, 404) << target;
}

TEST_F(CodeHostTest, DeletedPostsDisappear) {
  const auto id = comment(noon);
  host.delete_post(id);
  EXPECT_TRUE(ids("/repos/octo/lab/issues/comments").empty());
}

TEST_F(CodeHostTest, AnInterceptionAnswersInstead) {
  host.set_interception(
      [](const HttpRequest&) -> std::optional<HttpResponse> { return testing::response(500, "broken"); });
  EXPECT_EQ(get("/repos/octo/lab").body, "broken");
  host.set_interception({});
  EXPECT_EQ(get("/repos/octo/lab").status, 200);
  EXPECT_THAT(host.requests(), ElementsAre("GET /repos/octo/lab -> 500", "GET /repos/octo/lab -> 200"));
}

TEST(EmbeddedForge, IsReadByTheRealForgeOverTheRealNetwork) {
  asio::io_context context(1);
  auto embedded = make_embedded_forge(context.get_executor());
  embedded->set_token("right");
  embedded->add_repository("octo/lab");
  embedded->open_thread("octo/lab", 3, false, "A question", "mona", "hello @octocat", noon);
  embedded->add_post("octo/lab", PostKind::comment, 3, "dependabot[bot]", "bumped", noon + 1s);
  embedded->rename_repository("octo/lab", "octo/laboratory");

  auto client = make_http_client(context.get_executor(), {});
  ASSERT_TRUE(client.has_value());
  GithubOptions options;
  options.api_url = embedded->api_url();
  options.token = []() -> task<Result<std::string>> { co_return "right"; };
  auto forge = make_github(**client, options);

  const auto answer = testing::run(context, [&] { return forge->repository("octo/lab"); });
  ASSERT_TRUE(answer.has_value()) << answer.error().message;
  EXPECT_EQ(answer->repository.full_name, "octo/laboratory");
  PageRequest request;
  request.source = SourceKind::comments;
  const auto page = testing::run(context, [&] { return forge->page(answer->repository, request); });
  ASSERT_TRUE(page.has_value()) << page.error().message;
  ASSERT_EQ(page->posts.size(), 1u);
  EXPECT_TRUE(page->posts[0].author.is_bot);
  EXPECT_EQ(page->posts[0].url, "https://github.example/octo/laboratory/issues/3#issuecomment-2");
  request.etag = page->etag;
  request.etag_key = page->etag_key;
  const auto again = testing::run(context, [&] { return forge->page(answer->repository, request); });
  ASSERT_TRUE(again.has_value());
  EXPECT_TRUE(again->not_modified);
  EXPECT_EQ(forge->quota().limit, 1'000'000);
}

}  // namespace
}  // namespace beckon::core
