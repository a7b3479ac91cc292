// The operator's view: it changes as things change, and its buttons act.
#include "browser/page_rig.hpp"

namespace beckon::core::testing {
namespace {

using ::testing::HasSubstr;

struct StatusPage : Page {
  void open(const std::string& subscriptions = subscription) {
    serve({}, subscriptions);
    ASSERT_TRUE(is_read()) << rig.last_lines();
    browse("/#status");
    ASSERT_TRUE(browser->until("document.querySelector('#subscriptions-table tbody tr')")) << browser->text("main");
  }
  std::string state() { return browser->text("#subscriptions-table tbody .badge"); }
  bool becomes(const std::string& word) { return until([&] { return state() == word; }); }
  std::string note() { return browser->text("#status-note"); }

  static std::optional<HttpResponse> refuses_poison(const HttpRequest& request) {
    if (request.body.find("POISON") != std::string::npos) return says(400, "invalid_blocks");
    return std::nullopt;
  }
  void add_dead_letter() {
    rig.refuse = refuses_poison;
    rig.comment("@octocat POISON");
    ASSERT_TRUE(browser->until("!document.querySelector('#part-dead').hidden && document.querySelector('#dead-table tbody tr')"));
  }
};

TEST_F(StatusPage, APauseByButtonChangesTheRow) {
  open();
  EXPECT_EQ(browser->text("#subscriptions-table tbody .title"), "acme/rocket octocat team");
  EXPECT_EQ(state(), "active");
  browser->click("[aria-label='Pause acme/rocket octocat team']");
  EXPECT_TRUE(becomes("paused"));
  EXPECT_EQ(asked("/api/v1/subscriptions").at("subscriptions").at(0).at("state"), "paused");
  EXPECT_THAT(note(), HasSubstr("acme/rocket octocat team is paused."));
  EXPECT_EQ(browser->run("return document.activeElement.textContent"), "Resume") << "whoever uses the keyboard loses the place";
  browser->press(WebDriver::enter);
  EXPECT_TRUE(becomes("active"));
  EXPECT_EQ(asked("/api/v1/subscriptions").at("subscriptions").at(0).at("state"), "active");
}

TEST_F(StatusPage, ShowsWhatOthersDo) {
  open();
  ASSERT_EQ(rig.run({"pause", "acme/rocket octocat team", "--config", rig.config()}).code, 0);
  EXPECT_TRUE(becomes("paused"));
  rig.comment("@octocat meanwhile");
  EXPECT_TRUE(browser->until("document.querySelector('#tiles').innerText.replace(/\\s+/g, ' ').includes('Owed 1')"));
  browser->new_tab();
  browser->open(origin + octocat);
  EXPECT_TRUE(browser->until("document.querySelector('.mention-card')"));
  EXPECT_EQ(tabs(), 1u);
}

TEST_F(StatusPage, ADeadLetterIsToldAgain) {
  open();
  add_dead_letter();
  EXPECT_THAT(browser->text("#dead-table tbody tr"), HasSubstr("@octocat by vera in acme/rocket"));
  rig.refuse = nullptr;
  browser->click_word("#dead-table button", "Retry");
  EXPECT_TRUE(rig.until([&] { return rig.told().size() == 1; })) << rig.last_lines();
  EXPECT_TRUE(browser->until("document.querySelector('#part-dead').hidden"));
  EXPECT_THAT(note(), HasSubstr("1 dead letter will be told again."));
}

TEST_F(StatusPage, ADeadLetterIsDroppedAfterAQuestion) {
  open();
  add_dead_letter();
  const auto dead = [this] { return asked("/api/v1/dead").at("dead").size(); };
  browser->click_word("#dead-table button", "Drop");
  EXPECT_THAT(browser->text("#dead-table .caution"), HasSubstr("For good?"));
  browser->click_word("#dead-table button", "Keep");
  EXPECT_EQ(dead(), 1u);
  browser->click_word("#dead-table button", "Drop");
  EXPECT_EQ(dead(), 1u) << "one press is not enough";
  browser->click("#dead-table button.danger");
  EXPECT_TRUE(browser->until("document.querySelector('#part-dead').hidden"));
  EXPECT_EQ(dead(), 0u);
  EXPECT_THAT(note(), HasSubstr("1 dead letter dropped."));
}

TEST_F(StatusPage, ATombstoneTellsWhyAndIsRevived) {
  open();
  rig.refuse = [](const HttpRequest&) { return says(404, "no_service"); };
  const auto id = rig.comment("@octocat anybody?");
  ASSERT_TRUE(becomes("gone")) << rig.last_lines();
  EXPECT_FALSE(browser->text("#subscriptions-table .reason").empty());
  rig.refuse = nullptr;
  browser->click_word("#subscriptions-table button", "Revive");
  EXPECT_TRUE(rig.until([&] { return rig.told().contains(id); })) << rig.last_lines();
  EXPECT_TRUE(becomes("active"));
}

TEST_F(StatusPage, StaysUsableWithAThousandSubscriptions) {
  std::string users;
  for (int i = 0; i < 1000; ++i) users += "\"user-" + std::to_string(i) + "\", ";
  open("[[subscriptions]]\nrepo = \"acme/rocket\"\nusers = [" + users + "]\nsink = \"team\"\n");
  EXPECT_EQ(browser->run("return document.querySelectorAll('#subscriptions-table tbody tr').length"), 200);
  EXPECT_EQ(browser->text("#subscriptions-more"), "800 more are not shown; the filter finds them.");
  browser->type("#filter", "user-77 rocket");
  EXPECT_TRUE(browser->until("document.querySelectorAll('#subscriptions-table tbody tr').length === 11")) << "77 and 770 to 779";
  EXPECT_EQ(browser->text("#subscriptions-more"), "11 of 1,000 subscriptions.");
  browser->click("#only-trouble");
  EXPECT_TRUE(browser->until("document.querySelectorAll('#subscriptions-table tbody tr').length === 0"));
  EXPECT_EQ(browser->text("#subscriptions-more"), "None with trouble.");
  const double took = browser->run(R"(
    const filter = document.querySelector('#filter');
    document.querySelector('#only-trouble').checked = false;
    const began = performance.now();
    for (const text of ['', 'user-9', 'user', '']) { filter.value = text; filter.dispatchEvent(new Event('input')); }
    document.body.getBoundingClientRect();
    return performance.now() - began;)").get<double>();
  EXPECT_LT(took, 2'000) << "ms for four keys";
}

TEST_F(StatusPage, WhatADaemonLeavesOutIsNotShown) {
  open();
  const json shown = browser->run(R"(
    return import('/surroundings.js').then(({showFeeds, showHosts, showSinks, showForges}) => import('/tree.js').then(({showTree}) => {
      showFeeds([{repo: 'a/b', forge: 'github'}]);
      showSinks([{name: 'team', state: 'ok'}]);
      showForges([{name: 'github'}]);
      showHosts([]);
      showTree([{name: 'beckon', kind: 'supervisor', state: 'running', children: [{name: 'feeds', kind: 'supervisor', state: 'running',
        counts: {running: 2, parked: 1}}]}]);
      const text = (id) => document.querySelector(id).innerText.replace(/\s+/g, ' ').trim();
      return [text('#feeds-table'), text('#forges-table'), document.querySelector('#part-hosts').hidden, text('#tree')];
    }));)");
  EXPECT_THAT(shown.at(0), HasSubstr("a/b github reading – – –"));
  EXPECT_THAT(shown.at(1), HasSubstr("github – – –"));
  EXPECT_EQ(shown.at(2), true);
  EXPECT_EQ(shown.at(3), "beckon running feeds running 2 running, 1 parked");
}

}  // namespace
}  // namespace beckon::core::testing
