// The desktop sink with a real notification server, dunst, on a real screen, Xvfb's; only where BECKON_ALL is set. A picture of
// the screen is left in the build folder, at artefacts/desktop.png, to look at.
#include "sinks/rig.hpp"
#include "support/session_bus.hpp"

#include <sdbus-c++/sdbus-c++.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <string>
#include <vector>

namespace {

using namespace beckon;
using namespace beckon::testing;
using ::testing::ElementsAre;

constexpr char dunstrc[] = R"([global]
    width = 455
    height = 400
    offset = 16x16
    origin = top-left
    notification_limit = 10
    font = DejaVu Sans 10
    markup = full
    format = "<b>%s</b>\n%b"
    idle_threshold = 0
    sort = no
    show_indicators = no
    max_icon_size = 48
    icon_path = )" BECKON_SOURCE_DIR "/sinks/desktop" R"(
[urgency_normal]
    background = "#2d3139"
    foreground = "#e6e6e6"
    frame_color = "#5b6270"
    timeout = 0
)";

std::unique_ptr<sdbus::IProxy> dunst() {
  return sdbus::createProxy(sdbus::createSessionBusConnection(), "org.freedesktop.Notifications",
                            "/org/freedesktop/Notifications");
}

std::uint32_t displayed() {
  return dunst()->getProperty("displayedLength").onInterface("org.dunstproject.cmd0").get<std::uint32_t>();
}

// As the server lays it out: Pango's markup, so what it could not read stands there escaped.
std::vector<std::string> laid_out() {
  dunst()->callMethod("NotificationCloseAll").onInterface("org.dunstproject.cmd0");
  std::vector<std::map<std::string, sdbus::Variant>> history;
  dunst()->callMethod("NotificationListHistory").onInterface("org.dunstproject.cmd0").storeResultsTo(history);
  std::vector<std::string> texts;
  for (auto& entry : history) texts.push_back(entry.at("message").get<std::string>());
  return texts;
}

SampleDelivery in_thread(int number, const std::string& title) {
  SampleDelivery sample;
  sample.id = "delivery-" + std::to_string(number);
  sample.mentions[0].thread = "1/" + std::to_string(number);
  sample.mentions[0].number = number;
  sample.mentions[0].title = title;
  return sample;
}

SampleDelivery rich() {
  SampleDelivery sample = in_thread(12, "Closing the socket hangs when TLS & HTTP/2 are <both> on");
  sample.mentions[0].spans = {{SpanKind::paragraph, ""}, {SpanKind::text, "I think "}, {SpanKind::mention, "@octocat"},
                              {SpanKind::text, " knows why: "}, {SpanKind::code, "shutdown()"}, {SpanKind::text, " waits "},
                              {SpanKind::strong, "for ever"}, {SpanKind::text, ", see "},
                              {SpanKind::link, "the log", "https://ci.example/log?a=1&b=2"}, {SpanKind::text, "."},
                              {SpanKind::list_item, "•", "", 1}, {SpanKind::text, "it is "}, {SpanKind::emphasis, "not"},
                              {SpanKind::text, " the proxy"}, {SpanKind::list_item, "•", "", 1}, {SpanKind::text, "x < y && z"}};
  return sample;
}

SampleDelivery digest() {
  SampleDelivery sample = in_thread(31, "Flaky test on ARM");
  for (const auto& [number, author] : std::map<int, std::string>{{32, "bob"}, {33, "carol"}}) {
    SampleMention mention = in_thread(number, "Release 2.1: what is left").mentions[0];
    mention.author = author;
    mention.edited = author == "carol";
    sample.mentions.push_back(mention);
  }
  sample.more_owed = 4;
  return sample;
}

SampleDelivery plain() {
  SampleDelivery sample = in_thread(41, "Plain <b>form</b>");
  sample.form = Form::plain;
  return sample;
}

SampleDelivery hostile() {
  const std::string text = "</b><script>alert(1)</script> & &amp; <b><i>x</b> <span size='99999'>";
  SampleDelivery sample = in_thread(51, text);
  SampleMention& mention = sample.mentions[0];
  mention.author = "<b>mallory</b>";
  mention.spans = {{SpanKind::strong, text}, {SpanKind::link, text, "https://x.example/\"><b>" + text},
                   {SpanKind::text, "\x1b[31m\u202Egnp"}};
  return sample;
}

SampleDelivery notice() {
  SampleDelivery sample;
  sample.id = "delivery-61";
  sample.purpose = Purpose::notice;
  sample.mentions.clear();
  sample.notice = "acme/rocket cannot be read any more: GitHub answers 404; see `beckon status`";
  return sample;
}

TEST(DesktopScreen, DunstShowsEachAsItIsMeant) {
  if (!std::getenv("BECKON_ALL")) GTEST_SKIP() << "needs dunst and Xvfb; scripts/test --all";
  SessionBus bus;
  std::ofstream(bus.folder() / "dunstrc") << dunstrc;
  const Child screen({"Xvfb", "-displayfd", "1", "-screen", "0", "500x700x24", "-nolisten", "tcp"}, bus.folder() / "display");
  ASSERT_TRUE(soon([&] { return bus.read("display").find('\n') != std::string::npos; }));
  setenv("DISPLAY", (":" + std::to_string(std::stoi(bus.read("display")))).c_str(), 1);
  const Child server({"dunst", "-config", bus.folder() / "dunstrc"}, bus.folder() / "dunst.log");

  const Instance sink(desktop_sink());
  SampleDelivery again = in_thread(21, "A second mention of the thread");
  const SampleDelivery before = again;
  again.id += "+";
  for (SampleDelivery sample : {rich(), before, again, digest(), plain(), hostile(), notice()}) {
    using namespace std::chrono;
    sample.deadline_ms = duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count() + 20'000;
    ASSERT_EQ(sink.deliver(sample).outcome->kind, BECKON_DELIVERED) << sample.id << bus.read("dunst.log");
  }
  ASSERT_TRUE(soon([] { return displayed() == 6; })) << displayed();

  const std::filesystem::path artefacts = BECKON_BINARY_DIR "/artefacts";
  std::filesystem::create_directories(artefacts);
  const std::string picture = artefacts / "desktop.png";
  std::filesystem::remove(picture);
  EXPECT_TRUE(soon([&] {  // dunst counts a little before it draws; an empty screen is a tenth of this
    Child({"import", "-window", "root", picture}, bus.folder() / "import.log").wait();
    return std::filesystem::exists(picture) && std::filesystem::file_size(picture) > 15'000;
  })) << bus.read("import.log");

  const std::string hostile_in_bold = "<b>&lt;/b&gt;&lt;script&gt;alert(1)&lt;/script&gt; &amp; &amp;amp; "
                                      "&lt;b&gt;&lt;i&gt;x&lt;/b&gt; &lt;span size='99999'&gt;</b>";
  EXPECT_THAT(laid_out(),
              ElementsAre("<b>Beckon</b>\nacme/rocket cannot be read any more: GitHub answers 404; see `beckon status`",
                          "<b>&lt;b&gt;mallory&lt;/b&gt; mentioned @octocat in octo-org/hello#51</b>\n" + hostile_in_bold +
                              "\n" + hostile_in_bold + "&lt;…",
                          "<b>alice mentioned @octocat in octo-org/hello#41</b>\nPlain &lt;b&gt;form&lt;/b&gt;\n"
                          "I think @octocat knows why.\nhttps://github.example/octo-org/hello/issues/12#issuecomment-7",
                          "<b>3 mentions of @octocat</b>\nocto-org/hello#31 <b>Flaky test on ARM</b>\n"
                          "alice: I think <b>@octocat</b> knows why.\nocto-org/hello#32 <b>Release 2.1: what is left</b>\n"
                          "bob: I think <b>@octocat</b> knows why.\nocto-org/hello#33 <b>Release 2.1: what is left</b>\n"
                          "carol: I think <b>@octocat</b> knows why. <i>(edited)</i>\n<i>4 more mentions follow</i>",
                          "<b>2 mentions in octo-org/hello#21</b>\n<b>A second mention of the thread</b>\n"
                          "alice: I think <b>@octocat</b> knows why.",
                          "<b>alice mentioned @octocat in octo-org/hello#12</b>\n"
                          "<b>Closing the socket hangs when TLS &amp; HTTP/2 are &lt;both&gt; on</b>\n"
                          "I think <b>@octocat</b> knows why: shutdown() waits <b>for ever</b>, see the log.\n"
                          "• it is <i>not</i> the proxy\n• x &lt; y &amp;&amp; z"));
}

}  // namespace
