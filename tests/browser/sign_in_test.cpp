// Who may come in: the access token, and signing in with GitHub, as a browser does it.
#include "browser/page_rig.hpp"

namespace beckon::core::testing {
namespace {

using ::testing::AllOf;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::Not;

struct SignInPage : Page {
  // A page that comes with 401 is told of in the console; nothing else may be.
  void expect_no_other_complaint() {
    may_complain = true;
    EXPECT_THAT(browser->errors(), Each(AllOf(HasSubstr("401"), Not(HasSubstr("Content Security Policy")))));
  }
  bool is_in() { return browser->until("!document.querySelector('#view-watch').hidden"); }
};

TEST_F(SignInPage, TheAccessTokenOpensThePageAndAWrongOneDoesNot) {
  serve("access_token = \"correct-horse-battery\"\n");
  browse(octocat);
  EXPECT_EQ(browser->text("h1"), "Beckon");
  EXPECT_EQ(browser->run("return getComputedStyle(document.querySelector('main')).maxWidth"), "380px") << "its style is not let in";
  EXPECT_EQ(browser->run("return document.querySelectorAll('.trouble, a[href*=github]').length"), 0);
  EXPECT_EQ(browser->run("return document.activeElement.id"), "token");

  browser->type("#token", "wrong-horse-battery");
  browser->click("button");
  ASSERT_TRUE(browser->until("document.querySelector('.trouble')"));
  EXPECT_EQ(browser->text(".trouble"), "This is not the access token.");
  EXPECT_EQ(browser->run("return document.querySelector('#token').value"), "");

  browser->type("#token", "correct-horse-battery");
  browser->click("button");
  ASSERT_TRUE(is_in());
  browser->reload();
  ASSERT_TRUE(is_in());
  EXPECT_EQ(browser->run("return document.cookie"), "") << "a script can read the session";
  EXPECT_TRUE(browser->until("!document.querySelector('#to-status').hidden")) << "whoever has the token may do everything";

  browser->click("#sign-out button");
  EXPECT_TRUE(browser->until("document.querySelector('#token')"));
  expect_no_other_complaint();
}

TEST_F(SignInPage, WhatIsWatchedIsWatchedOnAfterComingInAgain) {
  rig.comment("@octocat one", Rig::now() - std::chrono::hours(1));
  serve("access_token = \"correct-horse-battery\"\n");
  browse(octocat);
  browser->type("#token", "correct-horse-battery");
  browser->click("button");
  ASSERT_TRUE(is_in());
  browser->open(origin + octocat);
  ASSERT_TRUE(browser->until("document.querySelector('.mention-card')"));
  may_complain = true;
  stop();
  start();   // and knows nobody any more
  EXPECT_TRUE(browser->until("document.querySelector('#token')")) << "the page does not notice that its session is over";
  EXPECT_EQ(browser->run("return location.hash"), "#watch/acme/rocket/octocat");
}

// GitHub's part: people who agree at once, and a token for them.
struct GitHub {
  explicit GitHub(Rig& rig) {
    rig.receive = [](HttpRequest request) -> task<HttpResponse> {
      if (!request.url.starts_with("/login/oauth/authorize?")) co_return says(200, R"({"access_token": "gho_of_ada"})");
      const auto value = [&request](const std::string& name) {
        std::smatch found;
        return std::regex_search(request.url, found, std::regex(name + "=([^&]*)")) ? found[1].str() : std::string();
      };
      std::string back = value("redirect_uri");
      for (const auto& [code, character] : {std::pair<std::string, std::string>{"%3A", ":"}, {"%2F", "/"}})
        for (auto at = back.find(code); at != back.npos; at = back.find(code)) back.replace(at, code.size(), character);
      co_return says(302, "", {{"Location", back + "?code=agreed&state=" + value("state")}});
    };
    rig.forge->set_interception([](const HttpRequest& request) -> std::optional<HttpResponse> {
      if (request.url == "/user") return says(200, R"({"login": "Ada", "id": 7})");
      return std::nullopt;
    });
  }
};

TEST_F(SignInPage, WithGitHubAViewerSeesTheFirstViewAlone) {
  const GitHub github(rig);
  serve("[web.github]\nclient_id = \"id\"\nclient_secret = \"secret-of-the-app\"\nurl = \"" + rig.slack_origin() + "\"\n");
  browse("/#status");
  browser->click("a[href='/sign-in/github']");
  ASSERT_TRUE(is_in()) << browser->text("body");
  EXPECT_EQ(browser->text("#who-login"), "@ada");
  EXPECT_EQ(browser->run("return document.querySelector('#to-status').checkVisibility()"), false);
  browser->open(origin + "/#status");
  ASSERT_TRUE(is_in()) << "a viewer has no status";
  EXPECT_EQ(asked("/api/v1/status").value("subscriptions", json()), json()) << "a stranger has none either";
  expect_no_other_complaint();
}

TEST_F(SignInPage, WithGitHubAnOperatorSeesTheStatus) {
  const GitHub github(rig);
  serve("[web.github]\nclient_id = \"id\"\nclient_secret = \"secret-of-the-app\"\nurl = \"" + rig.slack_origin() +
        "\"\noperators = [\"ada\"]\n", subscription);
  browse();
  browser->click("a[href='/sign-in/github']");
  ASSERT_TRUE(is_in()) << browser->text("body");
  browser->click("#to-status");
  EXPECT_TRUE(browser->until("document.querySelector('#subscriptions-table tbody tr')"));
  expect_no_other_complaint();
}

}  // namespace
}  // namespace beckon::core::testing
