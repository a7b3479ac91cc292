// Microsoft Teams, by a workflow's webhook, as an Adaptive Card. Source: learn.microsoft.com, "Create incoming webhooks with
// Workflows", "Format cards in Teams"; adaptivecards.io, "TextBlock".
#include "../answer_json.hpp"

#include <beckon/answer.hpp>
#include <beckon/markdown.hpp>
#include <beckon/message.hpp>
#include <beckon/sink.hpp>

#include <string>
#include <string_view>

namespace beckon::teams {
namespace {

using json = nlohmann::json;

constexpr Option options[] = {
    {"webhook_url", Type::url, required | secret | target, "",
     "the address of a workflow that begins with \"When a Teams webhook request is received\""},
};

constexpr std::size_t longest_text = 12'000;  // bytes, which JSON may double; a message is at most 28 KB

constexpr std::string_view copy_again =
    "the address does not open the workflow; copy it again, and let the trigger be for anyone";

constexpr answer::Saying sayings[] = {
    {"WorkflowNotFound", 404, BECKON_GONE, "workflow_not_found",
     "there is no such workflow; make a new one and put its address into webhook_url", BECKON_SCOPE_TARGET, answer::a_day_ms},
    {"WorkflowTriggerIsNotEnabled", 400, BECKON_MISCONFIGURED, "workflow_off", "the workflow is switched off; switch it on"},
    {"WorkflowTriggerNotFound", 404, BECKON_MISCONFIGURED, "no_trigger",
     "the workflow does not begin with a webhook any more; make a new one and put its address into webhook_url"},
    {"DirectApiAuthorizationRequired", 401, BECKON_MISCONFIGURED, "not_open", copy_again},
    {"DirectApiInvalidAuthorizationScheme", 401, BECKON_MISCONFIGURED, "not_open", copy_again},
    {"AuthorizationFailed", 403, BECKON_MISCONFIGURED, "not_open", copy_again},
    {"TriggerInputSchemaMismatch", 400, BECKON_MISCONFIGURED, "other_trigger",
     "the workflow expects something else than a Teams message; make one from the template for webhook requests"},
    {"RequestEntityTooLarge", 413, BECKON_REJECTED, "too_large", "the message is too large"},
};

// Cards read a part of Markdown: bold, italics, links, lists. A line ends with an empty one.
class CardText final : public Markdown {
 public:
  using Markdown::Markdown;
  std::string span(const Span& span, std::string_view text, const Around& around) const override {
    const bool unknown = span.kind == SpanKind::code || span.kind == SpanKind::strikethrough;
    return Markdown::span(unknown ? Span{SpanKind::text, span.depth, span.text, span.url} : span, text, around);
  }
  std::string code_block(std::string_view code, std::string_view) const override { return lines(code); }
  std::string quote(std::uint32_t) const override { return "| "; }
  std::string gap(int) const override { return "\n\n"; }
  std::size_t measure(std::string_view written) const override { return written.size(); }
};

std::string wrong_address(std::string_view url) {
  const std::string host = weburl::host(url);
  if (weburl::is_under(host, "webhook.office.com") || weburl::is_under(host, "outlook.office.com"))
    return "this is a connector, which Microsoft has given up; make a workflow (Teams: Workflows, webhook) and give its address";
  if (weburl::is_under(host, "teams.microsoft.com"))
    return "this is a page of Teams, which takes no messages; make a workflow (Workflows, webhook) and give its address";
  if (weburl::is_under(host, "slack.com")) return "this is Slack: set plugin = \"slack\" for it";
  if (weburl::is_under(host, "discord.com")) return "this is Discord: set plugin = \"discord\" for it";
  return {};
}

}  // namespace

class Teams {
 public:
  static constexpr std::string_view about = "cards in Microsoft Teams, by a workflow's webhook";
  static constexpr std::uint32_t max_batch = 10;

  explicit Teams(const Settings&) {}

  static void check(const Values&, const Values& target, const Complain& complain) {
    if (const std::string wrong = wrong_address(target.text("webhook_url")); !wrong.empty()) complain("webhook_url", wrong);
  }

  Rendered render(const Delivery& delivery) const {
    Request request;
    request.url = delivery.target.text("webhook_url");
    if (request.url.empty())
      return Outcome::misconfigured("no_webhook_url", "there is no webhook_url for this subscription; give one in the sink, "
                                                      "or in the subscription's target");
    if (is_empty(delivery)) return nothing_to_tell();
    const Message text = compose(delivery, CardText(delivery.form == Form::plain), longest_text);
    const json card = {{"$schema", "http://adaptivecards.io/schemas/adaptive-card.json"},
                       {"type", "AdaptiveCard"},
                       {"version", "1.4"},
                       {"msteams", {{"width", "Full"}}},
                       {"body", json::array({{{"type", "TextBlock"}, {"text", text.text}, {"wrap", true}}})}};
    const json attachment = {
        {"contentType", "application/vnd.microsoft.card.adaptive"}, {"contentUrl", nullptr}, {"content", card}};
    request.headers = {{"Content-Type", "application/json"}};
    request.body = answer::written({{"type", "message"}, {"attachments", json::array({attachment})}});
    request.covered = text.covered;
    return request;
  }

  Outcome interpret(const Delivery& delivery, const Response& response) const {
    if (response.status == 202) return Outcome::delivered();
    const json error = answer::object_in(answer::object_of(response.body), "error");
    return answer::judge(delivery, response, "Teams", sayings, answer::text_of(error, "code"));
  }
};

}  // namespace beckon::teams

BECKON_SINK(beckon::teams::Teams, "teams", BECKON_VERSION, beckon::teams::options)
