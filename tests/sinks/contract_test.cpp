// What every sink that we ship keeps to, through its C table and nothing else. A new sink is one more Contract below.
#include "plugins/loader.hpp"
#include "sinks/captured.hpp"
#include "sinks/hostile.hpp"
#include "sinks/refusals.hpp"
#include "sinks/rig.hpp"

#include <beckon/text.hpp>
#include <beckon/weburl.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <chrono>
#include <functional>
#include <ostream>
#include <string>
#include <vector>

namespace {

using namespace beckon;
using namespace beckon::testing;
using json = nlohmann::json;

struct Contract {
  std::string name;
  const beckon_sink_table* (*entry)() noexcept;
  SampleValues settings;
  SampleValues target;
  std::vector<std::string> secrets;       // what must not stand in any outcome
  std::string documented_body;            // the only one that is a delivery, with 200
  std::vector<std::string> words_of_gone; // the provider's exact words
  // What the service would refuse, or what would notify somebody: a sentence each. `visible`: what was sent or shown.
  std::function<std::vector<std::string>(const std::string& visible)> complaints;
  bool is_worker = false;
};

std::ostream& operator<<(std::ostream& out, const Contract& contract) { return out << contract.name; }

class SinkContract : public ::testing::TestWithParam<Contract> {
 protected:
  const Contract& contract() const { return GetParam(); }
  const beckon_sink_table* table() const { return contract().entry(); }

  SampleDelivery delivery(Purpose purpose = Purpose::mention) const {
    SampleDelivery sample;
    sample.purpose = purpose;
    sample.target = contract().target;
    sample.deadline_ms = std::chrono::duration_cast<std::chrono::milliseconds>(
        (std::chrono::system_clock::now() + std::chrono::seconds(30)).time_since_epoch()).count();
    if (purpose != Purpose::mention) sample.mentions.clear();
    if (purpose == Purpose::notice || purpose == Purpose::test) sample.notice = "something to know";
    return sample;
  }

  // What the sink shows or sends; the outcome, where it made one; what it covers.
  struct Said {
    std::string visible;
    Emitted emitted;
    std::size_t covered = 0;
  };
  Said say(const Instance& sink, const SampleDelivery& sample) const {
    Said said;
    if (contract().is_worker) {
      CapturedStdout captured;
      said.emitted = sink.deliver(sample);
      said.visible = captured.text();
      said.covered = sample.mentions.size();
    } else {
      said.emitted = sink.render(sample);
      if (said.emitted.request) {
        said.visible = said.emitted.request->body;
        said.covered = said.emitted.request->covered ? said.emitted.request->covered : sample.mentions.size();
      }
    }
    return said;
  }

  void expect_valid(const Emitted& emitted, const std::string& when) const {
    ASSERT_EQ(emitted.count, 1) << when;
    ASSERT_TRUE(emitted.outcome) << when;
    const Outcome& outcome = *emitted.outcome;
    EXPECT_GE(outcome.kind, std::uint32_t{BECKON_DELIVERED}) << when;
    EXPECT_LE(outcome.kind, std::uint32_t{BECKON_GONE}) << when;
    EXPECT_TRUE(outcome.certainty == BECKON_EXACT || outcome.certainty == BECKON_MAYBE) << when;
    EXPECT_GE(outcome.scope, std::uint32_t{BECKON_SCOPE_DELIVERY}) << when;
    EXPECT_LE(outcome.scope, std::uint32_t{BECKON_SCOPE_ORIGIN}) << when;
    EXPECT_FALSE(outcome.code.empty()) << when;
    EXPECT_EQ(outcome.code.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_"), std::string::npos) << when;
    EXPECT_LE(outcome.code.size(), 64u) << when;
    EXPECT_LE(outcome.reason.size(), 500u) << when;
    EXPECT_EQ(text::clean_line(outcome.reason), outcome.reason) << when;
    EXPECT_EQ(outcome.reason.empty(), outcome.kind == BECKON_DELIVERED) << when;
    for (const std::int64_t wait : {outcome.retry_after_ms, outcome.ask_again_after_ms}) {
      EXPECT_TRUE(wait == -1 || (wait >= 1'000 && wait <= 86'400'000)) << when << ": " << wait;
    }
    EXPECT_TRUE(outcome.not_before_ms >= -1 && outcome.not_before_ms <= 86'400'000) << when;
    EXPECT_EQ(outcome.ask_again_after_ms > 0, outcome.certainty == BECKON_MAYBE) << when;
    for (const std::string& secret : contract().secrets) {
      for (const std::string* said : {&outcome.reason, &outcome.code, &outcome.external_id}) {
        EXPECT_EQ(said->find(secret), std::string::npos) << when;
      }
    }
  }
};

// What only sinks keep to that have answers to interpret.
class WebhookContract : public SinkContract {};

TEST_P(SinkContract, TheLoaderTakesItsTable) {
  const auto checked = plugins::check_table(table(), "test.so");
  const auto* refusal = std::get_if<plugins::Refusal>(&checked);
  EXPECT_FALSE(refusal) << refusal->sentence;
  EXPECT_EQ(view(table()->name), contract().name);
  EXPECT_FALSE(view(table()->about).empty());
  for (std::size_t i = 0; i < table()->option_count; ++i) EXPECT_FALSE(view(table()->options[i]->doc).empty());
}

TEST_P(WebhookContract, EveryAnswerIsAValidOutcome) {
  const Instance sink(table(), contract().settings);
  std::vector<std::string> bodies = bare_bodies();
  for (const std::string& body : known_bodies()) bodies.push_back(body);
  for (const Purpose purpose : {Purpose::mention, Purpose::probe}) {
    const CDelivery asked(delivery(purpose));
    for (unsigned status = 100; status < 600; ++status) {
      for (const std::string& body : bodies) {
        const std::string when = std::to_string(status) + " " + body.substr(0, 60);
        const Emitted emitted = sink.interpret(asked, {status, body, {}});
        expect_valid(emitted, when);
        if (::testing::Test::HasFailure()) return;
        const Outcome& outcome = *emitted.outcome;
        const bool may_be_delivered =
            (status == 200 && body == contract().documented_body) || purpose == Purpose::probe;
        if (!may_be_delivered) {
          ASSERT_NE(outcome.kind, std::uint32_t{BECKON_DELIVERED}) << when;
        }
        if (outcome.kind == BECKON_GONE && outcome.certainty == BECKON_EXACT) {
          const auto& words = contract().words_of_gone;
          ASSERT_TRUE(std::find(words.begin(), words.end(), body) != words.end()) << when;
          ASSERT_TRUE(status >= 400 && status < 500) << when;
        }
      }
    }
  }
}

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

TEST_P(WebhookContract, TheDocumentedAnswerIsADelivery) {
  const Instance sink(table(), contract().settings);
  EXPECT_EQ(sink.interpret(delivery(), {200, contract().documented_body, {}}).outcome->kind,
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

TEST_P(SinkContract, HostileTextNeitherBreaksNorNotifies) {
  const Instance sink(table(), contract().settings);
  for (const std::string& text : hostile_texts()) {
    for (const SpanKind kind : all_kinds) {
      for (const Form form : {Form::rich, Form::plain}) {
        SampleDelivery sample = delivery();
        sample.form = form;
        sample.mentions = {hostile_mention(text, kind)};
        const Said said = say(sink, sample);
        ASSERT_EQ(said.emitted.count, 1);
        ASSERT_EQ(text::clean(said.visible), said.visible);
        EXPECT_THAT(contract().complaints(said.visible), ::testing::ElementsAre())
            << text.substr(0, 40) << " as " << static_cast<unsigned>(kind);
        EXPECT_GE(said.covered, 1u);
      }
    }
  }
}

TEST_P(SinkContract, ADigestOfHostileTextsKeepsTheLimits) {
  const Instance sink(table(), contract().settings);
  for (const std::size_t count : {2u, 7u, 10u, 11u, 64u}) {
    for (const Form form : {Form::rich, Form::plain}) {
      for (const std::string& text :
           {std::string("&<>*_`"), repeated("&", 9'000), repeated("*", 9'000), repeated("😀", 9'000)}) {
        SampleDelivery sample = delivery();
        sample.form = form;
        sample.more_owed = 4'000'000'000u;
        sample.notice = text;
        sample.mentions.assign(count, hostile_mention(text, SpanKind::link));
        const Said said = say(sink, sample);
        EXPECT_THAT(contract().complaints(said.visible), ::testing::ElementsAre())
            << count << " × " << text.substr(0, 10);
        EXPECT_GE(said.covered, 1u);
        EXPECT_LE(said.covered, count);
      }
    }
  }
}

TEST_P(SinkContract, EachMentionOfADigestShowsItsOwnAddress) {
  const Instance sink(table(), contract().settings);
  for (const Form form : {Form::rich, Form::plain}) {
    SampleDelivery sample = delivery();
    sample.form = form;
    sample.mentions.assign(5, SampleMention{});
    for (std::size_t i = 0; i < 5; ++i) sample.mentions[i].url = "https://github.example/post-" + std::to_string(i);
    const Said said = say(sink, sample);
    for (std::size_t i = 0; i < said.covered; ++i)
      EXPECT_THAT(said.visible, ::testing::HasSubstr(sample.mentions[i].url));
    for (const char* part : {"alice", "octo-org/hello", "Closing the socket hangs", "knows why"}) {
      EXPECT_THAT(said.visible, ::testing::HasSubstr(part)) << static_cast<int>(form);
    }
  }
}

TEST_P(SinkContract, AnEditedMentionSaysSo) {
  const Instance sink(table(), contract().settings);
  for (const Form form : {Form::rich, Form::plain}) {
    SampleDelivery sample = delivery();
    sample.form = form;
    EXPECT_THAT(say(sink, sample).visible, ::testing::Not(::testing::HasSubstr("(edited)")));
    sample.mentions[0].edited = true;
    EXPECT_THAT(say(sink, sample).visible, ::testing::HasSubstr("(edited)"));
  }
}

TEST_P(SinkContract, NoticesAndTestsShowTheirTextWithAndWithoutMentions) {
  const Instance sink(table(), contract().settings);
  for (const Purpose purpose : {Purpose::notice, Purpose::test}) {
    for (const Form form : {Form::rich, Form::plain}) {
      SampleDelivery sample = delivery(purpose);
      sample.form = form;
      EXPECT_THAT(say(sink, sample).visible, ::testing::HasSubstr("something to know"));
      sample.mentions = {SampleMention{}};
      EXPECT_THAT(say(sink, sample).visible, ::testing::HasSubstr("something to know"));
      sample.notice.clear();
      sample.mentions.clear();
      const Said empty = say(sink, sample);
      EXPECT_FALSE(empty.visible.empty());
      EXPECT_THAT(contract().complaints(empty.visible), ::testing::ElementsAre());
    }
  }
}

TEST_P(SinkContract, AProbeShowsNothingToAnybody) {
  const Instance sink(table(), contract().settings);
  const Said said = say(sink, delivery(Purpose::probe));
  EXPECT_EQ(said.emitted.count, 1);
  if (contract().is_worker) {
    EXPECT_EQ(said.visible, "");
  } else {
    ASSERT_EQ(table()->handles_probe, 1u);
    EXPECT_EQ(said.visible.find("alice"), std::string::npos);
    EXPECT_THAT(contract().complaints(said.visible), ::testing::ElementsAre());
  }
}

TEST_P(SinkContract, AMentionDeliveryWithoutMentionsAndAPurposeOfTomorrowAreRejected) {
  const Instance sink(table(), contract().settings);
  SampleDelivery sample = delivery();
  sample.mentions.clear();
  expect_valid(say(sink, sample).emitted, "no mentions");
  EXPECT_EQ(say(sink, sample).emitted.outcome->kind, std::uint32_t{BECKON_REJECTED});
  EXPECT_EQ(say(sink, delivery(static_cast<Purpose>(77))).emitted.outcome->kind, std::uint32_t{BECKON_REJECTED});
}

TEST_P(SinkContract, TheSameDeliveryIsSaidInTheSameWay) {
  const Instance sink(table(), contract().settings);
  const SampleDelivery sample = delivery();
  EXPECT_EQ(say(sink, sample).visible, say(sink, sample).visible);
}

TEST_P(SinkContract, SettingsOfAnyKindOpenTheSinkOrAreComplainedOf) {
  for (const std::string& text : hostile_texts()) {
    SampleValues settings, target;
    for (std::size_t i = 0; i < table()->option_count; ++i) {
      const beckon_option& option = *table()->options[i];
      ((option.flags & BECKON_TARGET) ? target : settings)[std::string(view(option.name))] = text;
    }
    const Instance sink(table(), settings);
    EXPECT_TRUE(sink.is_open() || !sink.complaints().empty());
    for (const auto& [option, sentence] : check(table(), settings, target)) {
      EXPECT_FALSE(sentence.empty());
      if (text.size() > 40) {
        EXPECT_EQ(sentence.find(text), std::string::npos) << option;
      }
    }
    if (!sink.is_open()) continue;
    SampleDelivery sample = delivery();
    sample.target = target;
    EXPECT_EQ(say(sink, sample).emitted.count, 1);
  }
}

const std::string slack_token = "SlackTokenSlackTokenSlack";
const std::string slack_url = "https://hooks.slack.example/services/T0ABCDEFG/B0ABCDEFG/" + slack_token;
const std::string odd_slack_url = "https://hooks.slack.example/services/token_in_small_letters";
const std::string discord_token = "DiscordTokenDiscordTokenDiscord";
const std::string discord_url = "https://discord.example/api/webhooks/123456789012345678/" + discord_token;

std::vector<Contract> webhook_sinks() {
  const std::vector<std::string> gone_from_slack = {"no_service", "no_service_id", "no_active_hooks", "no_team"};
  return {
      {"slack", &slack_sink, {}, {{"webhook_url", slack_url}, {"ping", "U012AB3CD"}}, {slack_token, slack_url}, "ok",
       gone_from_slack, slack_complaints},
      {"slack", &slack_sink, {}, {{"webhook_url", odd_slack_url}}, {"token_in_small_letters"}, "ok", gone_from_slack,
       slack_complaints},
      {"discord", &discord_sink, {}, {{"webhook_url", discord_url}, {"ping", "234567890123456789"}},
       {discord_token, discord_url}, R"({"id":"123456789012345678","content":""})",
       {R"({"code":10015,"message":"x"})", R"({"code":50027,"message":"x"})", R"({"code":10003,"message":"x"})",
        R"({"code":10004,"message":"x"})"},
       discord_complaints}};
}

std::vector<Contract> all_sinks() {
  std::vector<Contract> all = webhook_sinks();
  all.push_back(
      {"console", &console_sink, {{"color", "never"}, {"width", "80"}}, {}, {}, "", {}, console_complaints, true});
  return all;
}

std::string test_name(const ::testing::TestParamInfo<Contract>& info) {
  return info.param.name + std::to_string(info.index);
}

INSTANTIATE_TEST_SUITE_P(Shipped, SinkContract, ::testing::ValuesIn(all_sinks()), test_name);
INSTANTIATE_TEST_SUITE_P(Shipped, WebhookContract, ::testing::ValuesIn(webhook_sinks()), test_name);

}  // namespace
