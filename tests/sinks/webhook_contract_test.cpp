// What our webhook sinks keep to beyond the shared contract.
#include "sinks/contract.hpp"
#include "sinks/hostile.hpp"

#include <gmock/gmock.h>

namespace {

using namespace beckon;
using namespace beckon::testing;

class WebhookContract : public SinkContract {};

TEST_P(WebhookContract, AnAnswerThatSaysNothingIsARetryWhateverItsStatus) {
  const Instance sink(table(), contract().settings);
  for (const Purpose purpose : {Purpose::mention, Purpose::probe}) {
    for (const std::string& body : bare_bodies()) {
      for (const unsigned status :
           {200u, 201u, 204u, 301u, 400u, 401u, 403u, 404u, 408u, 410u, 425u, 429u, 451u, 500u, 502u, 503u, 504u}) {
        const Emitted emitted = sink.interpret(delivery(purpose), {status, body, {}});
        EXPECT_EQ(emitted.outcome->kind, std::uint32_t{BECKON_RETRY}) << status << " " << body.substr(0, 60);
      }
    }
  }
}

TEST_P(WebhookContract, WithoutAnAddressItSaysWhatIsMissing) {
  const Instance sink(table(), contract().settings);
  SampleDelivery sample = delivery();
  sample.target.clear();
  const Emitted emitted = sink.render(sample);
  expect_valid(emitted, "no address");
  EXPECT_EQ(emitted.outcome->kind, std::uint32_t{BECKON_MISCONFIGURED});
}

TEST_P(WebhookContract, TheDocumentedAnswerIsADelivery) {
  const Instance sink(table(), contract().settings);
  EXPECT_EQ(sink.interpret(delivery(), {200, contract().documented_body, {}}).outcome->kind,
            std::uint32_t{BECKON_DELIVERED});
}

TEST_P(WebhookContract, APauseIsTakenInEveryForm) {
  const Instance sink(table(), contract().settings);
  for (const unsigned status : {429u, 503u}) {
    const auto wait = [&](const char* value) {
      const Emitted emitted = sink.interpret(delivery(), {status, "", {{"retry-after", value}}});
      expect_valid(emitted, value);
      return emitted.outcome->retry_after_ms;
    };
    EXPECT_EQ(wait("7"), 7'000);
    EXPECT_EQ(wait("1.5"), 1'500);
    EXPECT_EQ(wait("Mon, 21 Sep 2026 14:13:50 GMT"), 30'000);
    EXPECT_EQ(wait("Mon, 21 Sep 1998 14:13:50 GMT"), 1'000);
    EXPECT_EQ(wait("999999999999999999999"), 86'400'000);
    EXPECT_EQ(wait("-1"), -1);
    EXPECT_EQ(wait("tomorrow"), -1);
    EXPECT_EQ(wait(""), -1);
  }
}

INSTANTIATE_TEST_SUITE_P(Shipped, WebhookContract, ::testing::ValuesIn(webhook_sinks()), test_name);

}  // namespace
