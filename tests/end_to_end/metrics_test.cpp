// What a running daemon tells of itself: /metrics as promtool likes it, readiness, and the live half of the status.
#include "end_to_end/rig.hpp"

#include "net/unix_socket.hpp"

#include <boost/asio/post.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <atomic>
#include <thread>

namespace beckon::core::testing {
namespace {

using ::testing::HasSubstr;
using nlohmann::json;

struct Measured : ::testing::Test {
  Measured() {
    std::filesystem::create_directory(rig.folder() / "plugins");
    std::filesystem::copy_file(BECKON_BINARY_DIR "/misdeeds/worker.so", rig.folder() / "plugins" / "worker.so");
    rig.configure("[sinks.stranger]\nplugin = \"misdeeds_worker\"\ntoken = \"hunter2-the-very-secret-token\"\n"
                  "[[subscriptions]]\nname = \"me\"\nrepo = \"acme/rocket\"\nuser = \"octocat\"\nsinks = [\"team\", \"stranger\"]\n");
    std::string text = rig.read("config.toml");
    text.insert(text.find("interval"), "plugins = [\"plugins\"]\n");
    std::ofstream(rig.folder() / "config.toml") << text;
  }
  void start() {
    pid = rig.start({"run", "--config", rig.config()});
    ASSERT_TRUE(rig.until([&] { return rig.read("err").find("baseline") != std::string::npos && ready() == 200; })) << rig.read("err");
  }
  void stop() {
    ::kill(pid, SIGTERM);
    EXPECT_EQ(rig.finish(pid).code, 0) << rig.read("err");
  }

  // Forge and Slack are served meanwhile. 0: nobody is there yet.
  HttpResponse get(const std::string& target) {
    HttpRequest request;
    request.method = "GET";
    request.url = target;
    Result<std::optional<HttpResponse>> answer = fail("not asked");
    std::atomic<bool> done = false;
    std::thread operator_([&] {
      answer = ask_http_at(rig.folder() / "state.db.sock", request, 20s);
      done = true;
    });
    rig.until([&] { return done.load(); });
    operator_.join();
    return answer && *answer ? std::move(**answer) : HttpResponse();
  }
  int ready() { return get("/readyz").status; }
  // The value of one series; -1: it is not there.
  double value(const std::string& series) {
    const std::string text = "\n" + get("/metrics").body;
    const auto at = text.find("\n" + series + " ");
    return at == text.npos ? -1 : std::stod(text.substr(at + series.size() + 2));
  }

  Rig rig;
  pid_t pid = -1;
};

TEST_F(Measured, WhatHappensIsCountedFromThePollToTheDelivery) {
  rig.comment("@octocat before anybody watched", Rig::now() - std::chrono::hours(1));
  start();
  EXPECT_GE(value("beckon_polls_total{forge=\"github\",result=\"ok\"}"), 1);
  EXPECT_EQ(value("beckon_polls_total{forge=\"github\",result=\"failed\"}"), 0);
  EXPECT_EQ(value("beckon_detection_seconds_count"), 0) << "a baseline is history";
  const auto id = rig.comment("@octocat now");
  ASSERT_TRUE(rig.until([&] { return rig.told().contains(id); })) << rig.read("err");
  ASSERT_TRUE(rig.until([&] { return value("beckon_outbox_pending{sink=\"team\"}") == 0; }));
  EXPECT_GE(value("beckon_mentions_total{forge=\"github\"}"), 1);
  EXPECT_EQ(value("beckon_detection_seconds_count"), 1);
  EXPECT_EQ(value("beckon_deliveries_total{outcome=\"delivered\",sink=\"team\"}"), 1);
  EXPECT_EQ(value("beckon_delivery_seconds_count{sink=\"team\"}"), 1);
  EXPECT_EQ(value("beckon_subscriptions{state=\"active\"}"), 2);
  EXPECT_EQ(value("beckon_restarts_total{child=\"syncer\"}"), 0);
  EXPECT_GT(value("beckon_forge_quota_remaining{forge=\"github\"}"), 0);
  EXPECT_GT(value("process_resident_memory_bytes"), 1e6);
  EXPECT_EQ(get("/metrics").body.find("hunter2"), std::string::npos);
  EXPECT_EQ(get("/metrics").body.find("acme"), std::string::npos) << "no label may grow with the configuration's subscriptions";
  EXPECT_EQ(get("/metrics").body.find("octocat"), std::string::npos);
  stop();
}

TEST_F(Measured, PromtoolHasNothingToSayAboutIt) {
  if (!std::filesystem::exists(BECKON_PROMTOOL)) GTEST_SKIP() << "`scripts/setup tests` brings promtool";
  start();
  const HttpResponse said = get("/metrics");
  ASSERT_EQ(said.status, 200);
  std::ofstream(rig.folder() / "metrics") << said.body;
  const Finished judged = rig.shell(BECKON_PROMTOOL " check metrics < " + (rig.folder() / "metrics").string() + " 2>&1");
  EXPECT_EQ(judged.code, 0) << judged.out;
  EXPECT_EQ(judged.out, "");
  std::ofstream(rig.folder() / "metrics", std::ios::app) << "beckon_bad_total{x=\"1\" 1\n";
  EXPECT_NE(rig.shell(BECKON_PROMTOOL " check metrics < " + (rig.folder() / "metrics").string()).code, 0) << "it would have said something";
  stop();
}

TEST_F(Measured, TheStatusShowsForgesProcessesAndTheTree) {
  start();
  const auto id = rig.comment("@octocat now");
  ASSERT_TRUE(rig.until([&] { return rig.told().contains(id); })) << rig.read("err");
  json status;
  const auto team = [&]() -> const json& { return status.at("sinks").at(status.at("sinks").at(0).at("name") == "team" ? 0 : 1); };
  ASSERT_TRUE(rig.until([&] {
    status = json::parse(get("/api/v1/status").body);
    return team().at("outcomes").at("delivered") == 1 && status.at("hosts").at(0).at("state") == "idle";
  })) << status;
  EXPECT_EQ(team().at("delivered_last_hour"), 1);
  const json& forge = status.at("forges").at(0);
  EXPECT_EQ(forge.at("name"), "github");
  EXPECT_LE(forge.at("quota_left"), forge.at("quota_limit"));
  EXPECT_TRUE(forge.at("quota_resets").is_string());
  const json& host = status.at("hosts").at(0);
  EXPECT_EQ(host.at("sink"), "stranger");
  EXPECT_EQ(host.at("plugin"), "misdeeds_worker");
  EXPECT_GT(host.at("memory_bytes"), 100'000);
  EXPECT_EQ(::kill(host.at("pid").get<pid_t>(), 0), 0);
  const json& tree = status.at("tree").at(0);
  EXPECT_EQ(tree.at("name"), "daemon");
  std::vector<std::string> parts;
  for (const json& part : tree.at("children")) {
    parts.push_back(part.at("name"));
    EXPECT_EQ(part.at("state"), "running") << part;
  }
  EXPECT_THAT(parts, ::testing::IsSupersetOf({"outbox", "syncers", "feeds", "operator"}));
  for (const json& part : tree.at("children")) {
    if (part.at("name") == "feeds") {
      EXPECT_EQ(part.at("counts").at("running"), 1);
    }
  }
  EXPECT_TRUE(status.at("subscriptions").at(0).at("last_poll").is_string());

  const Finished shown = rig.run({"status", "--config", rig.config()});
  EXPECT_THAT(shown.out, HasSubstr("FORGE"));
  EXPECT_THAT(shown.out, HasSubstr("PROCESS OF SINK"));
  EXPECT_THAT(shown.out, HasSubstr("misdeeds_worker"));
  stop();
}

TEST_F(Measured, APluginThatCrashesIsSeenInTheMetricsAndInTheStatus) {
  start();
  ASSERT_TRUE(rig.until([&] { return json::parse(get("/api/v1/status").body).at("hosts").at(0).at("state") == "idle"; }));
  const auto first = json::parse(get("/api/v1/status").body).at("hosts").at(0).at("pid").get<pid_t>();
  ::kill(first, SIGKILL);
  json host;
  ASSERT_TRUE(rig.until([&] {
    host = json::parse(get("/api/v1/status").body).at("hosts").at(0);
    return host.at("restarts") == 1 && host.at("state") == "idle";
  })) << host;
  EXPECT_NE(host.at("pid").get<pid_t>(), first);
  EXPECT_EQ(value("beckon_restarts_total{child=\"plugin\"}"), 1);
  stop();
}

}  // namespace
}  // namespace beckon::core::testing
