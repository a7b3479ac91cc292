#include "answer.hpp"

#include <beckon/retry_after.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace beckon::slack {
namespace {

// One message a second for a webhook; who goes on after a 429 may be shut out for good.
// https://docs.slack.dev/apis/web-api/rate-limits
constexpr std::int64_t pace_ms = 1000;

using json = nlohmann::json;

constexpr std::int64_t an_hour_ms = 3'600'000;
constexpr std::int64_t a_day_ms = 86'400'000;
constexpr std::size_t longest_json = 64 * 1024;

enum class Meaning { content, operator_must_act, gone, maybe_gone, limited, trouble };

struct Word {
  std::string_view word;
  unsigned status;  // the one that Slack says it with; 0: any
  Meaning meaning;
  std::int64_t ask_again_ms;
  std::string_view sentence;
};

constexpr std::string_view make_new = "; make a new incoming webhook in Slack and put its URL into webhook_url";

constexpr std::array words = {
    Word{"no_service", 404, Meaning::gone, 0, "this webhook was removed or disabled"},
    Word{"no_service_id", 404, Meaning::gone, 0, "this webhook does not exist"},
    Word{"no_active_hooks", 404, Meaning::gone, 0, "this webhook was disabled"},
    Word{"no_team", 404, Meaning::gone, 0, "the workspace of this webhook does not exist"},
    Word{"invalid_token", 403, Meaning::maybe_gone, an_hour_ms,
         "the token in this webhook's URL is wrong or was revoked"},
    Word{"channel_not_found", 404, Meaning::maybe_gone, a_day_ms,
         "the webhook's channel was deleted, or its app was removed from a private channel"},
    Word{"user_not_found", 400, Meaning::maybe_gone, a_day_ms, "the person whom this webhook writes to was not found"},
    Word{"team_disabled", 0, Meaning::maybe_gone, a_day_ms, "the workspace is disabled"},
    Word{"channel_is_archived", 410, Meaning::maybe_gone, a_day_ms,
         "the webhook's channel is archived, until somebody unarchives it"},
    Word{"action_prohibited", 403, Meaning::operator_must_act, 0,
         "an administrator of the workspace forbids this webhook to post; ask for permission, or use another webhook"},
    Word{
        "posting_to_general_channel_denied", 403, Meaning::operator_must_act, 0,
        "this webhook may not post to the workspace's general channel; allow it, or use a webhook for another channel"},
    Word{"invalid_payload", 400, Meaning::content, 0, "the message was not understood"},
    Word{"invalid_blocks", 400, Meaning::content, 0, "the message's blocks were refused"},
    Word{"invalid_blocks_format", 400, Meaning::content, 0, "the message's blocks were refused"},
    Word{"no_text", 400, Meaning::content, 0, "the message has no text"},
    Word{"missing_text_or_fallback_or_attachments", 400, Meaning::content, 0, "the message has no text"},
    Word{"too_many_attachments", 400, Meaning::content, 0, "the message has too many attachments"},
    Word{"msg_too_long", 400, Meaning::content, 0, "the message is too long"},
    Word{"rate_limited", 429, Meaning::limited, 0, {}},
    Word{"ratelimited", 429, Meaning::limited, 0, {}},
    Word{"rollup_error", 500, Meaning::trouble, 0, "it had an error of its own"},
    Word{"invalid_auth", 0, Meaning::operator_must_act, 0,
         "it wants a login, so webhook_url is not an incoming webhook; use a URL from the app's Incoming Webhooks page"},
    Word{"not_authed", 0, Meaning::operator_must_act, 0,
         "it wants a login, so webhook_url is not an incoming webhook; use a URL from the app's Incoming Webhooks page"},
};

const Word* find(std::string_view word) {
  const auto found = std::find_if(words.begin(), words.end(), [&](const Word& w) { return w.word == word; });
  return found == words.end() ? nullptr : &*found;
}

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

struct Body {
  std::string word;             // "ok", "no_service"; empty: none
  bool is_plain = false;        // the word alone, as webhooks say it
  bool is_json_ok = false;      // {"ok": true}: another kind of endpoint
  std::optional<double> retry_after_s;
};

// One of Slack's words, known or not: "no_service", "ok". Not every word is one: proxies say "null" and "error" too.
bool is_word(std::string_view text) {
  const auto is_part = [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; };
  if (text == "ok" || find(text)) return true;
  return text.size() <= 48 && text.find('_') != std::string_view::npos &&
         std::all_of(text.begin(), text.end(), is_part);
}

Body read(std::string_view raw) {
  Body body;
  const std::string_view text = trimmed(raw);
  body.is_plain = is_word(text);
  if (body.is_plain) body.word = text;
  if (text.empty() || text.front() != '{' || text.size() > longest_json) return body;
  const json object = json::parse(text, nullptr, false);
  if (!object.is_object()) return body;
  const auto ok = object.find("ok");
  const auto error = object.find("error");
  const auto wait = object.find("retry_after");
  body.is_json_ok = ok != object.end() && ok->is_boolean() && ok->get<bool>();
  if (error != object.end() && error->is_string() && is_word(error->get_ref<const std::string&>())) {
    body.word = error->get<std::string>();
  }
  if (wait != object.end() && wait->is_number()) body.retry_after_s = wait->get<double>();
  return body;
}

std::string said(unsigned status, std::string_view word) {
  std::string said = "Slack answered " + std::to_string(status);
  if (!word.empty()) said.append(" ").append(word);
  return said;
}

Outcome again(const Delivery& delivery, const Response& response, const Body& body, std::string code,
              std::string reason) {
  Outcome outcome = Outcome::retry(std::move(code), std::move(reason));
  if (const auto wait = retry_after_ms(response, delivery.now_ms)) outcome.retry_after_ms = *wait;
  if (body.retry_after_s) outcome.retry_after_ms = std::max(outcome.retry_after_ms, sane_wait_ms(*body.retry_after_s));
  return outcome;
}

Outcome limited(const Delivery& delivery, const Response& response, const Body& body) {
  return again(delivery, response, body, "rate_limited", "Slack asks for a pause (" + std::to_string(response.status) + ")");
}

Outcome of_word(const Delivery& delivery, const Response& response, const Body& body, const Word& word) {
  const std::string reason = said(response.status, {}) + ": " + std::string(word.sentence);  // the code is the word
  const std::string code(word.word);
  const bool believed = word.status == 0 || word.status == response.status;
  switch (word.meaning) {
    case Meaning::content:
      if (delivery.purpose == Purpose::probe)
        return again(delivery, response, body, code, reason);
      return Outcome::rejected(code, reason);
    case Meaning::operator_must_act: return Outcome::misconfigured(code, reason);
    case Meaning::limited: return limited(delivery, response, body);
    case Meaning::trouble: return again(delivery, response, body, code, reason);
    case Meaning::gone:
    case Meaning::maybe_gone: break;
  }
  const std::string way_out = reason + std::string(make_new);
  if (word.meaning == Meaning::gone && believed && body.is_plain) return Outcome::gone(code, way_out);
  Outcome outcome = Outcome::maybe_gone(code, way_out);
  outcome.ask_again_after_ms = word.ask_again_ms ? word.ask_again_ms : an_hour_ms;
  return outcome;
}

Outcome unexpected(const Delivery& delivery, const Response& response, const Body& body) {
  Outcome outcome = again(delivery, response, body, "unexpected_answer",
                          said(response.status, {}) +
                              " without the word ok, so the message may not have arrived; if this stays so, "
                              "webhook_url is perhaps not a Slack webhook");
  outcome.ambiguous = delivery.purpose != Purpose::probe;
  return outcome;
}

}  // namespace

Outcome answer(const Delivery& delivery, const Response& response, std::string_view webhook_url) {
  Body body = read(response.body);
  const unsigned status = response.status;
  const bool is_probe = delivery.purpose == Purpose::probe;
  // A server that echoes what it was asked must not bring the URL into a log.
  if (!find(body.word) && webhook_url.find(body.word) != std::string_view::npos && body.word != "ok") body.word.clear();

  if (is_probe && status == 400 && (body.word == "no_text" || body.word == "missing_text_or_fallback_or_attachments")) {
    return Outcome::delivered();
  }
  if (status == 200 && body.word == "ok") {
    Outcome outcome = Outcome::delivered();
    outcome.not_before_ms = pace_ms;
    return outcome;
  }
  if (status == 429) return limited(delivery, response, body);
  if (const Word* word = find(body.word);
      word && (status == 200 || status >= 400) && (status < 500 || word->status >= 500)) {
    return of_word(delivery, response, body, *word);
  }
  if (status >= 200 && status < 300) {
    if (!body.is_json_ok) return unexpected(delivery, response, body);
    return Outcome::misconfigured(
        "not_a_webhook",
        "the answer is one of Slack's Web API or of a workflow, which do not take these messages, so webhook_url is not "
        "an incoming webhook; use a URL from the app's Incoming Webhooks page");
  }
  if (status == 405) {
    return Outcome::misconfigured("http_405", said(status, {}) + ": this address takes no messages; check webhook_url");
  }
  if (!is_probe && status == 413)
    return Outcome::rejected("too_large", said(status, {}) + ": the message is too large");
  if (!is_probe && status == 400 && !body.word.empty() && body.word != "ok") {
    return Outcome::rejected("refused", said(status, body.word) + ": the message was refused");
  }
  return again(delivery, response, body, "http_" + std::to_string(status),
               said(status, {}) + ", which says nothing of this webhook");
}

}  // namespace beckon::slack
