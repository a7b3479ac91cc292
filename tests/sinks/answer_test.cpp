#include "sinks/rig.hpp"

#include <beckon/answer.hpp>

#include <gtest/gtest.h>

#include <string>

namespace {

using namespace beckon;
using namespace beckon::testing;

constexpr answer::Saying sayings[] = {
    {"left", 403, BECKON_GONE, "left", "they left"},
    {"hidden", 404, BECKON_GONE, "hidden", "it is hidden", BECKON_SCOPE_TARGET, answer::a_day_ms},
    {"bad token", 401, BECKON_MISCONFIGURED, "bad_token", "the token is wrong", BECKON_SCOPE_SINK},
    {"bad text", 400, BECKON_REJECTED, "bad_text", "the text was refused"},
    {"full", 429, BECKON_RETRY, "full", "the day is over", BECKON_SCOPE_TARGET, answer::an_hour_ms},
    {"off", 501, BECKON_MISCONFIGURED, "off", "it is switched off"},
};

Outcome judged(unsigned status, std::string_view words, Purpose purpose = Purpose::mention, std::optional<double> seconds = {},
               std::string_view retry_after = {}) {
  SampleDelivery sample;
  sample.purpose = purpose;
  const CDelivery delivery(sample);
  Response response;
  response.status = status;
  if (!retry_after.empty()) response.headers = {{"Retry-After", retry_after}};
  return answer::judge(delivery.view(), response, "It", sayings, words, seconds);
}

TEST(Answer, AServicesOwnWordCounts) {
  EXPECT_EQ(judged(403, "left").kind, BECKON_GONE);
  EXPECT_EQ(judged(403, "left").certainty, BECKON_EXACT);
  EXPECT_EQ(judged(403, "left").reason, "It answered 403: they left");
  EXPECT_EQ(judged(404, "hidden").certainty, BECKON_MAYBE);
  EXPECT_EQ(judged(404, "hidden").ask_again_after_ms, answer::a_day_ms);
  EXPECT_EQ(judged(401, "bad token").scope, std::uint32_t{BECKON_SCOPE_SINK});
  EXPECT_EQ(judged(400, "bad text").kind, BECKON_REJECTED);
  EXPECT_EQ(judged(501, "off").kind, BECKON_MISCONFIGURED);
}

TEST(Answer, AWordWithAnotherRefusalIsBelievedLess) {
  EXPECT_EQ(judged(410, "left").certainty, BECKON_MAYBE);
  EXPECT_EQ(judged(410, "left").ask_again_after_ms, answer::an_hour_ms);
  for (const unsigned status : {200u, 302u, 429u, 500u, 502u}) EXPECT_EQ(judged(status, "left").kind, BECKON_RETRY) << status;
  EXPECT_EQ(judged(400, "off").kind, BECKON_RETRY);
}

TEST(Answer, AStatusAloneEndsNothing) {
  for (unsigned status = 100; status < 600; ++status) {
    const Outcome outcome = judged(status, "");
    EXPECT_EQ(outcome.kind, status == 413 ? BECKON_REJECTED : BECKON_RETRY) << status;
    EXPECT_EQ(outcome.ambiguous, (status >= 200 && status < 300) || status == 504) << status;
  }
}

TEST(Answer, AProbeHasNoContentToRefuse) {
  EXPECT_EQ(judged(400, "bad text", Purpose::probe).kind, BECKON_RETRY);
  EXPECT_EQ(judged(413, "", Purpose::probe).kind, BECKON_RETRY);
  EXPECT_FALSE(judged(200, "", Purpose::probe).ambiguous);
}

TEST(Answer, TheLongestWaitThatTheServiceNamesCounts) {
  EXPECT_EQ(judged(429, "", Purpose::mention, 5.0, "30").retry_after_ms, 30'000);
  EXPECT_EQ(judged(429, "", Purpose::mention, 45.0, "30").retry_after_ms, 45'000);
  EXPECT_EQ(judged(429, "").retry_after_ms, -1);
  EXPECT_EQ(judged(429, "full").retry_after_ms, answer::an_hour_ms);
  EXPECT_EQ(judged(429, "full", Purpose::mention, {}, "30").retry_after_ms, 30'000);
}

}  // namespace
