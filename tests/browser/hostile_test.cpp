// What strangers write is shown as text, and nothing of it runs.
#include "browser/page_rig.hpp"

namespace beckon::core::testing {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;

struct HostilePost : Page {};

// Each would set window.ran, if it ran.
const char* const bodies[] = {
    "@octocat <script>window.ran = 1</script> after a script",
    "@octocat <img src=x onerror=\"window.ran = 1\"> after a picture",
    "@octocat <svg onload=\"window.ran = 1\"></svg> after a drawing",
    "@octocat <iframe srcdoc=\"<script>parent.ran = 1</script>\"></iframe> after a frame",
    "@octocat `<script>window.ran = 1</script>` in code",
    "@octocat &lt;img src=x onerror=&quot;window.ran=1&quot;&gt; written in references",
    "@octocat [a link](javascript:window.ran=1) of a script",
    "@octocat [a link](JaVaScRiPt:window.ran=1) of a script in disguise",
    "@octocat [a link](data:text/html,<script>opener.ran=1</script>) of data",
    "@octocat [a link](https://example.org/\"onclick=\"window.ran=1) with a quote",
    "@octocat ![a picture](javascript:window.ran=1)",
    "```\n</code></pre><script>window.ran = 1</script>\n```\n@octocat after a block",
    "@octocat {{constructor.constructor('window.ran=1')()}} ${window.ran=1}",
};

TEST_F(HostilePost, RunsNoScript) {
  const auto then = Rig::now() - std::chrono::hours(1);
  for (const char* body : bodies) rig.comment(body, then);
  rig.forge->open_thread("acme/rocket", 66, false, "<img src=x onerror=\"window.ran = 1\"><script>window.ran = 1</script>", "vera",
                         "@octocat in a thread with a name like that", then);
  rig.forge->add_post("acme/rocket", PostKind::comment, 1, "\"><script>window.ran=1</script>", "@octocat by somebody with a name like that", then);
  serve();
  browse("/");
  browser->run(R"(
    window.stopped = [];
    document.addEventListener('securitypolicyviolation', (event) => window.stopped.push(event.violatedDirective + ' ' + event.blockedURI));
    location.hash = '#watch/acme/rocket/octocat';)");
  const std::size_t all = std::size(bodies) + 2;
  ASSERT_TRUE(browser->until("document.querySelectorAll('.mention-card').length === " + std::to_string(all)))
      << browser->texts(".excerpt").size();

  // Whatever can be pressed is pressed, where it stands.
  browser->run("for (const link of document.querySelectorAll('.watch a')) { link.target = ''; link.addEventListener('click', (event) => "
               "event.preventDefault()); link.click(); link.focus(); }");
  rig.serve(300ms);
  EXPECT_EQ(browser->run("return window.ran ?? null"), nullptr);
  EXPECT_EQ(browser->run("return window.stopped"), json::array()) << "the content policy is the second wall; nothing came so far";
  EXPECT_EQ(browser->run("return document.querySelectorAll('.watch script, .watch img, .watch svg, .watch iframe, .watch [onerror], .watch "
                         "[onclick], .watch [style]').length"),
            0);
  const json schemes = browser->run("return [...document.querySelectorAll('.watch a')].map((link) => new URL(link.href).protocol)");
  EXPECT_FALSE(schemes.empty());
  for (const json& scheme : schemes) EXPECT_THAT(scheme.get<std::string>(), ::testing::AnyOf("https:", "http:"));
  EXPECT_EQ(browser->run("return [...document.querySelectorAll('.watch a')].every((link) => link.rel === 'noopener noreferrer')"), true);

  const auto shown = browser->texts(".excerpt");
  EXPECT_THAT(shown, Contains(HasSubstr("<script>window.ran = 1</script> in code")));
  EXPECT_THAT(shown, Contains(HasSubstr("<img src=x onerror=\"window.ran=1\"> written in references")));
  EXPECT_THAT(shown, Contains(HasSubstr("{{constructor.constructor('window.ran=1')()}}")));
  EXPECT_THAT(browser->texts(".thread-title"), Contains("<img src=x onerror=\"window.ran = 1\"><script>window.ran = 1</script>"));
}

// The second wall by itself: were there a mistake in the page, the policy would stop what comes of it.
TEST_F(HostilePost, WouldBeStoppedByThePolicyToo) {
  may_complain = true;
  serve();
  browse("/");
  // Later, since DevTools itself, which the driver speaks through, is under no policy.
  const json stopped = browser->run(R"(
    return new Promise((resolve) => setTimeout(() => {
      const outcome = {};
      const attempt = (name, act) => { try { act(); outcome[name] = 'done'; } catch (error) { outcome[name] = error.name; } };
      const script = document.createElement('script');
      attempt('markup', () => { document.body.innerHTML = '<b>x</b>'; });
      attempt('script', () => { script.textContent = 'window.ran = 1'; document.body.append(script); });
      attempt('eval', () => (0, eval)('window.ran = 1'));
      attempt('handler', () => { document.body.setAttribute('onclick', 'window.ran = 1'); document.body.click(); });
      outcome.ran = window.ran ?? null;
      resolve(outcome);
    }, 0));)");
  EXPECT_EQ(stopped.at("markup"), "TypeError");
  EXPECT_EQ(stopped.at("script"), "TypeError");
  EXPECT_EQ(stopped.at("eval"), "EvalError");
  EXPECT_EQ(stopped.at("handler"), "TypeError");
  EXPECT_EQ(stopped.at("ran"), nullptr);
}

TEST_F(HostilePost, StaysInItsPlace) {
  const auto then = Rig::now() - std::chrono::hours(1);
  std::string crowded = "@octocat Z";
  for (int i = 0; i < 400; ++i) crowded += "\u0335\u0322";
  rig.comment(crowded, then);                                                 // marks that pile up over other lines
  rig.comment("@octocat \u202Edesrever\u2066 and never ended", then);         // runs from right to left
  rig.comment("@octocat " + std::string(60'000, 'w'), then);                  // a word without an end
  rig.comment("@octocat " + std::string(3'000, '>') + " deep", then);
  rig.comment("@octocat\n\n" + std::string(500, '\n') + "- a\n  - b\n    - c\n      - d\n        - e\n          - f", then);
  rig.comment("@octocat | a | b |\n\n| a | b |\n|---|---|\n| " + std::string(2'000, 'x') + " | y |", then);
  serve();
  browse("/");
  browser->look(360, 800, false);
  browser->open(origin + octocat);
  ASSERT_TRUE(browser->until("document.querySelectorAll('.mention-card').length === 6"));
  EXPECT_EQ(browser->run("return document.documentElement.scrollWidth"), 360) << "something sticks out of the page";
  EXPECT_EQ(browser->run(R"(
    return [...document.querySelectorAll('.mention-card')].every((card) => {
      const around = card.getBoundingClientRect();
      return [...card.querySelectorAll('.excerpt *')].every((node) => {
        const box = node.getBoundingClientRect();
        return box.left >= around.left - 1 && box.right <= around.right + 1 && box.top >= around.top - 1 && box.bottom <= around.bottom + 1;
      });
    });)"), true);
  EXPECT_EQ(browser->run("return getComputedStyle(document.querySelector('.mention-card header .deed')).direction"), "ltr");
  EXPECT_LT(browser->run("return document.querySelectorAll('.watch *').length").get<int>(), 1'500);
  EXPECT_LT(browser->run("return Math.max(...[...document.querySelectorAll('.excerpt')].map((node) => node.textContent.length))").get<int>(), 2'000);
}

}  // namespace
}  // namespace beckon::core::testing
