#include "forge/github_account.hpp"

#include "forge/github_forge.hpp"
#include "forge/github_json.hpp"

#include <array>
#include <utility>

namespace beckon::core {
namespace {

using Kind = Account::Kind;

constexpr std::array prefixes = {std::pair(std::string_view("ghp_"), Kind::classic),
                                 std::pair(std::string_view("github_pat_"), Kind::fine_grained),
                                 std::pair(std::string_view("gho_"), Kind::oauth_app),
                                 std::pair(std::string_view("ghu_"), Kind::app_user),
                                 std::pair(std::string_view("ghs_"), Kind::installation)};

// What GitHub says to an app on its own that asks for its user, and a GitHub Enterprise without limits to all who ask
// for theirs.
constexpr std::string_view no_user = "not accessible by integration";
constexpr std::string_view no_limits = "not enabled";

bool says(const ForgeError& error, std::string_view words) { return error.message.find(words) != std::string::npos; }

}  // namespace

Account::Kind kind_of_token(std::string_view token) {
  if (token.empty()) return Kind::anonymous;
  for (const auto& [prefix, kind] : prefixes)
    if (token.starts_with(prefix)) return kind;
  return Kind::unknown;
}

task<ForgeResult<Account>> Github::account() {
  const auto token = co_await this->token();
  if (!token) co_return token.error();
  Account account;
  account.kind = kind_of_token(*token);
  const bool nobodys = account.kind == Kind::anonymous || account.kind == Kind::installation;
  GithubQuestion question;
  question.asked = asked(Asked::Subject::account, "the account");
  question.url = options_.api_url + (nobodys ? "/rate_limit" : "/user");
  const Asked asked = question.asked;
  const auto answer = co_await ask(std::move(question));
  if (!answer && nobodys && answer.error().failure == ForgeFailure::not_found && says(answer.error(), no_limits)) co_return account;
  if (!answer && !nobodys && answer.error().failure == ForgeFailure::forbidden && says(answer.error(), no_user)) {
    account.kind = Kind::installation;   // by a token of the old form
    co_return account;
  }
  if (!answer) co_return answer.error();
  if (nobodys) co_return account;
  auto login = read_login(answer->response.body);
  if (!login) co_return not_an_answer(asked, answer->response, login.error());
  account.login = std::move(*login);
  const std::string_view scopes = find_header(answer->response.headers, "x-oauth-scopes");
  const bool has_scopes = scopes.data() != nullptr;   // the header is there, perhaps empty
  if (has_scopes && account.kind == Kind::unknown) account.kind = Kind::classic;
  if (has_scopes && (account.kind == Kind::classic || account.kind == Kind::oauth_app)) account.scopes = scopes;
  co_return account;
}

}  // namespace beckon::core
