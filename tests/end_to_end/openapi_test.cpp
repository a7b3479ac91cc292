// Every route of a real daemon, over its socket, against the description that it serves of itself.
#include "end_to_end/rig.hpp"

#include "control/target.hpp"
#include "net/unix_socket.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <atomic>
#include <thread>

namespace beckon::core::testing {
namespace {

using nlohmann::json;

// Served by the web server alone.
const std::vector<std::string> elsewhere{"/api/v1/events", "/api/v1/watch", "/api/v1/me"};

struct Described : ::testing::Test {
  Described() {
    rig.subscribe_octocat();
    rig.refuse = [this](const HttpRequest& request) -> std::optional<HttpResponse> {
      if (gone) return says(404, "no_service");
      if (request.body.find("POISON") != std::string::npos) return says(400, "invalid_blocks");
      return std::nullopt;
    };
  }

  // Asks the daemon, and keeps the answer for the check.
  HttpResponse ask(const std::string& method, const std::string& target, std::string body = {}) {
    HttpRequest request;
    request.method = method;
    request.url = target;
    request.body = std::move(body);
    Result<std::optional<HttpResponse>> answer = fail("not asked");
    std::atomic<bool> done = false;
    std::thread asking([&] {
      answer = ask_http_at(rig.folder() / "state.db.sock", request, 30s);
      done = true;
    });
    rig.until([&] { return done.load(); }, 40s);
    asking.join();
    if (!answer || !*answer) throw std::runtime_error(answer ? "nobody is there" : answer.error().message);
    const json line = {{"method", method}, {"target", target}, {"status", (*answer)->status},
                       {"type", std::string(find_header((*answer)->headers, "content-type"))}, {"body", (*answer)->body}};
    answers += line.dump() + '\n';
    return std::move(**answer);
  }
  int status(const std::string& method, const std::string& target, std::string body = {}) { return ask(method, target, std::move(body)).status; }
  json get(const std::string& target) { return json::parse(ask("GET", target).body); }
  bool eventually(const std::function<bool()>& met) {
    const auto end = std::chrono::steady_clock::now() + 30s;
    while (!met())
      if (std::chrono::steady_clock::now() > end) return false;
    return true;
  }
  // What the checker says of all answers; nothing: each is as it is described.
  std::string check(const std::string& description) {
    std::ofstream(rig.folder() / "openapi.json") << description;
    std::ofstream(rig.folder() / "answers") << answers;
    std::string script = "/usr/bin/python3 -W ignore " BECKON_SOURCE_DIR "/tests/end_to_end/check_answers.py '" +
                         (rig.folder() / "openapi.json").string() + "'";
    for (const std::string& path : elsewhere) script += " " + path;
    const Finished said = rig.shell(script + " < '" + (rig.folder() / "answers").string() + "' 2>&1");
    return said.code == 0 ? said.out : said.out + "exit code " + std::to_string(said.code);
  }

  static std::string path(const std::string& name, const std::string& verb = {}) {
    return "/api/v1/subscriptions/" + percent_encoded(name) + (verb.empty() ? "" : "/" + verb);
  }
  const std::string me = "acme/rocket octocat team";
  bool gone = false;   // the webhook, as Slack has it
  std::string answers;
  Rig rig;
};

TEST_F(Described, EveryAnswerIsAsItIsDescribed) {
  ASSERT_EQ(rig.once().code, 0) << rig.read("err");
  const pid_t daemon = rig.start({"run", "--config", rig.config()});
  ASSERT_TRUE(rig.until([&] { return std::filesystem::exists(rig.folder() / "state.db.sock"); })) << rig.read("err");
  ASSERT_TRUE(eventually([&] { return !get("/api/v1/status").at("feeds").empty(); })) << rig.read("err");

  // Something of everything: what was told, what could not be, one that comes and goes, one that is gone.
  const auto fine = rig.comment("@octocat hello");
  ASSERT_TRUE(rig.until([&] { return rig.told().contains(fine); })) << rig.read("err");
  rig.comment("@octocat POISON");
  ASSERT_TRUE(eventually([&] { return !get("/api/v1/dead").at("dead").empty(); })) << rig.read("err");
  EXPECT_FALSE(get("/api/v1/history").at("history").empty());
  const std::string hubot = R"({"name": "late", "repo": "acme/rocket", "user": "hubot", "sink": "team"})";
  EXPECT_EQ(status("POST", "/api/v1/subscriptions", hubot), 201) << rig.read("err");
  EXPECT_EQ(status("POST", "/api/v1/subscriptions", hubot), 409);
  EXPECT_EQ(status("POST", "/api/v1/subscriptions", R"({"repo": "acme", "user": "hubot", "sink": "team"})"), 400);
  EXPECT_EQ(status("POST", "/api/v1/subscriptions", std::string((64u << 10) + 1, ' ')), 413);
  EXPECT_EQ(get("/api/v1/subscriptions").at("subscriptions").size(), 2u);
  EXPECT_EQ(status("DELETE", path(me)), 409);
  EXPECT_EQ(status("DELETE", path("nobody")), 404);
  EXPECT_EQ(status("DELETE", "/api/v1/subscriptions/%zz"), 400);
  EXPECT_EQ(status("DELETE", path("late")), 200);
  for (const char* verb : {"pause", "resume", "revive"}) {
    EXPECT_EQ(status("POST", path(me, verb)), 200);
    EXPECT_EQ(status("POST", path("nobody", verb)), 404);
  }
  EXPECT_EQ(status("POST", path(me, "explode")), 404);
  EXPECT_EQ(status("GET", "/api/v1/dead?limit=1&subscription=" + percent_encoded(me)), 200);
  EXPECT_EQ(status("GET", "/api/v1/dead?limit=0"), 400);
  EXPECT_EQ(status("GET", "/api/v1/history?subscription=nobody"), 404);
  EXPECT_EQ(status("GET", "/api/v1/history?page=1"), 400);
  EXPECT_EQ(status("POST", "/api/v1/dead/retry", R"({"subscription": ")" + me + R"("})"), 200);
  EXPECT_EQ(status("POST", "/api/v1/dead/retry", R"({"subscription": ")" + me + R"(", "seqs": [4711]})"), 404);
  EXPECT_EQ(status("POST", "/api/v1/dead/drop", "{}"), 400);
  EXPECT_EQ(status("POST", "/api/v1/dead/drop", std::string((64u << 10) + 1, ' ')), 413);
  EXPECT_TRUE(eventually([&] { return status("POST", "/api/v1/dead/drop", R"({"all": true})") == 200; }));
  EXPECT_EQ(status("POST", "/api/v1/feedback", "nothing that anybody knows"), 200);
  EXPECT_EQ(status("POST", "/api/v1/status"), 405);
  EXPECT_EQ(status("DELETE", "/api/v1/history"), 405);
  EXPECT_EQ(status("GET", "/api/v1/nothing"), 404);
  for (const char* path : {"/healthz", "/readyz", "/metrics"}) EXPECT_EQ(status("GET", path), 200) << path;
  gone = true;
  rig.comment("@octocat anybody?");
  ASSERT_TRUE(eventually([&] { return get("/api/v1/subscriptions").at("subscriptions").at(0).at("state") == "gone"; })) << rig.read("err");
  EXPECT_EQ(status("POST", path(me, "pause")), 409);
  EXPECT_EQ(get("/api/v1/status").at("sinks").at(0).at("state"), "gone");
  const std::string description = ask("GET", "/api/v1/openapi.json").body;
  ::kill(daemon, SIGTERM);
  EXPECT_EQ(rig.finish(daemon).code, 0) << rig.read("err");

  EXPECT_EQ(check(description), "");

  // And it would notice.
  using ::testing::HasSubstr;
  json undescribed = json::parse(description);
  undescribed["components"]["schemas"]["Subscription"]["properties"].erase("owed");
  EXPECT_THAT(check(undescribed.dump()), HasSubstr("'owed' was unexpected"));
  undescribed = json::parse(description);
  undescribed["paths"]["/api/v1/subscriptions"]["post"]["responses"].erase("409");
  EXPECT_THAT(check(undescribed.dump()), HasSubstr("POST /api/v1/subscriptions: 409 is not described"));
  undescribed = json::parse(description);
  undescribed["paths"]["/api/v1/new"]["get"] = json::object();
  EXPECT_THAT(check(undescribed.dump()), HasSubstr("GET /api/v1/new is described, but was not asked for"));
}

}  // namespace
}  // namespace beckon::core::testing
