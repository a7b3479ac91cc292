#include "sinks/answers_table.hpp"
#include "sinks/webhook/signature.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace {

using namespace beckon;
using namespace beckon::testing;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using json = nlohmann::json;

const std::string secret = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX";

SampleDelivery delivery() {
  SampleDelivery sample;
  sample.target = {{"url", "https://receiver.example/hook"}, {"secret", secret}};
  return sample;
}

std::string header_of(const Request& request, std::string_view name) {
  for (const Header& header : request.headers) {
    if (header.name == name) return header.value;
  }
  return {};
}

TEST(WebhookSignature, IsTheOneOfTheSpecificationsExample) {
  const auto keys = webhook::read_secrets("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
  ASSERT_TRUE(keys);
  EXPECT_EQ(webhook::signatures(*keys, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", R"({"test": 2432232314})"),
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

// Computed with Python's hmac and base64: the keys are the bytes 0 to 23 and 0 to 63.
TEST(WebhookSignature, EachSecretSigns) {
  const std::string longest = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1Njc4OTo7PD0+Pw==";
  const auto keys = webhook::read_secrets(secret + " " + longest);
  ASSERT_TRUE(keys);
  EXPECT_EQ(webhook::signatures(*keys, "delivery-1", "1790000000", R"({"a":"é"})"),
            "v1,d1eHWsXfOQQw1evK3+PvnvBp6OrwBjgXb80EHwFR8tA= v1,PephbsX8ulv/sWMDsZrDkt3cjA7WzlZFA67/aMyGCkI=");
}

TEST(WebhookSignature, ASecretHas24To64Bytes) {
  const std::string mark = "whsec_";
  EXPECT_TRUE(webhook::read_secrets(""));
  EXPECT_TRUE(webhook::read_secrets(mark + "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGA=="));
  for (const std::string& bad :
       {mark, mark + "AAECAwQFBgcICQoLDA0ODxAREhMUFRY=",
        mark + "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1Njc4OTo7PD0+P0A=",
        mark + "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGA", mark + "AAECAwQFBgcICQoLDA0ODxAREhMUFR\nX",
        mark + "AAECAwQFBgcICQoLDA0ODxAREhMU====", std::string("AAECAwQFBgcICQoLDA0ODxAREhMUFRYX"), secret + " x",
        std::string("whsk_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX")}) {
    EXPECT_FALSE(webhook::read_secrets(bad)) << bad;
  }
}

TEST(Webhook, PostsWhatItSigned) {
  const Request request = *Instance(webhook_sink()).render(delivery()).request;
  EXPECT_EQ(request.url, "https://receiver.example/hook");
  EXPECT_EQ(header_of(request, "webhook-id"), "delivery-1");
  EXPECT_EQ(header_of(request, "webhook-timestamp"), "1790000000");
  EXPECT_EQ(header_of(request, "webhook-signature"),
            webhook::signatures(*webhook::read_secrets(secret), "delivery-1", "1790000000", request.body));
}

TEST(Webhook, UnsignedOnlyWithoutASecret) {
  SampleDelivery sample = delivery();
  sample.target.erase("secret");
  EXPECT_EQ(header_of(*Instance(webhook_sink()).render(sample).request, "webhook-signature"), "");
  sample.target["secret"] = "whsec_x";
  EXPECT_EQ(Instance(webhook_sink()).render(sample).outcome->code, "bad_secret");
}

TEST(Webhook, TellsEverythingOfAMention) {
  SampleDelivery sample = delivery();
  sample.more_owed = 3;
  sample.mentions[0].is_pull_request = sample.mentions[0].is_team = sample.mentions[0].is_private = true;
  EXPECT_EQ(json::parse(Instance(webhook_sink()).render(sample).request->body), json::parse(R"({
    "type": "mention", "timestamp": "2026-09-21T14:10:20Z",
    "data": {"subscription": "subscription-1", "more_owed": 3, "mentions": [{
      "name": "octocat", "team": true,
      "repository": {"name": "octo-org/hello", "url": "https://github.example/octo-org/hello", "private": true},
      "thread": {"number": 12, "title": "Closing the socket hangs", "pull_request": true,
                 "url": "https://github.example/octo-org/hello/issues/12"},
      "post": {"kind": "comment", "id": "7", "url": "https://github.example/octo-org/hello/issues/12#issuecomment-7",
               "created_at": "2026-09-21T14:10:20Z", "mentioned_at": "2026-09-21T14:10:20Z", "edited": false,
               "markdown": "I think @octocat knows why.", "truncated": false},
      "author": {"login": "alice", "url": "https://github.example/alice", "avatar_url": "https://avatars.example/alice.png",
                 "bot": false}}]}})"));
}

TEST(Webhook, NoticesAndTestsHaveATypeOfTheirOwn) {
  SampleDelivery sample = delivery();
  sample.mentions.clear();
  sample.notice = "something to know";
  for (const auto& [purpose, type] : {std::pair{Purpose::notice, "notice"}, std::pair{Purpose::test, "test"}}) {
    sample.purpose = purpose;
    const json body = json::parse(Instance(webhook_sink()).render(sample).request->body);
    EXPECT_EQ(body["type"], type);
    EXPECT_EQ(body["timestamp"], "2026-09-21T14:13:20Z");
    EXPECT_EQ(body["data"]["notice"], "something to know");
    EXPECT_EQ(body["data"]["mentions"], json::array());
  }
}

TEST(Webhook, WhatDoesNotFitInto20KilobytesIsLeftForTheNextOne) {
  SampleDelivery sample = delivery();
  sample.mentions.assign(10, SampleMention{});
  for (SampleMention& m : sample.mentions) m.markdown = std::string(9'000, '"');
  const Request many = *Instance(webhook_sink()).render(sample).request;
  EXPECT_LT(many.body.size(), 20'000u);
  EXPECT_GT(many.covered, 1u);
  EXPECT_EQ(json::parse(many.body)["data"]["mentions"].size(), many.covered);
  sample.mentions.resize(1);
  const Request one = *Instance(webhook_sink()).render(sample).request;
  EXPECT_EQ(json::parse(one.body)["data"]["mentions"][0]["post"]["truncated"], true);
  EXPECT_EQ(one.covered, 1u);
}

TEST(Webhook, AnswersMeanWhatTheSpecificationSays) {
  expect_answers(Instance(webhook_sink()), delivery(), {
      {200, "", BECKON_DELIVERED, "ok"},
      {201, "x", BECKON_DELIVERED, "ok"},
      {204, "", BECKON_DELIVERED, "ok"},
      {301, "", BECKON_RETRY, "http_301"},
      {307, "", BECKON_RETRY, "http_307"},
      {400, "", BECKON_RETRY, "http_400"},
      {404, "", BECKON_RETRY, "http_404"},
      {410, "<html>", BECKON_GONE, "gone"},
      {413, "", BECKON_REJECTED, "too_large"},
      {429, "", BECKON_RETRY, "rate_limited"},
      {502, "", BECKON_RETRY, "http_502"},
      {504, "", BECKON_RETRY, "http_504"},
  });
}

TEST(Webhook, AMalformedSecretIsComplainedOfAndNotShown) {
  const Complaints said = check(webhook_sink(), {}, {{"url", "https://x"}, {"secret", "whsec_tooshort"}});
  ASSERT_EQ(said.size(), 1u);
  EXPECT_EQ(said[0].first, "secret");
  EXPECT_EQ(said[0].second.find("tooshort"), std::string::npos);
  EXPECT_THAT(check(webhook_sink(), {}, {{"url", "https://x"}, {"secret", secret + " " + secret}}), IsEmpty());
  EXPECT_THAT(check(webhook_sink(), {}, {{"url", "https://x"}}), IsEmpty());
}

}  // namespace
