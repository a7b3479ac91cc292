#include "forge/github_forge.hpp"

#include "base/redaction.hpp"
#include "forge/github_links.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

namespace beckon::core {

void throw_exception_from_error(const ForgeError& error, const boost::source_location&) {
  throw std::logic_error("unchecked forge error: " + error.message);
}

namespace {

constexpr std::string_view accept = "application/vnd.github+json";
constexpr std::string_view api_version = "2022-11-28";
constexpr int most_redirects = 5;
// Waits end after a day. What lies further ahead was kept by a clock that was wrong then or is wrong now.
constexpr Milliseconds longest_hold = 24h + 1min;
// A page holds up to 100 posts of up to 64 Ki characters each, and diff hunks besides.
constexpr HttpLimits limits{.connect = 10s, .total = 60s, .max_body = 64u << 20, .max_header = 64u << 10};

bool is_redirect(int status) { return status == 301 || status == 302 || status == 307 || status == 308; }

}  // namespace

Asked Github::asked(Asked::Subject subject, const std::string& repository) const {
  Asked asked;
  asked.subject = subject;
  asked.repository = repository;
  asked.host = host_;
  asked.credential = options_.name;
  asked.token_variable = options_.token_variable;
  asked.authenticated = authenticated_;
  return asked;
}

std::string Github::url_of(const Repository& repository, const GithubPlace& place, bool by_number) const {
  const std::string base = repository_url(options_.api_url, repository, by_number);
  if (place.source == SourceKind::reviews) return reviews_url(base, place.pull_request, options_.page_size);
  return source_url(base, place.source, place.since, options_.page_size);
}

HttpRequest Github::request_for(const std::string& url, const std::string& token) const {
  HttpRequest request;
  request.url = url;
  request.headers = {{"Accept", std::string(accept)}, {"X-GitHub-Api-Version", std::string(api_version)}};
  if (!token.empty()) request.headers.emplace_back("Authorization", "Bearer " + token);
  return request;
}

// ---- one question at a time -----------------------------------------------------------------------------------------

task<ForgeResult<std::string>> Github::token() {
  if (!options_.token) co_return std::string();
  auto fetched = co_await options_.token();
  if (!fetched)
    co_return ForgeError{ForgeFailure::unauthorized, redact(fetched.error().message), {}};
  std::string token = std::move(*fetched);
  while (!token.empty() && static_cast<unsigned char>(token.back()) <= 0x20) token.pop_back();
  if (std::ranges::any_of(token, [](unsigned char c) { return c <= 0x20 || c >= 0x7F; }))
    co_return ForgeError{
        ForgeFailure::unauthorized,
        fmt::format("{} holds a space, a line break or another character that no token has: look at where it comes from",
                    the_token(options_.name, options_.token_variable)),
        {}};
  authenticated_ = !token.empty();
  if (token != known_token_) {
    remember_secret(token);
    known_token_ = token;
  }
  co_return token;
}

task<ForgeResult<GithubAnswer>> Github::ask(GithubQuestion question) {
  if (origin_.empty())
    co_return ForgeError{ForgeFailure::unavailable,
                         fmt::format("{} is no http or https address", api_url()), {}};
  const auto turn = co_await turnstile_.enter();
  auto answer = co_await ask_in_turn(std::move(question));
  co_return answer;
}

std::optional<Hold> Github::hold() const {
  const auto closed = gate_.closed(std::chrono::steady_clock::now());
  if (!closed) return std::nullopt;
  return Hold{etag_key(origin_, "hold", known_token_), wall_now() + *closed->retry_after, closed->message};
}

task<void> Github::resume(Hold hold) {
  const Milliseconds left = hold.until - wall_now();
  if (left <= 0ms || left > longest_hold) co_return;
  const auto token = co_await this->token();
  const SteadyTime now = std::chrono::steady_clock::now();
  if (token && etag_key(origin_, "hold", *token) == hold.key && !gate_.closed(now))
    gate_.close(left, std::move(hold.reason), now);
}

// The path alone: what stands behind it is our own arithmetic, or a cursor of the forge's.
void Github::tell(const HttpRequest& request, const Asked& asked, const HttpResult& result, SteadyTime began) const {
  if (!log::enabled(LogLevel::debug)) return;
  const std::string_view url = request.url;
  const std::string_view path = url.substr(std::min(origin_.size(), url.size()));
  const auto took = std::chrono::duration_cast<Milliseconds>(std::chrono::steady_clock::now() - began);
  const Quota left = quota();
  log::debug("forge", "{}: {} {} -> {}, {}{}", asked.repository, request.method, path.substr(0, path.find('?')),
             result ? std::to_string(result->status) : "no answer", format_duration(took),
             left.limit > 0 ? fmt::format(", {} of {} requests left", left.remaining, left.limit) : "");
}

task<ForgeResult<GithubAnswer>> Github::ask_in_turn(GithubQuestion question) {
  if (auto error = gate_.closed(std::chrono::steady_clock::now())) {
    log::debug("forge", "{}: not asked: {}", question.asked.repository, error->message);
    co_return std::move(*error);
  }
  const auto token = co_await this->token();
  if (!token) co_return token.error();
  question.asked.authenticated = authenticated_;

  GithubAnswer answer;
  answer.url = question.url;
  answer.etag_key = etag_key(question.url, accept, *token);
  const bool conditional = !question.etag.empty() && question.etag_key == answer.etag_key;
  for (int hops = 0;; ++hops) {
    HttpRequest request = request_for(answer.url, *token);
    if (conditional) request.headers.emplace_back("If-None-Match", question.etag);
    const HttpRequest sent{request.method, request.url, {}, {}};
    const SteadyTime began = std::chrono::steady_clock::now();
    auto response = co_await client_.send(std::move(request), limits);
    if (response) gate_.note(*response, question.asked, std::chrono::steady_clock::now(), wall_now());
    tell(sent, question.asked, response, began);
    if (response)
      if (auto said = token_expiry(find_header(response->headers, "github-authentication-token-expiration"))) expires_ = said;
    if (!response) co_return ForgeError{ForgeFailure::transport, redact(response.error().message), {}};
    answer.response = std::move(*response);
    if (!is_redirect(answer.response.status)) break;
    if (hops == most_redirects)
      co_return ForgeError{ForgeFailure::unavailable, fmt::format("{} redirects without end", host_), {}};
    answer.url = follow_on_origin(answer.url, find_header(answer.response.headers, "location"));
    answer.moved = true;
    if (answer.url.empty())
      co_return ForgeError{ForgeFailure::unavailable,
                           fmt::format("{} redirects to another host, where the token must not go: set {} to the host "
                                       "that answers", host_, api_url()), {}};
    if (auto error = gate_.closed(std::chrono::steady_clock::now())) co_return std::move(*error);
  }
  const int status = answer.response.status;
  if ((status >= 200 && status < 300) || (status == 304 && conditional)) co_return answer;
  ForgeError error = refusal(answer.response, question.asked, 0, wall_now());
  if (error.failure == ForgeFailure::rate_limited)  // the gate knows how often this has happened in a row
    if (auto closed = gate_.closed(std::chrono::steady_clock::now())) co_return std::move(*closed);
  co_return error;
}

task<ForgeResult<GithubAnswer>> Github::ask_place(Repository repository, GithubPlace place, GithubQuestion question) {
  const bool by_number = repository.forge_id > 0 && numbers_ != Numbers::refused;
  question.url = url_of(repository, place, by_number);
  auto answer = co_await ask(question);
  if (answer && by_number) numbers_ = Numbers::served;
  const bool doubtful =
      !answer && answer.error().failure == ForgeFailure::not_found && by_number && numbers_ == Numbers::unknown;
  if (!doubtful) co_return answer;

  // The name may belong to another repository by now: its number decides.
  RepositoryMark unknown;
  const auto named = co_await this->repository(repository.full_name, std::move(unknown));
  if (!named || named->repository.forge_id != repository.forge_id) co_return answer;
  question.url = url_of(named->repository, place, false);
  auto by_name = co_await ask(std::move(question));
  if (!by_name && by_name.error().failure == ForgeFailure::not_found) co_return answer;
  if (by_name) numbers_ = Numbers::refused;
  co_return by_name;
}

}  // namespace beckon::core
