// What is wrong with one request or one outcome, wherever it comes from.
#include "plugins/contract/trial.hpp"

#include <beckon/text.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>

namespace beckon::plugins::contract {
namespace {

constexpr std::size_t most_url = 16u << 10, most_body = 16u << 20, most_headers = 100;   // as of the host
constexpr std::int64_t a_second = 1'000, a_day = 86'400'000;

class Found {
 public:
  explicit Found(std::string when) : when_(std::move(when)) {}
  void fault(const std::string& sentence, std::string way_out) {
    findings_.push_back({Weight::fault, when_ + ": " + sentence, std::move(way_out)});
  }
  void advise(const std::string& sentence, std::string way_out) {
    findings_.push_back({Weight::advice, when_ + ": " + sentence, std::move(way_out)});
  }
  std::vector<Finding> take() { return std::move(findings_); }

 private:
  std::string when_;
  std::vector<Finding> findings_;
};

bool is_token(std::string_view text) {
  const auto fits = [](unsigned char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("!#$%&'*+-.^_`|~").find(static_cast<char>(c)) != std::string_view::npos;
  };
  return !text.empty() && std::all_of(text.begin(), text.end(), fits);
}

bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](unsigned char c) { return (c < 0x20 && c != '\t') || c == 0x7f; });
}

void judge_header(const Header& header, Found& found) {
  if (!is_token(header.name)) found.fault("a header has a name that HTTP does not take", "use letters, digits and hyphens");
  if (has_control(header.value))
    found.fault("the header " + header.name + " holds a line break or another control character",
                "clean what comes from the forge before it goes into a header (clean_line of beckon/text.hpp)");
  for (const char* hosts : {"host", "content-length", "transfer-encoding", "connection"})
    if (detail::same_letters(header.name, hosts))
      found.fault("it sets the header " + header.name + ", which the host sets", "leave that header out");
}

void judge_numbers(const Outcome& outcome, Found& found) {
  if (outcome.kind < BECKON_DELIVERED || outcome.kind > BECKON_GONE)
    found.fault("the outcome has the unknown kind " + std::to_string(outcome.kind), "use one of BECKON_DELIVERED to BECKON_GONE");
  if (outcome.certainty != BECKON_EXACT && outcome.certainty != BECKON_MAYBE)
    found.fault("the outcome has the unknown certainty " + std::to_string(outcome.certainty), "set BECKON_EXACT or BECKON_MAYBE");
  if (outcome.scope < BECKON_SCOPE_DELIVERY || outcome.scope > BECKON_SCOPE_ORIGIN)
    found.fault("the outcome has the unknown scope " + std::to_string(outcome.scope), "use one of BECKON_SCOPE_DELIVERY to BECKON_SCOPE_ORIGIN");
  for (const std::int64_t wait : {outcome.retry_after_ms, outcome.ask_again_after_ms})
    if (wait != -1 && (wait < a_second || wait > a_day))
      found.advise("the outcome waits " + std::to_string(wait) + " ms", "waits are from a second to a day; -1 is \"not said\", 0 is no wait");
  if (outcome.not_before_ms < -1 || outcome.not_before_ms > a_day)
    found.advise("the outcome's not_before is " + std::to_string(outcome.not_before_ms) + " ms", "a day at most; -1 is \"not said\"");
  if (outcome.certainty == BECKON_MAYBE && outcome.ask_again_after_ms <= 0)
    found.advise("the outcome is uncertain and does not say when to ask again", "set ask_again_after");
  if (outcome.certainty == BECKON_EXACT && outcome.ask_again_after_ms > 0)
    found.advise("the outcome is certain and says when to ask again", "ask_again_after goes with BECKON_MAYBE");
}

void judge_code(const std::string& code, Found& found) {
  if (code.empty()) return found.fault("the outcome has no code", "give each case a short stable one, such as \"rate_limited\"");
  if (code.size() > 64 || code.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") != std::string::npos)
    found.fault("the outcome's code is no plain word", "use a-z, 0-9 and _, 64 at most; what the service said goes into the reason");
}

// A reason stands within the host's sentence: "retry through team: CODE: REASON; again in 3s".
void judge_reason(const Outcome& outcome, Found& found) {
  const std::string& reason = outcome.reason;
  const bool delivered = outcome.kind == BECKON_DELIVERED;
  if (reason.empty() && !delivered) found.fault("the outcome has no reason", "say in a clause what is wrong, for people");
  if (!reason.empty() && delivered) found.advise("a delivery has a reason", "a reason says what is wrong");
  if (reason.size() > 500) found.fault("the reason has " + std::to_string(reason.size()) + " bytes", "500 at most are kept");
  if (text::clean_line(reason) != reason)
    found.fault("the reason holds control characters, line breaks or invalid UTF-8", "clean what the service said (clean_line of beckon/text.hpp)");
  const bool ends_badly = !reason.empty() && reason.find_last_of(".;,: ") == reason.size() - 1;
  if (ends_badly || reason.find(". ") != std::string::npos || reason.find("tried again") != std::string::npos)
    found.advise("the reason is no clause", "it stands within a sentence of the host: no full stop, and nothing of when it is tried again");
}

}  // namespace

std::vector<Finding> judge(const Request& request, std::size_t mentions, const std::string& when) {
  Found found(when);
  if (!is_token(request.method)) found.fault("the method is none of HTTP", "\"POST\" is what most services want");
  const bool is_http = request.url.rfind("https://", 0) == 0 || request.url.rfind("http://", 0) == 0;
  if (!is_http) found.fault("the URL does not begin with http:// or https://", "take it from the delivery's target or the settings");
  if (has_control(request.url) || request.url.find_first_of(" \t") != std::string::npos)
    found.fault("the URL holds a blank or a control character", "percent-encode what comes from outside");
  if (request.url.size() > most_url) found.fault("the URL has " + std::to_string(request.url.size()) + " bytes", "16 KiB at most are taken");
  if (request.body.size() > most_body) found.fault("the body has " + std::to_string(request.body.size()) + " bytes", "16 MiB at most are taken");
  if (request.headers.size() > most_headers) found.fault("there are more than 100 headers", "100 at most are taken");
  bool is_json = false;
  for (const Header& header : request.headers) {
    judge_header(header, found);
    is_json = is_json || (detail::same_letters(header.name, "content-type") && header.value.rfind("application/json", 0) == 0);
  }
  if (is_json && !request.body.empty() && !nlohmann::json::accept(request.body))
    found.fault("the body is called JSON and is none", "escape \", \\ and everything below U+0020, and keep to UTF-8");
  if (request.covered > mentions)
    found.fault("it covers " + std::to_string(request.covered) + " of " + std::to_string(mentions) + " mentions", "covered is a number of mentions of this delivery; 0: all");
  return found.take();
}

std::vector<Finding> judge(const Outcome& outcome, const std::vector<std::string>& secrets, const std::string& when) {
  Found found(when);
  judge_numbers(outcome, found);
  judge_code(outcome.code, found);
  judge_reason(outcome, found);
  for (const std::string& secret : secrets)
    for (const std::string* said : {&outcome.reason, &outcome.code, &outcome.external_id})
      if (said->find(secret) != std::string::npos) {
        found.fault("a secret stands in the outcome", "never quote the target or the settings; the host masks what it knows, and cannot know all");
        return found.take();
      }
  return found.take();
}

}  // namespace beckon::plugins::contract
