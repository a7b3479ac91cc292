// How it looks on a phone and on a wide screen, in light and in dark: pictures to look at, in build/PRESET/artefacts, and what of it
// can be measured.
#include "browser/page_rig.hpp"

namespace beckon::core::testing {
namespace {

struct PageLooks : Page {};

constexpr const char* markdown = R"(@octocat the countdown stops at **T-3** since `a1b2c3d`; see [the log](https://example.org/log).

> It never did that before, as far as @grace remembers.

- the pumps
  - the *left* one
- [x] the ~~doors~~ hatches

```cpp
void launch() {
  std::lock_guard lock(mutex_);
  countdown(10s);   // here it waits, on a line that is too long for any phone
}
```)";

// Every text against what lies behind it: WCAG 2.1, 1.4.3 (AA). Returns what is too faint, in words.
constexpr const char* faint_texts = R"(
  const parse = (text) => { const parts = text.match(/[\d.]+/g).map(Number); return parts.length === 3 ? [...parts, 1] : parts; };
  const over = ([r, g, b, a], [R, G, B]) => [r * a + R * (1 - a), g * a + G * (1 - a), b * a + B * (1 - a), 1];
  const behind = (node) => {
    if (!node) return [255, 255, 255, 1];
    const own = parse(getComputedStyle(node).backgroundColor);
    return own[3] === 1 ? own : over(own, behind(node.parentElement));
  };
  const light = ([r, g, b]) => [r, g, b].map((value) => value / 255)
    .map((value) => (value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4))
    .reduce((sum, value, at) => sum + value * [0.2126, 0.7152, 0.0722][at], 0);
  const faint = [];
  const judge = (node, style, words) => {
    const ground = behind(node), ink = over(parse(style.color), ground);
    const [bright, dark] = [light(ground), light(ink)].sort((a, b) => b - a);
    const ratio = (bright + 0.05) / (dark + 0.05), size = parseFloat(style.fontSize);
    const enough = size >= 24 || (size >= 18.66 && style.fontWeight >= 700) ? 3 : 4.5;
    if (ratio < enough) faint.push(`${words.trim().slice(0, 40)}: ${ratio.toFixed(2)}`);
  };
  for (const node of document.querySelectorAll('body *')) {
    const words = [...node.childNodes].filter((child) => child.nodeType === Node.TEXT_NODE).map((child) => child.data).join('');
    if (words.trim() !== '' && node.checkVisibility()) judge(node, getComputedStyle(node), words);
    if (node.placeholder) judge(node, getComputedStyle(node, '::placeholder'), node.placeholder);
  }
  return faint;)";

TEST_F(PageLooks, RightOnAPhoneAndOnAWideScreenInLightAndInDark) {
  serve({}, std::string(subscription) + "[[subscriptions]]\nname = \"the crew\"\nrepo = \"acme/rocket\"\nuser = \"acme/crew\"\nsink = \"team\"\n");
  ASSERT_TRUE(is_read()) << rig.last_lines();
  rig.comment(markdown);
  rig.forge->open_thread("acme/rocket", 2, true, "A pull request whose title goes on for longer than a phone is wide, as they do", "grace",
                         "@octocat, could you look at the retry path?", Rig::now());
  browse(octocat);
  ASSERT_TRUE(browser->until("document.querySelectorAll('.mention-card').length === 2"));
  rig.refuse = [](const HttpRequest& request) -> std::optional<HttpResponse> {
    if (request.body.find("POISON") != std::string::npos) return says(400, "invalid_blocks");
    return std::nullopt;
  };
  rig.comment("@octocat and now? POISON");
  ASSERT_TRUE(browser->until("document.querySelectorAll('.mention-card').length === 3"));
  ASSERT_EQ(rig.run({"pause", "the crew", "--config", rig.config()}).code, 0);

  for (const std::string view : {"watch", "status"}) {
    if (view == "status") {
      browser->run("location.hash = '#status'");
      ASSERT_TRUE(browser->until("document.querySelector('#dead-table tbody tr')"));
    }
    for (const int width : {360, 1600}) {
      for (const bool dark : {false, true}) {
        SCOPED_TRACE(view + " " + std::to_string(width) + (dark ? " dark" : " light"));
        browser->look(width, 900, dark);
        browser->calm();
        EXPECT_EQ(browser->run("return matchMedia('(prefers-color-scheme: dark)').matches"), dark);
        EXPECT_EQ(browser->run("return document.documentElement.scrollWidth"), width) << "it has to be pushed sideways";
        EXPECT_EQ(browser->run(faint_texts), json::array());
        EXPECT_EQ(browser->run("return [...document.querySelectorAll('button, input, nav a')].filter((node) => node.checkVisibility() && "
                               "!node.matches('.inline')).map((node) => node.closest('label') ?? node).filter((node) => "
                               "node.getBoundingClientRect().height < 24).map((node) => node.outerHTML)"),
                  json::array()) << "too small for a finger (WCAG 2.2, 2.5.8)";
        browser->screenshot(std::string(BECKON_BINARY_DIR) + "/artefacts/" + view + "-" + std::to_string(width) + (dark ? "-dark" : "-light") + ".png");
      }
    }
  }
}

}  // namespace
}  // namespace beckon::core::testing
