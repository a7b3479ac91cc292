// What an operator does when something is wrong, with a daemon running and without one.
#include "end_to_end/rig.hpp"

#include "net/unix_socket.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <sys/stat.h>

namespace beckon::core::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using nlohmann::json;

struct Operator : ::testing::Test {
  Operator() { rig.subscribe_octocat(); }

  // A command with its --config; the name goes in as one argument.
  Finished beckon(std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--config", rig.config()});
    return rig.run(std::move(arguments));
  }
  json asked(std::vector<std::string> arguments) {
    arguments.push_back("--json");
    const Finished said = beckon(std::move(arguments));
    EXPECT_EQ(said.code, 0) << said.err;
    return json::parse(said.out, nullptr, false);
  }
  json subscription() { return asked({"status"}).at("subscriptions").at(0); }
  json dead() { return asked({"dead", "list"}).at("dead"); }
  // Asks until it is so.
  bool eventually(const std::function<bool()>& met) {
    const auto end = std::chrono::steady_clock::now() + 30s;
    while (!met())
      if (std::chrono::steady_clock::now() > end) return false;
    return true;
  }

  pid_t start() {
    const std::size_t before = rig.read("err").size();
    const pid_t daemon = rig.start({"run", "--config", rig.config()});
    EXPECT_TRUE(eventually([&] {
      if (rig.read("err").size() == before && !std::filesystem::exists(socket())) return rig.until([] { return false; }, 10ms);
      const json status = asked({"status"});
      const json& feeds = status.at("feeds");
      return status.at("daemon").at("running") == true && !feeds.empty() && !feeds.at(0).at("last_poll").is_null();
    })) << rig.read("err");
    return daemon;
  }
  void stop(pid_t daemon) {
    ::kill(daemon, SIGTERM);
    EXPECT_EQ(rig.finish(daemon).code, 0) << rig.read("err");
  }
  // A daemon that has read the repository once, so that what is written from now on is news.
  void baseline() { ASSERT_EQ(rig.once().code, 0) << rig.read("err"); }
  std::string socket() const { return rig.folder() / "state.db.sock"; }

  const std::string me = "acme/rocket octocat team";
  Rig rig;
};

std::optional<HttpResponse> refuses_poison(const HttpRequest& request) {
  if (request.body.find("POISON") != std::string::npos) return says(400, "invalid_blocks");
  return std::nullopt;
}

TEST_F(Operator, APauseHoldsEverythingThroughARestartAndThenItIsToldInOrder) {
  baseline();
  pid_t daemon = start();
  const auto paused = beckon({"pause", me});
  EXPECT_EQ(paused.code, 0) << paused.err;
  EXPECT_THAT(paused.out, HasSubstr("is paused"));
  EXPECT_THAT(paused.out, Not(HasSubstr("no daemon")));
  const auto first = rig.comment("@octocat one");
  const auto second = rig.comment("@octocat two");
  EXPECT_TRUE(eventually([&] { return subscription().at("owed") == 2; })) << rig.read("err");
  EXPECT_EQ(subscription().at("state"), "paused");
  EXPECT_EQ(rig.requests, 0u);
  EXPECT_THAT(beckon({"pause", me}).out, HasSubstr("was paused already"));

  stop(daemon);
  daemon = start();
  EXPECT_EQ(subscription().at("state"), "paused");
  EXPECT_EQ(rig.requests, 0u);
  EXPECT_THAT(beckon({"resume", me}).out, HasSubstr("is active again"));
  ASSERT_TRUE(rig.until([&] { return rig.told().size() == 2; })) << rig.read("err");
  EXPECT_EQ(rig.told(), (std::map<std::int64_t, int>{{first, 1}, {second, 1}}));
  EXPECT_LT(rig.accepted.at(0).find("issuecomment-" + std::to_string(first)), rig.accepted.at(0).find("issuecomment-" + std::to_string(second)));
  EXPECT_TRUE(eventually([&] { return subscription().at("owed") == 0; }));
  EXPECT_EQ(subscription().at("state"), "active");
  stop(daemon);
}

TEST_F(Operator, APauseNeedsNoDaemon) {
  baseline();
  const auto paused = beckon({"pause", me});
  EXPECT_EQ(paused.code, 0) << paused.err;
  EXPECT_THAT(paused.out, HasSubstr("takes effect at the next start"));
  const auto id = rig.comment("@octocat later");
  EXPECT_EQ(rig.once().code, 0) << "what a paused one is owed is nobody's failure: " << rig.read("err");
  EXPECT_EQ(rig.requests, 0u);
  EXPECT_EQ(subscription().at("state"), "paused");
  EXPECT_EQ(subscription().at("owed"), 1);
  EXPECT_THAT(beckon({"status"}).out, HasSubstr("no daemon is running"));
  EXPECT_EQ(beckon({"resume", me}).code, 0);
  EXPECT_EQ(rig.once().code, 0);
  EXPECT_EQ(rig.told(), (std::map<std::int64_t, int>{{id, 1}}));
}

TEST_F(Operator, ATombstoneIsSeenAndTakenAwayWhileTheDaemonRuns) {
  baseline();
  pid_t daemon = start();
  rig.refuse = [](const HttpRequest&) { return says(404, "no_service"); };
  const auto id = rig.comment("@octocat anybody?");
  ASSERT_TRUE(eventually([&] { return subscription().at("state") == "gone"; })) << rig.read("err");
  EXPECT_FALSE(subscription().at("reason").get<std::string>().empty());
  const auto paused = beckon({"pause", me});
  EXPECT_EQ(paused.code, 1);
  EXPECT_THAT(paused.err, HasSubstr("revive brings it back"));
  rig.refuse = nullptr;
  EXPECT_THAT(beckon({"revive", me}).out, HasSubstr("lives again"));
  EXPECT_TRUE(rig.until([&] { return rig.told().contains(id); })) << rig.read("err");
  EXPECT_THAT(beckon({"revive", me}).out, HasSubstr("is not gone; it is active"));
  // It is told of what comes later, too.
  const auto later = rig.comment("@octocat and now?");
  EXPECT_TRUE(rig.until([&] { return rig.told().contains(later); })) << rig.read("err");
  stop(daemon);
}

TEST_F(Operator, ATombstoneFromBeforeTheStartIsTakenAwayToo) {
  baseline();
  rig.refuse = [](const HttpRequest&) { return says(404, "no_service"); };
  const auto id = rig.comment("@octocat anybody?");
  rig.once();
  EXPECT_EQ(subscription().at("state"), "gone");
  rig.refuse = nullptr;
  const pid_t daemon = start();
  EXPECT_EQ(subscription().at("state"), "gone");
  EXPECT_EQ(beckon({"revive", me}).code, 0);
  EXPECT_TRUE(rig.until([&] { return rig.told().contains(id); })) << rig.read("err");
  const auto later = rig.comment("@octocat and now?");
  EXPECT_TRUE(rig.until([&] { return rig.told().contains(later); })) << rig.read("err");
  stop(daemon);
}

TEST_F(Operator, ATombstoneIsTakenAwayWithoutADaemon) {
  baseline();
  rig.refuse = [](const HttpRequest&) { return says(404, "no_service"); };
  const auto id = rig.comment("@octocat anybody?");
  rig.once();
  rig.refuse = nullptr;
  EXPECT_EQ(rig.once().code, 0);
  EXPECT_TRUE(rig.told().empty());
  EXPECT_THAT(beckon({"revive", me}).out, HasSubstr("takes effect at the next start"));
  EXPECT_EQ(rig.once().code, 0) << rig.read("err");
  EXPECT_EQ(rig.told(), (std::map<std::int64_t, int>{{id, 1}}));
}

TEST_F(Operator, DeadLettersAreSeenToldAgainAndDroppedWhileTheDaemonRuns) {
  baseline();
  const pid_t daemon = start();
  rig.refuse = refuses_poison;
  const auto bad = rig.comment("@octocat POISON");
  ASSERT_TRUE(eventually([&] { return dead().size() == 1; })) << rig.read("err");
  const json letter = dead().at(0);
  EXPECT_EQ(letter.at("subscription"), me);
  EXPECT_EQ(letter.at("author"), "vera");
  EXPECT_THAT(letter.at("url").get<std::string>(), HasSubstr("issuecomment-" + std::to_string(bad)));
  const std::string seq = std::to_string(letter.at("seq").get<std::int64_t>());
  const auto table = beckon({"dead", "list", me});
  EXPECT_THAT(table.out, HasSubstr("issuecomment-" + std::to_string(bad)));
  EXPECT_EQ(subscription().at("dead"), 1);

  // Refused once more, it is a dead letter once more.
  const std::size_t before = rig.requests;
  EXPECT_EQ(beckon({"dead", "retry", me, seq}).code, 0);
  ASSERT_TRUE(rig.until([&] { return rig.requests > before; })) << rig.read("err");
  ASSERT_TRUE(eventually([&] { return dead().at(0).at("again") == false; }));

  rig.refuse = nullptr;
  EXPECT_THAT(beckon({"dead", "retry", me, seq}).out, HasSubstr("1 dead letter is told again"));
  ASSERT_TRUE(rig.until([&] { return rig.told().contains(bad); })) << rig.read("err");
  ASSERT_TRUE(eventually([&] { return dead().empty(); }));
  EXPECT_EQ(rig.told().at(bad), 1);

  rig.refuse = refuses_poison;
  rig.comment("@octocat more POISON");
  ASSERT_TRUE(eventually([&] { return dead().size() == 1; })) << rig.read("err");
  EXPECT_THAT(beckon({"dead", "drop", "--all"}).out, HasSubstr("1 dead letter dropped"));
  EXPECT_TRUE(dead().empty());
  EXPECT_THAT(beckon({"dead", "list"}).out, HasSubstr("no dead letters"));
  stop(daemon);
}

TEST_F(Operator, DeadLettersNeedNoDaemon) {
  baseline();
  rig.refuse = refuses_poison;
  const auto bad = rig.comment("@octocat POISON");
  const auto good = rig.comment("@octocat fine");
  EXPECT_EQ(rig.once().code, 0) << rig.read("err");
  ASSERT_EQ(dead().size(), 1u);
  rig.refuse = nullptr;
  EXPECT_THAT(beckon({"dead", "retry", me}).out, HasSubstr("takes effect at the next start"));
  EXPECT_EQ(dead().at(0).at("again"), true);
  EXPECT_EQ(subscription().at("owed"), 1);
  EXPECT_EQ(rig.once().code, 0) << rig.read("err");
  EXPECT_EQ(rig.told(), (std::map<std::int64_t, int>{{bad, 1}, {good, 1}}));
  EXPECT_TRUE(dead().empty());
  const auto none = beckon({"dead", "drop", me, "4711"});
  EXPECT_EQ(none.code, 1);
  EXPECT_THAT(none.err, HasSubstr("has no dead letter 4711"));
}

TEST_F(Operator, TheHistoryTellsWhatWasSent) {
  baseline();
  EXPECT_THAT(beckon({"history"}).out, HasSubstr("nothing was sent"));
  rig.comment("@octocat one");
  EXPECT_EQ(rig.once().code, 0);
  const auto check = [&] {
    const json all = asked({"history"}).at("history");
    ASSERT_EQ(all.size(), 1u);
    EXPECT_EQ(all.at(0).at("outcome"), "delivered");
    EXPECT_EQ(all.at(0).at("mentions"), 1);
    EXPECT_EQ(asked({"history", me}).at("history"), all);
    EXPECT_THAT(beckon({"history", me}).out, HasSubstr("delivered"));
  };
  check();
  const pid_t daemon = start();
  check();
  stop(daemon);
}

TEST_F(Operator, AWrongNameIsSaidWithTheRightOne) {
  baseline();
  const auto check = [&] {
    for (const std::vector<std::string>& command : {std::vector<std::string>{"pause"}, {"resume"}, {"revive"}, {"history"}, {"dead", "list"},
                                                   {"dead", "retry"}, {"dead", "drop"}}) {
      auto arguments = command;
      arguments.push_back("acme/rocket octokat team");
      const auto refused = beckon(arguments);
      EXPECT_EQ(refused.code, 1) << command.back();
      EXPECT_THAT(refused.err, HasSubstr("did you mean \"acme/rocket octocat team\"?"));
    }
  };
  check();
  const pid_t daemon = start();
  check();
  stop(daemon);
}

TEST_F(Operator, NothingIsChangedBeforeThereIsAState) {
  for (const auto& verb : {"pause", "resume", "revive"}) {
    const auto refused = beckon({verb, me});
    EXPECT_EQ(refused.code, 1);
    EXPECT_THAT(refused.err, HasSubstr("there is no state yet"));
  }
  EXPECT_FALSE(std::filesystem::exists(rig.folder() / "state.db"));
}

TEST_F(Operator, UsageErrorsSayWhatToWrite) {
  EXPECT_THAT(rig.run({"dead"}).err, HasSubstr("dead needs a command"));
  EXPECT_THAT(rig.run({"dead", "lst"}).err, HasSubstr("did you mean \"list\"?"));
  EXPECT_THAT(rig.run({"dead", "retry"}).err, HasSubstr("is missing; or write --all"));
  EXPECT_EQ(rig.run({"dead"}).code, 2);
  EXPECT_EQ(rig.run({"dead", "lst"}).code, 2);
  EXPECT_EQ(rig.run({"dead", "retry"}).code, 2);
  EXPECT_EQ(rig.run({"dead", "drop", "--all", me}).code, 2);
  EXPECT_EQ(rig.run({"dead", "retry", me, "x"}).code, 2);
  EXPECT_EQ(rig.run({"pause"}).code, 2);
  EXPECT_EQ(rig.run({"history", "--limit", "0"}).code, 2);
}

TEST_F(Operator, TheSocketIsTheUsersAloneAndGoesWithTheDaemon) {
  baseline();
  const pid_t daemon = start();
  struct stat facts {};
  ASSERT_EQ(::lstat(socket().c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777, 0600u);
  stop(daemon);
  EXPECT_FALSE(std::filesystem::exists(socket()));
}

TEST_F(Operator, AKilledDaemonLeavesASocketThatIsInNobodysWay) {
  baseline();
  rig.kill_hard(start());
  ASSERT_TRUE(std::filesystem::exists(socket()));
  EXPECT_THAT(beckon({"pause", me}).out, HasSubstr("no daemon is running"));
  stop(start());
}

TEST_F(Operator, AFileInTheWayOfTheSocketCostsTheCommandsAndNotTheDaemon) {
  baseline();
  std::ofstream(socket()) << "precious";
  const pid_t daemon = rig.start({"run", "--config", rig.config()});
  ASSERT_TRUE(rig.until([&] { return rig.read("err").find("is in the way, and is no socket") != std::string::npos; })) << rig.read("err");
  const auto id = rig.comment("@octocat still?");
  EXPECT_TRUE(rig.until([&] { return rig.told().contains(id); })) << rig.read("err");
  EXPECT_EQ(subscription().at("state"), "active") << "what can be read is read";
  const auto refused = beckon({"pause", me});
  EXPECT_EQ(refused.code, 1);
  EXPECT_THAT(refused.err, HasSubstr("in use by another beckon"));
  stop(daemon);
  EXPECT_EQ(rig.read("state.db.sock"), "precious");
}

TEST_F(Operator, WhateverElseListensThereIsNamed) {
  std::string server;
  int status = 404;
  const auto stranger = serve_http_at(rig.executor(), [&](HttpRequest) -> task<HttpResponse> {
    HttpResponse response = says(status, R"({"error": "there is nothing at this path"})", {{"Server", server}});
    co_return response;
  }, socket());
  ASSERT_TRUE(stranger);
  server = "nginx";
  auto refused = beckon({"status"});
  EXPECT_EQ(refused.code, 1);
  EXPECT_THAT(refused.err, HasSubstr("is no beckon"));
  server = "beckon/99.0";
  refused = beckon({"pause", me});
  EXPECT_EQ(refused.code, 1);
  EXPECT_THAT(refused.err, HasSubstr("the daemon is beckon 99.0"));
  status = 200;
  refused = beckon({"status"});
  EXPECT_EQ(refused.code, 1);
  EXPECT_THAT(refused.err, HasSubstr("restart it with this version"));
}

TEST_F(Operator, OutputThatNobodyReadsToItsEndIsNoCrash) {
  baseline();
  const auto head = rig.shell("\"$BECKON\" status --config \"$CONFIG\" | head -n 1; \"$BECKON\" history --config \"$CONFIG\" | true");
  EXPECT_EQ(head.code, 0) << head.err;
  EXPECT_THAT(head.out, HasSubstr("SUBSCRIPTION"));
}

TEST_F(Operator, SecretsReachNoAnswer) {
  baseline();
  rig.refuse = [](const HttpRequest&) { return says(404, "no_service"); };
  rig.comment("@octocat hm");
  rig.once();
  for (const auto& arguments : {std::vector<std::string>{"status", "--json"}, {"history", "--json"}, {"dead", "list", "--json"}})
    EXPECT_THAT(beckon(arguments).out, Not(HasSubstr("hook-one")));
}

}  // namespace
}  // namespace beckon::core::testing
