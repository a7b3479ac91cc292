// What a webhook sink makes of answers.
#include "plugins/contract/hostile.hpp"
#include "plugins/contract/trial.hpp"

#include <algorithm>
#include <chrono>

namespace beckon::plugins::contract::checks {
namespace {

std::string said_by(const SampleResponse& response) {
  std::string body;
  for (const char c : response.body.substr(0, 40)) body += c < 0x20 || c > 0x7e ? '.' : c;
  return "an answer " + std::to_string(response.status) + (body.empty() ? std::string(" without a body") : " \"" + body + "\"");
}

std::vector<Purpose> purposes_of(const beckon_sink_table& table) {
  return table.handles_probe ? std::vector{Purpose::mention, Purpose::probe} : std::vector{Purpose::mention};
}

bool is_bare(const std::string& body) {
  static const std::vector<std::string> bare = bare_bodies();
  return std::find(bare.begin(), bare.end(), body) != bare.end();
}

bool may_be_delivered(const Subject& subject, unsigned status, const std::string& body) {
  return subject.may_be_delivered ? subject.may_be_delivered(status, body) : status >= 200 && status < 300;
}

bool may_be_gone(const Subject& subject, unsigned status, const std::string& body) {
  return subject.may_be_gone ? subject.may_be_gone(status, body) : status >= 400 && status < 500 && !is_bare(body);
}

void judge_ends(Trial& trial, const Outcome& outcome, Purpose purpose, const SampleResponse& response) {
  const std::string when = said_by(response);
  if (outcome.kind == BECKON_DELIVERED && purpose != Purpose::probe && !may_be_delivered(trial.subject(), response.status, response.body))
    trial.fault(when + " counts as delivered", "only the answer that the service documents is a delivery");
  if (outcome.kind != BECKON_GONE || outcome.certainty != BECKON_EXACT || may_be_gone(trial.subject(), response.status, response.body)) return;
  if (response.status == 410 && !trial.subject().may_be_gone)
    trial.advise(when + " ends the subscription for good", "a proxy may say 410 too; right only if the service promises it");
  else
    trial.fault(when + " ends the subscription for good",
                "GONE with certainty EXACT only on the service's own words in the body; else retry, or MAYBE and ask_again_after");
}

// What a body means is up to the sink; that it is read without harm is not.
void ask(Trial& trial, const std::vector<std::string>& bodies) {
  for (const Purpose purpose : purposes_of(trial.table())) {
    const CDelivery asked = trial.crossing(trial.delivery(purpose));
    for (unsigned status = 100; status < 600; ++status)
      for (const std::string& body : bodies) {
        const SampleResponse response{status, body, {}};
        const Emitted emitted = trial.sink().interpret(asked, response);
        if (trial.expect_outcome(emitted, said_by(response))) judge_ends(trial, *emitted.outcome, purpose, response);
        if (trial.is_full()) return;
      }
  }
}

}  // namespace

void any_answer(Trial& trial) { ask(trial, known_bodies()); }

void bare_answers(Trial& trial) { ask(trial, bare_bodies()); }

void pauses(Trial& trial) {
  const CDelivery asked = trial.crossing(trial.delivery());
  struct Case {
    const char* value;
    std::int64_t wanted;
    bool is_common;   // else it is rarer, and a sink may go by the host's own pace: -1
  };
  constexpr Case cases[] = {{"7", 7'000, true}, {"-1", -1, true}, {"tomorrow", -1, true}, {"", -1, true},
                            {"999999999999999999999", 86'400'000, false}, {"1.5", 1'500, false},
                            {"Mon, 21 Sep 2026 14:13:50 GMT", 30'000, false}, {"Mon, 21 Sep 1998 14:13:50 GMT", 1'000, false}};
  for (const unsigned status : {429u, 503u})
    for (const auto& [value, wanted, is_common] : cases) {
      const std::string when = "an answer " + std::to_string(status) + " with Retry-After: " + value;
      const Emitted emitted = trial.sink().interpret(asked, {status, "", {{"retry-after", value}}});
      if (!trial.expect_outcome(emitted, when)) continue;
      const std::int64_t waits = emitted.outcome->retry_after_ms;
      if (emitted.outcome->kind != BECKON_RETRY) trial.fault(when + " is no retry", "429 and 503 mean: later");
      else if (waits != wanted && (is_common || waits != -1))
        trial.fault(when + " gives a retry_after of " + std::to_string(waits) + " ms, not " + std::to_string(wanted),
                    "seconds or a date, from a second to a day, -1 for neither (beckon/retry_after.hpp reads them)");
    }
}

void echoed_secrets(Trial& trial) {
  const CDelivery asked = trial.crossing(trial.delivery());
  for (const std::string& secret : trial.secrets())
    for (const std::string& body : {secret, "no_service " + secret, R"({"ok":false,"error":")" + secret + "\"}",
                                    R"({"message":")" + secret + R"(","code":99999})", R"({"id":")" + secret + "\"}",
                                    "<html>" + secret + "</html>"})
      for (unsigned status = 100; status < 600; ++status) {
        const SampleResponse response{status, body, {{"Location", secret}, {"Retry-After", secret}, {"X-RateLimit-Scope", secret}}};
        trial.expect_outcome(trial.sink().interpret(asked, response), "an answer " + std::to_string(status) + " that quotes a secret");
        if (trial.is_full()) return;
      }
}

void huge_answers(Trial& trial) {
  using Clock = std::chrono::steady_clock;
  constexpr std::chrono::seconds fair{5}, the_hosts{10};
  const CDelivery asked = trial.crossing(trial.delivery());
  for (const std::string& body : {repeated("a", 4'000'000), repeated("[", 4'000'000), repeated("{\"a\":", 800'000),
                                  repeated("{\"a\":", 10'000), "{\"a\":\"" + repeated("\\u0041", 10'000) + "\"}"})
    for (const unsigned status : {200u, 400u, 404u, 429u, 500u}) {
      const std::string when = "an answer " + std::to_string(status) + " of " + std::to_string(body.size()) + " bytes";
      const auto begin = Clock::now();
      trial.expect_outcome(trial.sink().interpret(asked, {status, body, {}}), when);
      if (Clock::now() - begin > fair)
        trial.fault(when + " takes more than 5 s to read", "the host gives " + std::to_string(the_hosts.count()) + " s; read what is needed, and bound it");
      if (trial.is_full()) return;
    }
}

}  // namespace beckon::plugins::contract::checks
