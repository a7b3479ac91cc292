#include "forge/github_refusal.hpp"

#include "base/redaction.hpp"
#include "support/fake_http.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace beckon::core {
namespace {

using testing::response;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

const WallTime now = from_unix_ms(1'700'000'000'000);

Asked asked(Asked::Subject subject, bool authenticated = true) {
  Asked asked;
  asked.subject = subject;
  asked.repository = "octo/lab";
  asked.host = "api.github.com";
  asked.credential = "github";
  asked.authenticated = authenticated;
  return asked;
}

ForgeError refuse(int status, std::string message, HttpHeaders headers = {},
                  Asked what = asked(Asked::Subject::comments), unsigned limited_before = 0) {
  return refusal(response(status, R"({"message": ")" + message + "\"}", std::move(headers)), what, limited_before, now);
}

TEST(GithubRefusal, ABadTokenIsUnauthorized) {
  const ForgeError error = refuse(401, "Bad credentials");
  EXPECT_EQ(error.failure, ForgeFailure::unauthorized);
  EXPECT_THAT(error.message, AllOf(HasSubstr("api.github.com does not accept the token of [forges.github]"),
                                   HasSubstr("401 \"Bad credentials\""), HasSubstr("expired or revoked")));
}

TEST(GithubRefusal, NoTokenWhereOneIsNeededSaysWhereToPutIt) {
  const ForgeError error = refuse(401, "Requires authentication", {}, asked(Asked::Subject::repository, false));
  EXPECT_EQ(error.failure, ForgeFailure::unauthorized);
  EXPECT_THAT(error.message, HasSubstr("set `token` in [forges.github]"));
}

TEST(GithubRefusal, AMissingPermissionIsNamedAsGithubNamesIt) {
  const ForgeError error = refuse(403, "Resource not accessible by personal access token",
                                  {{"X-Accepted-GitHub-Permissions", "issues=read,metadata=read; pull_requests=read"}});
  EXPECT_EQ(error.failure, ForgeFailure::forbidden);
  EXPECT_THAT(error.message, HasSubstr("the permission \"issues: read and metadata: read, or pull_requests: read\""));
  EXPECT_THAT(error.message, HasSubstr("the comments of octo/lab may not be read"));
}

TEST(GithubRefusal, AMissingPermissionIsGuessedFromTheSourceOtherwise) {
  EXPECT_THAT(refuse(403, "Forbidden", {}, asked(Asked::Subject::reviews)).message,
              HasSubstr("\"pull_requests: read\""));
  EXPECT_THAT(refuse(403, "Forbidden", {}, asked(Asked::Subject::bodies)).message, HasSubstr("\"issues: read\""));
}

TEST(GithubRefusal, SingleSignOnIsToldApart) {
  EXPECT_THAT(refuse(403, "Resource protected by organization SAML enforcement.", {{"X-GitHub-SSO", "required; url=x"}})
                  .message,
              HasSubstr("authorize the token of [forges.github] for the organization's single sign-on"));
}

TEST(GithubRefusal, ARepositoryThatIsNotThereMayBePrivate) {
  const ForgeError known = refuse(404, "Not Found", {}, asked(Asked::Subject::repository));
  EXPECT_EQ(known.failure, ForgeFailure::not_found);
  EXPECT_THAT(known.message,
              AllOf(HasSubstr("octo/lab does not exist, or the token of [forges.github] has no access to it"),
                    HasSubstr("check the spelling")));
  const ForgeError unknown = refuse(404, "Not Found", {}, asked(Asked::Subject::repository, false));
  EXPECT_THAT(unknown.message, AllOf(HasSubstr("does not exist or is private"), HasSubstr("set `token`")));
}

TEST(GithubRefusal, ASourceThatIsNotThereMayBeSwitchedOff) {
  const ForgeError error = refuse(404, "Not Found", {{"x-accepted-github-permissions", "pull_requests=read"}},
                                  asked(Asked::Subject::review_comments));
  EXPECT_EQ(error.failure, ForgeFailure::not_found);
  EXPECT_THAT(error.message, AllOf(HasSubstr("the review comments of octo/lab cannot be found"),
                                   HasSubstr("switched off"), HasSubstr("\"pull_requests: read\"")));
}

TEST(GithubRefusal, ARepositoryThatIsGoneIsNotCalledSwitchedOff) {
  const ForgeError error = refuse(410, "Gone", {}, asked(Asked::Subject::repository));
  EXPECT_EQ(error.message, "octo/lab is gone from api.github.com (410 \"Gone\")");
}

TEST(GithubRefusal, SaysHowLongAndUntilWhenItWaits) {
  EXPECT_EQ(refuse(403, "You have exceeded a secondary rate limit", {{"Retry-After", "3600"}}).message,
            "api.github.com asks for fewer requests (its secondary rate limit); Beckon waits 1h, until 23:13 UTC");
  EXPECT_EQ(refuse(429, "").message,
            "api.github.com asks for fewer requests (its secondary rate limit) and does not say for how long; Beckon "
            "waits 60s, until 22:14 UTC");
  EXPECT_EQ(refuse(403, "API rate limit exceeded", {{"X-RateLimit-Remaining", "0"}, {"X-RateLimit-Reset", "1700000600"}})
                .message,
            "the token of [forges.github] has used up its rate limit at api.github.com; Beckon waits until 22:23 UTC");
}

TEST(GithubRefusal, GoneMeansSwitchedOff) {
  EXPECT_EQ(refuse(410, "Issues are disabled for this repo").failure, ForgeFailure::disabled);
}

TEST(GithubRefusal, ClosedRepositoriesAreBlocked) {
  EXPECT_EQ(refuse(451, "Repository access blocked").failure, ForgeFailure::blocked);
  EXPECT_EQ(refuse(403, "Repository access blocked").failure, ForgeFailure::blocked);
}

TEST(GithubRefusal, RetryAfterComesFirst) {
  const ForgeError error = refuse(403, "You have exceeded a secondary rate limit", {{"Retry-After", "30"},
                                  {"X-RateLimit-Remaining", "0"}, {"X-RateLimit-Reset", "1700003600"}});
  EXPECT_EQ(error.failure, ForgeFailure::rate_limited);
  EXPECT_EQ(error.retry_after, 30s);
}

TEST(GithubRefusal, RetryAfterMayBeADateOfTheForgesClock) {
  const ForgeError error = refuse(429, "slow down", {{"Date", "Sun, 06 Nov 1994 08:49:37 GMT"},
                                                     {"Retry-After", "Sun, 06 Nov 1994 08:50:07 GMT"}});
  EXPECT_EQ(error.retry_after, 30s);
}

TEST(GithubRefusal, AnEmptyQuotaWaitsForItsResetByTheForgesClock) {
  const HttpHeaders headers = {{"Date", format_http_date(from_unix_s(1'600'000'000))}, {"X-RateLimit-Remaining", "0"},
                               {"X-RateLimit-Limit", "60"}, {"X-RateLimit-Reset", "1600000600"}};
  const ForgeError error = refuse(403, "API rate limit exceeded", headers);
  EXPECT_EQ(error.failure, ForgeFailure::rate_limited);
  EXPECT_EQ(error.retry_after, 601s);
  EXPECT_THAT(refuse(429, "", headers, asked(Asked::Subject::comments, false)).message,
              HasSubstr("set `token` in [forges.github]"));
}

TEST(GithubRefusal, WithoutAWordItWaitsAMinuteAndThenLonger) {
  const auto wait = [](unsigned before) {
    return *refuse(403, "You have exceeded a secondary rate limit", {}, asked(Asked::Subject::comments), before)
                .retry_after;
  };
  EXPECT_EQ(wait(0), 60s);
  EXPECT_EQ(wait(1), 120s);
  EXPECT_EQ(wait(3), 480s);
  EXPECT_EQ(wait(40), 1h);
  EXPECT_EQ(*refuse(429, "", {{"Retry-After", "soon"}}).retry_after, 60s);
}

TEST(GithubRefusal, WaitsAreBounded) {
  EXPECT_EQ(*refuse(429, "", {{"Retry-After", "99999999999999"}}).retry_after, 24h);
  EXPECT_EQ(*refuse(429, "", {{"Retry-After", "-5"}}).retry_after, 60s);
  EXPECT_EQ(
      *refuse(429, "", {{"X-RateLimit-Remaining", "0"}, {"X-RateLimit-Reset", "9223372036854775807"}}).retry_after,
      60s);
  EXPECT_EQ(*refuse(429, "", {{"X-RateLimit-Remaining", "0"}, {"X-RateLimit-Reset", "1"}}).retry_after, 1s);
}

TEST(GithubRefusal, TroubleOfTheServerIsUnavailable) {
  const ForgeError error =
      refusal(response(503, "<!DOCTYPE html>", {{"Content-Type", "text/html"}, {"Retry-After", "5"}}),
              asked(Asked::Subject::comments), 0, now);
  EXPECT_EQ(error.failure, ForgeFailure::unavailable);
  EXPECT_EQ(error.retry_after, 5s);
  EXPECT_THAT(error.message, HasSubstr("api.github.com is in trouble (503, a web page instead of an answer)"));
}

TEST(GithubRefusal, ASecretThatTheServerRepeatsIsMasked) {
  remember_secret("ghp_ThisIsTheSecret");
  EXPECT_THAT(refuse(401, "token ghp_ThisIsTheSecret is bad").message, Not(HasSubstr("ThisIsTheSecret")));
}

TEST(GithubRefusal, HostileMessagesStayOnOneLine) {
  EXPECT_THAT(refuse(404, R"(a\nINFO forged line)").message, Not(HasSubstr("\n")));
}

TEST(GithubRefusal, QuotaIsReadWhateverTheCaseOfTheHeaders) {
  const Quota quota = read_quota({{"x-ratelimit-limit", "5000"}, {"X-Ratelimit-Remaining", "4999"},
                                  {"X-RATELIMIT-RESET", "1700000060"}}, now);
  EXPECT_EQ(quota.limit, 5000);
  EXPECT_EQ(quota.remaining, 4999);
  EXPECT_EQ(quota.reset_after, 60s);
  EXPECT_EQ(read_quota({}, now).limit, 0);
}

TEST(GithubToken, ItsEndIsReadInWhateverZone) {
  const WallTime six = from_unix_ms(1'798'178'400'000);
  EXPECT_EQ(token_expiry("2026-12-25 06:00:00 UTC"), six);
  EXPECT_EQ(token_expiry("2026-12-25 07:00:00 +0100"), six);
  EXPECT_EQ(token_expiry("2026-12-24 22:30:00 -0730"), six);
  for (const char* nonsense : {"", "soon", "2026-12-25", "2026-13-25 06:00:00 UTC", "2026-12-25 06:00"})
    EXPECT_FALSE(token_expiry(nonsense)) << nonsense;
}

}  // namespace
}  // namespace beckon::core
