// The page's side of the daemon, without a browser: tabs, their syncers and feeds, and who may have what.
#include "end_to_end/web_rig.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace beckon::core {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using nlohmann::json;

constexpr const char* watch_octocat = "/api/v1/watch?repo=acme/rocket&user=octocat";

std::size_t count(const std::vector<std::string>& all, std::string_view part) {
  return static_cast<std::size_t>(std::count_if(all.begin(), all.end(), [&](const auto& one) { return one.find(part) != one.npos; }));
}

TEST(Page, ATabSeesWhatIsThereAndWhatComesAndItsSyncerEndsWithIt) {
  WebRig rig;
  rig.configure_web();
  rig.comment("@octocat was here before", Rig::now() - std::chrono::hours(1));
  rig.open();
  const auto tab = rig.tab(watch_octocat);
  ASSERT_TRUE(rig.until([&] { return tab->seqs().size() == 1; })) << tab->text() << rig.last_lines();
  EXPECT_EQ(tab->told.front()["type"], "watching");
  EXPECT_EQ(rig.viewers(), 1u);
  const json viewer = rig.get("/api/v1/subscriptions")["subscriptions"].at(0);
  EXPECT_EQ(viewer["repo"], "acme/rocket");
  EXPECT_EQ(viewer["user"], "octocat");
  rig.comment("and again @octocat");
  rig.comment("not for @vera");
  ASSERT_TRUE(rig.until([&] { return tab->seqs().size() == 2; })) << tab->text();
  EXPECT_THAT(tab->text(), HasSubstr("was here before"));
  EXPECT_THAT(tab->text(), HasSubstr("and again"));
  EXPECT_THAT(tab->text(), Not(HasSubstr("not for")));
  tab->client.vanish();
  EXPECT_TRUE(rig.until([&] { return rig.viewers() == 0; }, 5s));
  // And the feed that it alone had wanted: nothing more is asked of the forge.
  const std::size_t asked = rig.forge_requests();
  rig.serve(2500ms);
  EXPECT_EQ(rig.forge_requests(), asked);
}

TEST(Page, AReconnectLeavesNoGapAndRepeatsNothing) {
  WebRig rig;
  rig.configure_web();
  rig.comment("one @octocat", Rig::now() - std::chrono::hours(1));
  const pid_t first = rig.open();
  auto tab = rig.tab(watch_octocat);
  ASSERT_TRUE(rig.until([&] { return tab->seqs().size() == 1; })) << tab->text();
  const std::int64_t position = tab->position();
  // The daemon dies, and somebody is mentioned meanwhile.
  rig.kill_hard(first);
  ASSERT_TRUE(rig.until([&] { return tab->over; }));
  rig.comment("two @octocat");
  rig.comment("three @octocat");
  rig.open();
  tab = rig.tab(watch_octocat + fmt::format("&after={}", position));
  ASSERT_TRUE(rig.until([&] { return tab->seqs().size() == 2; })) << tab->text();
  rig.serve(1500ms);
  EXPECT_EQ(tab->seqs().size(), 2u);
  EXPECT_THAT(tab->text(), Not(HasSubstr("one @")));
}

TEST(Page, TabsOnOneRepositoryShareItsFeedAndTheConfiguredOneIsNotPolledTwice) {
  WebRig rig;
  rig.configure_web("", "[[subscriptions]]\nrepo = \"acme/rocket\"\nuser = \"octocat\"\nsink = \"team\"\n");
  rig.open();
  ASSERT_TRUE(rig.until([&] { return rig.get("/api/v1/status")["feeds"].size() == 1; }));
  std::vector<std::shared_ptr<Tab>> tabs;
  for (int i = 0; i < 20; ++i) tabs.push_back(rig.tab(watch_octocat));
  ASSERT_TRUE(rig.until([&] { return rig.viewers() == 20; }));
  const std::size_t looks = count(rig.forge->requests(), "GET /repos/acme/rocket ->");
  EXPECT_LE(looks, 2u) << "one for the feed, one that proves that everybody may see it";
  const auto comment = rig.comment("hello @octocat");
  ASSERT_TRUE(rig.until([&] { return std::all_of(tabs.begin(), tabs.end(), [](const auto& tab) { return tab->seqs().size() == 1; }); }));
  ASSERT_TRUE(rig.until([&] { return rig.told()[comment] == 1; })) << "the subscription is told as ever";
}

TEST(Page, ATabOnAConfiguredRepositorySeesThePastThatItsSubscriptionIsNotTold) {
  WebRig rig;
  rig.configure_web("", "[[subscriptions]]\nrepo = \"acme/rocket\"\nuser = \"octocat\"\nsink = \"team\"\n");
  const auto old = rig.comment("before all that, @octocat", Rig::now() - std::chrono::hours(50));
  rig.open();
  const auto tab = rig.tab(watch_octocat);
  ASSERT_TRUE(rig.until([&] { return tab->seqs().size() == 1; })) << tab->text() << rig.last_lines();
  EXPECT_THAT(tab->text(), HasSubstr("before all that"));
  const auto fresh = rig.comment("and now, @octocat");
  ASSERT_TRUE(rig.until([&] { return rig.told()[fresh] == 1 && tab->seqs().size() == 2; })) << tab->text();
  EXPECT_EQ(rig.told()[old], 0);
}

TEST(Page, ARepositoryThatIsNotThereIsRefusedInWords) {
  WebRig rig;
  rig.configure_web();
  rig.open();
  const auto tab = rig.tab("/api/v1/watch?repo=acme/nothing&user=octocat");
  ASSERT_TRUE(rig.until([&] { return tab->over; })) << tab->text();
  ASSERT_TRUE(tab->has("refused"));
  EXPECT_THAT(tab->text(), HasSubstr("there is no public repository acme/nothing"));
  EXPECT_EQ(tab->client.close_code, 1008);
  EXPECT_EQ(rig.viewers(), 0u);
}

TEST(Page, WhatCannotBeWatchedIsSaidBeforeAnySocket) {
  WebRig rig;
  rig.configure_web();
  rig.open();
  for (const char* target : {"/api/v1/watch", "/api/v1/watch?repo=acme&user=octocat", "/api/v1/watch?repo=acme/rocket&user=*",
                             "/api/v1/watch?repo=acme/rocket&user=octocat&after=x", "/api/v1/watch?repo=acme/rocket&user=octocat&what=1"}) {
    const auto tab = rig.tab(target);
    ASSERT_TRUE(rig.until([&] { return tab->over; }));
    EXPECT_EQ(tab->status, 400) << target;
  }
  EXPECT_EQ(rig.ask("GET", watch_octocat).status, 426);
}

TEST(Page, AStrangerGets401OnEverythingButHealthz) {
  WebRig rig;
  rig.configure_web("access_token = \"open-sesame-0123456789\"\n");
  rig.open();
  EXPECT_EQ(rig.ask("GET", "/healthz").status, 200);
  for (const char* path : {"/", "/beckon.js", "/beckon.css", "/icon.svg", "/api/v1/me", "/api/v1/status", "/api/v1/subscriptions", "/api/v1/dead",
                           "/api/v1/history", "/api/v1/events", "/api/v1/watch?repo=a/b&user=c", "/metrics", "/readyz", "/nothing", "/sign-in/github"})
    EXPECT_EQ(rig.ask("GET", path).status, 401) << path;
  for (const char* path : {"/api/v1/subscriptions/x/pause", "/api/v1/dead/drop", "/api/v1/feedback", "/session/end", "/session"})
    EXPECT_EQ(rig.ask("POST", path, {}, "token=wrong").status, 401) << path;
  const auto tab = rig.tab(watch_octocat);
  ASSERT_TRUE(rig.until([&] { return tab->over; }));
  EXPECT_EQ(tab->status, 401);
  EXPECT_EQ(rig.ask("GET", "/api/v1/status", {{"Authorization", "Bearer wrong"}}).status, 401);
  EXPECT_EQ(rig.ask("GET", "/api/v1/status", {{"Authorization", "Bearer open-sesame-0123456789"}}).status, 200);
}

TEST(Page, TheAccessTokenBecomesACookieThatOpensTheSockets) {
  WebRig rig;
  rig.configure_web("access_token = \"open-sesame-0123456789\"\n");
  rig.open();
  const auto opened = rig.ask("POST", "/session", {{"Content-Type", "application/x-www-form-urlencoded"}}, "token=open-sesame-0123456789");
  ASSERT_EQ(opened.status, 303);
  const std::string set(find_header(opened.headers, "set-cookie"));
  EXPECT_THAT(set, HasSubstr("HttpOnly"));
  EXPECT_THAT(set, HasSubstr("SameSite=Lax"));
  const std::string cookie = set.substr(0, set.find(';'));
  EXPECT_EQ(rig.ask("GET", "/", {{"Cookie", cookie}}).status, 200);
  const auto events = rig.tab("/api/v1/events", "Cookie: " + cookie + "\r\n");
  ASSERT_TRUE(rig.until([&] { return events->has("status"); }));
  EXPECT_EQ(rig.ask("POST", "/session/end", {{"Cookie", cookie}}).status, 303);
  EXPECT_EQ(rig.ask("GET", "/", {{"Cookie", cookie}}).status, 401);
  EXPECT_THAT(rig.read("err"), Not(HasSubstr("open-sesame")));
}

TEST(Page, GuessingIsSlow) {
  WebRig rig;
  rig.configure_web("access_token = \"open-sesame-0123456789\"\n");
  rig.open();
  int last = 0;
  for (int i = 0; i < 12; ++i) last = rig.ask("POST", "/session", {}, "token=guess").status;
  EXPECT_EQ(last, 429);
}

TEST(Page, ForeignPagesAndForeignNamesAreTurnedAway) {
  WebRig rig;
  rig.configure_web();
  rig.open();
  EXPECT_EQ(rig.ask("POST", "/api/v1/dead/drop", {{"Origin", "http://evil.example"}}, R"({"all":true})").status, 403);
  const auto tab = rig.tab(watch_octocat, "Origin: http://evil.example\r\n");
  ASSERT_TRUE(rig.until([&] { return tab->over; }));
  EXPECT_EQ(tab->status, 403);
}

TEST(Page, WhatABrowserGuardsWithIsOnEveryAnswer) {
  WebRig rig;
  rig.configure_web();
  rig.open();
  for (const char* path : {"/", "/beckon.js", "/api/v1/status", "/nothing", "/healthz"}) {
    const auto answer = rig.ask("GET", path);
    EXPECT_THAT(std::string(find_header(answer.headers, "content-security-policy")), HasSubstr("default-src 'none'")) << path;
    EXPECT_EQ(find_header(answer.headers, "x-content-type-options"), "nosniff") << path;
    EXPECT_EQ(find_header(answer.headers, "x-frame-options"), "DENY") << path;
  }
  const auto page = rig.ask("GET", "/");
  EXPECT_THAT(std::string(find_header(page.headers, "content-security-policy")), Not(HasSubstr("unsafe")));
}

TEST(Page, EventsTellTheStatusWheneverItChanges) {
  WebRig rig;
  rig.configure_web("", "[[subscriptions]]\nname = \"mine\"\nrepo = \"acme/rocket\"\nuser = \"octocat\"\nsink = \"team\"\n");
  rig.open();
  const auto events = rig.tab("/api/v1/events");
  ASSERT_TRUE(rig.until([&] { return events->has("status"); }));
  EXPECT_EQ(rig.ask("POST", "/api/v1/subscriptions/mine/pause").status, 200);
  ASSERT_TRUE(rig.until([&] { return events->told.back()["subscriptions"].at(0)["state"] == "paused"; })) << events->text();
}

TEST(Page, ANewConfigurationMovesThePageAndKeepsTheTabsFeedsApart) {
  WebRig rig;
  rig.configure_web();
  rig.comment("one @octocat", Rig::now() - std::chrono::hours(1));
  const pid_t pid = rig.open();
  const auto tab = rig.tab(watch_octocat);
  ASSERT_TRUE(rig.until([&] { return tab->seqs().size() == 1; }));
  // The repository that it watches is configured now: the plan's feed serves it from here on.
  rig.configure_web("", "[[subscriptions]]\nrepo = \"acme/rocket\"\nuser = \"octocat\"\nsink = \"team\"\n");
  ::kill(pid, SIGHUP);
  ASSERT_TRUE(rig.until([&] { return rig.read("err").find("is taken over") != std::string::npos; })) << rig.last_lines();
  const auto comment = rig.comment("two @octocat");
  ASSERT_TRUE(rig.until([&] { return tab->seqs().size() == 2 && rig.told()[comment] == 1; })) << tab->text() << rig.last_lines();
  // And the page goes off.
  rig.configure("");
  ::kill(pid, SIGHUP);
  EXPECT_TRUE(rig.until([&] { return tab->over; })) << rig.last_lines();
}

TEST(Page, AnAddressInUseEndsTheStartInWords) {
  WebRig rig;
  rig.configure_web();
  rig.open();
  Rig other;
  other.configure("[web]\nlisten = \"127.0.0.1:" + std::to_string(rig.port) + "\"\n");
  const Finished finished = other.run({"run", "--config", other.config()});
  EXPECT_EQ(finished.code, 1);
  EXPECT_THAT(finished.err, HasSubstr("the page cannot be served: cannot listen on 127.0.0.1 port"));
}

}  // namespace
}  // namespace beckon::core
