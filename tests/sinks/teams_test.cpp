#include "sinks/answers_table.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace {

using namespace beckon;
using namespace beckon::testing;
using ::testing::HasSubstr;
using json = nlohmann::json;

SampleDelivery delivery() {
  SampleDelivery sample;
  sample.target = {{"webhook_url", "https://flows.example/invoke?sig=secret"}};
  return sample;
}

json card_of(const SampleDelivery& sample) {
  const json message = json::parse(Instance(teams_sink()).render(sample).request->body);
  EXPECT_EQ(message["type"], "message");
  EXPECT_EQ(message["attachments"].size(), 1u);
  EXPECT_TRUE(message["attachments"][0]["contentUrl"].is_null());
  return message["attachments"][0]["content"];
}

TEST(Teams, SendsACardWhoseLinesStandApart) {
  const json card = card_of(delivery());
  EXPECT_EQ(card["type"], "AdaptiveCard");
  EXPECT_EQ(card["version"], "1.4");
  ASSERT_EQ(card["body"].size(), 1u);
  EXPECT_EQ(card["body"][0]["type"], "TextBlock");
  EXPECT_EQ(card["body"][0]["wrap"], true);
  EXPECT_EQ(card["body"][0]["text"],
            "**alice** mentioned **@\u200Coctocat** in a comment on "
            "[octo-org/hello\\#12](https://github.example/octo-org/hello/issues/12#issuecomment-7)\n\n"
            "**Closing the socket hangs**\n\n2026-09-21 14:10 UTC\n\nI think **@\u200Coctocat** knows why.");
}

TEST(Teams, WhatCardsDoNotKnowIsText) {
  SampleDelivery sample = delivery();
  sample.mentions[0].spans = {{SpanKind::code, "a_b"}, {SpanKind::text, " "}, {SpanKind::strikethrough, "no"},
                              {SpanKind::code_block, "if x:\n  y *= 2", "py"}, {SpanKind::text, "<at>everyone</at>"}};
  EXPECT_THAT(card_of(sample)["body"][0]["text"].get<std::string>(),
              ::testing::EndsWith("a\\_b no\n\nif x:\n\ny \\*= 2\n\n&lt;at&gt;everyone&lt;/at&gt;"));
}

std::string says(const std::string& code) { return json{{"error", {{"code", code}, {"message", "x"}}}}.dump(); }

TEST(Teams, AnswersMeanWhatItsCodesSay) {
  expect_answers(Instance(teams_sink()), delivery(), {
      {202, "", BECKON_DELIVERED, "ok"},
      {200, "1", BECKON_RETRY, "unexpected_answer"},
      {200, "", BECKON_RETRY, "unexpected_answer"},
      {404, says("WorkflowNotFound"), BECKON_GONE, "workflow_not_found", BECKON_MAYBE},
      {400, says("WorkflowTriggerIsNotEnabled"), BECKON_MISCONFIGURED, "workflow_off"},
      {401, says("DirectApiAuthorizationRequired"), BECKON_MISCONFIGURED, "not_open"},
      {400, says("TriggerInputSchemaMismatch"), BECKON_MISCONFIGURED, "other_trigger"},
      {413, says("RequestEntityTooLarge"), BECKON_REJECTED, "too_large"},
      {404, says("SomethingOfTomorrow"), BECKON_RETRY, "http_404"},
      {404, "", BECKON_RETRY, "http_404"},
      {401, "", BECKON_RETRY, "http_401"},
      {429, "", BECKON_RETRY, "rate_limited"},
      {504, "", BECKON_RETRY, "http_504"},
  });
}

TEST(Teams, ComplainsOfAddressesThatTakeNoCards) {
  const auto complaint = [](const std::string& url) {
    const auto said = check(teams_sink(), {}, {{"webhook_url", url}});
    return said.empty() ? std::string() : said.at(0).second;
  };
  EXPECT_THAT(complaint("https://acme.webhook.office.com/webhookb2/x"), HasSubstr("given up"));
  EXPECT_THAT(complaint("https://teams.microsoft.com/l/channel/x"), HasSubstr("a page of Teams"));
  EXPECT_THAT(complaint("https://discord.com/api/webhooks/1/x"), HasSubstr("plugin = \"discord\""));
  for (const char* good : {"https://prod-1.westeurope.logic.azure.com:443/workflows/x?sig=y",
                           "https://default1.environment.api.powerplatform.com/powerautomate/x", "http://127.0.0.1:1/x"})
    EXPECT_EQ(complaint(good), "") << good;
}

}  // namespace
