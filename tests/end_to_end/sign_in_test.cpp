// Signing in with GitHub, and what it opens: the code host's stand-in is its own sign-in site.
#include "end_to_end/web_rig.hpp"

#include "control/target.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace beckon::core {
namespace {

using namespace testing;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;
using nlohmann::json;

constexpr const char* viewer_token = "gho_viewersownviewersownviewersown0123";
constexpr const char* client_secret = "client-secret-client-secret-0123456789";

// acme/secret is private: the daemon may read it, and so may `readers`, by their tokens.
struct SignInRig : WebRig {
  SignInRig() {
    secret = forge->add_repository("acme/secret");
    forge->open_thread("acme/secret", 1, false, "Hush", "vera", "Only for @octocat", now() - std::chrono::hours(1));
    forge->set_interception([this](const HttpRequest& request) { return intercept(request); });
  }

  void configure_sign_in(const std::string& more = "") {
    configure_web(fmt::format("[web.github]\nclient_id = \"Iv1.client\"\nclient_secret = \"{}\"\nurl = \"{}\"\n{}", client_secret,
                              forge->api_url(), more));
  }

  std::optional<HttpResponse> intercept(const HttpRequest& request) {
    const std::string path = request.url.substr(0, request.url.find('?'));
    const std::string authorization(find_header(request.headers, "authorization"));
    if (path == "/login/oauth/access_token") {
      exchange = request.body;
      if (request.body.find("code=good") == std::string::npos)
        return says(200, R"({"error":"bad_verification_code","error_description":"The code passed is incorrect or expired."})");
      return says(200, json{{"access_token", viewer_token}, {"token_type", "bearer"}, {"scope", "repo"}}.dump());
    }
    if (path == "/user") return says(200, R"({"login":"Octocat","id":1})");
    if (path == "/repos/acme/nothing") return says(404, R"({"message":"Not Found"})");
    if (path != "/repos/acme/secret") return std::nullopt;
    if (authorization == std::string("Bearer ") + viewer_token) ++proofs;
    if (authorization != "Bearer forge-token" && !readers.contains(authorization)) return says(404, R"({"message":"Not Found"})");
    return says(200,
                json{{"id", secret}, {"full_name", "acme/secret"}, {"private", true}, {"html_url", forge->api_url() + "/acme/secret"},
                     {"has_issues", true}}
                    .dump(),
                {{"Content-Type", "application/json"}, {"Date", format_http_date(now())}});
  }

  // As a browser does it; returns the session's cookie.
  std::string sign_in(const std::string& code = "good") {
    const auto going = ask("GET", "/sign-in/github");
    EXPECT_EQ(going.status, 303);
    sent_to = std::string(find_header(going.headers, "location"));
    const std::string set(find_header(going.headers, "set-cookie"));
    const std::string cookie = set.substr(0, set.find(';'));
    const auto target = parse_target(sent_to.substr(forge->api_url().size()));
    std::string state;
    for (const auto& [name, value] : target->query)
      if (name == "state") state = value;
    back = ask("GET", "/sign-in/github/back?code=" + code + "&state=" + state, {{"Cookie", cookie}});
    for (const auto& [name, value] : back.headers)
      if (name == "Set-Cookie" && value.starts_with("beckon_session=")) return value.substr(0, value.find(';'));
    return {};
  }

  std::int64_t secret = 0;
  std::set<std::string> readers{std::string("Bearer ") + viewer_token};
  std::string sent_to, exchange;
  HttpResponse back;
  int proofs = 0;                   // asked for with the viewer's token
};

TEST(SigningIn, OpensPrivateRepositoriesToThoseWhoMayReadThem) {
  SignInRig rig;
  rig.configure_sign_in();
  rig.open();
  EXPECT_EQ(rig.ask("GET", "/api/v1/me").status, 401);
  const std::string cookie = rig.sign_in();
  ASSERT_NE(cookie, "") << rig.back.body << rig.last_lines();
  EXPECT_THAT(rig.sent_to, StartsWith(rig.forge->api_url() + "/login/oauth/authorize?client_id=Iv1.client&"));
  EXPECT_THAT(rig.exchange, HasSubstr("code_verifier="));
  const json me = json::parse(rig.ask("GET", "/api/v1/me", {{"Cookie", cookie}}).body);
  EXPECT_EQ(me["login"], "octocat");
  EXPECT_EQ(me["role"], "viewer");
  const auto tab = rig.tab("/api/v1/watch?repo=acme/secret&user=octocat", "Cookie: " + cookie + "\r\n");
  ASSERT_TRUE(rig.until([&] { return tab->seqs().size() == 1; })) << tab->text() << rig.last_lines();
  // A viewer is no operator.
  EXPECT_EQ(rig.ask("GET", "/api/v1/status", {{"Cookie", cookie}}).status, 403);
  EXPECT_EQ(rig.ask("POST", "/api/v1/dead/drop", {{"Cookie", cookie}}, R"({"all":true})").status, 403);
  for (const std::string& secret : {std::string(viewer_token), std::string(client_secret)})
    EXPECT_THAT(rig.read("err"), Not(HasSubstr(secret)));
}

TEST(SigningIn, OneWhoMayNotReadItHearsTheSameAsOfWhatIsNotThere) {
  SignInRig rig;
  rig.readers.clear();
  rig.configure_sign_in();
  rig.open();
  const std::string cookie = rig.sign_in();
  const auto tab = rig.tab("/api/v1/watch?repo=acme/secret&user=octocat", "Cookie: " + cookie + "\r\n");
  const auto nothing = rig.tab("/api/v1/watch?repo=acme/nothing&user=octocat", "Cookie: " + cookie + "\r\n");
  ASSERT_TRUE(rig.until([&] { return tab->over && nothing->over; })) << tab->text();
  EXPECT_THAT(tab->text(), HasSubstr("there is no repository acme/secret that you may read"));
  EXPECT_THAT(nothing->text(), HasSubstr("there is no repository acme/nothing that you may read"));
}

TEST(SigningIn, WithoutItPrivateRepositoriesAreNotShownThoughTheDaemonMayReadThem) {
  SignInRig rig;
  rig.configure_web();
  rig.open();
  const auto tab = rig.tab("/api/v1/watch?repo=acme/secret&user=octocat");
  ASSERT_TRUE(rig.until([&] { return tab->over; })) << tab->text();
  EXPECT_THAT(tab->text(), HasSubstr("there is no public repository acme/secret"));
  EXPECT_THAT(tab->text(), Not(HasSubstr("Hush")));
}

TEST(SigningIn, OneProofServesAnHour) {
  SignInRig rig;
  rig.configure_sign_in();
  rig.open();
  const std::string cookie = "Cookie: " + rig.sign_in() + "\r\n";
  std::vector<std::shared_ptr<Tab>> tabs;
  for (int i = 0; i < 10; ++i) tabs.push_back(rig.tab("/api/v1/watch?repo=acme/secret&user=octocat", cookie));
  ASSERT_TRUE(rig.until([&] { return std::all_of(tabs.begin(), tabs.end(), [](const auto& tab) { return tab->seqs().size() == 1; }); }));
  EXPECT_EQ(rig.proofs, 1);
}

TEST(SigningIn, OperatorsAreNamedInTheConfiguration) {
  SignInRig rig;
  rig.configure_sign_in("operators = [\"octocat\"]\n");
  rig.open();
  const std::string cookie = rig.sign_in();
  EXPECT_EQ(rig.ask("GET", "/api/v1/status", {{"Cookie", cookie}}).status, 200);
}

TEST(SigningIn, AWrongCodeAndAForeignBrowserAreTurnedAwayInWords) {
  SignInRig rig;
  rig.configure_sign_in();
  rig.open();
  EXPECT_EQ(rig.sign_in("bad"), "");
  EXPECT_EQ(rig.back.status, 502);
  EXPECT_THAT(rig.back.body, HasSubstr("The code passed is incorrect or expired."));
  const auto foreign = rig.ask("GET", "/sign-in/github/back?code=good&state=guessed");
  EXPECT_EQ(foreign.status, 403);
  EXPECT_THAT(rig.ask("GET", "/sign-in/github/back?error=x&error_description=%3Cscript%3E&state=guessed").body, Not(HasSubstr("<script>")));
}

}  // namespace
}  // namespace beckon::core
