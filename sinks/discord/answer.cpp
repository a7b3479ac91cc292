#include "answer.hpp"

#include "webhook.hpp"

#include <beckon/retry_after.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace beckon::discord {
namespace {

using json = nlohmann::json;

constexpr std::int64_t an_hour_ms = 3'600'000;
constexpr std::size_t longest_json = 512 * 1024;  // ten embeds with every character escaped are less

enum class Meaning { content, operator_must_act, gone, place_gone, limited, slow, trouble };

struct Code {
  std::int64_t code;
  unsigned status;  // for what is gone: the one that Discord says it with
  Meaning meaning;
  std::string_view sentence;
};

constexpr std::string_view forum =
    "the webhook's channel is a forum or has tags, where a message needs a thread; give thread_id, or use a webhook of a "
    "text channel";

constexpr std::array codes = {
    Code{10015, 404, Meaning::gone, "this webhook was deleted"},
    Code{50027, 401, Meaning::gone, "the token in this webhook's URL is not valid any more"},
    Code{10003, 404, Meaning::place_gone, "the webhook's channel was deleted"},
    Code{10004, 404, Meaning::place_gone, "the webhook's server was deleted"},
    Code{50035, 0, Meaning::content, "the message's form was refused"},
    Code{50109, 0, Meaning::content, "the message was not understood"},
    Code{50006, 0, Meaning::content, "the message is empty"},
    Code{40005, 0, Meaning::content, "the message is too large"},
    Code{200000, 0, Meaning::content, "the server's AutoMod refused the message"},
    Code{200001, 0, Meaning::content, "the server's AutoMod refused the message"},
    Code{240000, 0, Meaning::content, "Discord's filter of harmful links refused the message"},
    Code{220001, 0, Meaning::operator_must_act, forum},
    Code{220002, 0, Meaning::operator_must_act, forum},
    Code{220003, 0, Meaning::operator_must_act, forum},
    Code{40067, 0, Meaning::operator_must_act, forum},
    Code{50083, 0, Meaning::operator_must_act, "the thread is archived; reopen it, or take thread_id away"},
    Code{160005, 0, Meaning::operator_must_act, "the thread is locked; unlock it, or take thread_id away"},
    Code{50013, 0, Meaning::operator_must_act, "permissions are missing in the webhook's channel; grant them"},
    Code{50001, 0, Meaning::operator_must_act, "access is missing to the webhook's channel; grant it"},
    Code{160006, 0, Meaning::slow, "the server has as many active threads as it may have"},
    Code{30033, 0, Meaning::slow, "the thread has as many participants as it may have"},
    Code{20016, 0, Meaning::limited, {}},
    Code{20028, 0, Meaning::limited, {}},
    Code{20029, 0, Meaning::limited, {}},
    Code{40062, 0, Meaning::limited, {}},
    Code{30046, 0, Meaning::limited, {}},
    Code{130000, 0, Meaning::trouble, "it is overloaded"},
    Code{40004, 0, Meaning::trouble, "sending is switched off for the moment"},
    Code{40006, 0, Meaning::trouble, "this feature is switched off for the moment"},
    Code{110000, 0, Meaning::trouble, "it is not available yet"},
    Code{110001, 0, Meaning::trouble, "it is not available yet"},
};

constexpr std::int64_t blocked_client = 40333;

struct Body {
  bool is_object = false;
  std::string id;
  std::int64_t code = 0;  // 0: none
  std::optional<double> retry_after_s;
  bool is_global = false;
};

Body read(std::string_view raw) {
  Body body;
  const std::size_t begin = raw.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos || raw[begin] != '{' || raw.size() > longest_json) return body;
  const json object = json::parse(raw, nullptr, false);
  if (!object.is_object()) return body;
  body.is_object = true;
  const auto member = [&](const char* name) {
    const auto found = object.find(name);
    return found == object.end() ? json() : *found;
  };
  if (const json id = member("id"); id.is_string() && is_snowflake(id.get_ref<const std::string&>())) body.id = id;
  if (const json code = member("code"); code.is_number_integer()) body.code = code.get<std::int64_t>();
  if (const json wait = member("retry_after"); wait.is_number()) body.retry_after_s = wait.get<double>();
  if (const json global = member("global"); global.is_boolean()) body.is_global = global.get<bool>();
  return body;
}

std::string said(const Response& response, const Body& body) {
  std::string said = "Discord answered " + std::to_string(response.status);
  if (body.code != 0) said += " (code " + std::to_string(body.code) + ")";
  return said;
}

std::string name(const Body& body) { return "code_" + std::to_string(body.code); }

Outcome again(const Delivery& delivery, const Response& response, const Body& body, std::string code,
              std::string reason) {
  Outcome outcome = Outcome::retry(std::move(code), std::move(reason));
  if (const auto wait = retry_after_ms(response, delivery.now_ms)) outcome.retry_after_ms = *wait;
  if (body.retry_after_s) outcome.retry_after_ms = std::max(outcome.retry_after_ms, sane_wait_ms(*body.retry_after_s));
  return outcome;
}

Outcome limited(const Delivery& delivery, const Response& response, const Body& body) {
  Outcome outcome = again(delivery, response, body, "rate_limited",
                          said(response, body) + ": it asks for a pause");
  if (outcome.retry_after_ms < 0) {
    if (const auto reset = read_seconds(response.header("X-RateLimit-Reset-After")))
      outcome.retry_after_ms = sane_wait_ms(*reset);
  }
  // Without JSON it is the edge that speaks, and it counts by our address.
  const bool everybody = body.is_global || !body.is_object || response.header("X-RateLimit-Scope") == "global" ||
                         !response.header("X-RateLimit-Global").empty();
  if (everybody) outcome.scope = BECKON_SCOPE_ORIGIN;
  return outcome;
}

Outcome gone(const std::string& code, const std::string& reason, bool exact) {
  Outcome outcome = exact ? Outcome::gone(code, reason) : Outcome::maybe_gone(code, reason);
  if (!exact) outcome.ask_again_after_ms = an_hour_ms;
  return outcome;
}

Outcome of_code(const Delivery& delivery, const Response& response, const Body& body, const Code& code,
                bool in_thread) {
  const std::string answered = said(response, {});  // the outcome's code says the number
  const std::string reason = answered + ": " + std::string(code.sentence);
  const std::string way_out = "; make a new webhook in Discord and put its URL into webhook_url";
  const bool is_probe = delivery.purpose == Purpose::probe;
  switch (code.meaning) {
    case Meaning::content:
      if (is_probe) break;
      return Outcome::rejected(name(body), reason);
    case Meaning::operator_must_act: return Outcome::misconfigured(name(body), reason);
    case Meaning::gone: return gone(name(body), reason + way_out, response.status == code.status);
    case Meaning::place_gone:
      if (in_thread && !is_probe) {
        return Outcome::misconfigured(name(body), answered + ": the thread that thread_id names does not exist any more; "
                                                             "take thread_id away to write to the channel itself, or "
                                                             "name another thread");
      }
      return gone(name(body), reason + way_out, response.status == code.status);
    case Meaning::limited: return limited(delivery, response, body);
    case Meaning::slow: {
      Outcome outcome = again(delivery, response, body, name(body), reason);
      if (outcome.retry_after_ms < 0) outcome.retry_after_ms = an_hour_ms;
      return outcome;
    }
    case Meaning::trouble: break;
  }
  return again(delivery, response, body, name(body), reason);
}

// The pace of what comes next: Discord tells when the last request of a window was used up.
std::int64_t pause_ms(const Response& response) {
  if (response.header("X-RateLimit-Remaining") != "0") return -1;
  const auto seconds = read_seconds(response.header("X-RateLimit-Reset-After"));
  if (!seconds) return -1;
  return *seconds >= longest_wait_ms / 1000.0 ? longest_wait_ms
                                              : static_cast<std::int64_t>(std::ceil(*seconds * 1000.0));
}

Outcome judged(const Delivery& delivery, const Response& response, const Body& body, bool in_thread) {
  const unsigned status = response.status;
  const bool is_probe = delivery.purpose == Purpose::probe;
  if (status == 200 && !body.id.empty()) {
    Outcome outcome = Outcome::delivered();
    if (!is_probe) outcome.external_id = body.id;
    return outcome;
  }
  if (status >= 200 && status < 300) {
    Outcome outcome = again(delivery, response, body, "unexpected_answer",
                            said(response, body) +
                                " without the message that it saved, so it may not have arrived; if this stays so, "
                                "webhook_url is perhaps not a Discord webhook");
    outcome.ambiguous = !is_probe;
    return outcome;
  }
  if (status == 429) return limited(delivery, response, body);
  if (status >= 400 && status < 500) {
    if (body.code == blocked_client) {
      return Outcome::misconfigured(name(body),
                                    said(response, {}) + ": it refuses this program or the address of this machine; "
                                                         "update Beckon, or check the proxy",
                                    BECKON_SCOPE_SINK);
    }
    const auto known =
        std::find_if(codes.begin(), codes.end(), [&](const Code& code) { return code.code == body.code; });
    if (known != codes.end()) return of_code(delivery, response, body, *known, in_thread);
    if (!is_probe && status == 413)
      return Outcome::rejected("too_large", said(response, body) + ": the message is too large");
    if (!is_probe && status == 400 && body.code > 0) {
      return Outcome::rejected("refused", said(response, body) + ": the message was refused");
    }
  }
  return again(delivery, response, body, "http_" + std::to_string(status),
               said(response, body) + ", which says nothing of this webhook");
}

}  // namespace

Outcome answer(const Delivery& delivery, const Response& response, bool in_thread) {
  Outcome outcome = judged(delivery, response, read(response.body), in_thread);
  outcome.not_before_ms = pause_ms(response);
  return outcome;
}

}  // namespace beckon::discord
