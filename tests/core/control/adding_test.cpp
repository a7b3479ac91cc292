// Subscriptions that come and go at run time, and the routes' description of themselves.
#include "control/follow_plan.hpp"
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

// Writes down what it is to add or remove, and answers as it is told to.
struct Doubled final : Operations {
  static constexpr const char* name = "acme/rocket octocat team";

  task<Result<StatusReport>> status() override { co_return report; }
  task<Result<PlanChange>> add(std::string entry) override { return changed("add " + entry); }
  task<Result<PlanChange>> remove(std::string who) override { return changed("remove " + who); }
  task<Result<SubscriptionChange>> pause(std::string) override { co_return SubscriptionChange(); }
  task<Result<SubscriptionChange>> resume(std::string) override { co_return SubscriptionChange(); }
  task<Result<SubscriptionChange>> revive(std::string) override { co_return SubscriptionChange(); }
  task<Result<DeadLetters>> dead_letters(Listing) override { co_return DeadLetters(); }
  task<Result<DeadChange>> retry_dead(DeadChoice) override { co_return DeadChange(); }
  task<Result<DeadChange>> drop_dead(DeadChoice) override { co_return DeadChange(); }
  task<Result<History>> history(Listing) override { co_return History(); }
  task<Result<std::vector<std::string>>> names() override { co_return std::vector<std::string>{name}; }
  task<Result<std::optional<FeedbackReport>>> feedback(std::string) override { co_return std::optional<FeedbackReport>(); }

  task<Result<PlanChange>> changed(std::string what) {
    asked = std::move(what);
    if (!trouble.empty()) co_return fail(trouble);
    co_return change;
  }

  StatusReport report;
  PlanChange change;
  std::string trouble;
  std::string asked;
};

struct Adding : ::testing::Test {
  HttpResponse ask(std::string method, std::string target, std::string body = {}, Caller caller = Caller::visitor) {
    HttpRequest request;
    request.method = std::move(method);
    request.url = std::move(target);
    request.body = std::move(body);
    asio::io_context context(1);
    return testing::run(context, [&] { return answer_operator(operations, request, caller); });
  }
  int refused_with(std::string method, std::string target, std::string body = {}) {
    const HttpResponse response = ask(std::move(method), std::move(target), std::move(body));
    EXPECT_FALSE(json::parse(response.body, nullptr, false).value("error", "").empty()) << response.body;
    return response.status;
  }

  Doubled operations;
};

constexpr const char* new_one = R"({"repo": "acme/rocket", "user": "hubot", "sink": "team", "target": {"webhook_url": {"env": "HOOK"}}})";

TEST_F(Adding, OneMoreIsHandedOnAsTheConfigurationWouldSayItAndAnsweredAsInTheList) {
  SubscriptionStatus one;
  one.name = "new";
  operations.report.stored.subscriptions = {one};
  operations.report.added = {"new"};
  operations.change.name = "new";
  const HttpResponse response = ask("POST", "/api/v1/subscriptions", new_one, Caller::own_user);
  EXPECT_EQ(response.status, 201);
  EXPECT_EQ(operations.asked, "add [[subscriptions]]\nrepo = \"acme/rocket\"\nuser = \"hubot\"\nsink = \"team\"\n"
                              "target = { webhook_url = { env = \"HOOK\" } }\n");
  EXPECT_EQ(json::parse(response.body).at("origin"), "added");
  EXPECT_EQ(json::parse(response.body), json::parse(ask("GET", "/api/v1/subscriptions").body).at("subscriptions").at(0));
}

TEST_F(Adding, AVisitorHasNothingReadFromThisMachine) {
  for (const char* target : {R"({"x": {"env": "A"}})", R"({"x": {"file": "/a"}})", R"({"x": [{"env": "A"}]})", R"({"x": {"credential": "a"}})",
                             R"({"env": "A"})"}) {
    const HttpResponse refused = ask("POST", "/api/v1/subscriptions", std::string(R"({"repo": "a/b", "target": )") + target + "}");
    EXPECT_EQ(refused.status, 403) << target;
  }
  EXPECT_TRUE(operations.asked.empty());
  EXPECT_EQ(ask("POST", "/api/v1/subscriptions", R"({"repo": "a/b", "target": {"x": "env"}})").status, 201);
}

TEST_F(Adding, WhatTomlCannotSayIsRefusedBeforeAnybodyIsAsked) {
  for (const char* body : {"", "[]", "7", "{", R"({"repo": null})", R"({"n": 18446744073709551615})", R"({"repos": ["a/b"]})",
                           R"({"users": ["a"]})", R"({"sinks": ["a"]})", R"({"a": [[[[[1]]]]]})", "{\"repo\": \"\xff\"}"}) {
    EXPECT_EQ(refused_with("POST", "/api/v1/subscriptions", body), 400) << body;
    EXPECT_TRUE(operations.asked.empty()) << body;
  }
  EXPECT_EQ(refused_with("POST", "/api/v1/subscriptions", "{\"a\": " + std::string(30'000, '[') + std::string(30'000, ']') + "}"), 400);
}

TEST_F(Adding, TextsAreOnlyTexts) {
  ask("POST", "/api/v1/subscriptions", R"({"repo": "a\"\n[bot]\nstate=\\\u0000\u007f", "a b\n[x]": -1, "t": {"k.\"": 1.5, "e": {}}, "l": [true, "x"]})");
  EXPECT_EQ(operations.asked, "add [[subscriptions]]\nrepo = \"a\\\"\\u000a[bot]\\u000astate=\\\\\\u0000\\u007f\"\n"
                              "\"a b\\u000a[x]\" = -1\nt = { \"k.\\\"\" = 1.5, e = {} }\nl = [true, \"x\"]\n");
}

TEST_F(Adding, WhyNothingWasAddedOrRemovedIsSaid) {
  using Came = PlanChange::Came;
  operations.change = {Came::wrong, "", "user: no login"};
  EXPECT_EQ(ask("POST", "/api/v1/subscriptions", new_one).status, 403);
  const char* plain = R"({"repo": "a/b"})";
  EXPECT_EQ(ask("POST", "/api/v1/subscriptions", plain).status, 400);
  operations.change = {Came::conflict, "", "it stands in config.toml:12; remove it there"};
  EXPECT_EQ(ask("POST", "/api/v1/subscriptions", plain).status, 409);
  const HttpResponse refused = ask("DELETE", "/api/v1/subscriptions/" + percent_encoded(Doubled::name));
  EXPECT_EQ(refused.status, 409);
  EXPECT_THAT(refused.body, HasSubstr("config.toml:12"));
  EXPECT_EQ(operations.asked, std::string("remove ") + Doubled::name);
  operations.change = {Came::unknown, "", ""};
  EXPECT_THAT(ask("DELETE", "/api/v1/subscriptions/acme%2Frocket%20octokat%20team").body, HasSubstr("did you mean"));
  operations.change = {};
  EXPECT_EQ(json::parse(ask("DELETE", "/api/v1/subscriptions/x").body), (json{{"name", "x"}, {"removed", true}}));
  operations.trouble = "the disk is full";
  EXPECT_EQ(refused_with("POST", "/api/v1/subscriptions", plain), 503);
  EXPECT_EQ(refused_with("DELETE", "/api/v1/subscriptions/x"), 503);
  EXPECT_EQ(find_header(ask("PUT", "/api/v1/subscriptions").headers, "allow"), "GET, HEAD, POST");
  EXPECT_EQ(find_header(ask("GET", "/api/v1/subscriptions/x").headers, "allow"), "DELETE");
}

TEST_F(Adding, TheDescriptionIsServedAsItIs) {
  const json described = json::parse(ask("GET", "/api/v1/openapi.json").body);
  EXPECT_EQ(described.at("openapi"), "3.1.0");
  EXPECT_TRUE(described.at("paths").contains("/api/v1/openapi.json"));
}

// ---- the plan over what is stored ---------------------------------------------------------------------------------------

struct Planned final : Planning {
  void visit(const std::function<void(const PlannedName&)>& each) const override {
    for (const PlannedName& one : names) each(one);
  }
  task<Result<PlanChange>> add(std::string) override { co_return PlanChange(); }
  task<Result<PlanChange>> remove(std::string) override { co_return PlanChange(); }
  std::vector<PlannedName> names;
};

TEST(FollowPlan, WhatIsPlannedIsListedWhateverIsStored) {
  StatusReport report;
  for (const char* name : {"(alerts)", "b", "old"}) {
    SubscriptionStatus& one = report.stored.subscriptions.emplace_back();
    one.id = 7;
    one.name = name;
  }
  Planned plan;
  plan.names = {{"c", "o/c", "vera", "mail", Origin::added}, {"b", "o/b", "ada", "mail", Origin::config}, {"a", "o/a", "bob", "mail", Origin::added}};
  follow_plan(report, plan);
  const auto& listed = report.stored.subscriptions;
  ASSERT_EQ(listed.size(), 4u);
  EXPECT_EQ(listed[0].name, "(alerts)");
  EXPECT_EQ(listed[1].name, "a");
  EXPECT_EQ(listed[1].login, "bob");
  EXPECT_EQ(listed[1].reason, "its repository has not been read yet");
  EXPECT_EQ(listed[2].id, 7);
  EXPECT_EQ(listed[2].reason, "");
  EXPECT_EQ(listed[3].repository, "o/c");
  EXPECT_EQ(report.added, (std::set<std::string, std::less<>>{"a", "c"}));
}

}  // namespace
}  // namespace beckon::core
