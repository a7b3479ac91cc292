// Slack, by an incoming webhook: one webhook for each person or channel.
#include "answer.hpp"
#include "message.hpp"

#include <beckon/sink.hpp>
#include <beckon/weburl.hpp>

#include <string>
#include <string_view>

namespace beckon::slack {
namespace {

constexpr Option options[] = {
    {"webhook_url", Type::url, required | secret | target, "",
     "the incoming webhook, from your Slack app's page Incoming Webhooks: https://hooks.slack.com/services/..."},
    {"ping", Type::string, target, "",
     "a Slack member ID (profile, three dots, Copy member ID: U...), whom each message then really notifies"},
};

constexpr std::string_view not_an_id =
    "this is not a Slack member ID, which looks like U012AB3CD; copy it from the person's profile (three dots, Copy "
    "member ID)";

constexpr std::string_view make_a_webhook = "make an incoming webhook (https://hooks.slack.com/services/...)";

// What is wrong with an address of a host that is known; of others nothing is known, and they may speak Slack's language.
std::string wrong_address(std::string_view url) {
  const std::string host = weburl::host(url);
  const auto path = weburl::path(url);
  const auto begins = [&](std::string_view part) { return !path.empty() && path.front() == part; };
  std::string what;
  if (host == "hooks.slack.com" || host == "hooks.slack-gov.com") {
    if (begins("workflows") || begins("triggers")) what = "this is the trigger of a workflow, which takes no messages; ";
    else if (path.size() < 4 || !begins("services"))
      return "this is not a whole incoming webhook, which looks like https://" + host + "/services/T.../B.../...; copy it again";
  } else if (weburl::is_under(host, "slack.com") || weburl::is_under(host, "slack-gov.com")) {
    what = begins("api") ? "this is Slack's Web API, which needs a bot token; " : "this is a page of Slack, which takes no messages; ";
  } else if (weburl::is_under(host, "discord.com") || weburl::is_under(host, "discordapp.com")) {
    return "this is Discord: set plugin = \"discord\" for it";
  } else if (weburl::is_under(host, "github.com")) {
    what = "this is GitHub, not Slack; ";
  }
  return what.empty() ? what : what.append(make_a_webhook);
}

}  // namespace

class Slack {
 public:
  static constexpr std::string_view about = "messages in Slack, by an incoming webhook";
  static constexpr bool handles_probe = true;
  static constexpr std::uint32_t max_batch = most_mentions;

  explicit Slack(const Settings&) {}

  static void check(const Values&, const Values& target, const Complain& complain) {
    const std::string url = target.text("webhook_url");
    const std::string ping = target.text("ping");
    if (const std::string wrong = wrong_address(url); !wrong.empty()) complain("webhook_url", wrong);
    if (!ping.empty() && !is_user_id(ping)) complain("ping", not_an_id);
  }

  Rendered render(const Delivery& delivery) const {
    const std::string ping = delivery.target.text("ping");
    Request request;
    request.url = delivery.target.text("webhook_url");
    request.headers = {{"Content-Type", "application/json; charset=utf-8"}};
    if (request.url.empty()) {
      return Outcome::misconfigured("no_webhook_url",
                                    "there is no webhook_url for this subscription; give one in the sink, "
                                    "or in the subscription's target");
    }
    if (!ping.empty() && !is_user_id(ping))
      return Outcome::misconfigured("bad_ping", "ping: " + std::string(not_an_id));
    if (delivery.purpose == Purpose::probe) {
      request.body = probe_body;
      return request;
    }
    if (delivery.purpose == Purpose::mention && delivery.mentions.empty()) {
      return Outcome::rejected("empty", "the delivery holds no mention");
    }
    Message made = message(delivery, ping);
    request.body = std::move(made.body);
    request.covered = made.covered;
    return request;
  }

  Outcome interpret(const Delivery& delivery, const Response& response) const {
    return answer(delivery, response, delivery.target.text("webhook_url"));
  }
};

}  // namespace beckon::slack

BECKON_SINK(beckon::slack::Slack, "slack", BECKON_VERSION, beckon::slack::options)
