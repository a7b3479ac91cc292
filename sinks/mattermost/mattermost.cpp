// Mattermost, by an incoming webhook. Source: developers.mattermost.com, "Incoming webhooks"; the ids of its errors:
// github.com/mattermost/mattermost, server/channels/app/webhook.go.
#include "../answer_json.hpp"

#include <beckon/answer.hpp>
#include <beckon/markdown.hpp>
#include <beckon/message.hpp>
#include <beckon/sink.hpp>

#include <string>
#include <string_view>

namespace beckon::mattermost {
namespace {

using json = nlohmann::json;

constexpr Option options[] = {
    {"webhook_url", Type::url, required | secret | target, "",
     "the incoming webhook (Integrations, Incoming Webhooks): https://chat.example.com/hooks/..."},
};

constexpr std::size_t longest_text = 16'000;  // longer than 16,383 characters it would become several posts

constexpr std::string_view no_right = "the person who made the webhook may not read its channel; add them, or make a new webhook";

constexpr answer::Saying sayings[] = {
    {"web.incoming_webhook.invalid.app_error", 400, BECKON_GONE, "webhook_invalid",
     "there is no such webhook; make a new one and put its address into webhook_url", BECKON_SCOPE_TARGET, answer::an_hour_ms},
    {"app.channel.get.existing.app_error", 404, BECKON_GONE, "no_channel", "the webhook's channel does not exist any more",
     BECKON_SCOPE_TARGET, answer::an_hour_ms},
    {"web.incoming_webhook.channel.app_error", 404, BECKON_GONE, "no_channel", "the webhook's channel does not exist any more",
     BECKON_SCOPE_TARGET, answer::an_hour_ms},
    {"api.post.create_post.can_not_post_to_deleted.error", 400, BECKON_GONE, "channel_archived",
     "the webhook's channel is archived, until somebody unarchives it", BECKON_SCOPE_TARGET, answer::a_day_ms},
    {"web.incoming_webhook.user.app_error", 403, BECKON_MISCONFIGURED, "no_owner",
     "the person who made the webhook has no account any more; make a new webhook"},
    {"web.incoming_webhook.permissions.app_error", 403, BECKON_MISCONFIGURED, "no_permission", no_right},
    {"web.incoming_webhook.channel_locked.app_error", 403, BECKON_MISCONFIGURED, "channel_locked",
     "the webhook is locked to another channel"},
    {"web.incoming_webhook.disabled.app_error", 501, BECKON_MISCONFIGURED, "webhooks_disabled",
     "the server has incoming webhooks switched off; an administrator can switch them on (System Console, Integrations)"},
    {"api.context.404.app_error", 404, BECKON_MISCONFIGURED, "not_a_webhook",
     "this address is not that of an incoming webhook; copy webhook_url again"},
    {"web.incoming_webhook.text.app_error", 400, BECKON_REJECTED, "no_text", "the message has no text"},
    {"web.incoming_webhook.parse.app_error", 400, BECKON_REJECTED, "not_understood", "the message was not understood"},
    {"web.incoming_webhook.decode.app_error", 400, BECKON_REJECTED, "not_understood", "the message was not understood"},
};

// Mattermost rewrites "<!channel>" and "<a|b>" of a webhook's text before it reads the Markdown, so that not even code
// keeps what stands in it: its names are broken up too.
class Text final : public Markdown {
 public:
  using Markdown::Markdown;
  std::string span(const Span& span, std::string_view text, const Around& around) const override {
    return span.kind == SpanKind::code ? Markdown::span(span, quiet(text), around) : Markdown::span(span, text, around);
  }
  std::string code_block(std::string_view code, std::string_view language) const override {
    return Markdown::code_block(quiet(code), language);
  }

 private:
  static std::string quiet(std::string_view code) {
    std::string out = text::unmentioned(code);
    for (std::size_t at = 0; (at = out.find("<!", at)) != std::string::npos; at += 2) out.insert(at + 1, "\u200C");
    return out;
  }
};

std::string wrong_address(std::string_view url) {
  const std::string host = weburl::host(url);
  const auto path = weburl::path(url);
  if (weburl::is_under(host, "slack.com")) return "this is Slack: set plugin = \"slack\" for it";
  if (weburl::is_under(host, "discord.com")) return "this is Discord: set plugin = \"discord\" for it";
  if (path.size() < 2 || path[path.size() - 2] != "hooks")
    return "this is not an incoming webhook, which looks like https://chat.example.com/hooks/...; copy it again";
  return {};
}

}  // namespace

class Mattermost {
 public:
  static constexpr std::string_view about = "messages in Mattermost, by an incoming webhook";
  static constexpr std::uint32_t max_batch = 10;

  explicit Mattermost(const Settings&) {}

  static void check(const Values&, const Values& target, const Complain& complain) {
    if (!target.has("webhook_url")) return;
    if (const std::string wrong = wrong_address(target.text("webhook_url")); !wrong.empty()) complain("webhook_url", wrong);
  }

  Rendered render(const Delivery& delivery) const {
    Request request;
    request.url = delivery.target.text("webhook_url");
    if (request.url.empty())
      return Outcome::misconfigured("no_webhook_url", "there is no webhook_url for this subscription; give one in the sink, "
                                                      "or in the subscription's target");
    if (is_empty(delivery)) return nothing_to_tell();
    const Message text = compose(delivery, Text(delivery.form == Form::plain), longest_text);
    request.headers = {{"Content-Type", "application/json"}};
    request.body = answer::written({{"text", text.text}});
    request.covered = text.covered;
    return request;
  }

  Outcome interpret(const Delivery& delivery, const Response& response) const {
    if (response.status == 200 && response.body == "ok") return Outcome::delivered();
    const std::string words = answer::text_of(answer::object_of(response.body), "id");
    return answer::judge(delivery, response, "Mattermost", sayings, words);
  }
};

}  // namespace beckon::mattermost

BECKON_SINK(beckon::mattermost::Mattermost, "mattermost", BECKON_VERSION, beckon::mattermost::options)
