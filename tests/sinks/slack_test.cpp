#include "sinks/rig.hpp"
#include "sinks/slack/message.hpp"
#include "sinks/slack/mrkdwn.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <string>

namespace {

using namespace beckon;
using namespace beckon::testing;
using ::testing::HasSubstr;
using ::testing::Not;
using json = nlohmann::json;

const std::string webhook = "https://hooks.slack.example/services/T000/B000/SecretTokenOfSlack";

SampleDelivery delivery() {
  SampleDelivery sample;
  sample.target = {{"webhook_url", webhook}};
  return sample;
}

json body_of(const SampleDelivery& sample) {
  const Emitted emitted = Instance(slack_sink()).render(sample);
  return emitted.request ? json::parse(emitted.request->body) : json();
}

// The text of every block, in order.
std::string blocks_text(const json& body) {
  std::string all;
  for (const json& block : body["blocks"]) {
    if (block["type"] == "section") all += block["text"]["text"].get<std::string>() + "\n";
    if (block["type"] == "context") all += block["elements"][0]["text"].get<std::string>() + "\n";
  }
  return all;
}

Outcome outcome_of(unsigned status, const std::string& body, Purpose purpose = Purpose::mention,
                   std::vector<std::pair<std::string, std::string>> headers = {}) {
  SampleDelivery sample = delivery();
  sample.purpose = purpose;
  return *Instance(slack_sink()).interpret(sample, {status, body, std::move(headers)}).outcome;
}

TEST(SlackMessage, SaysWhoWhereWhatAndWhen) {
  const json body = body_of(delivery());
  const std::string text = blocks_text(body);
  EXPECT_EQ(
      text,
      "*alice* mentioned *@octocat* in a comment on\n"
      "*<https://github.example/octo-org/hello/issues/12#issuecomment-7|octo-org/hello#12 Closing the socket hangs>*\n"
      "I think *@octocat* knows why.\n"
      "<!date^1789999820^{date_short_pretty} at {time}|2026-09-21 14:10 UTC>\n");
  EXPECT_EQ(body["text"],
            "alice mentioned @octocat in a comment on octo-org/hello#12 Closing the socket hangs\n"
            "<https://github.example/octo-org/hello/issues/12#issuecomment-7>\n"
            "I think @octocat knows why.");
  EXPECT_EQ(body["unfurl_links"], false);
  EXPECT_EQ(body["link_names"], false);
  for (const json& block : body["blocks"]) {
    if (block["type"] == "section") {
      EXPECT_EQ(block["text"]["verbatim"], true);
    }
  }
}

TEST(SlackMessage, GoesToTheConfiguredAddress) {
  const Emitted emitted = Instance(slack_sink()).render(delivery());
  EXPECT_EQ(emitted.request->url, webhook);
  EXPECT_EQ(emitted.request->method, "POST");
  EXPECT_EQ(emitted.request->covered, 1u);
}

TEST(SlackMessage, APingNotifiesThatOnePerson) {
  SampleDelivery sample = delivery();
  sample.target["ping"] = "U012AB3CD";
  const json body = body_of(sample);
  EXPECT_THAT(body["text"].get<std::string>(), ::testing::StartsWith("<@U012AB3CD> alice"));
  EXPECT_THAT(blocks_text(body), ::testing::StartsWith("<@U012AB3CD> *alice*"));
}

TEST(SlackMessage, AMalformedPingIsAMisconfigurationAndNoMessage) {
  for (const char* ping : {"octocat", "U", "!channel", "U1> <!channel", "u012ab3cd"}) {
    SampleDelivery sample = delivery();
    sample.target["ping"] = ping;
    const Emitted emitted = Instance(slack_sink()).render(sample);
    ASSERT_TRUE(emitted.outcome) << ping;
    EXPECT_EQ(emitted.outcome->kind, BECKON_MISCONFIGURED);
    EXPECT_EQ(check(slack_sink(), {}, {{"ping", ping}}).size(), 1u);
  }
}

TEST(SlackMessage, ADigestIsInOrderOfTimeAndEachMentionHasItsOwnAddress) {
  SampleDelivery sample = delivery();
  sample.mentions = {SampleMention{}, SampleMention{}, SampleMention{}};
  sample.mentions[0].url = "https://github.example/third";
  sample.mentions[1].url = "https://github.example/first";
  sample.mentions[1].appeared_ms -= 2'000'000;
  sample.mentions[2].url = "https://github.example/second";
  sample.mentions[2].appeared_ms -= 1'000'000;
  sample.more_owed = 4;
  const std::string text = blocks_text(body_of(sample));
  EXPECT_THAT(text, ::testing::StartsWith("*3 mentions of @octocat*\n"));
  EXPECT_LT(text.find("/first|"), text.find("/second|"));
  EXPECT_LT(text.find("/second|"), text.find("/third|"));
  EXPECT_THAT(text, HasSubstr("4 more mentions follow"));
}

TEST(SlackMessage, MoreThanTenMentionsAreLeftForTheNextMessage) {
  SampleDelivery sample = delivery();
  sample.mentions.assign(25, SampleMention{});
  const Emitted emitted = Instance(slack_sink()).render(sample);
  EXPECT_EQ(emitted.request->covered, 10u);
  EXPECT_LE(json::parse(emitted.request->body)["blocks"].size(), 50u);
}

TEST(SlackMessage, RemarksSayEditedBotAndPrivate) {
  SampleDelivery sample = delivery();
  sample.mentions[0].edited = true;
  sample.mentions[0].is_bot = true;
  sample.mentions[0].is_private = true;
  EXPECT_THAT(blocks_text(body_of(sample)), HasSubstr("·  (edited)  ·  bot  ·  private repository"));
}

TEST(SlackMessage, ThePlainFormHasNoBlocks) {
  SampleDelivery sample = delivery();
  sample.form = Form::plain;
  const json body = body_of(sample);
  EXPECT_FALSE(body.contains("blocks"));
  EXPECT_EQ(body["mrkdwn"], false);
  EXPECT_THAT(body["text"].get<std::string>(), HasSubstr("2026-09-21 14:10 UTC\nI think @octocat knows why."));
}

TEST(SlackMessage, ANoticeIsItsText) {
  SampleDelivery sample = delivery();
  sample.purpose = Purpose::notice;
  sample.mentions.clear();
  sample.notice = "12 older mentions were left out & <!here>";
  const json body = body_of(sample);
  EXPECT_EQ(blocks_text(body), "12 older mentions were left out &amp; &lt;!here&gt;\n");
  EXPECT_EQ(body["text"], "12 older mentions were left out &amp; &lt;!here&gt;");
}

TEST(SlackMessage, AProbeShowsNothing) {
  SampleDelivery sample = delivery();
  sample.purpose = Purpose::probe;
  sample.mentions.clear();
  EXPECT_EQ(Instance(slack_sink()).render(sample).request->body, R"({"text":""})");
}

TEST(SlackMessage, WithoutAWebhookNothingIsSent) {
  SampleDelivery sample = delivery();
  sample.target.clear();
  EXPECT_EQ(Instance(slack_sink()).render(sample).outcome->code, "no_webhook_url");
}

TEST(SlackMrkdwn, OnlyThreeCharactersAreEscaped) {
  EXPECT_EQ(slack::escape("<!channel> & *b* `c`"), "&lt;!channel&gt; &amp; *b* `c`");
}

TEST(SlackMrkdwn, SpansBecomeMrkdwn) {
  SampleDelivery sample = delivery();
  sample.mentions[0].spans = {{SpanKind::paragraph, ""},
                              {SpanKind::strong, "bold"},
                              {SpanKind::text, " and "},
                              {SpanKind::emphasis, "it "},
                              {SpanKind::text, "in"},
                              {SpanKind::strong, "word"},
                              {SpanKind::text, " "},
                              {SpanKind::code, "a<b"},
                              {SpanKind::text, " "},
                              {SpanKind::code, "tick`"},
                              {SpanKind::text, " "},
                              {SpanKind::link, "docs & more", "https://x/?a=1&b=2"},
                              {SpanKind::text, " "},
                              {SpanKind::link, "bad", "javascript:x"},
                              {SpanKind::code_block, "f<T>();\n```\n", "cpp"}};
  EXPECT_THAT(blocks_text(body_of(sample)),
              HasSubstr("*bold* and _it_ inword `a&lt;b` tick` <https://x/?a=1&amp;b=2|docs &amp; more> bad\n\n"
                        "```\nf&lt;T&gt;();\n'''\n```\n"));
}

TEST(SlackMrkdwn, ALinkCannotPretendToLeadElsewhere) {
  SampleDelivery sample = delivery();
  sample.mentions[0].spans = {{SpanKind::link, "https://github.com", "https://evil.example/>|x"}};
  EXPECT_THAT(blocks_text(body_of(sample)), HasSubstr("<https://evil.example/%3E%7Cx|https://evil.example/&gt;|x>"));
}

struct Row {
  unsigned status;
  const char* body;
  std::uint32_t kind;
  std::uint32_t certainty;
};

class SlackAnswer : public ::testing::TestWithParam<Row> {};

TEST_P(SlackAnswer, MeansWhatSlackSays) {
  const Outcome outcome = outcome_of(GetParam().status, GetParam().body);
  EXPECT_EQ(outcome.kind, GetParam().kind) << outcome.reason;
  EXPECT_EQ(outcome.certainty, GetParam().certainty) << outcome.reason;
  EXPECT_EQ(outcome.ask_again_after_ms > 0, GetParam().certainty == BECKON_MAYBE);
}

INSTANTIATE_TEST_SUITE_P(Table, SlackAnswer, ::testing::Values(
    Row{200, "ok", BECKON_DELIVERED, BECKON_EXACT},
    Row{200, "ok\n", BECKON_DELIVERED, BECKON_EXACT},
    Row{200, "", BECKON_RETRY, BECKON_EXACT},
    Row{200, "<html>ok</html>", BECKON_RETRY, BECKON_EXACT},
    Row{204, "ok", BECKON_RETRY, BECKON_EXACT},
    Row{400, "invalid_payload", BECKON_REJECTED, BECKON_EXACT},
    Row{400, "invalid_blocks", BECKON_REJECTED, BECKON_EXACT},
    Row{400, "invalid_blocks_format", BECKON_REJECTED, BECKON_EXACT},
    Row{400, "no_text", BECKON_REJECTED, BECKON_EXACT},
    Row{400, "missing_text_or_fallback_or_attachments", BECKON_REJECTED, BECKON_EXACT},
    Row{400, "too_many_attachments", BECKON_REJECTED, BECKON_EXACT},
    Row{400, "user_not_found", BECKON_GONE, BECKON_MAYBE},
    Row{403, "action_prohibited", BECKON_MISCONFIGURED, BECKON_EXACT},
    Row{403, "posting_to_general_channel_denied", BECKON_MISCONFIGURED, BECKON_EXACT},
    Row{403, "invalid_token", BECKON_GONE, BECKON_MAYBE},
    Row{404, "channel_not_found", BECKON_GONE, BECKON_MAYBE},
    Row{404, "no_service", BECKON_GONE, BECKON_EXACT},
    Row{404, "no_service_id", BECKON_GONE, BECKON_EXACT},
    Row{404, "no_active_hooks", BECKON_GONE, BECKON_EXACT},
    Row{404, "no_team", BECKON_GONE, BECKON_EXACT},
    Row{403, "team_disabled", BECKON_GONE, BECKON_MAYBE},
    Row{404, "team_disabled", BECKON_GONE, BECKON_MAYBE},
    Row{410, "channel_is_archived", BECKON_GONE, BECKON_MAYBE},
    Row{429, R"({"retry_after":1,"ok":false,"error":"rate_limited"})", BECKON_RETRY, BECKON_EXACT},
    Row{500, "rollup_error", BECKON_RETRY, BECKON_EXACT},
    Row{500, "<title>Server Error | Slack</title>", BECKON_RETRY, BECKON_EXACT},
    Row{405, "", BECKON_MISCONFIGURED, BECKON_EXACT},
    Row{404, "", BECKON_RETRY, BECKON_EXACT},
    Row{403, "", BECKON_RETRY, BECKON_EXACT},
    Row{410, "", BECKON_RETRY, BECKON_EXACT},
    Row{404, "<html>no_service</html>", BECKON_RETRY, BECKON_EXACT},
    Row{302, "", BECKON_RETRY, BECKON_EXACT},
    // A word of removal with another status, or in JSON, is believed less.
    Row{403, "no_service", BECKON_GONE, BECKON_MAYBE},
    Row{502, "no_service", BECKON_RETRY, BECKON_EXACT},
    Row{200, R"({"ok":false,"error":"no_service"})", BECKON_GONE, BECKON_MAYBE},
    Row{404, R"({"ok":false,"error":"no_service"})", BECKON_GONE, BECKON_MAYBE},
    Row{200, R"({"ok":false,"error":"channel_not_found"})", BECKON_GONE, BECKON_MAYBE},
    Row{200, R"({"ok":false,"error":"invalid_auth"})", BECKON_MISCONFIGURED, BECKON_EXACT},
    Row{200, R"({"ok":false,"error":"something_new"})", BECKON_RETRY, BECKON_EXACT},
    Row{200, R"({"ok":true})", BECKON_MISCONFIGURED, BECKON_EXACT},
    Row{400, "a_word_of_tomorrow", BECKON_REJECTED, BECKON_EXACT},
    Row{400, "Bad Request", BECKON_RETRY, BECKON_EXACT}));

TEST(SlackProbe, NoTextMeansAlive) {
  EXPECT_EQ(outcome_of(400, "no_text", Purpose::probe).kind, BECKON_DELIVERED);
  EXPECT_EQ(outcome_of(404, "no_service", Purpose::probe).kind, BECKON_GONE);
  EXPECT_EQ(outcome_of(400, "invalid_payload", Purpose::probe).kind, BECKON_RETRY);
  EXPECT_EQ(outcome_of(400, "", Purpose::probe).kind, BECKON_RETRY);
}

TEST(SlackRateLimit, TheLongerOfHeaderAndBodyCounts) {
  EXPECT_EQ(outcome_of(429, "", Purpose::mention, {{"Retry-After", "30"}}).retry_after_ms, 30'000);
  EXPECT_EQ(outcome_of(429, R"({"retry_after":45})", Purpose::mention, {{"Retry-After", "30"}}).retry_after_ms, 45'000);
  EXPECT_EQ(outcome_of(429, "").retry_after_ms, -1);
  EXPECT_EQ(outcome_of(503, "", Purpose::mention, {{"Retry-After", "120"}}).retry_after_ms, 120'000);
}

TEST(SlackPace, OneMessageASecond) {
  EXPECT_EQ(outcome_of(200, "ok").not_before_ms, 1000);
}

TEST(SlackAnswerWithoutOk, MayHaveArrived) {
  EXPECT_TRUE(outcome_of(200, "").ambiguous);
  EXPECT_FALSE(outcome_of(200, "", Purpose::probe).ambiguous);
  EXPECT_FALSE(outcome_of(503, "").ambiguous);
}

TEST(SlackCheck, TellsOtherKindsOfAddressesApart) {
  EXPECT_THAT(check(slack_sink(), {}, {{"webhook_url", "https://hooks.slack.com/workflows/T/A/1"}}).at(0).second,
              HasSubstr("incoming webhook"));
  EXPECT_THAT(check(slack_sink(), {}, {{"webhook_url", "https://slack.com/api/chat.postMessage"}}).at(0).second,
              HasSubstr("bot token"));
  EXPECT_TRUE(check(slack_sink(), {}, {{"webhook_url", webhook}, {"ping", "W0123"}}).empty());
  const auto complaint = [](const std::string& url) {
    const auto said = check(slack_sink(), {}, {{"webhook_url", url}});
    return said.empty() ? std::string() : said.at(0).second;
  };
  EXPECT_THAT(complaint("https://hooks.slack.com/"), HasSubstr("not a whole incoming webhook"));
  EXPECT_THAT(complaint("https://HOOKS.slack.com/services/T1/B1"), HasSubstr("not a whole incoming webhook"));
  EXPECT_THAT(complaint("https://acme.slack.com/archives/C1"), HasSubstr("a page of Slack"));
  EXPECT_THAT(complaint("https://github.com"), HasSubstr("this is GitHub"));
  EXPECT_THAT(complaint("https://discord.com/api/webhooks/123456789012345678/x"), HasSubstr("plugin = \"discord\""));
  for (const char* good : {"https://hooks.slack.com/services/T1/B1/x", "http://127.0.0.1:8065/hooks/x",
                           "https://chat.example.org/hooks/x", "https://notslack.com/x"})
    EXPECT_EQ(complaint(good), "") << good;
}

}  // namespace
