// What a credential was told to wait, over restarts; and what the debug log tells of questions.
#include "base/log.hpp"
#include "forge/forge.hpp"
#include "support/fake_http.hpp"
#include "support/run.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace beckon::core {
namespace {

using testing::FakeHttp;
using testing::response;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

const std::string lab = R"({"id": 5, "full_name": "octo/lab", "html_url": "https://github.test/octo/lab"})";

class HoldTest : public ::testing::Test {
 protected:
  ~HoldTest() override { log::capture(nullptr); }
  // A new process.
  void make(std::string token = "ghp_secret") {
    GithubOptions options;
    options.api_url = "https://api.github.test";
    options.token = [token]() -> task<Result<std::string>> { co_return token; };
    forge = make_github(http, options);
  }
  ForgeResult<RepositoryAnswer> ask(RepositoryMark known = {}) {
    return testing::run(context, [&] { return forge->repository("octo/lab", known); });
  }
  void resume(const Hold& hold) {
    testing::run(context, [&] { return forge->resume(hold); });
  }

  HttpResult next = response(200, lab, {{"ETag", "\"e\""}, {"Date", "Sun, 06 Nov 1994 08:49:37 GMT"}});
  asio::io_context context{1};
  FakeHttp http{[this](const HttpRequest&) { return next; }};
  std::unique_ptr<Forge> forge;
  std::string lines;
};

TEST_F(HoldTest, IsHandedFromOneProcessToTheNext) {
  make();
  EXPECT_FALSE(forge->hold());
  next = response(429, "{}", {{"Retry-After", "3600"}});
  EXPECT_FALSE(ask().has_value());
  const auto hold = forge->hold();
  ASSERT_TRUE(hold);
  EXPECT_GT(hold->until, wall_now() + 59min);
  EXPECT_LE(hold->until, wall_now() + 1h);
  EXPECT_THAT(hold->key, Not(HasSubstr("secret")));

  make();
  resume(*hold);
  const auto again = ask();
  ASSERT_FALSE(again.has_value());
  EXPECT_EQ(again.error().failure, ForgeFailure::rate_limited);
  EXPECT_GT(*again.error().retry_after, 59min);
  EXPECT_EQ(again.error().message, hold->reason);
  EXPECT_THAT(http.requests, SizeIs(1));
}

TEST_F(HoldTest, DoesNotConcernAnotherSecret) {
  make();
  next = response(429, "{}", {{"Retry-After", "3600"}});
  EXPECT_FALSE(ask().has_value());
  const Hold hold = *forge->hold();
  make("ghp_another");
  resume(hold);
  ask();
  EXPECT_THAT(http.requests, SizeIs(2));
}

TEST_F(HoldTest, OneThatIsOverOrYearsAheadIsNone) {
  make();
  next = response(429, "{}", {{"Retry-After", "3600"}});
  EXPECT_FALSE(ask().has_value());
  Hold hold = *forge->hold();
  for (const Milliseconds off : {Milliseconds(-2h), Milliseconds(24h * 365)}) {
    make();
    hold.until = wall_now() + off;
    resume(hold);
    EXPECT_FALSE(forge->hold());
  }
}

TEST_F(HoldTest, ARepositoryThatStayedAsItIsCostsNothingAndStillTellsTheTime) {
  make();
  const auto first = ask();
  ASSERT_TRUE(first.has_value());
  EXPECT_FALSE(first->not_modified);
  EXPECT_EQ(first->mark.etag, "\"e\"");
  EXPECT_TRUE(first->mark.has_issues);
  next = response(304, "", {{"Date", "Sun, 06 Nov 1994 09:49:37 GMT"}});
  make();
  const auto again = ask(first->mark);
  ASSERT_TRUE(again.has_value());
  EXPECT_TRUE(again->not_modified);
  EXPECT_EQ(format_http_date(again->date), "Sun, 06 Nov 1994 09:49:37 GMT");
  EXPECT_EQ(find_header(http.requests.back().headers, "if-none-match"), "\"e\"");
  make("ghp_another");
  EXPECT_FALSE(ask(first->mark).has_value()) << "304 without a cause";
  EXPECT_EQ(find_header(http.requests.back().headers, "if-none-match"), "");
}

TEST_F(HoldTest, TheDebugLogTellsEachQuestionWithoutItsSecret) {
  log::capture(&lines);
  make();
  next = response(200, "[]", {{"X-RateLimit-Limit", "5000"}, {"X-RateLimit-Remaining", "4321"},
                              {"X-RateLimit-Reset", std::to_string(unix_ms(wall_now()) / 1000 + 600)}});
  Repository repository;
  repository.forge_id = 5;
  repository.full_name = "octo/lab";
  PageRequest request;
  request.source = SourceKind::comments;
  testing::run(context, [&] { return forge->page(repository, request); });
  EXPECT_THAT(lines, HasSubstr("debug forge: octo/lab: GET /repositories/5/issues/comments -> 200, "));
  EXPECT_THAT(lines, HasSubstr(", 4321 of 5000 requests left\n"));
  next = response(429, "{}", {{"Retry-After", "3600"}});
  ask();
  EXPECT_THAT(lines, HasSubstr("debug forge: octo/lab: GET /repos/octo/lab -> 429, "));
  ask();
  EXPECT_THAT(lines, HasSubstr("debug forge: octo/lab: not asked: api.github.test asks for fewer requests"));
  EXPECT_THAT(lines, Not(HasSubstr("secret")));
}

TEST_F(HoldTest, TheSecondSilentRefusalSaysItsOwnLongerWait) {
  make();
  next = response(403, R"({"message": "You have exceeded a secondary rate limit"})");
  const auto first = ask();
  ASSERT_FALSE(first.has_value());
  EXPECT_THAT(first.error().message, HasSubstr("does not say for how long; Beckon waits 60s, until "));
  EXPECT_EQ(first.error().message, ask().error().message);
}

}  // namespace
}  // namespace beckon::core
