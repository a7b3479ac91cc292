// `beckon check --online` against the stand-ins of forge and services: what is well, what is not, and no word of a secret.
#include "end_to_end/rig.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace beckon::core::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using nlohmann::json;

const std::string two_subscriptions = "[[subscriptions]]\nrepo = \"acme/rocket\"\nuser = \"octocat\"\nsink = \"team\"\n"
                                      "[[subscriptions]]\nname = \"own\"\nrepo = \"acme/rocket\"\nuser = \"mona\"\nsink = \"team\"\n";

std::optional<HttpResponse> as_slack_answers_a_probe(const HttpRequest&) { return says(400, "no_text"); }

struct Online : ::testing::Test {
  Online() {
    rig.subscribe_octocat();
    rig.refuse = as_slack_answers_a_probe;
  }
  // Neither the token nor a part of a webhook's address is ever told, whatever the others say.
  Finished check(std::vector<std::string> more = {}) {
    std::vector<std::string> arguments = {"check", "--online", "--config", rig.config()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    Finished checked = rig.run(std::move(arguments));
    for (const char* secret : {"forge-token", "hook-one", "hook-two"}) EXPECT_THAT(checked.out + checked.err, Not(HasSubstr(secret)));
    EXPECT_FALSE(std::filesystem::exists(rig.folder() / "state.db"));
    EXPECT_TRUE(rig.accepted.empty()) << "something was sent: " << rig.accepted.front();
    return checked;
  }
  // All of it in one line, however it is broken.
  static std::string flat(const std::string& text) { return std::regex_replace(text, std::regex("\\s+"), " "); }

  Rig rig;
};

TEST_F(Online, WhatIsWellIsSaidInWords) {
  const auto checked = check();
  EXPECT_EQ(checked.code, 0) << checked.out << checked.err;
  const std::string out = flat(checked.out);
  EXPECT_THAT(out, HasSubstr("in order (1 subscription, 1 sink)"));
  EXPECT_THAT(out, HasSubstr("[forges.github], " + rig.forge->api_url()));
  EXPECT_THAT(out, HasSubstr("ok the token is beckon-bot's"));
  EXPECT_THAT(out, HasSubstr("of 1000000 requests an hour are left"));
  EXPECT_THAT(out, HasSubstr("ok acme/rocket: found"));
  EXPECT_THAT(out, HasSubstr("[sinks.team], slack ok \"acme/rocket octocat team\": reachable"));
  EXPECT_EQ(rig.requests, 1u) << "one probe";
}

TEST_F(Online, ForProgramsThereIsJson) {
  const auto checked = check({"--json"});
  EXPECT_EQ(checked.code, 0) << checked.err;
  const json said = json::parse(checked.out);
  EXPECT_EQ(said.at("ok"), true);
  EXPECT_EQ(said.at("sections").at(0).at("key"), "forges.github");
  EXPECT_EQ(said.at("sections").at(1).at("findings").at(0).at("verdict"), "ok");
}

TEST_F(Online, ATokenThatIsNotAcceptedAsksNothingMore) {
  rig.forge->set_token("another-token");
  const auto checked = check();
  EXPECT_EQ(checked.code, 1);
  const std::string out = flat(checked.out);
  EXPECT_THAT(out, HasSubstr("FAILED 127.0.0.1"));
  EXPECT_THAT(out, HasSubstr("does not accept the token of [forges.github] (401 \"Bad credentials\")"));
  EXPECT_THAT(out, HasSubstr("- 1 repository was not asked about"));
  EXPECT_EQ(rig.forge->requests().size(), 1u);
}

TEST_F(Online, ScopesAndTheEndOfATokenAreSaid) {
  const ForgeTime ends = Rig::now() + std::chrono::hours(24 * 30);
  rig.forge->set_token("forge-token", ends);
  rig.forge->set_interception([](const HttpRequest& request) -> std::optional<HttpResponse> {
    if (request.url != "/user") return std::nullopt;
    return says(200, R"({"login": "vera"})", {{"X-OAuth-Scopes", "repo, read:org"},
                                              {"github-authentication-token-expiration", "2020-12-24 18:00:00 UTC"}});
  });
  auto checked = check();
  EXPECT_EQ(checked.code, 1) << checked.out;
  EXPECT_THAT(flat(checked.out), HasSubstr("the token is vera's, a classic one with the scopes repo, read:org"));
  EXPECT_THAT(flat(checked.out), HasSubstr("FAILED the token has ended at 2020-12-24T18:00:00Z"));
  rig.forge->set_interception(nullptr);
  checked = check();
  EXPECT_EQ(checked.code, 0) << checked.out;
  EXPECT_THAT(flat(checked.out), HasSubstr("ok the token ends at " + format_iso_time(ends)));
}

TEST_F(Online, EachRepositoryIsAskedFor) {
  rig.forge->add_repository("acme/old");
  rig.forge->rename_repository("acme/old", "acme/new");
  rig.configure("[[subscriptions]]\nrepos = [\"acme/rocket\", \"acme/old\", \"acme/nowhere\"]\nuser = \"octocat\"\nsink = \"team\"\n");
  const auto checked = check();
  EXPECT_EQ(checked.code, 1);
  const std::string out = flat(checked.out);
  EXPECT_THAT(out, HasSubstr("ok acme/rocket: found"));
  EXPECT_THAT(out, HasSubstr("advice acme/old: is called acme/new now: write that name"));
  EXPECT_THAT(out, HasSubstr("FAILED acme/nowhere does not exist, or the token of [forges.github] has no access to it (404"));
}

TEST_F(Online, APermissionThatAPrivateRepositoryLacksIsNamed) {
  rig.forge->set_interception([](const HttpRequest& request) -> std::optional<HttpResponse> {
    if (request.url == "/repos/acme/rocket")
      return says(200, R"({"id": 1, "full_name": "acme/rocket", "private": true, "has_issues": true})");
    if (request.url.find("/pulls/comments") != std::string::npos)
      return says(403, R"({"message": "Resource not accessible by personal access token"})",
                  {{"X-Accepted-GitHub-Permissions", "pull_requests=read"}});
    return std::nullopt;
  });
  const auto checked = check();
  EXPECT_EQ(checked.code, 1);
  const std::string out = flat(checked.out);
  EXPECT_THAT(out, HasSubstr("ok acme/rocket: found, private"));
  EXPECT_THAT(out, HasSubstr("FAILED the review comments of acme/rocket may not be read"));
  EXPECT_THAT(out, HasSubstr("the permission \"pull_requests: read\""));
}

TEST_F(Online, EachTargetIsAskedOnceAndNeverShown) {
  rig.configure(two_subscriptions + fmt::format("target = {{ webhook_url = \"{}/services/T1/B1/hook-two\" }}\n", rig.slack_origin()) +
                "[[subscriptions]]\nname = \"third\"\nrepo = \"acme/rocket\"\nuser = \"vera\"\nsink = \"team\"\n");
  rig.refuse = [](const HttpRequest& request) {
    return request.url.find("hook-two") == std::string::npos ? says(400, "no_text") : says(404, "no_service");
  };
  const auto checked = check();
  EXPECT_EQ(checked.code, 1);
  const std::string out = flat(checked.out);
  EXPECT_THAT(out, HasSubstr("ok \"acme/rocket octocat team\" and \"third\": reachable"));
  EXPECT_THAT(out, HasSubstr("FAILED \"own\": gone: no_service"));
  EXPECT_EQ(rig.requests, 2u);
}

TEST_F(Online, AServiceThatEchoesItsAddressDoesNotBringItOut) {
  rig.refuse = [](const HttpRequest& request) { return says(500, "cannot serve " + request.url); };
  const auto checked = check();
  EXPECT_EQ(checked.code, 1);
  EXPECT_THAT(flat(checked.out), HasSubstr("FAILED \"acme/rocket octocat team\": not reachable now: "));
}

TEST_F(Online, ASinkThatCannotBeAskedIsNoFailure) {
  rig.configure("[sinks.screen]\nplugin = \"console\"\n[sinks.spare]\nplugin = \"console\"\n"
                "[[subscriptions]]\nrepo = \"acme/rocket\"\nuser = \"octocat\"\nsink = \"screen\"\n");
  const auto checked = check();
  EXPECT_EQ(checked.code, 0) << checked.out;
  const std::string out = flat(checked.out);
  EXPECT_THAT(out, HasSubstr("[sinks.screen], console - cannot be asked without sending; `beckon send-test screen` sends a test"));
  EXPECT_THAT(out, HasSubstr("[sinks.spare], console - no subscription uses it"));
  EXPECT_THAT(out, HasSubstr("[sinks.team], slack - no subscription uses it"));
}

TEST_F(Online, WithoutATokenTheQuotaIsReckoned) {
  std::string text = rig.read("config.toml");
  text.erase(text.find("token ="), text.find("[sinks.team]") - text.find("token ="));
  std::ofstream(rig.folder() / "config.toml") << text;
  rig.forge->set_token("");
  rig.forge->set_interception([](const HttpRequest& request) -> std::optional<HttpResponse> {
    if (request.url != "/rate_limit") return std::nullopt;
    return says(200, "{}", {{"X-RateLimit-Limit", "60"}, {"X-RateLimit-Remaining", "60"}});
  });
  const auto checked = check();
  EXPECT_EQ(checked.code, 0) << checked.out;
  EXPECT_THAT(flat(checked.out), HasSubstr("60 requests an hour for 1 repository: it is polled about"));
  EXPECT_THAT(flat(checked.out), HasSubstr("set `token` in [forges.github]"));
}

TEST_F(Online, AnIsolatedSinkIsAskedInItsOwnProcess) {
  rig.configure("isolate = true\n[[subscriptions]]\nrepo = \"acme/rocket\"\nuser = \"octocat\"\nsink = \"team\"\n");
  const auto checked = check();
  EXPECT_EQ(checked.code, 0) << checked.out << checked.err;
  EXPECT_THAT(flat(checked.out), HasSubstr("ok \"acme/rocket octocat team\": reachable"));
}

TEST_F(Online, AWrongFileIsAskedNothing) {
  rig.configure("[[subscriptions]]\nrepo = \"acme\"\nuser = \"octocat\"\nsink = \"team\"\n");
  EXPECT_EQ(check().code, 78);
  EXPECT_TRUE(rig.forge->requests().empty());
}

TEST_F(Online, ARunningDaemonDoesNotNotice) {
  const pid_t daemon = rig.start({"run", "--config", rig.config()});
  ASSERT_TRUE(rig.until([&] { return rig.read("err").find("baseline") != std::string::npos; })) << rig.last_lines();
  const auto checked = rig.run({"check", "--online", "--config", rig.config()});
  EXPECT_EQ(checked.code, 0) << checked.out << rig.last_lines();
  rig.refuse = nullptr;
  const auto id = rig.comment("@octocat still there?");
  EXPECT_TRUE(rig.until([&] { return rig.told().contains(id); })) << rig.last_lines();
  ::kill(daemon, SIGTERM);
  EXPECT_EQ(rig.finish(daemon).code, 0);
}

}  // namespace
}  // namespace beckon::core::testing
