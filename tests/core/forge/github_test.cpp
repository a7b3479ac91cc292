#include "base/log.hpp"
#include "forge/code_host.hpp"
#include "forge/forge.hpp"
#include "support/fake_http.hpp"
#include "support/run.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace beckon::core {
namespace {

using testing::FakeHttp;
using testing::response;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

constexpr ForgeTime noon{std::chrono::seconds{1'700'000'000}};
const std::string api = "https://api.github.test";

TokenSource token_source(std::string token) {
  return [token = std::move(token)]() -> task<Result<std::string>> { co_return token; };
}

// GitHub with a script instead of a network: each path's answers in order, the last one again and again.
class GithubTest : public ::testing::Test {
 protected:
  GithubTest() {
    repository.forge_id = 5;
    repository.full_name = "octo/lab";
    repository.origin = api;
  }

  void on(const std::string& url_part, HttpResult answer) { script.emplace_back(url_part, std::move(answer)); }
  void make(std::string token = "ghp_secret") {
    GithubOptions options;
    options.api_url = api;
    if (!token.empty()) options.token = token_source(std::move(token));
    forge = make_github(http, options);
  }
  ForgeResult<RepositoryAnswer> ask_repository(std::string name = "octo/lab") {
    return testing::run(context, [&] { return forge->repository(name); });
  }
  ForgeResult<Page> page(PageRequest request) {
    return testing::run(context, [&] { return forge->page(repository, request); });
  }
  ForgeResult<Page> comments(ForgeTime since = noon) { return page(request(since)); }
  static PageRequest request(ForgeTime since = noon) {
    PageRequest request;
    request.source = SourceKind::comments;
    request.since = since;
    return request;
  }
  ForgeResult<Page> reviews(std::int64_t number) {
    return testing::run(context, [&] { return forge->reviews(repository, number); });
  }
  HttpResult answer(const HttpRequest& asked) {
    for (auto entry = script.begin(); entry != script.end(); ++entry) {
      if (asked.url.find(entry->first) == std::string::npos) continue;
      HttpResult answer = entry->second;
      const auto later =
          std::find_if(std::next(entry), script.end(), [&](const auto& other) { return other.first == entry->first; });
      if (later != script.end()) script.erase(entry);
      return answer;
    }
    return response(404, R"({"message": "Not Found"})");
  }

  std::vector<std::pair<std::string, HttpResult>> script;
  asio::io_context context{1};
  FakeHttp http{[this](const HttpRequest& asked) { return answer(asked); }};
  std::unique_ptr<Forge> forge;
  Repository repository;
};

const std::string lab =
    R"({"id": 5, "full_name": "octo/lab", "private": false, "html_url": "https://github.test/octo/lab"})";
const std::string one_comment =
    R"([{"id": 1, "body": "hi", "issue_url": "x/issues/3", "created_at": "2024-01-01T00:00:00Z"}])";

TEST_F(GithubTest, SendsWhatGithubAsksFor) {
  on("/repos/octo/lab", response(200, lab, {{"Date", "Sun, 06 Nov 1994 08:49:37 GMT"}}));
  make();
  const auto answer = ask_repository();
  ASSERT_TRUE(answer.has_value()) << answer.error().message;
  EXPECT_EQ(answer->repository.forge_id, 5);
  EXPECT_EQ(answer->repository.origin, api);
  EXPECT_EQ(format_http_date(answer->date), "Sun, 06 Nov 1994 08:49:37 GMT");
  const HttpHeaders& headers = http.requests.at(0).headers;
  EXPECT_EQ(find_header(headers, "accept"), "application/vnd.github+json");
  EXPECT_EQ(find_header(headers, "x-github-api-version"), "2022-11-28");
  EXPECT_EQ(find_header(headers, "authorization"), "Bearer ghp_secret");
  EXPECT_TRUE(forge->authenticated());
}

TEST_F(GithubTest, WithoutATokenNothingIsSentInItsPlace) {
  on("/repos/octo/lab", response(200, lab));
  make("");
  ASSERT_TRUE(ask_repository().has_value());
  EXPECT_EQ(find_header(http.requests.at(0).headers, "authorization"), "");
  EXPECT_FALSE(forge->authenticated());
}

TEST_F(GithubTest, FollowsARenameOnItsOwnOrigin) {
  on("/repos/octo/old", response(301, "{}", {{"Location", api + "/repositories/5"}}));
  on("/repositories/5", response(200, lab));
  make();
  const auto answer = ask_repository("octo/old");
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->repository.full_name, "octo/lab");
}

TEST_F(GithubTest, NeverTakesTheTokenToAnotherOrigin) {
  on("/repos/octo/lab", response(302, "", {{"Location", "https://evil.test/repos/octo/lab"}}));
  make();
  const auto answer = ask_repository();
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().failure, ForgeFailure::unavailable);
  EXPECT_THAT(answer.error().message, HasSubstr("redirects to another host"));
  EXPECT_THAT(http.requests, SizeIs(1));

  PageRequest elsewhere = request();
  elsewhere.page_url = "https://evil.test/comments?page=2";
  EXPECT_FALSE(page(elsewhere).has_value());
  EXPECT_THAT(http.requests, SizeIs(1));
}

TEST_F(GithubTest, EndlessRedirectsEnd) {
  on("/", response(307, "", {{"Location", "/repos/octo/lab"}}));
  make();
  EXPECT_FALSE(ask_repository().has_value());
  EXPECT_THAT(http.requests, SizeIs(6));
}

TEST_F(GithubTest, PagesAreAskedByNumber) {
  on("/repositories/5/issues/comments",
     response(200, one_comment,
              {{"ETag", "W/\"a\""}, {"Link", "<" + api + "/repositories/5/x?page=2>; rel=\"next\""}}));
  make();
  const auto page = comments();
  ASSERT_TRUE(page.has_value()) << page.error().message;
  EXPECT_EQ(page->posts.size(), 1u);
  EXPECT_TRUE(page->more);
  EXPECT_EQ(page->next, api + "/repositories/5/x?page=2");
  EXPECT_EQ(page->etag, "W/\"a\"");
  EXPECT_FALSE(page->moved);
  EXPECT_EQ(http.requests.at(0).url,
            api + "/repositories/5/issues/comments?sort=updated&direction=asc&per_page=100&since=2023-11-14T22:13:20Z");
}

TEST_F(GithubTest, HostsWithoutNumbersAreAskedByNameOnceThatIsKnown) {
  on("/repos/octo/lab/issues/comments", response(200, one_comment));
  on("/repos/octo/lab", response(200, lab));
  make();
  ASSERT_TRUE(comments().has_value());
  ASSERT_TRUE(comments().has_value());
  std::vector<std::string> paths;
  for (const HttpRequest& asked : http.requests)
    paths.push_back(asked.url.substr(api.size(), asked.url.find('?') - api.size()));
  EXPECT_THAT(paths, ElementsAre("/repositories/5/issues/comments", "/repos/octo/lab",
                                 "/repos/octo/lab/issues/comments", "/repos/octo/lab/issues/comments"));
}

TEST_F(GithubTest, ANameThatNowBelongsToAnotherRepositoryIsNotRead) {
  on("/repos/octo/lab/issues/comments", response(200, one_comment));
  on("/repos/octo/lab", response(200, R"({"id": 6, "full_name": "octo/lab"})"));
  make();
  const auto page = comments();
  ASSERT_FALSE(page.has_value());
  EXPECT_EQ(page.error().failure, ForgeFailure::not_found);
}

TEST_F(GithubTest, AMovedPageIsFollowedAndSaysSo) {
  on("/repositories/5/issues/comments", response(301, "", {{"Location", "/repositories/5/moved?x=1"}}));
  on("/repositories/5/moved", response(200, one_comment));
  make();
  const auto page = comments();
  ASSERT_TRUE(page.has_value());
  EXPECT_TRUE(page->moved);
}

TEST_F(GithubTest, AnEtagIsSentOnlyForItsOwnUrlAndCredential) {
  on("/issues/comments", response(200, one_comment, {{"ETag", "\"e\""}}));
  on("/issues/comments", response(304, ""));
  on("/issues/comments", response(200, one_comment));
  make();
  const auto first = comments();
  PageRequest again = request();
  again.etag = first->etag;
  again.etag_key = first->etag_key;
  const auto second = page(again);
  ASSERT_TRUE(second.has_value());
  EXPECT_TRUE(second->not_modified);
  EXPECT_EQ(find_header(http.requests.back().headers, "if-none-match"), "\"e\"");
  again.since = noon + 1s;
  ASSERT_TRUE(page(again).has_value());
  EXPECT_EQ(find_header(http.requests.back().headers, "if-none-match"), "");
  make("ghp_another");
  again.since = noon;
  ASSERT_TRUE(page(again).has_value());
  EXPECT_EQ(find_header(http.requests.back().headers, "if-none-match"), "");
}

TEST_F(GithubTest, NotModifiedWithoutACauseIsNoAnswer) {
  on("/issues/comments", response(304, ""));
  make();
  EXPECT_FALSE(comments().has_value());
}

TEST_F(GithubTest, PagesOnAnotherHostAreMarkedButNotFollowed) {
  std::string lines;
  log::open(LogLevel::info, LogFormat::text);
  log::capture(&lines);
  on("/issues/comments", response(200, one_comment, {{"Link", "<https://evil.test/x?page=2>; rel=\"next\""}}));
  make();
  for (int i = 0; i < 2; ++i) {
    const auto page = comments();
    ASSERT_TRUE(page.has_value());
    EXPECT_TRUE(page->more);
    EXPECT_EQ(page->next, "");
  }
  log::capture(nullptr);
  EXPECT_THAT(lines, HasSubstr("its pages point to another host"));
  EXPECT_EQ(lines.find("another host"), lines.rfind("another host"));
}

TEST_F(GithubTest, WebPagesAndBrokenJsonAreUnavailable) {
  on("/issues/comments", response(200, "<html>Sign in</html>", {{"Content-Type", "text/html; charset=utf-8"}}));
  on("/issues/comments", response(200, "[{\"id\": 1,"));
  on("/issues/comments", response(200, R"({"items": []})"));
  make();
  for (const char* word : {"the answer is a web page", "no readable JSON", "a JSON object, not a list"}) {
    const auto page = comments();
    ASSERT_FALSE(page.has_value());
    EXPECT_EQ(page.error().failure, ForgeFailure::unavailable);
    EXPECT_THAT(page.error().message, AllOf(HasSubstr(word), HasSubstr("`api_url` of [forges.github]")));
  }
}

TEST_F(GithubTest, NoAnswerIsATransportFailure) {
  on("/", HttpError{HttpFailure::dns, false, "api.github.test cannot be found"});
  make();
  const auto answer = ask_repository();
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().failure, ForgeFailure::transport);
  EXPECT_EQ(answer.error().message, "api.github.test cannot be found");
}

TEST_F(GithubTest, WhileLimitedNothingIsAsked) {
  on("/", response(429, "{}", {{"Retry-After", "30"}}));
  make();
  EXPECT_FALSE(comments().has_value());
  const auto again = ask_repository();
  ASSERT_FALSE(again.has_value());
  EXPECT_EQ(again.error().failure, ForgeFailure::rate_limited);
  EXPECT_LE(*again.error().retry_after, 30s);
  EXPECT_GT(*again.error().retry_after, 25s);
  EXPECT_THAT(http.requests, SizeIs(1));
}

TEST_F(GithubTest, TheLastRequestOfAQuotaClosesItUntilTheReset) {
  on("/", response(200, lab,
                   {{"Date", format_http_date(noon)},
                    {"X-RateLimit-Limit", "60"},
                    {"X-RateLimit-Remaining", "0"},
                    {"X-RateLimit-Reset", std::to_string(unix_s(noon + 10min))}}));
  make("");
  ASSERT_TRUE(ask_repository().has_value());
  EXPECT_EQ(forge->quota().limit, 60);
  EXPECT_EQ(forge->quota().remaining, 0);
  const auto again = ask_repository();
  ASSERT_FALSE(again.has_value());
  EXPECT_EQ(again.error().failure, ForgeFailure::rate_limited);
  EXPECT_GT(*again.error().retry_after, 9min);
}

TEST_F(GithubTest, ATokenWithALineBreakIsRefusedBeforeItIsSent) {
  make("ghp_secret\r\nX-Evil: 1");
  const auto answer = ask_repository();
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().failure, ForgeFailure::unauthorized);
  EXPECT_THAT(answer.error().message, Not(HasSubstr("secret")));
  EXPECT_THAT(http.requests, IsEmpty());
  on("/repos/octo/lab", response(200, lab));
  make("ghp_secret\n");
  ASSERT_TRUE(ask_repository().has_value());
  EXPECT_EQ(find_header(http.requests.at(0).headers, "authorization"), "Bearer ghp_secret");
}

TEST_F(GithubTest, ATokenThatCannotBeFetchedIsSaid) {
  GithubOptions options;
  options.api_url = api;
  options.token = []() -> task<Result<std::string>> { co_return fail("the file /run/token cannot be read"); };
  forge = make_github(http, options);
  EXPECT_EQ(ask_repository().error().message, "the file /run/token cannot be read");
}

TEST_F(GithubTest, ReviewsAreReadThroughAllTheirPages) {
  on("/pulls/9/reviews?per_page=100",
     response(200, R"([{"id": 1, "state": "APPROVED", "body": "a", "submitted_at": "2024-01-02T00:00:00Z"}])",
              {{"Link", "<" + api + "/repositories/5/pulls/9/reviews?page=2>; rel=\"next\""}}));
  on("/pulls/9/reviews?page=2",
     response(200, R"([{"id": 2, "state": "APPROVED", "body": "b", "submitted_at": "2024-01-01T00:00:00Z"}])"));
  make();
  const auto page = reviews(9);
  ASSERT_TRUE(page.has_value());
  ASSERT_EQ(page->posts.size(), 2u);
  EXPECT_EQ(page->posts[0].id, 2);
  EXPECT_EQ(page->posts[0].thread_number, 9);
}

TEST_F(GithubTest, AnEndlessChainOfReviewsIsAnError) {
  on("/reviews", response(200, "[]", {{"Link", "<" + api + "/repositories/5/pulls/9/reviews?page=2>; rel=\"next\""}}));
  make();
  const auto page = reviews(9);
  ASSERT_FALSE(page.has_value());
  EXPECT_THAT(page.error().message, HasSubstr("pull request 9"));
  EXPECT_LE(http.requests.size(), 3u);
}

TEST_F(GithubTest, ANameThatIsNoneIsNotAsked) {
  make();
  EXPECT_FALSE(ask_repository("octo/lab/../../user").has_value());
  EXPECT_THAT(http.requests, IsEmpty());
}

TEST_F(GithubTest, AsksOneQuestionAtATime) {
  on("/repos/octo/lab", response(200, lab));
  make();
  int done = 0;
  for (int i = 0; i < 5; ++i) {
    auto ask = [this, &done]() -> task<void> {
      co_await forge->repository("octo/lab");
      ++done;
    };
    asio::co_spawn(context, shielded(std::move(ask)), [](std::exception_ptr e) { EXPECT_FALSE(e); });
  }
  context.restart();
  context.run();
  EXPECT_EQ(done, 5);
  EXPECT_EQ(http.most_open(), 1);
}

}  // namespace
}  // namespace beckon::core
