// What our webhook sinks keep to beyond the shared contract.
#include "sinks/contract.hpp"
#include "sinks/hostile.hpp"

#include <gmock/gmock.h>

namespace {

using namespace beckon;
using namespace beckon::testing;

class WebhookContract : public SinkContract {
 protected:
  // What a host may ask this sink to interpret the answers to.
  std::vector<Purpose> purposes() const {
    return contract().probes ? std::vector{Purpose::mention, Purpose::probe} : std::vector{Purpose::mention};
  }
};

TEST_P(WebhookContract, AnAnswerThatSaysNothingIsARetryWhateverItsStatus) {
  const Instance sink(table(), contract().settings);
  for (const Purpose purpose : purposes()) {
    for (const std::string& body : bare_bodies()) {
      for (const unsigned status :
           {200u, 201u, 204u, 301u, 400u, 401u, 403u, 404u, 408u, 410u, 425u, 429u, 451u, 500u, 502u, 503u, 504u}) {
        const Emitted emitted = sink.interpret(delivery(purpose), {status, body, {}});
        const std::uint32_t own = contract().by_status(status);
        EXPECT_EQ(emitted.outcome->kind, own ? own : std::uint32_t{BECKON_RETRY}) << status << " " << body.substr(0, 60);
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
  EXPECT_EQ(sink.interpret(delivery(), {contract().documented_status, contract().documented_body, {}}).outcome->kind,
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
