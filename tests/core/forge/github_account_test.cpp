// Whose a credential is, for each kind of token.
#include "forge/github_account.hpp"

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
using ::testing::Not;
using Kind = Account::Kind;

const std::string api = "https://api.github.test";
const HttpHeaders quota_headers = {{"X-RateLimit-Limit", "5000"}, {"X-RateLimit-Remaining", "4990"}};

TEST(KindOfToken, ThePrefixTells) {
  EXPECT_EQ(kind_of_token(""), Kind::anonymous);
  EXPECT_EQ(kind_of_token("ghp_x"), Kind::classic);
  EXPECT_EQ(kind_of_token("github_pat_x"), Kind::fine_grained);
  EXPECT_EQ(kind_of_token("gho_x"), Kind::oauth_app);
  EXPECT_EQ(kind_of_token("ghu_x"), Kind::app_user);
  EXPECT_EQ(kind_of_token("ghs_x"), Kind::installation);
  EXPECT_EQ(kind_of_token("0123456789abcdef0123456789abcdef01234567"), Kind::unknown);
}

class GithubAccount : public ::testing::Test {
 protected:
  ForgeResult<Account> ask(const std::string& token, HttpResult said) {
    answer = std::move(said);
    GithubOptions options;
    options.api_url = api;
    if (!token.empty()) options.token = [token]() -> task<Result<std::string>> { co_return token; };
    forge = make_github(http, options);
    return testing::run(context, [this] { return forge->account(); });
  }
  std::vector<std::string> asked() const {
    std::vector<std::string> urls;
    for (const HttpRequest& request : http.requests) urls.push_back(request.url);
    return urls;
  }

  HttpResult answer{response(200)};
  asio::io_context context{1};
  FakeHttp http{[this](const HttpRequest&) { return answer; }};
  std::unique_ptr<Forge> forge;
};

TEST_F(GithubAccount, AClassicTokenSaysItsScopes) {
  HttpHeaders headers = quota_headers;
  headers.emplace_back("X-OAuth-Scopes", "repo, read:org");
  headers.emplace_back("github-authentication-token-expiration", "2026-12-24 18:00:00 UTC");
  const auto account = ask("ghp_secret_secret", response(200, R"({"login": "octocat"})", headers));
  ASSERT_TRUE(account) << account.error().message;
  EXPECT_EQ(account->kind, Kind::classic);
  EXPECT_EQ(account->login, "octocat");
  EXPECT_EQ(account->scopes, "repo, read:org");
  EXPECT_EQ(forge->quota().remaining, 4990);
  EXPECT_TRUE(forge->expires().has_value());
  EXPECT_THAT(asked(), ElementsAre(api + "/user"));
}

TEST_F(GithubAccount, OneWithoutScopesHasNone) {
  EXPECT_EQ(ask("ghp_secret_secret", response(200, R"({"login": "octocat"})", {{"x-oauth-scopes", ""}}))->scopes, "");
}

TEST_F(GithubAccount, AnOldTokenIsKnownByItsScopes) {
  EXPECT_EQ(ask("0123456789abcdef", response(200, R"({"login": "octocat"})", {{"X-OAuth-Scopes", "repo"}}))->kind, Kind::classic);
  EXPECT_EQ(ask("0123456789abcdef", response(200, R"({"login": "octocat"})"))->kind, Kind::unknown);
}

TEST_F(GithubAccount, AFineGrainedTokenHasNoScopes) {
  const auto account = ask("github_pat_secret", response(200, R"({"login": "octocat"})"));
  EXPECT_EQ(account->kind, Kind::fine_grained);
  EXPECT_FALSE(account->scopes.has_value());
  EXPECT_FALSE(ask("ghu_secret_secret", response(200, R"({"login": "octocat"})", {{"X-OAuth-Scopes", ""}}))->scopes.has_value());
}

TEST_F(GithubAccount, AnAppOnItsOwnHasNoUser) {
  const auto account = ask("ghs_secret_secret", response(200, "{}", quota_headers));
  EXPECT_EQ(account->kind, Kind::installation);
  EXPECT_EQ(account->login, "");
  EXPECT_THAT(asked(), ElementsAre(api + "/rate_limit"));
  EXPECT_EQ(ask("v1.old", response(403, R"({"message": "Resource not accessible by integration"})"))->kind, Kind::installation);
}

TEST_F(GithubAccount, WithoutATokenTheLimitIsAskedFor) {
  EXPECT_EQ(ask("", response(200, "{}", quota_headers))->kind, Kind::anonymous);
  EXPECT_THAT(asked(), ElementsAre(api + "/rate_limit"));
  EXPECT_TRUE(http.requests[0].headers.end() == std::ranges::find(http.requests[0].headers, "Authorization", &std::pair<std::string, std::string>::first));
}

TEST_F(GithubAccount, AnEnterpriseWithoutLimitsIsNoFailure) {
  ASSERT_TRUE(ask("", response(404, R"({"message": "Rate limiting is not enabled."})")));
  EXPECT_EQ(forge->quota().limit, 0);
}

TEST_F(GithubAccount, AWrongAddressIsSaid) {
  const auto account = ask("ghp_secret_secret", response(404, "<!DOCTYPE html>", {{"Content-Type", "text/html"}}));
  ASSERT_FALSE(account);
  EXPECT_THAT(account.error().message, HasSubstr("is `api_url` of [forges.github] the address of its API?"));
  EXPECT_THAT(ask("", response(404, "{}")).error().message, HasSubstr("is `api_url` of [forges.github] the address of its API?"));
  EXPECT_THAT(ask("ghp_secret_secret", response(200, "[]")).error().message, HasSubstr("names no user"));
}

TEST_F(GithubAccount, ATokenThatIsNotAcceptedIsSaidWithoutIt) {
  const auto account = ask("ghp_secret_secret", response(401, R"({"message": "Bad credentials ghp_secret_secret"})"));
  ASSERT_FALSE(account);
  EXPECT_EQ(account.error().failure, ForgeFailure::unauthorized);
  EXPECT_THAT(account.error().message, AllOf(HasSubstr("does not accept the token of [forges.github]"), Not(HasSubstr("secret_secret"))));
  EXPECT_THAT(ask("ghp_secret_secret", response(403, R"({"message": "Sorry. Your account was suspended"})")).error().message,
              HasSubstr("refuses the token of [forges.github] (403 \"Sorry. Your account was suspended\")"));
}

}  // namespace
}  // namespace beckon::core
