// A daemon that serves its page, and a browser in front of it.
#pragma once

#include "browser/web_driver.hpp"

#include <boost/asio/co_spawn.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace beckon::core::testing {

struct Page : ::testing::Test {
  using json = nlohmann::json;

  void SetUp() override {
    if (WebDriver::program().empty()) GTEST_SKIP() << "chromedriver is not installed; `scripts/setup tests` installs it";
    client = std::move(make_http_client(rig.executor(), {})).value();
  }
  // Whatever a test looks at: nothing went wrong in the browser meanwhile.
  void TearDown() override {
    if (browser && !may_complain) {
      EXPECT_THAT(browser->errors(), ::testing::IsEmpty());
    }
    if (HasFailure()) std::cerr << rig.last_lines() << '\n';
  }

  // `web`: more lines of [web]. At a port of its own, which stays when the daemon starts again.
  void serve(const std::string& web = {}, const std::string& subscriptions = {}) {
    const std::string port = std::to_string(serve_http(rig.executor(), {})->port());   // and lets it go
    origin = "http://127.0.0.1:" + port;
    rig.configure("[web]\nlisten = \"127.0.0.1:" + port + "\"\n" + web + subscriptions);
    start();
    ASSERT_TRUE(rig.until([this] { return rig.read("err").find("the page is at " + origin) != std::string::npos; })) << rig.last_lines();
  }
  // Each repository has been read once: what is written from now on is news.
  bool is_read() {
    return until([this] {
      const json feeds = asked("/api/v1/status").value("feeds", json::array());
      for (const json& feed : feeds)
        if (feed.at("last_poll").is_null()) return false;
      return !feeds.empty();
    });
  }
  void start() { daemon = rig.start({"run", "--config", rig.config()}); }
  void stop() {
    ::kill(daemon, SIGTERM);
    EXPECT_EQ(rig.finish(daemon).code, 0) << rig.last_lines();
  }
  void browse(const std::string& where = "/") {
    browser = std::make_unique<WebDriver>(rig);
    browser->look(1280, 900, false);
    browser->open(origin + where);
  }

  // What the API says to a program beside the browser.
  json asked(const std::string& path) {
    HttpRequest request;
    request.url = origin + path;
    std::optional<HttpResult> answer;
    asio::co_spawn(rig.executor(), client->send(std::move(request), {}), [&answer](std::exception_ptr failure, HttpResult result) {
      if (failure) std::rethrow_exception(failure);
      answer = std::move(result);
    });
    rig.until([&answer] { return answer.has_value(); });
    if (!answer || !*answer) return {};
    return json::parse((*answer)->body, nullptr, false);
  }
  // Syncers of tabs that the daemon has now.
  std::size_t tabs() {
    std::size_t count = 0;
    const json answer = asked("/api/v1/subscriptions");
    for (const json& one : answer.value("subscriptions", json::array()))
      if (one.at("sink") == "web") ++count;
    return count;
  }
  bool until(const std::function<bool()>& met, std::chrono::milliseconds limit = 15s) {
    return rig.until([&] { return met() || (rig.serve(20ms), false); }, limit);
  }

  static constexpr const char* octocat = "/#watch/acme/rocket/octocat";
  static constexpr const char* subscription = "[[subscriptions]]\nrepo = \"acme/rocket\"\nuser = \"octocat\"\nsink = \"team\"\n";

  Rig rig;
  std::unique_ptr<HttpClient> client;
  std::unique_ptr<WebDriver> browser;
  std::string origin;
  pid_t daemon = -1;
  bool may_complain = false;     // the test makes the browser complain
};

}  // namespace beckon::core::testing
