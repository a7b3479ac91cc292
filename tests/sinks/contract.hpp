// What a contract test needs to know of each sink that we ship. A new sink is one more Contract below.
#pragma once

#include "plugins/contract/contract.hpp"
#include "sinks/captured.hpp"
#include "sinks/desktop/notification.hpp"
#include "sinks/mail.hpp"
#include "sinks/refusals.hpp"
#include "sinks/rig.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <ostream>
#include <string>
#include <vector>

namespace beckon::testing {

struct Contract {
  std::string name;
  const beckon_sink_table* (*entry)() noexcept;
  SampleValues settings;
  SampleValues target;
  std::vector<std::string> secrets;       // what must not stand in any outcome
  std::string documented_body;            // the only one that is a delivery, with documented_status
  std::vector<std::string> words_of_gone; // the provider's exact words
  // What the service would refuse, or what would notify somebody: a sentence each. `visible`: what was sent or shown.
  std::function<std::vector<std::string>(const std::string& visible)> complaints;
  bool is_worker = false;
  // A worker that does not write to standard output: what it would show. Its deliveries are then out of time.
  std::function<std::string(const Delivery&)> shown = {};
  bool probes = true;
  unsigned documented_status = 200;
  // What a status means to this service whatever stands in the body: BECKON_DELIVERED, BECKON_GONE...; else 0.
  std::function<std::uint32_t(unsigned status)> by_status = [](unsigned) { return 0u; };
  std::string edited = "(edited)";        // how it says that an edit added the mention
};

inline std::ostream& operator<<(std::ostream& out, const Contract& contract) { return out << contract.name; }

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
    if (contract().shown) {
      SampleDelivery late = sample;
      late.deadline_ms = 0;
      said.emitted = sink.deliver(late);
      said.visible = contract().shown(CDelivery(sample).view());
      said.covered = sample.mentions.size();
    } else if (contract().is_worker) {
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
    for (const Finding& finding : judge(*emitted.outcome, contract().secrets, when)) ADD_FAILURE() << finding.sentence;
  }
};

// The shared contract (plugins/contract), with what is known of each service.
struct Shared {
  Contract contract;
  const Check* check;
};

inline std::ostream& operator<<(std::ostream& out, const Shared& shared) {
  return out << shared.contract.name << ": " << shared.check->promise;
}

inline std::vector<Finding> findings_of(const Shared& shared) {
  const Contract& contract = shared.contract;
  const CValues settings(contract.settings), target(contract.target);
  Subject subject;
  subject.table = contract.entry();
  subject.settings = settings.get();
  subject.target = target.get();
  subject.secrets = contract.secrets;
  subject.complaints = contract.complaints;
  subject.may_be_delivered = [&](unsigned status, const std::string& body) {
    return contract.by_status(status) == BECKON_DELIVERED ||
           (status == contract.documented_status && body == contract.documented_body);
  };
  subject.may_be_gone = [&](unsigned status, const std::string& body) {
    const auto& words = contract.words_of_gone;
    return contract.by_status(status) == BECKON_GONE ||
           (status >= 400 && status < 500 && std::find(words.begin(), words.end(), body) != words.end());
  };
  subject.shown = contract.shown;
  if (!contract.shown) subject.witness = [](const std::function<void()>& call) {
    CapturedStdout captured;
    call();
    return captured.text();
  };
  return run(*shared.check, subject);
}

inline const std::string slack_token = "SlackTokenSlackTokenSlack";
inline const std::string slack_url = "https://hooks.slack.example/services/T0ABCDEFG/B0ABCDEFG/" + slack_token;
inline const std::string odd_slack_url = "https://hooks.slack.example/services/token_in_small_letters";
inline const std::string discord_token = "DiscordTokenDiscordTokenDiscord";
inline const std::string discord_url = "https://discord.example/api/webhooks/123456789012345678/" + discord_token;

inline const std::string telegram_token = "123456789:TelegramTokenTelegramToken";
inline const std::string matrix_token = "syt_MatrixTokenMatrixToken";
inline const std::string ntfy_topic = "TopicThatNobodyGuesses", ntfy_token = "tk_NtfyTokenNtfyToken";
inline const std::string mattermost_url = "https://chat.example/hooks/MattermostHookMattermostHook";
inline const std::string teams_url = "https://flows.example/workflows/1/triggers/manual/paths/invoke?sig=TeamsSignature";
inline const std::string apprise_url = "pover://user@AppriseTokenAppriseToken";
inline const std::string webhook_url = "https://receiver.example/hooks/WebhookPathWebhookPath";
inline const std::string webhook_secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

inline std::vector<Contract> webhook_sinks() {
  const std::vector<std::string> gone_from_slack = {"no_service", "no_service_id", "no_active_hooks", "no_team"};
  std::vector<Contract> sinks = {
      {"slack", &slack_sink, {}, {{"webhook_url", slack_url}, {"ping", "U012AB3CD"}}, {slack_token, slack_url}, "ok",
       gone_from_slack, slack_complaints},
      {"slack", &slack_sink, {}, {{"webhook_url", odd_slack_url}}, {"token_in_small_letters"}, "ok", gone_from_slack,
       slack_complaints},
      {"discord", &discord_sink, {}, {{"webhook_url", discord_url}, {"ping", "234567890123456789"}},
       {discord_token, discord_url}, R"({"id":"123456789012345678","content":""})",
       {R"({"code":10015,"message":"x"})", R"({"code":50027,"message":"x"})", R"({"code":10003,"message":"x"})",
        R"({"code":10004,"message":"x"})"},
       discord_complaints},
      {"telegram", &telegram_sink, {{"token", telegram_token}}, {{"chat_id", "-1001234567890"}}, {telegram_token},
       R"({"ok":true,"result":{"message_id":7}})",
       {R"({"ok":false,"error_code":403,"description":"Forbidden: bot was blocked by the user"})"}, telegram_complaints},
      {"matrix", &matrix_sink, {{"homeserver", "https://matrix.example"}, {"access_token", matrix_token}},
       {{"room_id", "!room:matrix.example"}}, {matrix_token}, R"({"event_id":"$1"})", {}, matrix_complaints},
      {"mattermost", &mattermost_sink, {}, {{"webhook_url", mattermost_url}}, {mattermost_url}, "ok", {},
       mattermost_complaints},
      {"ntfy", &ntfy_sink, {{"token", ntfy_token}}, {{"topic", ntfy_topic}}, {ntfy_topic, ntfy_token},
       R"({"id":"hwQ2YpKdmg","event":"message","topic":"x"})", {}, ntfy_complaints},
      {"teams", &teams_sink, {}, {{"webhook_url", teams_url}}, {teams_url, "TeamsSignature"}, "", {}, teams_complaints},
      {"apprise", &apprise_sink, {{"api_url", "http://127.0.0.1:8000"}}, {{"urls", apprise_url}},
       {apprise_url, "AppriseTokenAppriseToken"}, R"({"error":null})", {}, apprise_complaints},
      {"webhook", &webhook_sink, {}, {{"url", webhook_url}, {"secret", webhook_secret}}, {webhook_url, webhook_secret},
       "", {}, webhook_complaints}};
  static constexpr std::uint32_t delivered = BECKON_DELIVERED;
  for (Contract& sink : sinks) {
    sink.probes = sink.name == "slack" || sink.name == "discord" || sink.name == "matrix";
    if (sink.name == "teams") {
      sink.documented_status = 202;
      sink.by_status = [](unsigned status) { return status == 202 ? delivered : 0u; };
    }
    if (sink.name == "apprise") {
      sink.by_status = [](unsigned status) {
        return status == 200 ? delivered : status == 204 ? std::uint32_t{BECKON_MISCONFIGURED} : 0u;
      };
    }
    if (sink.name == "webhook") {
      sink.by_status = [](unsigned status) {
        return status >= 200 && status < 300 ? delivered : status == 410 ? std::uint32_t{BECKON_GONE} : 0u;
      };
      sink.edited = R"("edited":true)";
    }
  }
  return sinks;
}

inline std::string notification_of(const Delivery& delivery, const desktop::Abilities& abilities) {
  if (delivery.purpose == Purpose::probe) return {};
  const desktop::Notification made = desktop::notification(delivery, abilities);
  return made.summary + "\n" + made.body;
}

inline Contract desktop_contract(const desktop::Abilities& abilities) {
  const auto complaints = [=](const std::string& visible) {
    return desktop_complaints(visible, abilities.body != desktop::Body::text);
  };
  const auto shown = [=](const Delivery& delivery) { return notification_of(delivery, abilities); };
  return {"desktop", &desktop_sink, {}, {}, {}, "", {}, complaints, true, shown};
}
// With nobody who listens there.
inline const SampleValues mail_settings = {{"server", "smtp://127.0.0.1:1"}, {"tls", "none"}, {"from", "Beckon <bot@mail.example>"},
                                           {"username", "bot"}, {"password", "MailPasswordMailPassword"}};

inline std::vector<Contract> all_sinks() {
  std::vector<Contract> all = webhook_sinks();
  all.push_back(
      {"console", &console_sink, {{"color", "never"}, {"width", "80"}}, {}, {}, "", {}, console_complaints, true});
  all.push_back({"email", &email_sink, mail_settings, {{"to", "Octo Cat <octo@mail.example>"}}, {"MailPasswordMailPassword"}, "",
                 {}, mail_complaints, true, mail_in_clear});
  all.push_back(desktop_contract({desktop::Body::text, false}));
  all.push_back(desktop_contract({desktop::Body::markup, true}));
  all.push_back(desktop_contract({desktop::Body::hyperlinks, true}));
  return all;
}

inline std::vector<Shared> all_shared() {
  std::vector<Shared> all;
  for (const Contract& contract : all_sinks())
    for (const Check& check : all_checks())
      if (check.needs != Check::Needs::answers || !contract.is_worker) all.push_back({contract, &check});
  return all;
}

inline std::string test_name(const ::testing::TestParamInfo<Contract>& info) {
  return info.param.name + std::to_string(info.index);
}

}  // namespace beckon::testing
