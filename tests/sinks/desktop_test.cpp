// What a notification says, and what errors of the bus mean. The bus itself: desktop_bus_test.cpp.
#include "sinks/desktop/browser.hpp"
#include "sinks/desktop/notification.hpp"
#include "sinks/desktop/shown.hpp"
#include "sinks/desktop/trouble.hpp"
#include "sinks/refusals.hpp"
#include "sinks/rig.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace {

using namespace beckon;
using namespace beckon::testing;
using desktop::Abilities;
using desktop::Body;
using desktop::Earlier;
using desktop::Notification;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr Abilities everything{Body::hyperlinks, true, true};
constexpr Abilities nothing{Body::text, false, false};

Notification made_of(const SampleDelivery& sample, const Abilities& abilities = everything, const Earlier& earlier = {}) {
  return desktop::notification(CDelivery(sample).view(), abilities, earlier);
}

SampleDelivery of_spans(std::vector<SampleSpan> spans) {
  SampleDelivery sample;
  sample.mentions[0].spans = std::move(spans);
  return sample;
}

const std::string url = "https://github.example/octo-org/hello/issues/12#issuecomment-7";

TEST(DesktopNotification, SaysWhoWhereAndWhat) {
  const Notification made = made_of({});
  EXPECT_EQ(made.summary, "alice mentioned @octocat in octo-org/hello#12");
  EXPECT_EQ(made.body, "<b>Closing the socket hangs</b>\nI think <b>@octocat</b> knows why.");
  EXPECT_EQ(made.url, url);
  EXPECT_THAT(made.actions, ElementsAre("default", "Open", "open", "Open", "unsubscribe", "Unsubscribe"));
  EXPECT_EQ(made.mentions, 1u);
}

TEST(DesktopNotification, WithoutActionsTheAddressStandsInTheBody) {
  Abilities abilities = everything;
  abilities.actions = false;
  const Notification made = made_of({}, abilities);
  EXPECT_THAT(made.actions, IsEmpty());
  EXPECT_THAT(made.body, EndsWith("\n" + url));
}

TEST(DesktopNotification, WithoutMarkupTheTextIsSentAsItIs) {
  const SampleDelivery sample = of_spans({{SpanKind::strong, "a < b && c"}});
  EXPECT_EQ(made_of(sample, nothing).body, "Closing the socket hangs\na < b && c\n" + url);
}

TEST(DesktopNotification, ThePlainFormHasNoTagsAndIsEscapedAllTheSame) {
  SampleDelivery sample = of_spans({{SpanKind::strong, "a < b"}});
  sample.form = Form::plain;
  EXPECT_EQ(made_of(sample).body, "Closing the socket hangs\na &lt; b\n" + url);
  EXPECT_EQ(made_of(sample, nothing).body, "Closing the socket hangs\na < b\n" + url);
}

TEST(DesktopNotification, OfMarkdownOnlyWhatTheSpecificationKnowsBecomesMarkup) {
  const SampleDelivery sample = of_spans({{SpanKind::emphasis, "e"}, {SpanKind::text, " "}, {SpanKind::strikethrough, "s"},
                                          {SpanKind::text, " "}, {SpanKind::code, "a<b>"}, {SpanKind::text, " "},
                                          {SpanKind::link, "l", "https://x/?a=1&b=\"2\""}, {SpanKind::image, "", "javascript:x"},
                                          {SpanKind::quote, "", "", 1}, {SpanKind::text, "q"}});
  const std::string head = "<b>Closing the socket hangs</b>\n<i>e</i> ~s~ a&lt;b&gt; ";
  EXPECT_EQ(made_of(sample).body,
            head + "<a href=\"https://x/?a=1&amp;b=%222%22\">l</a>[image]\n&gt; q");
  EXPECT_EQ(made_of(sample, {Body::markup, true}).body, head + "l[image]\n&gt; q");
}

TEST(DesktopNotification, TheSummaryIsNeverMarkup) {
  SampleDelivery sample;
  sample.mentions[0].author = "<b>&";
  EXPECT_EQ(made_of(sample).summary, "<b>& mentioned @octocat in octo-org/hello#12");
}

TEST(DesktopNotification, ASecondOneOfTheThreadCountsOnAndLeadsToTheFirst) {
  const Notification made = made_of({}, everything, {1, "https://github.example/first"});
  EXPECT_EQ(made.summary, "2 mentions in octo-org/hello#12");
  EXPECT_EQ(made.body, "<b>Closing the socket hangs</b>\n<a href=\"" + url + "\">alice</a>: I think <b>@octocat</b> knows why.");
  EXPECT_EQ(made.url, "https://github.example/first");
  EXPECT_EQ(made.mentions, 2u);
}

TEST(DesktopNotification, ADigestOfSeveralThreadsNamesEach) {
  SampleDelivery sample;
  sample.mentions.assign(2, SampleMention{});
  sample.mentions[1].thread = "1/13";
  sample.mentions[1].number = 13;
  sample.mentions[1].author = "bob";
  sample.mentions[1].edited = true;
  sample.more_owed = 3;
  const Notification made = made_of(sample);
  EXPECT_EQ(made.summary, "2 mentions of @octocat");
  EXPECT_EQ(made.body,
            "<a href=\"" + url + "\">octo-org/hello#12</a> <b>Closing the socket hangs</b>\n"
            "alice: I think <b>@octocat</b> knows why.\n"
            "<a href=\"" + url + "\">octo-org/hello#13</a> <b>Closing the socket hangs</b>\n"
            "bob: I think <b>@octocat</b> knows why. <i>(edited)</i>\n"
            "<i>3 more mentions follow</i>");
  EXPECT_THAT(made.actions, ElementsAre("default", "Open the first", "open", "Open the first", "unsubscribe", "Unsubscribe"));
  EXPECT_EQ(desktop::thread_of(CDelivery(sample).view()), "");
}

TEST(DesktopNotification, AThreadIsItsSubscriptionsOwn) {
  EXPECT_EQ(desktop::thread_of(CDelivery(SampleDelivery{}).view()), "subscription-1\n1/12");
}

TEST(DesktopNotification, WhatIsNotNewSaysWhenItWas) {
  SampleDelivery sample;
  EXPECT_THAT(made_of(sample).body, Not(HasSubstr("ago")));
  sample.mentions[0].appeared_ms = noon_ms - 3 * 3'600'000;
  sample.mentions[0].is_private = true;
  EXPECT_THAT(made_of(sample).body, EndsWith("\n<i>3 hours ago · private repository</i>"));
}

TEST(DesktopNotification, ANoticeOffersNothingToDo) {
  SampleDelivery sample;
  sample.purpose = Purpose::notice;
  sample.notice = "acme/rocket cannot be read <any> more";
  sample.mentions.clear();
  const Notification made = made_of(sample);
  EXPECT_EQ(made.summary, "Beckon");
  EXPECT_EQ(made.body, "acme/rocket cannot be read &lt;any&gt; more");
  EXPECT_THAT(made.actions, IsEmpty());
}

TEST(DesktopNotification, WhatIsNoWebAddressCannotBeOpened) {
  SampleDelivery sample;
  sample.mentions[0].url = "file:///etc/passwd";
  const Notification made = made_of(sample);
  EXPECT_EQ(made.url, "");
  EXPECT_THAT(made.actions, ElementsAre("unsubscribe", "Unsubscribe"));
  EXPECT_FALSE(desktop::open_link("file:///etc/passwd", ""));
  EXPECT_FALSE(desktop::open_link("--help", ""));
}

TEST(DesktopNotification, AbilitiesAreTakenFromTheServersOwnList) {
  EXPECT_EQ(desktop::abilities({"body", "body-hyperlinks"}).body, Body::text) << "links are markup too";
  EXPECT_EQ(desktop::abilities({"body-markup"}).body, Body::markup);
  const Abilities all = desktop::abilities({"sound", "actions", "body-markup", "body-hyperlinks"});
  EXPECT_EQ(all.body, Body::hyperlinks);
  EXPECT_TRUE(all.actions && all.sound);
  EXPECT_FALSE(desktop::abilities({}).actions);
}

// ---- what is shown -------------------------------------------------------------------------------------------------------

desktop::Popup popup(const std::string& thread, const std::string& delivery, std::size_t mentions = 1) {
  return {thread, "s", delivery, "https://x/" + delivery, mentions};
}

TEST(DesktopShown, ALaterDeliveryOfTheThreadReplacesAndCounts) {
  desktop::Shown shown;
  shown.put(7, popup("t", "d1"));
  const auto replaced = shown.replaced_by("d2", "t");
  EXPECT_EQ(replaced.id, 7u);
  EXPECT_EQ(replaced.earlier.mentions, 1u);
  EXPECT_EQ(replaced.earlier.url, "https://x/d1");
  EXPECT_EQ(shown.replaced_by("d2", "other").id, 0u);
  EXPECT_EQ(shown.replaced_by("d2", "").id, 0u);
}

TEST(DesktopShown, TheSameDeliveryOnceMoreCountsNothingTwice) {
  desktop::Shown shown;
  desktop::Popup second = popup("t", "d2", 3);
  second.earlier = {2, "https://x/d1"};
  shown.put(7, second);
  const auto replaced = shown.replaced_by("d2", "t");
  EXPECT_EQ(replaced.id, 7u);
  EXPECT_EQ(replaced.earlier.mentions, 2u);
}

TEST(DesktopShown, WhatIsClosedIsReplacedByNothing) {
  desktop::Shown shown;
  shown.put(7, popup("t", "d1"));
  shown.forget(7);
  EXPECT_EQ(shown.replaced_by("d2", "t").id, 0u);
  shown.put(8, popup("t", "d1"));
  shown.expire(8);
  EXPECT_EQ(shown.replaced_by("d2", "t").id, 0u);
  EXPECT_TRUE(shown.at(8)) << "it may stand in a list, and be clicked there";
  shown.forget_all();
  EXPECT_FALSE(shown.at(8));
}

TEST(DesktopShown, TheOldestIsForgotten) {
  desktop::Shown shown;
  for (std::uint32_t id = 1; id <= desktop::Shown::most; ++id) shown.put(id, popup("t", std::to_string(id)));
  shown.put(1, popup("t", "again"));
  shown.put(9'999, popup("t", "new"));
  EXPECT_TRUE(shown.at(1) && shown.at(3) && shown.at(9'999));
  EXPECT_FALSE(shown.at(2));
}

// ---- trouble -------------------------------------------------------------------------------------------------------------

struct Row {
  const char* name;
  std::uint32_t kind;
  const char* code;
  desktop::Remedy remedy;
  bool ambiguous;
};

TEST(DesktopTrouble, TheErrorsOfTheBus) {
  using desktop::Remedy;
  const Row rows[] = {
      {"org.freedesktop.DBus.Error.NoServer", BECKON_RETRY, "no_session_bus", Remedy::bus, false},
      {"org.freedesktop.DBus.Error.ServiceUnknown", BECKON_RETRY, "no_notification_server", Remedy::server, false},
      {"org.freedesktop.DBus.Error.NameHasNoOwner", BECKON_RETRY, "no_notification_server", Remedy::server, false},
      {"org.freedesktop.DBus.Error.Spawn.ChildExited", BECKON_RETRY, "no_notification_server", Remedy::server, false},
      {"org.freedesktop.DBus.Error.UnknownMethod", BECKON_RETRY, "no_notification_server", Remedy::moment, false},
      {"org.freedesktop.DBus.Error.NoReply", BECKON_RETRY, "no_reply", Remedy::none, true},
      {"org.freedesktop.DBus.Error.Disconnected", BECKON_RETRY, "bus_lost", Remedy::bus, true},
      {"org.freedesktop.Notifications.Error.ExcessNotificationGeneration", BECKON_RETRY, "too_many", Remedy::none, false},
      {"org.freedesktop.DBus.Error.AccessDenied", BECKON_MISCONFIGURED, "access_denied", Remedy::none, false},
      {"org.freedesktop.DBus.Error.InvalidArgs", BECKON_REJECTED, "refused", Remedy::none, false},
      {"org.gnome.gjs.JSError.TypeError", BECKON_RETRY, "failed", Remedy::none, false},
      {"", BECKON_RETRY, "failed", Remedy::none, false},
  };
  for (const Row& row : rows) {
    const desktop::Failure failure{row.name, "It is broken. Go away.\n"};
    const Outcome outcome = desktop::trouble(failure);
    EXPECT_EQ(outcome.kind, row.kind) << row.name;
    EXPECT_EQ(outcome.code, row.code) << row.name;
    EXPECT_EQ(desktop::remedy(failure), row.remedy) << row.name;
    EXPECT_EQ(outcome.ambiguous, row.ambiguous) << row.name;
    EXPECT_EQ(outcome.reason.find(". "), std::string::npos) << outcome.reason;
    EXPECT_NE(outcome.reason.back(), '.') << outcome.reason;
    EXPECT_LE(outcome.reason.size(), 500u);
  }
}

TEST(DesktopTrouble, AFloodWaitsAMinute) {
  EXPECT_EQ(desktop::trouble({"org.freedesktop.Notifications.Error.ExcessNotificationGeneration", ""}).retry_after_ms, 60'000);
}

TEST(DesktopTrouble, TheJudgeOfMarkupFindsWhatIsWrong) {
  EXPECT_THAT(body_markup_complaints("<b>a &amp; b</b> <a href=\"https://x/?a&amp;b\">c</a>"), IsEmpty());
  for (const char* bad : {"<b>", "</b>", "<b><i></b></i>", "a & b", "a > b", "<script>", "<a href=\"javascript:x\">x</a>",
                          "<a href=\"https://x\" onclick=\"y\">x</a>", "<B>x</B>", "<b"})
    EXPECT_THAT(body_markup_complaints(bad), Not(IsEmpty())) << bad;
}

}  // namespace
