// What `beckon check --online` makes of the answers.
#include "cli/findings.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace beckon::core::cli {

void PrintTo(const Finding& finding, std::ostream* out) { *out << static_cast<int>(finding.verdict) << ": " << finding.sentence; }

namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;

auto is(Verdict verdict, const std::string& sentence) {
  return AllOf(Field(&Finding::verdict, verdict), Field(&Finding::sentence, sentence));
}

CredentialFacts facts_of(Account::Kind kind) {
  CredentialFacts facts;
  facts.name = "github";
  facts.account.kind = kind;
  facts.account.login = "octocat";
  facts.quota = {5000, 4990, 30min};
  facts.repositories = 2;
  facts.now = WallTime{std::chrono::milliseconds{1'700'000'000'000}};   // 2023-11-14T22:13:20Z
  return facts;
}

TEST(CredentialFindings, SayWhoseTokenItIsAndWhatIsLeft) {
  CredentialFacts facts = facts_of(Account::Kind::classic);
  facts.account.scopes = "repo, read:org";
  EXPECT_THAT(credential_findings(facts),
              ElementsAre(is(Verdict::fine, "the token is octocat's, a classic one with the scopes repo, read:org"),
                          is(Verdict::fine, "4990 of 5000 requests an hour are left; from 22:43 UTC on all of them again")));
  facts.account.scopes = "";
  EXPECT_EQ(credential_findings(facts)[0].sentence, "the token is octocat's, a classic one without scopes: public repositories can be read");
  EXPECT_EQ(credential_findings(facts_of(Account::Kind::fine_grained))[0].sentence, "the token is octocat's, a fine-grained one");
  EXPECT_EQ(credential_findings(facts_of(Account::Kind::installation))[0].sentence,
            "the token is a GitHub App's own: it reads what the app is installed for");
}

TEST(CredentialFindings, ATokenThatEndsIsSaidInTime) {
  CredentialFacts facts = facts_of(Account::Kind::fine_grained);
  facts.expires = facts.now + 30 * 24h;
  EXPECT_THAT(credential_findings(facts)[1], is(Verdict::fine, "the token ends at 2023-12-14T22:13:20Z, in 30d"));
  facts.expires = facts.now + 3 * 24h;
  EXPECT_THAT(credential_findings(facts)[1], is(Verdict::advice, "the token ends at 2023-11-17T22:13:20Z, in 3d: make a new one in time"));
  facts.expires = facts.now;
  EXPECT_THAT(credential_findings(facts)[1], is(Verdict::failed, "the token has ended at 2023-11-14T22:13:20Z: make a new one"));
}

TEST(CredentialFindings, AQuotaThatIsUsedUpFails) {
  CredentialFacts facts = facts_of(Account::Kind::fine_grained);
  facts.quota.remaining = 0;
  EXPECT_EQ(credential_findings(facts).back().verdict, Verdict::failed);
  facts.quota = {};
  EXPECT_THAT(credential_findings(facts).back(), is(Verdict::fine, "the forge sets no limit of requests"));
}

TEST(CredentialFindings, WithoutATokenTheyReckonHowOftenEachRepositoryCanBePolled) {
  CredentialFacts facts = facts_of(Account::Kind::anonymous);
  facts.quota = {60, 60, 1h};
  facts.repositories = 4;
  EXPECT_THAT(credential_findings(facts),
              ElementsAre(is(Verdict::fine, "no token is set: public repositories can be read"),
                          is(Verdict::fine, "60 of 60 requests an hour are left"),
                          is(Verdict::advice, "60 requests an hour for 4 repositories: each is polled about 15m apart at best instead of 60s; "
                                              "set `token` in [forges.github]")));
  facts.interval = 2h;
  EXPECT_THAT(credential_findings(facts).back(), is(Verdict::fine, "60 requests an hour for 4 repositories: enough for a poll every 2h"));
  facts.repositories = 0;
  EXPECT_EQ(credential_findings(facts).size(), 2u);
}

ForgeResult<RepositoryAnswer> found(const std::string& name) {
  RepositoryAnswer answer;
  answer.repository.full_name = name;
  return answer;
}

TEST(RepositoryFinding, SaysWhatTheForgeSays) {
  EXPECT_THAT(repository_finding("Acme/Rocket", found("acme/rocket")), is(Verdict::fine, "Acme/Rocket: found"));
  EXPECT_THAT(repository_finding("acme/old", found("acme/new")),
              is(Verdict::advice, "acme/old: is called acme/new now: write that name; meanwhile Beckon follows it"));
  auto closed = found("acme/rocket");
  closed->repository.is_private = true;
  closed->mark.has_issues = false;
  EXPECT_THAT(repository_finding("acme/rocket", closed),
              is(Verdict::fine, "acme/rocket: found, private; issues are switched off there, so its pull requests alone are read"));
  EXPECT_THAT(repository_finding("acme/rocket", ForgeError{ForgeFailure::not_found, "it is not there", {}}),
              is(Verdict::failed, "it is not there"));
}

TEST(EndpointLabel, NamesTheFirstSubscriptionsAndCountsTheOthers) {
  EXPECT_EQ(endpoint_label({"a"}, ""), "\"a\"");
  EXPECT_EQ(endpoint_label({"a", "b"}, ""), "\"a\" and \"b\"");
  EXPECT_EQ(endpoint_label({"a", "b", "c"}, ""), "\"a\", \"b\" and \"c\"");
  EXPECT_EQ(endpoint_label({"a", "b", "c", "d"}, "to octo@example.com"), "to octo@example.com, for \"a\", \"b\" and 2 more subscriptions");
}

TEST(ProbeFinding, OnlyATargetThatIsThereIsWell) {
  Outcome outcome;
  outcome.code = "no_service";
  outcome.reason = "the webhook was removed";
  outcome.kind = OutcomeKind::delivered;
  EXPECT_THAT(probe_finding("x", outcome), is(Verdict::fine, "x: reachable"));
  outcome.kind = OutcomeKind::retry;
  EXPECT_THAT(probe_finding("x", outcome), is(Verdict::failed, "x: not reachable now: no_service: the webhook was removed"));
  outcome.kind = OutcomeKind::rejected;
  EXPECT_THAT(probe_finding("x", outcome), is(Verdict::failed, "x: does not let itself be asked: no_service: the webhook was removed"));
  outcome.kind = OutcomeKind::misconfigured;
  EXPECT_THAT(probe_finding("x", outcome), is(Verdict::failed, "x: misconfigured: no_service: the webhook was removed"));
  outcome.kind = OutcomeKind::gone;
  EXPECT_THAT(probe_finding("x", outcome), is(Verdict::failed, "x: gone: no_service: the webhook was removed"));
  outcome.certainty = Certainty::maybe;
  EXPECT_THAT(probe_finding("x", outcome), is(Verdict::failed, "x: perhaps gone: no_service: the webhook was removed"));
}

}  // namespace
}  // namespace beckon::core::cli
