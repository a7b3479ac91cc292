// The page's first view: what somebody sees who names a repository and a user.
#include "browser/page_rig.hpp"

namespace beckon::core::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct WatchPage : Page {
  std::vector<std::string> excerpts() { return browser->texts(".excerpt"); }
  bool shows(const std::string& text) {
    return until([&] {
      for (const std::string& excerpt : excerpts())
        if (excerpt.find(text) != std::string::npos) return true;
      return false;
    });
  }
  bool is_live() { return browser->until("document.querySelector('#connection').dataset.state === 'open'"); }
};

TEST_F(WatchPage, ShowsWhatIsThereAndWhatComesAndItsSyncerGoesWithTheTab) {
  rig.comment("@octocat the countdown stops", Rig::now() - std::chrono::hours(2));
  serve();
  browse();
  browser->new_tab();
  browser->open(origin);
  EXPECT_EQ(tabs(), 0u) << "nothing is watched yet";
  browser->type("#repository", "https://github.com/acme/rocket/issues/1");
  browser->type("#login", "@Octocat");
  browser->click("#watch-form button");
  ASSERT_TRUE(shows("the countdown stops")) << browser->text("main");
  EXPECT_EQ(tabs(), 1u);
  EXPECT_EQ(browser->run("return location.hash"), "#watch/acme/rocket/octocat");
  EXPECT_THAT(browser->text(".thread h4"), HasSubstr("#1 Launch"));
  EXPECT_THAT(browser->text(".mention-card header"), HasSubstr("vera commented 2 hours ago"));
  EXPECT_EQ(browser->text(".excerpt mark"), "@octocat");

  rig.comment("@octocat and **now**?");
  ASSERT_TRUE(shows("and now?"));
  EXPECT_THAT(excerpts(), ElementsAre("@octocat and now?", "@octocat the countdown stops"));
  EXPECT_EQ(browser->run("return document.querySelector('.watch [role=status]').textContent"), "New: vera mentioned octocat in #1 Launch");

  browser->close_tab();
  EXPECT_TRUE(until([&] { return tabs() == 0; }, 5s)) << "the syncer outlives its tab";
}

TEST_F(WatchPage, ShowsHowFarALongSearchHasCome) {
  const ForgeTime start = Rig::now() - std::chrono::hours(160);
  rig.forge->open_thread("acme/rocket", 2, true, "A change", "vera", "", start);
  for (int i = 0; i < 9000; ++i)   // 90 pages
    rig.forge->add_post("acme/rocket", PostKind::review_comment, 2, "vera", i == 8999 ? "@octocat at last" : "x", start + std::chrono::seconds(60 * i));
  serve();
  browse(octocat);
  EXPECT_TRUE(until([&] { return browser->text(".watch").find(" pages read") != std::string::npos; })) << browser->text("main");
  EXPECT_TRUE(shows("at last"));
}

// A browser keeps a page that somebody has left, for the way back.
TEST_F(WatchPage, APageThatWasLeftHoldsNoSyncerAndIsLiveAgainOnTheWayBack) {
  rig.comment("@octocat one", Rig::now() - std::chrono::hours(1));
  serve();
  browse(octocat);
  ASSERT_TRUE(shows("one"));
  browser->open("about:blank");
  EXPECT_TRUE(until([&] { return tabs() == 0; }, 5s));
  rig.comment("@octocat two");
  browser->back();
  EXPECT_TRUE(is_live());
  ASSERT_TRUE(shows("two"));
  EXPECT_THAT(excerpts(), ElementsAre("@octocat two", "@octocat one"));
}

TEST_F(WatchPage, AfterARestartNothingIsMissingAndNothingIsTwice) {
  may_complain = true;   // of the connection that is lost
  rig.comment("@octocat one", Rig::now() - std::chrono::hours(1));
  serve();
  browse(octocat);
  ASSERT_TRUE(shows("one"));
  stop();
  ASSERT_TRUE(browser->until("document.querySelector('.standing').textContent.startsWith('Connection lost; trying again in')"))
      << browser->text(".standing");
  EXPECT_EQ(browser->text("#connection"), "Offline");
  rig.comment("@octocat two");
  start();
  ASSERT_TRUE(is_live());
  ASSERT_TRUE(shows("two"));
  rig.comment("@octocat three");
  ASSERT_TRUE(shows("three"));
  EXPECT_THAT(excerpts(), ElementsAre("@octocat three", "@octocat two", "@octocat one"));
}

TEST_F(WatchPage, SaysWhatWillHappenWhereThereIsNothingYet) {
  serve();
  browse(octocat);
  EXPECT_TRUE(browser->until("!document.querySelector('.empty').hidden"));
  EXPECT_THAT(browser->text(".empty"), HasSubstr("As soon as somebody does, it appears here"));
  EXPECT_THAT(browser->text(".standing"), HasSubstr("Looking again"));
}

TEST_F(WatchPage, AWishThatCannotBeIsRefusedInWordsAndNotAskedForAgain) {
  serve();
  browse("/#watch/acme/nowhere/octocat");
  ASSERT_TRUE(browser->until("document.querySelector('.standing').dataset.state === 'refused'")) << browser->text(".standing");
  EXPECT_THAT(browser->text(".standing"), HasSubstr("acme/nowhere"));
  const std::size_t asked = rig.forge->requests().size();
  rig.serve(2s);
  EXPECT_EQ(rig.forge->requests().size(), asked);
  EXPECT_EQ(browser->run("return document.querySelector('.standing').dataset.state"), "refused");

  browser->type("#repository", "no repository");
  browser->click("#watch-form button");
  EXPECT_THAT(browser->text("#repository-trouble"), HasSubstr("owner/name"));
  EXPECT_EQ(browser->run("return document.activeElement.id"), "repository");
}

TEST_F(WatchPage, TheTitleCountsWhatNobodyHasSeen) {
  serve();
  browse(octocat);
  ASSERT_TRUE(browser->until("!document.querySelector('.empty').hidden"));
  browser->run("Object.defineProperty(document, 'hidden', {value: true, configurable: true});");
  rig.comment("@octocat one");
  rig.comment("@octocat two");
  EXPECT_TRUE(browser->until("document.title.startsWith('(2) ')")) << browser->run("return document.title");
  browser->run("Object.defineProperty(document, 'hidden', {value: false}); document.dispatchEvent(new Event('visibilitychange'));");
  EXPECT_EQ(browser->run("return document.title"), "Watch · Beckon");
}

TEST_F(WatchPage, RemembersWhatWasWatched) {
  serve();
  browse(octocat);
  ASSERT_TRUE(is_live());
  browser->open("about:blank");
  browser->open(origin + "/");
  EXPECT_TRUE(browser->until("document.querySelector('#recent-list button')"));
  EXPECT_THAT(browser->texts("#recent-list li"), ElementsAre("@octocat in acme/rocket"));
  EXPECT_TRUE(until([&] { return tabs() == 0; }, 5s)) << "what is remembered is offered, not watched";
  browser->click("#recent-list button");
  EXPECT_TRUE(is_live());
  EXPECT_EQ(browser->run("return location.hash"), "#watch/acme/rocket/octocat");
}

TEST_F(WatchPage, SeveralAreWatchedAtOnceAndEachIsStoppedByItself) {
  rig.comment("@octocat and @grace", Rig::now() - std::chrono::hours(1));
  serve();
  browse("/#watch/acme/rocket/octocat,acme/rocket/grace");
  ASSERT_TRUE(browser->until("document.querySelectorAll('.mention-card').length === 2"));
  EXPECT_EQ(tabs(), 2u);
  browser->click("[aria-label='Stop watching grace in acme/rocket']");
  EXPECT_TRUE(until([&] { return tabs() == 1; }, 5s));
  EXPECT_EQ(browser->run("return location.hash"), "#watch/acme/rocket/octocat");
  EXPECT_THAT(browser->texts(".watch h3"), ElementsAre("@octocat in acme/rocket"));
}

TEST_F(WatchPage, UnderstandsWhatPeoplePaste) {
  serve();
  browse();
  const json read = browser->run(R"(
    return import('/wish.js').then(({readRepository, readLogin, fromHash, toHash}) => ({
      repositories: ['acme/rocket', ' https://github.com/acme/rocket ', 'https://github.com/acme/rocket/pull/7#issuecomment-1', 'github.com/acme/rocket',
                     'git@github.com:acme/rocket.git', 'ssh://git@git.example.org:22/acme/rocket.git', 'http://localhost:3000/acme/rocket?tab=x']
        .map(readRepository),
      wrong: ['', 'acme', 'acme/', '/rocket', 'a b/c', 'acme/<b>', 'https://github.com/acme'].map(readRepository),
      logins: ['Octocat', '@octocat', ' @Org/Team ', 'https://github.com/octocat', 'https://github.com/orgs/acme/teams/crew'].map(readLogin),
      wrongLogins: ['', '@', 'a/b/c', 'a b', '*', '<b>'].map(readLogin),
      hash: toHash(fromHash('#watch/acme/rocket/octocat,acme/rocket/org/team,acme/rocket/OCTOCAT,nonsense,%')),
    }));)");
  for (const json& repository : read.at("repositories")) EXPECT_EQ(repository, "acme/rocket");
  for (const json& repository : read.at("wrong")) EXPECT_EQ(repository, nullptr);
  EXPECT_EQ(read.at("logins"), json({"octocat", "octocat", "org/team", "octocat", "acme/crew"}));
  for (const json& login : read.at("wrongLogins")) EXPECT_EQ(login, nullptr);
  EXPECT_EQ(read.at("hash"), "#watch/acme/rocket/octocat,acme/rocket/org/team");
}

}  // namespace
}  // namespace beckon::core::testing
