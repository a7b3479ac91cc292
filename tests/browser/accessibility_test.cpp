// What somebody needs who uses a keyboard, or listens to the page: as far as it can be measured.
#include "browser/page_rig.hpp"

namespace beckon::core::testing {
namespace {

using ::testing::Contains;
using ::testing::IsEmpty;

struct AccessiblePage : Page {
  // Both views with something in them.
  void open(const std::string& where) {
    serve({}, subscription);
    ASSERT_TRUE(is_read()) << rig.last_lines();
    rig.comment("@octocat a [link](https://example.org), and > more");
    browse(where);
    ASSERT_TRUE(browser->until("document.querySelector('.mention-card, #subscriptions-table tbody tr')"));
  }
  void expect_structure() {
    EXPECT_EQ(browser->run("return document.documentElement.lang"), "en");
    EXPECT_EQ(browser->run("return document.title.length > 0"), true);
    EXPECT_EQ(browser->run("return document.querySelectorAll('h1').length"), 1);
    const json levels = browser->run("return [...document.querySelectorAll('h1, h2, h3, h4')].filter((node) => node.checkVisibility())"
                                     ".map((node) => Number(node.tagName[1]))");
    for (std::size_t i = 1; i < levels.size(); ++i)
      EXPECT_LE(levels[i].get<int>(), levels[i - 1].get<int>() + 1) << "a level of headings is left out: " << levels;
    std::vector<std::string> landmarks;
    for (const auto& one : browser->told("body > header, nav, main, body > footer")) landmarks.push_back(one.role);
    EXPECT_EQ(landmarks, (std::vector<std::string>{"banner", "navigation", "main", "contentinfo"}));
    EXPECT_EQ(browser->run("const ids = [...document.querySelectorAll('[id]')].map((node) => node.id); return ids.length - new Set(ids).size"), 0);
    EXPECT_EQ(browser->run("return [...document.querySelectorAll('img')].every((node) => node.hasAttribute('alt'))"), true);
    EXPECT_EQ(browser->run("return document.querySelectorAll('[tabindex]:not([tabindex=\"-1\"])').length"), 0) << "an order of its own";
  }
  void expect_names() {
    for (const auto& one : browser->told("a[href], button, input, meter, progress, table, section, nav"))
      EXPECT_FALSE(one.name.empty()) << one.role << " without a name: " << one.html;
  }
  // With Tab alone, from the beginning: what is come by, in order; each can be seen to have the focus.
  std::vector<std::string> walk() {
    std::vector<std::string> all;
    browser->run("document.activeElement.blur(); window.scrollTo(0, 0);");
    for (int i = 0; i < 60; ++i) {
      browser->press(WebDriver::tab);
      const json here = browser->run(R"(
        const node = document.activeElement;
        if (node === document.body || node.dataset.walked) return null;
        node.dataset.walked = 'yes';
        const style = getComputedStyle(node), box = node.getBoundingClientRect();
        return {words: (node.ariaLabel || node.innerText || node.id).trim().replace(/\s+/g, ' '),
          marked: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
          inView: box.width > 0 && box.bottom > 0 && box.top < innerHeight};)");
      if (here.is_null()) break;
      all.push_back(here.at("words").get<std::string>());
      EXPECT_EQ(here.at("marked"), true) << all.back() << ": nobody sees that it has the focus";
      EXPECT_EQ(here.at("inView"), true) << all.back() << ": it has the focus out of sight";
    }
    return all;
  }
};

TEST_F(AccessiblePage, WatchHasStructureAndNames) {
  open(octocat);
  expect_structure();
  expect_names();
}

TEST_F(AccessiblePage, StatusHasStructureAndNames) {
  open("/#status");
  expect_structure();
  expect_names();
  std::vector<std::string> roles;
  for (const auto& one : browser->told("#subscriptions-table, #subscriptions-table th, #subscriptions-table tr")) roles.push_back(one.role);
  EXPECT_THAT(roles, ::testing::AllOf(Contains("table"), Contains("columnheader"), Contains("rowheader"), Contains("row")));
}

TEST_F(AccessiblePage, ATableStaysATableOnAPhone) {
  open("/#status");
  browser->look(360, 800, false);
  std::vector<std::string> roles;
  for (const auto& one : browser->told("#subscriptions-table, #subscriptions-table tbody th, #subscriptions-table tbody tr, #subscriptions-table td"))
    roles.push_back(one.role);
  EXPECT_THAT(roles, ::testing::AllOf(Contains("table"), Contains("rowheader"), Contains("row"), Contains("cell")));
}

TEST_F(AccessiblePage, EverythingIsReachedWithTheKeyboardAndSeenToBe) {
  open(octocat);
  EXPECT_EQ(walk(), (std::vector<std::string>{"Skip to the content", "Beckon", "Watch", "Status", "repository", "login", "Watch",
                                              "Stop watching octocat in acme/rocket", "Launch", "vera", "link",
                                              "Open what vera wrote in acme/rocket #1"}));
  browser->run("location.hash = '#status'");
  ASSERT_TRUE(browser->until("document.querySelector('#subscriptions-table tbody tr')"));
  EXPECT_EQ(browser->run("return document.activeElement.id"), "status-title") << "a new view begins at its heading";
  browser->run("for (const node of document.querySelectorAll('[data-walked]')) delete node.dataset.walked;");
  EXPECT_THAT(walk(), ::testing::IsSupersetOf({"Filter the subscriptions", "only-trouble", "Pause acme/rocket octocat team"}));
}

TEST_F(AccessiblePage, TheSkipLinkLeadsToTheContentAndKeepsTheAddress) {
  open(octocat);
  browser->run("document.activeElement.blur();");
  browser->press(WebDriver::tab);
  EXPECT_EQ(browser->run("return document.activeElement.id"), "skip");
  browser->press(WebDriver::enter);
  EXPECT_EQ(browser->run("return document.activeElement.id"), "main");
  EXPECT_EQ(browser->run("return location.hash"), "#watch/acme/rocket/octocat");
  browser->press(WebDriver::tab);
  EXPECT_EQ(browser->run("return document.activeElement.id"), "repository");
}

TEST_F(AccessiblePage, NothingMovesForThoseWhoWantNoMotion) {
  open(octocat);
  const std::string moving = "return [...document.querySelectorAll('*')].filter((node) => { const style = getComputedStyle(node); return "
                             "parseFloat(style.transitionDuration) > 0 || style.animationName !== 'none'; }).length";
  EXPECT_GT(browser->run(moving).get<int>(), 0);
  browser->calm();
  EXPECT_EQ(browser->run(moving), 0);
}

}  // namespace
}  // namespace beckon::core::testing
