// The main road: forge → feed → outbox → syncer → sink → outcome → supervisor, with the real binary and the real plugins.
#include "end_to_end/rig.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace beckon::core::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

struct Road : ::testing::Test {
  Rig rig;
};

TEST_F(Road, TheFirstPollIsABaselineAndWhatFollowsIsToldOnce) {
  rig.comment("@octocat this is older than the subscription", Rig::now() - std::chrono::hours(50));
  rig.subscribe_octocat();
  const auto first = rig.once();
  EXPECT_EQ(first.code, 0) << first.err;
  EXPECT_THAT(first.err, HasSubstr("baseline: "));
  EXPECT_TRUE(rig.told().empty());

  const auto id = rig.comment("@octocat please look");
  rig.comment("`@octocat` is only code");
  EXPECT_EQ(rig.once().code, 0) << rig.read("err");
  EXPECT_EQ(rig.told(), (std::map<std::int64_t, int>{{id, 1}}));
  EXPECT_EQ(rig.once().code, 0);
  EXPECT_EQ(rig.told(), (std::map<std::int64_t, int>{{id, 1}}));
}

TEST_F(Road, AnEditIsNotToldAgainAndAMentionAddedByAnEditIs) {
  rig.subscribe_octocat();
  ASSERT_EQ(rig.once().code, 0) << rig.read("err");
  const auto told = rig.comment("@octocat one");
  const auto untold = rig.comment("nobody yet");
  ASSERT_EQ(rig.once().code, 0);
  rig.forge->edit_post(PostKind::comment, told, "@octocat one, edited", Rig::now() + 5s);
  rig.forge->edit_post(PostKind::comment, untold, "now @octocat", Rig::now() + 6s);
  ASSERT_EQ(rig.once().code, 0);
  EXPECT_EQ(rig.told(), (std::map<std::int64_t, int>{{told, 1}, {untold, 1}})) << rig.read("err");
}

TEST_F(Road, ARenamedRepositoryRepeatsNothingAndGoesOn) {
  rig.subscribe_octocat();
  ASSERT_EQ(rig.once().code, 0) << rig.read("err");
  const auto before = rig.comment("@octocat before");
  ASSERT_EQ(rig.once().code, 0);
  rig.forge->rename_repository("acme/rocket", "acme/starship");
  const auto after = rig.forge->add_post("acme/starship", PostKind::comment, 1, "vera", "@octocat after", Rig::now());
  EXPECT_EQ(rig.once().code, 0) << rig.read("err");
  EXPECT_EQ(rig.told(), (std::map<std::int64_t, int>{{before, 1}, {after, 1}})) << rig.read("err");
}

TEST_F(Road, ANameThatPassesToAnotherRepositoryIsFollowedWithoutARestart) {
  rig.subscribe_octocat();
  const pid_t pid = rig.start({"run", "--config", rig.config()});
  ASSERT_TRUE(rig.until([&] { return rig.read("err").find("baseline") != std::string::npos; }));
  const auto old = rig.comment("@octocat before");
  ASSERT_TRUE(rig.until([&] { return rig.told().contains(old); }));
  rig.forge->rename_repository("acme/rocket", "acme/starship");
  rig.forge->add_repository("acme/rocket");
  rig.forge->open_thread("acme/rocket", 1, false, "Anew", "vera", "Hello", Rig::now());
  rig.forge->add_post("acme/starship", PostKind::comment, 1, "vera", "the name has changed", Rig::now());
  ASSERT_TRUE(rig.until([&] { return rig.read("err").find("belongs to another repository") != std::string::npos; })) << rig.read("err");
  const auto fresh = rig.comment("@octocat in the new one", Rig::soon());
  EXPECT_TRUE(rig.until([&] { return rig.told().contains(fresh); })) << rig.read("err");
  rig.kill_hard(pid);
}

TEST_F(Road, ManyThatHangDoNotKeepOthersWaiting) {
  std::string toml;
  for (int i = 0; i < 70; ++i)
    toml += fmt::format("[[subscriptions]]\nname = \"a{0}\"\nrepo = \"acme/rocket\"\nuser = \"octocat\"\nsink = \"team\"\n"
                        "target = {{ webhook_url = \"{1}/services/T1/B1/hanging-{0}\" }}\n", i, rig.slack_origin());
  rig.configure(toml + "[[subscriptions]]\nname = \"z\"\nrepo = \"acme/rocket\"\nuser = \"octocat\"\nsink = \"team\"\n");
  rig.hang_at = "hanging-";
  const pid_t pid = rig.start({"run", "--config", rig.config()});
  ASSERT_TRUE(rig.until([&] { return rig.read("err").find("baseline") != std::string::npos; }));
  rig.comment("@octocat?");
  // Those that hang have 30 s each, and 64 may be under way.
  EXPECT_TRUE(rig.until([&] { return rig.accepted.size() == 1; }, 20s)) << rig.read("err");
  rig.kill_hard(pid);
}

TEST_F(Road, ANewSubscriptionOnAnOldFeedIsToldWhatItsBackfillAsksFor) {
  rig.subscribe_octocat();
  ASSERT_EQ(rig.once().code, 0) << rig.read("err");
  const auto recent = rig.comment("@hubot two days ago", Rig::now() - std::chrono::hours(48));
  rig.comment("@hubot long ago", Rig::now() - std::chrono::hours(24 * 30));
  rig.configure("[[subscriptions]]\nrepo = \"acme/rocket\"\nusers = [\"octocat\", \"hubot\"]\nsink = \"team\"\nbackfill = \"7d\"\n");
  EXPECT_EQ(rig.once().code, 0) << rig.read("err");
  EXPECT_EQ(rig.told(), (std::map<std::int64_t, int>{{recent, 1}})) << rig.read("err");
}

TEST_F(Road, NothingIsLostWhenAPostIsEditedInTheMiddleOfAWalk) {
  rig.subscribe_octocat();
  ASSERT_EQ(rig.once().code, 0) << rig.read("err");
  std::map<std::int64_t, int> all;
  const ForgeTime begin = Rig::now();
  std::int64_t first = 0;
  for (int i = 0; i < 250; ++i) {
    const auto id = rig.comment(fmt::format("@octocat number {}", i), begin + std::chrono::seconds(i / 3));
    if (i == 10) first = id;
    all[id] = 1;
  }
  int pages = 0;
  rig.forge->set_interception([&](const HttpRequest& request) -> std::optional<HttpResponse> {
    // The edit moves an early post to the end while the walk is between its first and second page.
    if (request.url.find("issues/comments") != std::string::npos && ++pages == 2)
      rig.forge->edit_post(PostKind::comment, first, "@octocat moved to the end", begin + std::chrono::seconds(500));
    return std::nullopt;
  });
  EXPECT_EQ(rig.once().code, 0) << rig.read("err");
  EXPECT_GE(pages, 3);
  EXPECT_EQ(rig.told(), all);
}

TEST_F(Road, ARateLimitedSinkIsNotAskedBeforeItsTimeAndCatchesUp) {
  rig.subscribe_octocat();
  ASSERT_EQ(rig.once().code, 0) << rig.read("err");
  std::chrono::steady_clock::time_point refused{}, asked_again{};
  rig.refuse = [&](const HttpRequest&) -> std::optional<HttpResponse> {
    if (refused == decltype(refused){}) {
      refused = std::chrono::steady_clock::now();
      return says(429, "rate_limited", {{"Retry-After", "2"}});
    }
    if (asked_again == decltype(asked_again){}) asked_again = std::chrono::steady_clock::now();
    return std::nullopt;
  };
  const auto id = rig.comment("@octocat hurry");
  EXPECT_EQ(rig.once().code, 0) << rig.read("err");
  EXPECT_GE(asked_again - refused, 2s);
  EXPECT_EQ(rig.told(), (std::map<std::int64_t, int>{{id, 1}}));
}

TEST_F(Road, AGoneSubscriberIsLetGoAndStaysAway) {
  rig.subscribe_octocat();
  ASSERT_EQ(rig.once().code, 0) << rig.read("err");
  rig.refuse = [](const HttpRequest&) { return says(404, "no_service"); };
  rig.comment("@octocat anybody?");
  const auto ended = rig.once();
  EXPECT_EQ(ended.code, 0) << ended.err;
  EXPECT_THAT(ended.err, HasSubstr("is gone"));
  EXPECT_EQ(rig.requests, 2u) << "the delivery and the probe that confirmed it";
  rig.comment("@octocat again?");
  EXPECT_EQ(rig.once().code, 0);
  EXPECT_EQ(rig.requests, 2u);
  EXPECT_TRUE(rig.told().empty());
}

TEST_F(Road, ABare404RemovesNobody) {
  rig.subscribe_octocat();
  ASSERT_EQ(rig.once().code, 0) << rig.read("err");
  rig.refuse = [](const HttpRequest&) { return says(404, "<html>edge</html>"); };
  const auto id = rig.comment("@octocat still here?");
  const auto failed = rig.run({"run", "--once", "--deadline", "2s", "--config", rig.config()});
  EXPECT_EQ(failed.code, 1) << failed.err;
  rig.refuse = nullptr;
  EXPECT_EQ(rig.once().code, 0) << rig.read("err");
  EXPECT_EQ(rig.told(), (std::map<std::int64_t, int>{{id, 1}}));
}

TEST_F(Road, KilledWhileAnAttemptIsUnderWayItIsMadeAgain) {
  rig.subscribe_octocat();
  ASSERT_EQ(rig.once().code, 0) << rig.read("err");
  const auto id = rig.comment("@octocat in flight");
  rig.hang = true;
  const pid_t daemon = rig.start({"run", "--config", rig.config()});
  ASSERT_TRUE(rig.until([&] { return rig.requests == 1; })) << rig.read("err");
  rig.kill_hard(daemon);
  rig.hang = false;
  rig.until([&] { return !rig.accepted.empty(); }, 1s);   // the answer that nobody hears
  rig.accepted.clear();
  EXPECT_EQ(rig.once().code, 0) << rig.read("err");
  EXPECT_EQ(rig.told(), (std::map<std::int64_t, int>{{id, 1}}));
}

TEST_F(Road, KilledBetweenPollAndDeliveryNothingIsLost) {
  rig.subscribe_octocat();
  ASSERT_EQ(rig.once().code, 0) << rig.read("err");
  rig.refuse = [](const HttpRequest&) { return says(503, "<html>down</html>"); };
  std::map<std::int64_t, int> all;
  for (int i = 0; i < 30; ++i) all[rig.comment(fmt::format("@octocat {}", i))] = 1;
  const pid_t daemon = rig.start({"run", "--config", rig.config()});
  ASSERT_TRUE(rig.until([&] { return rig.requests >= 1; })) << rig.read("err");
  rig.kill_hard(daemon);
  rig.refuse = nullptr;
  EXPECT_EQ(rig.once().code, 0) << rig.read("err");
  EXPECT_EQ(rig.told(), all);
}

TEST_F(Road, KilledAtManyMomentsEverythingArrivesAndOnlyWhatWasInFlightTwice) {
  rig.subscribe_octocat();
  ASSERT_EQ(rig.once().code, 0) << rig.read("err");
  std::set<std::int64_t> all;
  const int kills = 12;
  for (int round = 0; round < kills; ++round) {
    for (int i = 0; i < 15; ++i) all.insert(rig.comment(fmt::format("@octocat {} {}", round, i)));
    const pid_t daemon = rig.start({"run", "--config", rig.config()});
    // A different moment each time: after so many requests to the forge.
    const std::size_t moment = rig.forge->requests().size() + static_cast<std::size_t>(round) + 1;
    rig.until([&] { return rig.forge->requests().size() >= moment; }, 5s);
    rig.kill_hard(daemon);
  }
  EXPECT_EQ(rig.once().code, 0) << rig.read("err");
  const auto told = rig.told();
  std::set<std::int64_t> arrived;
  for (const auto& [id, times] : told) arrived.insert(id);
  EXPECT_EQ(arrived, all);
  std::size_t messages_with_repeats = 0;
  std::set<std::int64_t> seen;
  static const std::regex post("issuecomment-([0-9]+)");
  for (const std::string& body : rig.accepted) {
    bool repeats = false;
    for (std::sregex_iterator at(body.begin(), body.end(), post), end; at != end; ++at) {
      const std::int64_t id = std::stoll((*at)[1]);
      if (told.at(id) > 1 && !seen.insert(id).second) repeats = true;
      else seen.insert(id);
    }
    messages_with_repeats += repeats;
  }
  EXPECT_LE(messages_with_repeats, 2u * kills + 2);
  for (const auto& [id, times] : told) EXPECT_LE(times, kills) << id;
}

TEST_F(Road, ADigestThatIsRefusedIsSplitAndOnlyTheBadPartIsLeftOut) {
  rig.subscribe_octocat();
  ASSERT_EQ(rig.once().code, 0) << rig.read("err");
  const auto good = rig.comment("@octocat good");
  const auto bad = rig.comment("@octocat POISON");
  const auto fine = rig.comment("@octocat fine");
  rig.refuse = [](const HttpRequest& request) -> std::optional<HttpResponse> {
    if (request.body.find("POISON") != std::string::npos) return says(400, "invalid_blocks");
    return std::nullopt;
  };
  const auto ended = rig.once();
  EXPECT_EQ(ended.code, 0) << ended.err;
  EXPECT_EQ(rig.told(), (std::map<std::int64_t, int>{{good, 1}, {fine, 1}})) << bad;
  EXPECT_THAT(ended.err, HasSubstr("dead letter"));
}

TEST_F(Road, SigtermEndsInOrderAndASecondDaemonIsRefused) {
  rig.subscribe_octocat();
  const pid_t daemon = rig.start({"run", "--config", rig.config()});
  ASSERT_TRUE(rig.until([&] { return rig.read("err").find("baseline") != std::string::npos; })) << rig.read("err");
  const auto second = rig.run({"run", "--config", rig.config()});
  EXPECT_EQ(second.code, 1);
  EXPECT_THAT(second.err, HasSubstr("in use"));
  ::kill(daemon, SIGTERM);
  EXPECT_EQ(rig.finish(daemon).code, 0) << rig.read("err");
}

TEST_F(Road, AForgeThatFailsIsSaidAndLosesNothing) {
  rig.subscribe_octocat();
  ASSERT_EQ(rig.once().code, 0) << rig.read("err");
  const auto id = rig.comment("@octocat behind the outage");
  for (const char* body : {"<html>Unicorn!</html>", "{\"half\": ", "[{\"id\": null}", "null"}) {
    rig.forge->set_interception([body](const HttpRequest&) { return std::optional(says(200, body)); });
    EXPECT_EQ(rig.run({"run", "--once", "--deadline", "5s", "--config", rig.config()}).code, 1) << body;
  }
  rig.forge->set_interception([](const HttpRequest&) { return std::optional(says(401, R"({"message":"Bad credentials"})")); });
  const auto refused = rig.run({"run", "--once", "--deadline", "5s", "--config", rig.config()});
  EXPECT_EQ(refused.code, 1);
  EXPECT_THAT(refused.err, HasSubstr("token"));
  rig.forge->set_interception(nullptr);
  EXPECT_EQ(rig.once().code, 0) << rig.read("err");
  EXPECT_EQ(rig.told(), (std::map<std::int64_t, int>{{id, 1}}));
}

TEST_F(Road, SecretsReachNoOutput) {
  rig.subscribe_octocat();
  ASSERT_EQ(rig.run({"run", "--once", "--config", rig.config(), "--log-level", "debug"}).code, 0) << rig.read("err");
  rig.refuse = [](const HttpRequest&) { return says(404, "no_service"); };
  rig.comment("@octocat hm");
  const auto ended = rig.run({"run", "--once", "--config", rig.config(), "--log-level", "debug"});
  for (const std::string& text : {ended.out, ended.err}) {
    EXPECT_THAT(text, Not(HasSubstr("hook-one")));
    EXPECT_THAT(text, Not(HasSubstr("forge-token")));
  }
  EXPECT_THAT(rig.read("state.db") + rig.read("state.db-wal"), Not(HasSubstr("hook-one")));
}

}  // namespace
}  // namespace beckon::core::testing
