#include "web/rates.hpp"
#include "web/sessions.hpp"
#include "web/sign_in.hpp"

#include <gmock/gmock.h>

namespace beckon::core {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr SteadyTime start{};

TEST(Rates, ABurstAndThenSoManyASecond) {
  Rates rates({3, 2});
  for (int i = 0; i < 3; ++i) EXPECT_EQ(rates.take("a", start), 0ms);
  EXPECT_EQ(rates.take("a", start), 500ms);
  EXPECT_EQ(rates.take("a", start + 500ms), 0ms);
  EXPECT_EQ(rates.take("a", start + 500ms), 500ms);
}

TEST(Rates, OneClientCostsNoOther) {
  Rates rates({1, 1});
  EXPECT_EQ(rates.take("a", start), 0ms);
  EXPECT_GT(rates.take("a", start), 0ms);
  EXPECT_EQ(rates.take("b", start), 0ms);
}

TEST(Rates, MoreClientsThanAreCountedShareOneBucket) {
  Rates rates({1, 0.001}, 2);
  EXPECT_EQ(rates.take("a", start), 0ms);
  EXPECT_EQ(rates.take("b", start), 0ms);
  EXPECT_EQ(rates.take("c", start), 0ms);
  EXPECT_GT(rates.take("d", start), 0ms);
  EXPECT_EQ(rates.take("d", start + 2000s), 0ms) << "whoever has rested long is forgotten";
}

const WallTime now = from_unix_ms(1'700'000'000'000);

TEST(WebSessions, AreFoundUntilTheyAreOverOrClosed) {
  WebSessions sessions;
  WebIdentity identity;
  identity.login = "octocat";
  const std::string name = sessions.open(identity, now);
  ASSERT_NE(sessions.find(name, now), nullptr);
  EXPECT_EQ(sessions.find(name, now)->login, "octocat");
  EXPECT_EQ(sessions.find(name, now + WebSessions::lasts), nullptr);
  EXPECT_EQ(sessions.find("", now), nullptr);
  EXPECT_EQ(sessions.find(name + "0", now), nullptr);
  sessions.close(name);
  EXPECT_EQ(sessions.find(name, now), nullptr);
}

TEST(WebSessions, NamesAreNotGuessed) {
  WebSessions sessions;
  const std::string a = sessions.open({}, now), b = sessions.open({}, now);
  EXPECT_EQ(a.size(), 64u);
  EXPECT_NE(a, b);
}

TEST(WebSessions, CookiesAreKeptFromScriptsAndOtherSites) {
  EXPECT_EQ(set_cookie("a", "b", 90s, false), "a=b; Path=/; Max-Age=90; HttpOnly; SameSite=Lax");
  EXPECT_EQ(set_cookie("a", "b", 90s, true), "a=b; Path=/; Max-Age=90; HttpOnly; SameSite=Lax; Secure");
  EXPECT_THAT(set_cookie("a", "", 90s, false), HasSubstr("Max-Age=0"));
}

TEST(SignIns, ComeBackOnceAndToTheBrowserTheyBeganIn) {
  SignIns sign_ins;
  const SignInAttempt attempt = sign_ins.begin(now);
  EXPECT_FALSE(sign_ins.finish(attempt.state, "another browser's", now));
  EXPECT_FALSE(sign_ins.finish("never begun", "never begun", now));
  const auto finished = sign_ins.finish(attempt.state, attempt.state, now);
  ASSERT_TRUE(finished);
  EXPECT_EQ(finished->verifier, attempt.verifier);
  EXPECT_FALSE(sign_ins.finish(attempt.state, attempt.state, now)) << "once";
}

TEST(SignIns, TakeTenMinutesAtMost) {
  SignIns sign_ins;
  const SignInAttempt attempt = sign_ins.begin(now);
  EXPECT_FALSE(sign_ins.finish(attempt.state, attempt.state, now + SignIns::lasts));
}

TEST(SignIn, TheBrowserIsSentWithStateAndChallengeButNoSecret) {
  WebGithubConfig github;
  github.client_id = "Iv1.0123";
  github.client_secret = "hush-hush-hush";
  // RFC 7636, appendix B: this verifier has this challenge.
  const SignInAttempt attempt{"some state", "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"};
  const std::string address = sign_in_address(github, attempt, "https://beckon.example.com/sign-in/github/back");
  EXPECT_EQ(address, "https://github.com/login/oauth/authorize?client_id=Iv1.0123"
                     "&redirect_uri=https%3A%2F%2Fbeckon.example.com%2Fsign-in%2Fgithub%2Fback&state=some%20state"
                     "&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256&scope=repo");
  github.scope.clear();
  EXPECT_THAT(sign_in_address(github, attempt, "x"), Not(HasSubstr("scope")));
}

}  // namespace
}  // namespace beckon::core
