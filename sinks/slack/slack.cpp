// Slack, by an incoming webhook: one webhook for each person or channel.
#include "answer.hpp"
#include "message.hpp"

#include <beckon/sink.hpp>

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

bool holds(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

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
    if (holds(url, "hooks.slack.com/workflows/") || holds(url, "hooks.slack.com/triggers/")) {
      complain("webhook_url", "this is the trigger of a workflow, which takes no messages; make an incoming webhook "
                              "(https://hooks.slack.com/services/...)");
    }
    if (holds(url, "slack.com/api/")) {
      complain("webhook_url", "this is Slack's Web API, which needs a bot token; make an incoming webhook "
                              "(https://hooks.slack.com/services/...)");
    }
    if (!ping.empty() && !is_user_id(ping)) complain("ping", not_an_id);
  }

  Rendered render(const Delivery& delivery) const {
    const std::string ping = delivery.target.text("ping");
    Request request;
    request.url = delivery.target.text("webhook_url");
    request.headers = {{"Content-Type", "application/json; charset=utf-8"}};
    if (request.url.empty()) {
      return Outcome::misconfigured("no_webhook_url",
                                    "There is no webhook_url for this subscription. Give one in the sink, "
                                    "or in the subscription's target.");
    }
    if (!ping.empty() && !is_user_id(ping))
      return Outcome::misconfigured("bad_ping", "ping: " + std::string(not_an_id) + ".");
    if (delivery.purpose == Purpose::probe) {
      request.body = probe_body;
      return request;
    }
    if (delivery.purpose == Purpose::mention && delivery.mentions.empty()) {
      return Outcome::rejected("empty", "The delivery holds no mention.");
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

BECKON_SINK(beckon::slack::Slack, "slack", "0.1.0", beckon::slack::options)
