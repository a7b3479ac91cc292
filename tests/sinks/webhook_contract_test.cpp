// What only sinks keep to that have answers to interpret.
#include "sinks/contract.hpp"
#include "sinks/hostile.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace {

using namespace beckon;
using namespace beckon::testing;
using json = nlohmann::json;

class WebhookContract : public SinkContract {
 protected:
  // What a host may ask this sink to interpret the answers to.
  std::vector<Purpose> purposes() const {
    return contract().probes ? std::vector{Purpose::mention, Purpose::probe} : std::vector{Purpose::mention};
  }
};

TEST_P(WebhookContract, EveryAnswerIsAValidOutcome) {
  const Instance sink(table(), contract().settings);
  std::vector<std::string> bodies = bare_bodies();
  for (const std::string& body : known_bodies()) bodies.push_back(body);
  for (const Purpose purpose : purposes()) {
    const CDelivery asked(delivery(purpose));
    for (unsigned status = 100; status < 600; ++status) {
      for (const std::string& body : bodies) {
        const std::string when = std::to_string(status) + " " + body.substr(0, 60);
        const Emitted emitted = sink.interpret(asked, {status, body, {}});
        expect_valid(emitted, when);
        if (::testing::Test::HasFailure()) return;
        const Outcome& outcome = *emitted.outcome;
        const bool may_be_delivered =
            (status == contract().documented_status && body == contract().documented_body) ||
            contract().by_status(status) == BECKON_DELIVERED || purpose == Purpose::probe;
        if (!may_be_delivered) {
          ASSERT_NE(outcome.kind, std::uint32_t{BECKON_DELIVERED}) << when;
        }
        if (outcome.kind == BECKON_GONE && outcome.certainty == BECKON_EXACT) {
          const auto& words = contract().words_of_gone;
          ASSERT_TRUE(std::find(words.begin(), words.end(), body) != words.end() ||
                      contract().by_status(status) == BECKON_GONE)
              << when;
          ASSERT_TRUE(status >= 400 && status < 500) << when;
        }
      }
    }
  }
}

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

TEST_P(WebhookContract, AHugeAnswerIsReadInItsTime) {
  const Instance sink(table(), contract().settings);
  for (const std::string& body : {repeated("a", 4'000'000), repeated("[", 4'000'000), repeated("{\"a\":", 800'000),
                                  repeated("{\"a\":", 10'000), "{\"a\":\"" + repeated("\\u0041", 10'000) + "\"}"}) {
    for (const unsigned status : {200u, 400u, 404u, 429u, 500u}) {
      expect_valid(sink.interpret(delivery(), {status, body, {}}), std::to_string(status));
    }
  }
}

TEST_P(WebhookContract, SecretsThatAnAnswerEchoesStayOut) {
  const Instance sink(table(), contract().settings);
  for (const std::string& secret : contract().secrets) {
    for (const std::string& body : {secret, "no_service " + secret, json{{"ok", false}, {"error", secret}}.dump(),
                                    json{{"message", secret}, {"code", 99999}}.dump(), json{{"id", secret}}.dump(),
                                    "<html>" + secret + "</html>"}) {
      for (unsigned status = 100; status < 600; ++status) {
        const SampleResponse response{
            status, body, {{"Location", secret}, {"Retry-After", secret}, {"X-RateLimit-Scope", secret}}};
        expect_valid(sink.interpret(delivery(), response), std::to_string(status) + " " + body);
        if (::testing::Test::HasFailure()) return;
      }
    }
  }
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
