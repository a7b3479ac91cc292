#include "web/sign_in.hpp"

#include "base/digest.hpp"
#include "base/redaction.hpp"
#include "config/values.hpp"
#include "control/target.hpp"
#include "web/sessions.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace beckon::core {
namespace {

using json = nlohmann::json;

// BASE64URL without padding, as RFC 7636 wants it.
std::string challenge_of(std::string_view verifier) {
  std::string encoded = base64(sha256(verifier));
  std::replace(encoded.begin(), encoded.end(), '+', '-');
  std::replace(encoded.begin(), encoded.end(), '/', '_');
  while (encoded.ends_with('=')) encoded.pop_back();
  return encoded;
}

std::string form(std::initializer_list<std::pair<std::string_view, std::string_view>> fields) {
  std::string text;
  for (const auto& [name, value] : fields) {
    if (!text.empty()) text += '&';
    text.append(name).append("=").append(percent_encoded(value));
  }
  return text;
}

std::string text_of(const json& object, const char* key) {
  if (!object.is_object()) return {};
  const auto at = object.find(key);
  return at == object.end() || !at->is_string() ? std::string() : at->get<std::string>();
}

// A word of the other side's, for a sentence of ours.
std::string word_of(const json& answer) {
  const std::string said = text_of(answer, "error_description");
  return said.empty() ? text_of(answer, "error") : said;
}

HttpRequest token_request(const WebGithubConfig& github, std::string_view code, std::string_view verifier, std::string_view callback) {
  HttpRequest request;
  request.method = "POST";
  request.url = github.url + "/login/oauth/access_token";
  request.headers = {{"Accept", "application/json"}, {"Content-Type", "application/x-www-form-urlencoded"}};
  request.body = form({{"client_id", github.client_id}, {"client_secret", github.client_secret}, {"code", code},
                       {"redirect_uri", callback}, {"code_verifier", verifier}});
  return request;
}

}  // namespace

std::string sign_in_address(const WebGithubConfig& github, const SignInAttempt& attempt, std::string_view callback) {
  const std::string challenge = challenge_of(attempt.verifier);
  std::string query = form({{"client_id", github.client_id}, {"redirect_uri", callback}, {"state", attempt.state},
                            {"code_challenge", challenge}, {"code_challenge_method", "S256"}});
  if (!github.scope.empty()) query += "&scope=" + percent_encoded(github.scope);
  return github.url + "/login/oauth/authorize?" + query;
}

SignInAttempt SignIns::begin(WallTime now) {
  std::erase_if(waiting_, [now](const auto& entry) { return entry.second.until <= now; });
  if (waiting_.size() >= most) {
    waiting_.erase(std::min_element(waiting_.begin(), waiting_.end(),
                                    [](const auto& a, const auto& b) { return a.second.until < b.second.until; }));
  }
  SignInAttempt attempt{random_hex(unguessable_bytes), random_hex(unguessable_bytes)};
  waiting_[attempt.state] = {attempt, now + lasts};
  return attempt;
}

std::optional<SignInAttempt> SignIns::finish(std::string_view state, std::string_view cookie_value, WallTime now) {
  const auto found = waiting_.find(state);
  if (found == waiting_.end() || state != cookie_value) return std::nullopt;
  const Waiting waiting = std::move(found->second);
  waiting_.erase(found);
  if (waiting.until <= now) return std::nullopt;
  return waiting.attempt;
}

task<Result<WebIdentity>> take_code(std::shared_ptr<HttpClient> client, WebGithubConfig github, std::string api_url, std::string code,
                                    SignInAttempt attempt, std::string callback) {
  HttpLimits limits;
  limits.max_body = 1u << 20;
  auto asking = client->send(token_request(github, code, attempt.verifier, callback), limits);
  const HttpResult answer = co_await std::move(asking);
  if (!answer) co_return fail(fmt::format("{} could not be asked: {}", github.url, answer.error().message));
  const json said = json::parse(answer->body, nullptr, false);
  WebIdentity identity;
  identity.token = text_of(said, "access_token");
  remember_secret(identity.token);
  if (identity.token.empty() || !check_token(identity.token)) {
    const std::string word = word_of(said);
    co_return fail(fmt::format("{} gives no token for this sign-in{}; try again, or check client_id and client_secret of [web.github]",
                               github.url, word.empty() ? fmt::format(" (status {})", answer->status) : ": " + word));
  }
  HttpRequest who;
  who.url = api_url + "/user";
  who.headers = {{"Accept", "application/vnd.github+json"}, {"Authorization", "Bearer " + identity.token}};
  auto meeting = client->send(std::move(who), limits);
  const HttpResult met = co_await std::move(meeting);
  if (!met) co_return fail(fmt::format("{} could not be asked who has signed in: {}", api_url, met.error().message));
  identity.login = lower(text_of(json::parse(met->body, nullptr, false), "login"));
  if (met->status != 200 || identity.login.empty())
    co_return fail(fmt::format("{} does not say who has signed in (status {})", api_url, met->status));
  const bool acts = std::find(github.operators.begin(), github.operators.end(), identity.login) != github.operators.end();
  identity.role = acts ? WebRole::operator_ : WebRole::viewer;
  co_return identity;
}

}  // namespace beckon::core
