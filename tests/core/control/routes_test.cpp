#include "control/routes.hpp"

#include "control/target.hpp"
#include "support/run.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace beckon::core {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

// Knows one subscription, "acme/rocket octocat team", and writes down what it is asked.
struct Scripted final : Operations {
  static constexpr const char* name = "acme/rocket octocat team";

  task<Result<StatusReport>> status() override {
    if (!trouble.empty()) co_return fail(trouble);
    co_return report;
  }
  task<Result<SubscriptionChange>> pause(std::string who) override { return change("pause", who); }
  task<Result<SubscriptionChange>> resume(std::string who) override { return change("resume", who); }
  task<Result<SubscriptionChange>> revive(std::string who) override { return change("revive", who); }
  task<Result<DeadLetters>> dead_letters(Listing listing) override {
    asked = "dead " + listing.subscription.value_or("*") + " " + std::to_string(listing.limit);
    DeadLetters found = letters;
    found.known = !listing.subscription || *listing.subscription == name;
    co_return found;
  }
  task<Result<DeadChange>> retry_dead(DeadChoice choice) override { return change_dead("retry", choice); }
  task<Result<DeadChange>> drop_dead(DeadChoice choice) override { return change_dead("drop", choice); }
  task<Result<History>> history(Listing listing) override {
    asked = "history " + listing.subscription.value_or("*") + " " + std::to_string(listing.limit);
    History found;
    found.known = !listing.subscription || *listing.subscription == name;
    found.entries.push_back({from_unix_ms(1'700'000'000'000), name, OutcomeKind::retry, "http_503", 3, 12ms});
    co_return found;
  }
  task<Result<std::vector<std::string>>> names() override { co_return std::vector<std::string>{name}; }

  task<Result<std::optional<FeedbackReport>>> feedback(std::string message) override {
    asked = "feedback of " + std::to_string(message.size());
    if (!trouble.empty()) co_return fail(trouble);
    co_return came_back;
  }

  task<Result<std::string>> metrics() override {
    if (!trouble.empty()) co_return fail(trouble);
    co_return std::string("beckon_up 1\n");
  }
  task<Result<void>> ready() override {
    if (!trouble.empty()) co_return fail(trouble);
    co_return Result<void>();
  }
  task<Result<PlanChange>> add(std::string) override { co_return PlanChange(); }
  task<Result<PlanChange>> remove(std::string) override { co_return PlanChange(); }

  task<Result<SubscriptionChange>> change(std::string verb, std::string who) {
    asked = verb + " " + who;
    if (!trouble.empty()) co_return fail(trouble);
    SubscriptionChange change;
    if (who != name) co_return change;
    change.id = 7;
    change.state = state;
    change.reason = state == SubscriptionState::gone ? "the webhook was removed" : "";
    change.changed = state != SubscriptionState::gone;
    co_return change;
  }
  task<Result<DeadChange>> change_dead(std::string verb, DeadChoice choice) {
    asked = verb + " " + choice.subscription.value_or("*");
    for (const auto seq : choice.seqs) asked += " " + std::to_string(seq);
    DeadChange change = dead;
    change.known = !choice.subscription || *choice.subscription == name;
    co_return change;
  }

  StatusReport report;
  std::optional<FeedbackReport> came_back;
  DeadLetters letters;
  DeadChange dead;
  SubscriptionState state = SubscriptionState::active;
  std::string trouble;
  std::string asked;
};

struct Routes : ::testing::Test {
  HttpResponse ask(std::string method, std::string target, std::string body = {}) {
    HttpRequest request;
    request.method = std::move(method);
    request.url = std::move(target);
    request.body = std::move(body);
    asio::io_context context(1);
    return testing::run(context, [&] { return answer_operator(operations, request); });
  }
  int status_of(std::string method, std::string target, std::string body = {}) {
    const HttpResponse response = ask(std::move(method), std::move(target), std::move(body));
    const json parsed = json::parse(response.body, nullptr, false);
    EXPECT_TRUE(parsed.is_object()) << response.body;
    if (response.status >= 400) {
      EXPECT_FALSE(parsed.value("error", "").empty()) << response.body;
    }
    return response.status;
  }
  static std::string named(std::string_view verb) {
    return "/api/v1/subscriptions/" + percent_encoded(Scripted::name) + "/" + std::string(verb);
  }

  Scripted operations;
};

TEST_F(Routes, StatusSaysAllThatIsKnown) {
  SubscriptionStatus one;
  one.id = 7;
  one.name = Scripted::name;
  one.repository = "acme/rocket";
  one.login = "octocat";
  one.sink = "team";
  one.state = SubscriptionState::paused;
  one.owed = 4;
  one.dead = 2;
  SubscriptionStatus aside = one;
  aside.id = 8;
  aside.state = SubscriptionState::active;
  operations.report.stored.subscriptions = {one, aside};
  operations.report.stored.feeds = {{3, "acme/rocket", "github", "", {{SourceKind::comments, from_unix_s(1'700'000'000), "404"}}}};
  operations.report.stored.sinks = {{"team", 2, 8, 4, std::nullopt, SinkStatus::State::misconfigured, "wrong token"}};
  operations.report.running = true;
  operations.report.set_aside[8] = "it crashed";
  operations.report.feeds[3] = {from_unix_ms(1'700'000'000'000), std::nullopt, 42, std::nullopt};
  operations.report.plugins["team"] = "slack";
  const HttpResponse response = ask("GET", "/api/v1/status");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(find_header(response.headers, "content-type"), "application/json");
  const json said = json::parse(response.body);
  EXPECT_TRUE(said.at("daemon").at("running").get<bool>());
  EXPECT_EQ(said.at("subscriptions").at(0).at("state"), "paused");
  EXPECT_EQ(said.at("subscriptions").at(0).at("owed"), 4);
  EXPECT_EQ(said.at("subscriptions").at(1).at("state"), "set_aside");
  EXPECT_EQ(said.at("subscriptions").at(1).at("reason"), "it crashed");
  const json& feed = said.at("feeds").at(0);
  EXPECT_EQ(feed.at("error"), "404");
  EXPECT_EQ(feed.at("quota_left"), 42);
  EXPECT_EQ(feed.at("last_poll"), "2023-11-14T22:13:20Z");
  EXPECT_TRUE(feed.at("next_poll").is_null());
  EXPECT_EQ(said.at("sinks").at(0).at("plugin"), "slack");
  EXPECT_EQ(said.at("sinks").at(0).at("state"), "misconfigured");
  EXPECT_EQ(json::parse(ask("GET", "/api/v1/subscriptions").body).at("subscriptions"), said.at("subscriptions"));
}

TEST_F(Routes, StatusSaysHowFarALongReadingHasCome) {
  operations.report.stored.feeds = {{3, "acme/rocket", "github", "", {}}};
  EXPECT_TRUE(json::parse(ask("GET", "/api/v1/status").body).at("feeds").at(0).at("progress").is_null());
  operations.report.feeds[3].progress = FeedProgress{120, 300};
  EXPECT_EQ(json::parse(ask("GET", "/api/v1/status").body).at("feeds").at(0).at("progress"),
            json({{"pages_done", 120}, {"pages_left", 300}}));
  operations.report.feeds[3].progress = FeedProgress{120, std::nullopt};
  EXPECT_EQ(json::parse(ask("GET", "/api/v1/status").body).at("feeds").at(0).at("progress"),
            json({{"pages_done", 120}, {"pages_left", nullptr}}));
}

TEST_F(Routes, StatusSaysWhatOnlyARunningDaemonKnows) {
  SubscriptionStatus one;
  one.feed = 3;
  one.state = SubscriptionState::gone;
  one.gone_since = from_unix_ms(1'700'000'000'000);
  StatusReport& report = operations.report;
  report.stored.subscriptions = {one};
  report.stored.sinks = {{"team", 1, 0, 0, std::nullopt, SinkStatus::State::ok, ""}};
  report.feeds[3] = {from_unix_ms(1'700'000'000'000), from_unix_ms(1'700'000'060'000), 42};
  report.live.forges = {{"github", 5000, 42, from_unix_ms(1'700'003'600'000), std::nullopt}, {"ghe", {}, {}, {}, {}}};
  report.live.hosts = {{"team", "stranger", "crashed", "it crashed", std::nullopt, from_unix_ms(1'700'000'000'000), std::nullopt, 6}};
  report.live.deliveries["team"] = {{{OutcomeKind::delivered, 7}, {OutcomeKind::gone, 1}}, 5};
  LiveChild syncers{"syncers", true, "running", 0, {}, LiveCounts{1, 2, 3, 4, 5}};
  LiveChild outbox{"outbox", false, "restarting", 2, {}, std::nullopt};
  report.live.tree = LiveChild{"daemon", true, "running", 0, {outbox, syncers}, std::nullopt};

  const json said = json::parse(ask("GET", "/api/v1/status").body);
  const json& subscription = said.at("subscriptions").at(0);
  EXPECT_EQ(subscription.at("last_poll"), "2023-11-14T22:13:20Z");
  EXPECT_EQ(subscription.at("next_poll"), "2023-11-14T22:14:20Z");
  EXPECT_EQ(subscription.at("gone_since"), "2023-11-14T22:13:20Z");
  EXPECT_EQ(said.at("forges"), json::parse(R"([
    {"name": "github", "quota_limit": 5000, "quota_left": 42, "quota_resets": "2023-11-14T23:13:20Z", "token_ends": null},
    {"name": "ghe", "quota_limit": null, "quota_left": null, "quota_resets": null, "token_ends": null}])"));
  EXPECT_EQ(said.at("hosts"), json::parse(R"([{"sink": "team", "plugin": "stranger", "pid": null, "state": "crashed",
    "reason": "it crashed", "restarts": 6, "memory_bytes": null, "started": "2023-11-14T22:13:20Z"}])"));
  EXPECT_EQ(said.at("sinks").at(0).at("outcomes"),
            json::parse(R"({"delivered": 7, "retry": 0, "rejected": 0, "misconfigured": 0, "gone": 1})"));
  EXPECT_EQ(said.at("sinks").at(0).at("delivered_last_hour"), 5);
  EXPECT_EQ(said.at("tree"), json::parse(R"([{"name": "daemon", "kind": "supervisor", "state": "running", "restarts": 0, "counts": null,
    "children": [{"name": "outbox", "kind": "worker", "state": "restarting", "restarts": 2, "children": null, "counts": null},
                 {"name": "syncers", "kind": "supervisor", "state": "running", "restarts": 0, "children": null,
                  "counts": {"running": 1, "parked": 2, "set_aside": 3, "stopping": 4, "restarts": 5}}]}])"));
}

TEST_F(Routes, StatusWithoutADaemonHasTheSameMembers) {
  operations.report.stored.subscriptions.emplace_back();
  operations.report.stored.sinks = {{"team", 1, 0, 0, std::nullopt, SinkStatus::State::ok, ""}};
  const json said = json::parse(ask("GET", "/api/v1/status").body);
  for (const char* name : {"last_poll", "next_poll", "gone_since"}) EXPECT_TRUE(said.at("subscriptions").at(0).at(name).is_null()) << name;
  for (const char* name : {"outcomes", "delivered_last_hour"}) EXPECT_TRUE(said.at("sinks").at(0).at(name).is_null()) << name;
  for (const char* name : {"forges", "hosts", "tree"}) EXPECT_EQ(said.at(name), json::array()) << name;
}

TEST_F(Routes, MetricsAreTextAndEverybodyHearsOfHealth) {
  HttpResponse said = ask("GET", "/metrics");
  EXPECT_EQ(said.status, 200);
  EXPECT_EQ(said.body, "beckon_up 1\n");
  EXPECT_EQ(find_header(said.headers, "content-type"), "text/plain; version=0.0.4; charset=utf-8");
  for (const char* path : {"/healthz", "/readyz"}) {
    said = ask("GET", path);
    EXPECT_EQ(said.status, 200) << path;
    EXPECT_EQ(said.body, "ok\n") << path;
    EXPECT_THAT(std::string(find_header(said.headers, "content-type")), HasSubstr("text/plain"));
    EXPECT_EQ(ask("HEAD", path).status, 200) << path;
    EXPECT_EQ(status_of("POST", path), 405);
  }
  EXPECT_EQ(status_of("POST", "/metrics"), 405);
  EXPECT_EQ(status_of("GET", "/metrics/more"), 404);
}

TEST_F(Routes, WhoIsNotReadySaysWhyAndIsHealthyAllTheSame) {
  operations.trouble = "\"feeds\" is restarting";
  const HttpResponse said = ask("GET", "/readyz");
  EXPECT_EQ(said.status, 503);
  EXPECT_EQ(json::parse(said.body).at("error"), operations.trouble);
  EXPECT_EQ(status_of("GET", "/metrics"), 503);
  EXPECT_EQ(ask("GET", "/healthz").status, 200);
}

TEST_F(Routes, ChangesReachTheirSubscription) {
  for (const std::string verb : {"pause", "resume", "revive"}) {
    EXPECT_EQ(status_of("POST", named(verb)), 200);
    EXPECT_EQ(operations.asked, verb + " " + Scripted::name);
  }
}

TEST_F(Routes, GoneIsNeitherPausedNorResumed) {
  operations.state = SubscriptionState::gone;
  for (const std::string verb : {"pause", "resume"}) {
    const HttpResponse refused = ask("POST", named(verb));
    EXPECT_EQ(refused.status, 409);
    EXPECT_THAT(refused.body, HasSubstr("is gone (the webhook was removed); revive brings it back"));
  }
}

TEST_F(Routes, AnUnknownNameIsNotFoundAndTheNearestIsNamed) {
  const HttpResponse response = ask("POST", "/api/v1/subscriptions/acme%2Frocket%20octokat%20team/pause");
  EXPECT_EQ(response.status, 404);
  EXPECT_EQ(json::parse(response.body).at("error"),
            "there is no subscription \"acme/rocket octokat team\"; did you mean \"acme/rocket octocat team\"?");
  EXPECT_EQ(status_of("GET", "/api/v1/dead?subscription=nobody"), 404);
  EXPECT_EQ(status_of("GET", "/api/v1/history?subscription=nobody"), 404);
  EXPECT_EQ(status_of("POST", "/api/v1/dead/drop", R"({"subscription": "nobody"})"), 404);
}

TEST_F(Routes, HostileNamesAreOnlyNames) {
  for (const std::string& name : {std::string("../../etc/passwd"), std::string("a\r\nX-Evil: 1"), std::string("\xff\xfe", 2),
                                 std::string("nul\0nul", 7), std::string(30'000, 'n'), std::string("'; DROP TABLE dead; --"),
                                 std::string("\xe2\x80\xae" "evil"), std::string()}) {
    EXPECT_EQ(status_of("POST", "/api/v1/subscriptions/" + percent_encoded(name) + "/pause"), 404);
    EXPECT_EQ(operations.asked, "pause " + name);
    EXPECT_EQ(status_of("GET", "/api/v1/dead?subscription=" + percent_encoded(name)), 404);
    json body;
    body["subscription"] = name;
    EXPECT_EQ(status_of("POST", "/api/v1/dead/drop", body.dump(-1, ' ', true, json::error_handler_t::replace)), 404);
  }
}

TEST_F(Routes, WhatCannotBeReadIsSaid) {
  for (const char* target : {"", "x", "*", "http://host/api/v1/status", "/api/v1/subscriptions/%/pause", "/api/v1/subscriptions/%zz/pause",
                             "/api/v1/subscriptions/%4/pause", "/api/v1/dead?limit=0", "/api/v1/dead?limit=x", "/api/v1/dead?limit=-1",
                             "/api/v1/dead?limit=99999999999999999999", "/api/v1/dead?limits=1", "/api/v1/history?%=1"})
    EXPECT_EQ(status_of("GET", target), 400) << target;
}

TEST_F(Routes, WhatIsNotThereIsSaid) {
  for (const char* target : {"/", "/api", "/api/v1", "/api/v2/status", "/api/v1/status/", "/api/v1//status", "/metric", "/api/v1/status/x"})
    EXPECT_EQ(status_of("GET", target), 404) << target;
  EXPECT_EQ(status_of("POST", named("explode")), 404);
  EXPECT_EQ(status_of("POST", "/api/v1/dead/bury", "{}"), 404);
}

TEST_F(Routes, AWrongMethodNamesTheRightOne) {
  EXPECT_EQ(status_of("POST", "/api/v1/status"), 405);
  EXPECT_EQ(status_of("DELETE", "/api/v1/dead"), 405);
  const HttpResponse refused = ask("GET", named("pause"));
  EXPECT_EQ(refused.status, 405);
  EXPECT_EQ(find_header(refused.headers, "allow"), "POST");
  EXPECT_TRUE(operations.asked.empty()) << "a look changes nothing";
  EXPECT_EQ(status_of("HEAD", "/api/v1/status"), 200);
}

TEST_F(Routes, DeadLettersAreChosenByName) {
  operations.dead.changed = 2;
  EXPECT_EQ(status_of("POST", "/api/v1/dead/retry", R"({"subscription": "acme/rocket octocat team", "seqs": [3, 5]})"), 200);
  EXPECT_EQ(operations.asked, "retry acme/rocket octocat team 3 5");
  EXPECT_EQ(status_of("POST", "/api/v1/dead/drop", R"({"all": true})"), 200);
  EXPECT_EQ(operations.asked, "drop *");
  operations.asked.clear();
  for (const char* body : {"", "[]", "null", "7", "{", "{}", R"({"all": false})", R"({"all": 1})", R"({"subscription": 7})",
                           R"({"subscription": "x", "seqs": []})", R"({"subscription": "x", "seqs": ["1"]})",
                           R"({"subscription": "x", "seqs": [1.5]})", R"({"subscription": "x", "seqs": [18446744073709551615]})",
                           R"({"seqs": [1]})", R"({"all": true, "subscription": "x"})", R"({"all": true, "seqs": [1]})",
                           R"({"subscription": "x", "seq": [1]})", "{\"subscription\": \"\xff\"}"}) {
    EXPECT_EQ(status_of("POST", "/api/v1/dead/drop", body), 400) << body;
    EXPECT_TRUE(operations.asked.empty()) << body;
  }
}

TEST_F(Routes, ABodyOfAnySizeAndDepthIsRefusedInTime) {
  EXPECT_EQ(status_of("POST", "/api/v1/dead/drop", std::string((64u << 10) + 1, ' ')), 413);
  EXPECT_EQ(status_of("POST", "/api/v1/dead/drop", std::string(60'000, '[')), 400);
  EXPECT_EQ(status_of("POST", "/api/v1/dead/drop", std::string(30'000, '[') + std::string(30'000, ']')), 400);
}

TEST_F(Routes, LettersThatAreNotThereOrOnTheirWayAreSaid) {
  operations.dead.missing = {3};
  const HttpResponse none = ask("POST", "/api/v1/dead/drop", R"({"subscription": "acme/rocket octocat team", "seqs": [3]})");
  EXPECT_EQ(none.status, 404);
  EXPECT_THAT(none.body, HasSubstr("has no dead letter 3"));
  operations.dead = {};
  operations.dead.under_way = 1;
  EXPECT_EQ(status_of("POST", "/api/v1/dead/drop", R"({"all": true})"), 409);
}

TEST_F(Routes, ListsTakeAnEndAndAName) {
  DeadLetter letter;
  letter.subscription = Scripted::name;
  letter.seq = 12;
  letter.author = "\xff is no UTF-8";
  letter.url = "https://github.test/o/r/issues/7";
  operations.letters.letters.push_back(letter);
  const json dead = json::parse(ask("GET", "/api/v1/dead").body);
  EXPECT_EQ(operations.asked, "dead * 1000");
  EXPECT_EQ(dead.at("dead").at(0).at("seq"), 12);
  EXPECT_EQ(dead.at("dead").at(0).at("url"), letter.url);
  EXPECT_FALSE(dead.at("more").get<bool>());
  const json history = json::parse(ask("GET", "/api/v1/history?limit=5&subscription=acme/rocket+octocat%20team").body);
  EXPECT_EQ(operations.asked, "history acme/rocket octocat team 5");
  EXPECT_EQ(history.at("history").at(0).at("outcome"), "retry");
  EXPECT_EQ(history.at("history").at(0).at("took_ms"), 12);
}

TEST_F(Routes, TheStoresTroubleIsASentence) {
  operations.trouble = "the disk is full";
  EXPECT_EQ(status_of("GET", "/api/v1/status"), 503);
  EXPECT_EQ(status_of("POST", named("pause")), 503);
}

TEST(RequestTarget, IsTakenApart) {
  const auto target = parse_target("/a%2Fb/c+d/?x=1+2&y&z=%26=");
  ASSERT_TRUE(target);
  EXPECT_EQ(target->path, (std::vector<std::string>{"a/b", "c+d", ""}));
  ASSERT_EQ(target->query.size(), 3u);
  EXPECT_EQ(target->query[0], (std::pair<std::string, std::string>("x", "1 2")));
  EXPECT_EQ(target->query[1], (std::pair<std::string, std::string>("y", "")));
  EXPECT_EQ(target->query[2], (std::pair<std::string, std::string>("z", "&=")));
  for (const std::string name : {"a/b", "%2F", "ä ö", "?#&=+"}) {
    EXPECT_EQ(parse_target("/" + percent_encoded(name))->path[0], name);
    EXPECT_EQ(parse_target("/?q=" + percent_encoded(name))->query[0].second, name);
  }
}

TEST_F(Routes, FeedbackIsTakenAsItIsAndSaysWhatCameOfIt) {
  FeedbackReport report;
  report.understood = true;
  report.sink = "mail";
  report.delivery = "7f";
  report.outcome = OutcomeKind::gone;
  report.change.known = true;
  report.change.subscription = Scripted::name;
  report.change.reason = "the mailbox does not exist";
  report.change.dead = 2;
  report.change.ended = {7, 8};
  operations.came_back = report;
  const std::string message(900'000, '\xff');
  const HttpResponse response = ask("POST", "/api/v1/feedback", message);
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(operations.asked, "feedback of 900000");
  EXPECT_EQ(json::parse(response.body), (json{{"understood", true}, {"known", true}, {"sink", "mail"}, {"delivery", "7f"},
                                              {"subscription", Scripted::name}, {"outcome", "gone"},
                                              {"reason", "the mailbox does not exist"}, {"repeated", false}, {"dead", 2},
                                              {"ended", 2}}));
  EXPECT_EQ(status_of("POST", "/api/v1/feedback", std::string((1 << 20) + 1, 'x')), 413);
  EXPECT_EQ(status_of("GET", "/api/v1/feedback"), 405);
  operations.trouble = "the disk is full";
  EXPECT_EQ(status_of("POST", "/api/v1/feedback", "x"), 503);
}

TEST_F(Routes, FeedbackNeedsADaemon) {
  const HttpResponse response = ask("POST", "/api/v1/feedback", "x");
  EXPECT_EQ(response.status, 503);
  EXPECT_THAT(response.body, HasSubstr("no daemon is running"));
}

}  // namespace
}  // namespace beckon::core
