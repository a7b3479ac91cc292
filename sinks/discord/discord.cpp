// Discord, by a webhook of a channel.
#include "answer.hpp"
#include "message.hpp"
#include "webhook.hpp"

#include <beckon/sink.hpp>
#include <beckon/text.hpp>
#include <beckon/weburl.hpp>

#include <string>
#include <string_view>

namespace beckon::discord {
namespace {

constexpr Option options[] = {
    {"webhook_url", Type::url, required | secret | target, "",
     "the channel's webhook (Edit Channel, Integrations, Webhooks): https://discord.com/api/webhooks/..."},
    {"ping", Type::string, target, "",
     "a Discord user ID (Developer Mode on, right click, Copy User ID), whom each message then really notifies"},
    {"thread_id", Type::string, target, "", "the ID of a thread of that channel, to write into it"},
    {"username", Type::string, optional, "", "the name to write under, else the webhook's own; at most 80 characters"},
};

constexpr std::string_view not_a_user =
    "this is not a Discord user ID, which has 15 to 20 digits; turn on Developer Mode, right click the person, Copy "
    "User ID";
constexpr std::string_view not_a_thread =
    "this is not a Discord thread ID, which has 15 to 20 digits; turn on Developer Mode, right click the thread, Copy "
    "Thread ID";

bool ends_with(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

// What is wrong with an address of a host that is known: https://discord.com/api[/v10]/webhooks/ID/TOKEN is right.
std::string wrong_address(std::string_view url) {
  const std::string host = weburl::host(url);
  auto path = weburl::path(url);
  if (weburl::is_under(host, "slack.com") || weburl::is_under(host, "slack-gov.com"))
    return "this is Slack: set plugin = \"slack\" for it";
  if (weburl::is_under(host, "github.com"))
    return "this is GitHub, not Discord; make a webhook of the channel (Edit Channel, Integrations, Webhooks)";
  if (!weburl::is_under(host, "discord.com") && !weburl::is_under(host, "discordapp.com")) return {};
  if (path.size() > 1 && path[0] == "api" && path[1].size() > 1 && path[1].front() == 'v') path.erase(path.begin() + 1);
  if (path.size() >= 2 && path[0] == "api" && path[1] == "webhooks") {
    if (path.size() >= 4 && is_snowflake(path[2])) return {};
    return "this is not a whole webhook, which looks like https://discord.com/api/webhooks/ID/TOKEN; copy it again (Edit "
           "Channel, Integrations, Webhooks)";
  }
  return "this is a page of Discord, which takes no messages; make a webhook of the channel (Edit Channel, Integrations, "
         "Webhooks)";
}

// Empty when it will do.
std::string wrong_username(std::string_view name) {
  std::string lower(text::clean_line(name));
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  for (const std::string word : {"clyde", "discord"}) {
    if (lower.find(word) != std::string::npos)
      return "Discord allows no name with \"" + word + "\" in it; choose another";
  }
  if (!name.empty() && lower.empty()) return "this name shows nothing; choose another";
  return text::utf16_units(lower) > 80 ? "this name is longer than 80 characters; choose a shorter one" : std::string();
}

}  // namespace

class Discord {
 public:
  static constexpr std::string_view about = "messages in Discord, by a channel's webhook";
  static constexpr bool handles_probe = true;
  static constexpr std::uint32_t max_batch = most_mentions;

  explicit Discord(const Settings& settings) : username_(text::clean_line(settings.text("username"))) {
    if (const std::string wrong = wrong_username(settings.text("username")); !wrong.empty())
      throw Complaint("username", wrong);
  }

  static void check(const Values& settings, const Values& target, const Complain& complain) {
    const std::string url = limit_key(target.text("webhook_url"));
    const std::string ping = target.text("ping");
    const std::string thread = target.text("thread_id");
    if (ends_with(url, "/slack") || ends_with(url, "/github")) {
      complain("webhook_url",
               "this address takes the messages of another service; take the last part away (/slack, /github)");
    }
    if (const std::string wrong = wrong_address(url); !wrong.empty()) complain("webhook_url", wrong);
    if (!ping.empty() && !is_snowflake(ping)) complain("ping", not_a_user);
    if (!thread.empty() && !is_snowflake(thread)) complain("thread_id", not_a_thread);
    if (const std::string wrong = wrong_username(settings.text("username")); !wrong.empty())
      complain("username", wrong);
  }

  Rendered render(const Delivery& delivery) const {
    const std::string url = delivery.target.text("webhook_url");
    const std::string ping = delivery.target.text("ping");
    const std::string thread = delivery.target.text("thread_id");
    if (url.empty()) {
      return Outcome::misconfigured("no_webhook_url",
                                    "there is no webhook_url for this subscription; give one in the sink, "
                                    "or in the subscription's target");
    }
    if (!ping.empty() && !is_snowflake(ping))
      return Outcome::misconfigured("bad_ping", "ping: " + std::string(not_a_user));
    if (!thread.empty() && !is_snowflake(thread)) {
      return Outcome::misconfigured("bad_thread_id", "thread_id: " + std::string(not_a_thread));
    }
    Request request;
    request.limit_key = limit_key(url);
    // Cloudflare, before Discord, refuses the names that HTTP libraries give themselves. The form "DiscordBot (URL,
    // VERSION)" is for bots with a token; a webhook may be used by any program that says its name.
    request.headers = {{"User-Agent", "Beckon/" BECKON_VERSION}};
    if (delivery.purpose == Purpose::probe) {
      request.method = "GET";
      request.url = probe_address(url);
      return request;
    }
    if (delivery.purpose == Purpose::mention && delivery.mentions.empty()) {
      return Outcome::rejected("empty", "the delivery holds no mention");
    }
    Message made = message(delivery, ping, username_);
    request.url = post_address(url, thread);
    request.headers.push_back({"Content-Type", "application/json"});
    request.body = std::move(made.body);
    request.covered = made.covered;
    return request;
  }

  Outcome interpret(const Delivery& delivery, const Response& response) const {
    const std::string thread = thread_of(delivery.target.text("webhook_url"), delivery.target.text("thread_id"));
    return answer(delivery, response, !thread.empty());
  }

 private:
  std::string username_;
};

}  // namespace beckon::discord

BECKON_SINK(beckon::discord::Discord, "discord", BECKON_VERSION, beckon::discord::options)
