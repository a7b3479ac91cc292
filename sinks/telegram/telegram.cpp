// Telegram, by a bot. Source: core.telegram.org/bots/api, "sendMessage", "HTML style" and "ResponseParameters"; the words
// of its errors: github.com/tdlib/telegram-bot-api.
#include "../answer_json.hpp"

#include <beckon/answer.hpp>
#include <beckon/html.hpp>
#include <beckon/message.hpp>
#include <beckon/plain.hpp>
#include <beckon/sink.hpp>

#include <algorithm>
#include <string>
#include <string_view>

namespace beckon::telegram {
namespace {

using json = nlohmann::json;

constexpr Option options[] = {
    {"token", Type::string, required | secret, "", "the bot's token, from @BotFather: 123456789:AA..."},
    {"chat_id", Type::string, required | target, "", "a person, group or channel: 123456789, -1001234567890 or @channel"},
    {"message_thread_id", Type::integer, target, "", "the topic of a group with topics"},
    {"api_url", Type::url, optional, "https://api.telegram.org", "another Bot API server"},
};

constexpr std::size_t longest_text = 4'096;  // UTF-16 units; marks and entities do not even count

constexpr std::string_view not_a_chat = "this is not the id of a chat, which looks like 123456789, -1001234567890 or @channel";
constexpr std::string_view not_a_token =
    "this is not a bot's token, which looks like 123456789:AA...; copy it from @BotFather again";

constexpr std::string_view blocked = "the person has blocked the bot; it can write again when they unblock it";
constexpr std::string_view removed = "the bot was removed from the chat; add it again";
constexpr std::string_view not_allowed =
    "the bot may not write in this chat; allow it to send messages, or make it an administrator";
constexpr std::string_view dead_token = "the bot's token is wrong or was revoked; put the one from @BotFather into token";
constexpr std::string_view no_topic = "the topic is closed or does not exist; change message_thread_id";

constexpr answer::Saying sayings[] = {
    {"Forbidden: bot was blocked by the user", 403, BECKON_GONE, "bot_blocked", blocked},
    {"Forbidden: user is deactivated", 403, BECKON_GONE, "user_deactivated", "this account was deleted"},
    {"Forbidden: bot was kicked from the group chat", 403, BECKON_GONE, "bot_kicked", removed},
    {"Forbidden: bot was kicked from the supergroup chat", 403, BECKON_GONE, "bot_kicked", removed},
    {"Forbidden: bot was kicked from the channel chat", 403, BECKON_GONE, "bot_kicked", removed},
    {"Forbidden: bot is not a member of the group chat", 403, BECKON_GONE, "not_a_member", removed},
    {"Forbidden: bot is not a member of the supergroup chat", 403, BECKON_GONE, "not_a_member", removed},
    {"Forbidden: bot is not a member of the channel chat", 403, BECKON_GONE, "not_a_member", removed},
    {"Forbidden: the group chat was deleted", 403, BECKON_GONE, "group_deleted", "the group was deleted"},
    {"Bad Request: chat not found", 400, BECKON_GONE, "chat_not_found",
     "there is no such chat for this bot; check chat_id, and let the person press Start in a chat with the bot",
     BECKON_SCOPE_TARGET, answer::an_hour_ms},
    {"Bad Request: group chat was upgraded to a supergroup chat", 400, BECKON_RETRY, "chat_moved",
     "the group has become a supergroup with another id"},
    {"Forbidden: bot can't initiate conversation with a user", 403, BECKON_MISCONFIGURED, "not_started",
     "the person has to press Start in a chat with the bot first"},
    {"Forbidden: bot can't send messages to bots", 403, BECKON_MISCONFIGURED, "chat_is_bot", "chat_id is that of a bot"},
    {"Bad Request: PEER_ID_INVALID", 400, BECKON_MISCONFIGURED, "bad_chat_id", not_a_chat},
    {"Bad Request: chat_id is empty", 400, BECKON_MISCONFIGURED, "bad_chat_id", not_a_chat},
    {"Bad Request: message thread not found", 400, BECKON_MISCONFIGURED, "no_topic", no_topic},
    {"Bad Request: TOPIC_CLOSED", 400, BECKON_MISCONFIGURED, "no_topic", no_topic},
    {"Bad Request: TOPIC_DELETED", 400, BECKON_MISCONFIGURED, "no_topic", no_topic},
    {"Bad Request: CHAT_WRITE_FORBIDDEN", 400, BECKON_MISCONFIGURED, "not_allowed", not_allowed},
    {"Bad Request: CHAT_RESTRICTED", 400, BECKON_MISCONFIGURED, "not_allowed", not_allowed},
    {"Bad Request: have no rights to send a message", 400, BECKON_MISCONFIGURED, "not_allowed", not_allowed},
    {"Bad Request: not enough rights to send text messages to the chat", 400, BECKON_MISCONFIGURED, "not_allowed", not_allowed},
    {"Bad Request: need administrator rights in the channel chat", 400, BECKON_MISCONFIGURED, "not_allowed", not_allowed},
    {"Unauthorized", 401, BECKON_MISCONFIGURED, "bad_token", dead_token, BECKON_SCOPE_SINK},
    {"Not Found", 404, BECKON_MISCONFIGURED, "bad_token", dead_token, BECKON_SCOPE_SINK},
};

bool all(std::string_view text, std::string_view set) {
  return !text.empty() && text.find_first_not_of(set) == std::string_view::npos;
}

constexpr std::string_view digits = "0123456789";
constexpr std::string_view name_part = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-";

bool is_chat(std::string_view id) {
  if (id.size() > 64) return false;
  if (!id.empty() && id.front() == '@') return all(id.substr(1), name_part);
  return all(id.substr(!id.empty() && id.front() == '-'), digits);
}

bool is_token(std::string_view token) {
  const std::size_t colon = std::min(token.find(':'), token.size());
  return colon < token.size() && token.size() <= 128 && all(token.substr(0, colon), digits) &&
         all(token.substr(colon + 1), name_part);
}

constexpr std::uint32_t most_moves = 3;

// A group that became a supergroup has a new id. The state is "OLD NEW", and only of use while OLD is what is configured.
std::string moved_to(const Delivery& delivery, std::string_view configured) {
  const std::size_t blank = std::min(delivery.state.find(' '), delivery.state.size());
  if (blank == delivery.state.size() || delivery.state.substr(0, blank) != configured) return {};
  const std::string_view to = delivery.state.substr(blank + 1);
  return is_chat(to) ? std::string(to) : std::string();
}

}  // namespace

class Telegram {
 public:
  static constexpr std::string_view about = "messages in Telegram, by a bot";
  static constexpr std::uint32_t max_batch = 10;

  explicit Telegram(const Settings& settings)
      : token_(settings.text("token")), api_url_(settings.text("api_url", "https://api.telegram.org")) {
    if (!is_token(token_)) throw Complaint("token", std::string(not_a_token));
  }

  static void check(const Values& settings, const Values& target, const Complain& complain) {
    if (settings.has("token") && !is_token(settings.text("token"))) complain("token", not_a_token);
    const std::string api_url = settings.text("api_url");
    const auto path = weburl::path(api_url);
    if (!path.empty() && path.back().substr(0, 3) == "bot" && path.back().size() > 10)
      complain("api_url", "leave the bot's token and all behind it out of the address; it is added by itself");
    if (target.has("chat_id") && !is_chat(target.text("chat_id"))) complain("chat_id", not_a_chat);
    if (target.number("message_thread_id") < 0) complain("message_thread_id", "the number of a topic is not negative");
  }

  Rendered render(const Delivery& delivery) const {
    const std::string configured = delivery.target.text("chat_id");
    if (!is_chat(configured)) return Outcome::misconfigured("bad_chat_id", "chat_id: " + std::string(not_a_chat));
    const std::string moved = moved_to(delivery, configured);
    const std::string& chat = moved.empty() ? configured : moved;
    if (is_empty(delivery)) return nothing_to_tell();
    const bool plain = delivery.form == Form::plain;
    const Message text = plain ? compose(delivery, PlainText(), longest_text) : compose(delivery, Html(), longest_text);
    json message = {{"chat_id", chat}, {"text", text.text}, {"link_preview_options", {{"is_disabled", true}}}};
    if (!plain) message["parse_mode"] = "HTML";
    if (const auto topic = delivery.target.number("message_thread_id"); topic > 0) message["message_thread_id"] = topic;
    Request request;
    request.url = weburl::under(api_url_, "/bot" + token_ + "/sendMessage");
    request.headers = {{"Content-Type", "application/json"}};
    request.body = answer::written(message);
    request.limit_key = api_url_ + " " + chat;
    request.covered = text.covered;
    return request;
  }

  Outcome interpret(const Delivery& delivery, const Response& response) const {
    const std::string configured = delivery.target.text("chat_id");
    const std::string moved = moved_to(delivery, configured);
    const json object = answer::object_of(response.body);
    const std::string moving_to = answer::number_of(answer::object_in(object, "parameters"), "migrate_to_chat_id");
    Outcome outcome = judged(delivery, response, object);
    if (response.status == 400 && is_chat(moving_to) && moving_to != moved && delivery.step < most_moves) {
      outcome = answer::again(delivery, response, "chat_moved", "Telegram answered 400: the chat has another id now");
      outcome.follow_up = true;
      outcome.state = configured + " " + moving_to;
      outcome.retarget = moving_to;
    } else if (delivery.step > 0 && !moved.empty()) {
      // Only the last step's outcome counts, so it must bring along what an earlier one found out.
      outcome.state = std::string(delivery.state);
      outcome.retarget = moved;
    }
    return outcome;
  }

 private:
  static Outcome judged(const Delivery& delivery, const Response& response, const json& object) {
    const std::string id = answer::number_of(answer::object_in(object, "result"), "message_id");
    if (response.status == 200 && !id.empty() && answer::member(object, "ok") == true) {
      Outcome outcome = Outcome::delivered();
      outcome.external_id = id;
      // One message a second to a chat, twenty a minute to a group: core.telegram.org/bots/faq.
      outcome.not_before_ms = all(delivery.target.text("chat_id"), digits) ? 1'000 : 3'000;
      return outcome;
    }
    const std::string words = answer::text_of(object, "description");
    const auto seconds = answer::seconds_of(answer::object_in(object, "parameters"), "retry_after");
    const bool known = answer::find(sayings, words, response.status) != nullptr;
    if (response.status == 400 && !known && words.rfind("Bad Request: ", 0) == 0)
      return Outcome::rejected("refused", "Telegram answered 400: the message was refused");
    return answer::judge(delivery, response, "Telegram", sayings, words, seconds);
  }

  std::string token_;
  std::string api_url_;
};

}  // namespace beckon::telegram

BECKON_SINK(beckon::telegram::Telegram, "telegram", BECKON_VERSION, beckon::telegram::options)
