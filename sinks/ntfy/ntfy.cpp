// ntfy: notifications on phones, by ntfy.sh or a server of one's own. Source: docs.ntfy.sh/publish, "Publish as JSON" and
// "Limitations"; the codes of its errors: github.com/binwiederhier/ntfy, server/errors.go.
#include "../answer_json.hpp"

#include <beckon/answer.hpp>
#include <beckon/markdown.hpp>
#include <beckon/message.hpp>
#include <beckon/plain.hpp>
#include <beckon/sink.hpp>

#include <string>
#include <string_view>

namespace beckon::ntfy {
namespace {

using json = nlohmann::json;

constexpr Option options[] = {
    {"server", Type::url, optional, "https://ntfy.sh", "the ntfy server, without a topic"},
    {"topic", Type::string, required | secret | target, "", "the topic; who knows it can read along, so let it be hard to guess"},
    {"token", Type::string, secret, "", "an access token (tk_...), where the server or the topic wants one"},
    {"priority", Type::integer, target, "3", "1 (silent) to 5 (urgent)"},
};

constexpr std::size_t longest_message = 4'000;  // bytes; what is longer than 4,096 would become an attachment

constexpr std::string_view not_a_topic = "a topic has 1 to 64 letters, digits, \"-\" or \"_\", and is not an address";
constexpr std::string_view not_understood = "the message was not understood";
constexpr std::string_view too_large = "the message is too large";

constexpr answer::Saying sayings[] = {
    {"40009", 400, BECKON_MISCONFIGURED, "bad_topic", not_a_topic},
    {"40010", 400, BECKON_MISCONFIGURED, "bad_topic", "the server does not allow this topic; choose another"},
    {"40011", 400, BECKON_REJECTED, "code_40011", not_understood},
    {"40017", 400, BECKON_REJECTED, "code_40017", not_understood},
    {"40024", 400, BECKON_REJECTED, "code_40024", not_understood},
    {"40101", 401, BECKON_MISCONFIGURED, "bad_token",
     "the token is wrong or has expired; make a new one in the server's web app", BECKON_SCOPE_SINK},
    {"40301", 403, BECKON_MISCONFIGURED, "forbidden",
     "this topic may not be written to; set a token that may, or choose another topic"},
    {"41301", 413, BECKON_REJECTED, "too_large", too_large},
    {"41303", 413, BECKON_REJECTED, "too_large", too_large},
    {"42905", 429, BECKON_RETRY, "rate_limited", "the day's limit is used up", BECKON_SCOPE_TARGET, answer::an_hour_ms},
    {"42908", 429, BECKON_RETRY, "rate_limited", "the day's limit of messages is used up", BECKON_SCOPE_TARGET,
     answer::an_hour_ms},
    {"50701", 507, BECKON_GONE, "no_subscriber", "nobody has subscribed to this UnifiedPush topic for long",
     BECKON_SCOPE_TARGET, answer::a_day_ms},
};

constexpr std::string_view not_a_token = "an access token is one word, which begins with tk_; copy it again";

// None is needed where everybody may write.
bool is_token(std::string_view token) { return token.find_first_of("\r\n\t ") == std::string_view::npos; }

bool is_topic(std::string_view topic) {
  return !topic.empty() && topic.size() <= 64 &&
         topic.find_first_not_of("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_") == std::string_view::npos;
}

// ntfy counts bytes.
template <class Medium>
class InBytes final : public Medium {
 public:
  std::size_t measure(std::string_view written) const override { return written.size(); }
};

}  // namespace

class Ntfy {
 public:
  static constexpr std::string_view about = "notifications on phones and desktops, by ntfy.sh or a server like it";
  static constexpr std::uint32_t max_batch = 10;

  explicit Ntfy(const Settings& settings) : server_(settings.text("server", "https://ntfy.sh")), token_(settings.text("token")) {
    if (!is_token(token_)) throw Complaint("token", std::string(not_a_token));
  }

  static void check(const Values& settings, const Values& target, const Complain& complain) {
    if (!is_token(settings.text("token"))) complain("token", not_a_token);
    if (!weburl::path(settings.text("server")).empty())
      complain("server", "this is the address of a topic; put its last part into topic, and leave only the server's name here");
    if (target.has("topic") && !is_topic(target.text("topic"))) complain("topic", not_a_topic);
    const std::int64_t priority = target.number("priority", 3);
    if (priority < 1 || priority > 5) complain("priority", "a priority is a number from 1 (silent) to 5 (urgent)");
  }

  Rendered render(const Delivery& delivery) const {
    const std::string topic = delivery.target.text("topic");
    const std::int64_t priority = delivery.target.number("priority", 3);
    if (!is_topic(topic)) return Outcome::misconfigured("bad_topic", "topic: " + std::string(not_a_topic));
    if (is_empty(delivery)) return nothing_to_tell();
    const bool plain = delivery.form == Form::plain;
    const Message text =
        plain ? compose(delivery, InBytes<PlainText>(), longest_message)
                               : compose(delivery, InBytes<Markdown>(), longest_message);
    json message = {{"topic", topic}, {"title", headline(delivery, text.covered)}, {"message", text.text}, {"markdown", !plain}};
    if (priority >= 1 && priority <= 5) message["priority"] = priority;
    if (text.covered == 1) {
      if (const std::string url = weburl::safe(delivery.mentions.front().post.url); !url.empty()) message["click"] = url;
    }
    Request request;
    request.url = weburl::under(server_, "/");
    request.headers = {{"Content-Type", "application/json"}};
    if (!token_.empty()) request.headers.push_back({"Authorization", "Bearer " + token_});
    request.body = answer::written(message);
    request.covered = text.covered;
    return request;
  }

  Outcome interpret(const Delivery& delivery, const Response& response) const {
    const json object = answer::object_of(response.body);
    if (response.status == 200 && answer::text_of(object, "event") == "message") return Outcome::delivered();
    return answer::judge(delivery, response, "ntfy", sayings, answer::number_of(object, "code"));
  }

 private:
  std::string server_;
  std::string token_;
};

}  // namespace beckon::ntfy

BECKON_SINK(beckon::ntfy::Ntfy, "ntfy", BECKON_VERSION, beckon::ntfy::options)
