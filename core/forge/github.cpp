#include "base/log.hpp"
#include "base/redaction.hpp"
#include "forge/forge.hpp"
#include "forge/github_json.hpp"
#include "forge/github_links.hpp"
#include "forge/github_pages.hpp"
#include "forge/github_refusal.hpp"
#include "forge/rate_gate.hpp"
#include "forge/turnstile.hpp"
#include "net/url.hpp"

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
constexpr int most_pages = 300;           // of a list that knows no `since`
constexpr std::size_t pages_in_memory = 10;
// A page holds up to 100 posts of up to 64 Ki characters each, and diff hunks besides.
constexpr HttpLimits limits{.connect = 10s, .total = 60s, .max_body = 64u << 20, .max_header = 64u << 10};

struct Question {
  std::string url;
  std::string etag;
  std::string etag_key;
  Asked asked;
};

struct Answer {
  HttpResponse response;
  std::string url;       // where it was found in the end
  std::string etag_key;
  bool moved = false;
};

// A page of a repository, whichever address the repository itself is asked at.
struct Place {
  SourceKind source{};
  ForgeTime since{};
  std::int64_t pull_request = 0;   // for reviews
};

Asked::Subject subject_of(SourceKind source) {
  switch (source) {
    case SourceKind::bodies: return Asked::Subject::bodies;
    case SourceKind::comments: return Asked::Subject::comments;
    case SourceKind::review_comments: return Asked::Subject::review_comments;
    case SourceKind::reviews: return Asked::Subject::reviews;
    case SourceKind::pull_requests: return Asked::Subject::pull_requests;
  }
  return Asked::Subject::repository;
}

bool is_redirect(int status) { return status == 301 || status == 302 || status == 307 || status == 308; }

class Github final : public Forge {
 public:
  Github(HttpClient& client, GithubOptions options) : client_(client), options_(std::move(options)) {
    while (options_.api_url.ends_with('/')) options_.api_url.pop_back();
    origin_ = core::origin(options_.api_url);
    const auto url = parse_url(options_.api_url);
    host_ = url ? url->authority() : "the forge";
    authenticated_ = static_cast<bool>(options_.token);
  }

  const std::string& origin() const override { return origin_; }
  const std::string& credential() const override { return options_.name; }
  Quota quota() const override { return gate_.quota(std::chrono::steady_clock::now()); }
  bool authenticated() const override { return authenticated_; }
  std::string token_variable() const override { return options_.token_variable; }

  task<ForgeResult<RepositoryAnswer>> repository(std::string full_name) override;
  task<ForgeResult<Page>> page(Repository repository, PageRequest request) override;
  task<ForgeResult<Page>> reviews(Repository repository, std::int64_t pull_request) override;

 private:
  // GitHub serves "/repositories/ID/..." for every page, which survives renames and cannot be taken over by a new
  // repository of the old name. Hosts that only speak its documented addresses are found out by their first answer.
  enum class Numbers { unknown, served, refused };

  task<ForgeResult<Answer>> ask(Question question);
  task<ForgeResult<Answer>> ask_place(Repository repository, Place place, Question question);
  task<ForgeResult<Answer>> ask_in_turn(Question question);
  task<ForgeResult<Page>> read_down(Repository repository, Place place, Question question, PageStack stack);
  task<ForgeResult<std::string>> token();
  std::string url_of(const Repository& repository, const Place& place, bool by_number) const;
  Asked asked(Asked::Subject subject, const std::string& repository) const;
  std::string api_url() const { return api_url_key(options_.name, options_.token_variable); }
  HttpRequest request_for(const std::string& url, const std::string& token) const;
  ForgeError not_an_answer(const Asked& asked, const HttpResponse& response, const Error& error) const;
  ForgeResult<Page> read_page(const Answer& answer, SourceKind source, std::int64_t thread, const Asked& asked);

  HttpClient& client_;
  GithubOptions options_;
  std::string origin_;
  std::string host_;
  std::string known_token_;
  bool authenticated_ = false;
  Numbers numbers_ = Numbers::unknown;
  Turnstile turnstile_;
  RateGate gate_;
  LogOnChange foreign_links_;
};

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

std::string Github::url_of(const Repository& repository, const Place& place, bool by_number) const {
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

task<ForgeResult<Answer>> Github::ask(Question question) {
  if (origin_.empty())
    co_return ForgeError{ForgeFailure::unavailable,
                         fmt::format("{} is no http or https address", api_url()), {}};
  const auto turn = co_await turnstile_.enter();
  auto answer = co_await ask_in_turn(std::move(question));
  co_return answer;
}

task<ForgeResult<Answer>> Github::ask_in_turn(Question question) {
  if (auto error = gate_.closed(std::chrono::steady_clock::now())) co_return std::move(*error);
  const auto token = co_await this->token();
  if (!token) co_return token.error();
  question.asked.authenticated = authenticated_;

  Answer answer;
  answer.url = question.url;
  answer.etag_key = etag_key(question.url, accept, *token);
  const bool conditional = !question.etag.empty() && question.etag_key == answer.etag_key;
  for (int hops = 0;; ++hops) {
    HttpRequest request = request_for(answer.url, *token);
    if (conditional) request.headers.emplace_back("If-None-Match", question.etag);
    auto response = co_await client_.send(std::move(request), limits);
    if (!response) co_return ForgeError{ForgeFailure::transport, redact(response.error().message), {}};
    answer.response = std::move(*response);
    gate_.note(answer.response, question.asked, std::chrono::steady_clock::now(), wall_now());
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
    error.retry_after = gate_.closed(std::chrono::steady_clock::now()).value_or(error).retry_after;
  co_return error;
}

task<ForgeResult<Answer>> Github::ask_place(Repository repository, Place place, Question question) {
  const bool by_number = repository.forge_id > 0 && numbers_ != Numbers::refused;
  question.url = url_of(repository, place, by_number);
  auto answer = co_await ask(question);
  if (answer && by_number) numbers_ = Numbers::served;
  const bool doubtful =
      !answer && answer.error().failure == ForgeFailure::not_found && by_number && numbers_ == Numbers::unknown;
  if (!doubtful) co_return answer;

  // The name may belong to another repository by now: its number decides.
  const auto named = co_await this->repository(repository.full_name);
  if (!named || named->repository.forge_id != repository.forge_id) co_return answer;
  question.url = url_of(named->repository, place, false);
  auto by_name = co_await ask(std::move(question));
  if (!by_name && by_name.error().failure == ForgeFailure::not_found) co_return answer;
  if (by_name) numbers_ = Numbers::refused;
  co_return by_name;
}

// ---- answers → values ---------------------------------------------------------------------------------------------

ForgeError Github::not_an_answer(const Asked& asked, const HttpResponse& response, const Error& error) const {
  const bool html = find_header(response.headers, "content-type").starts_with("text/html");
  return {ForgeFailure::unavailable,
          fmt::format("{} was asked for {}, and {}; is {} the address of its API?", host_, describe(asked),
                      html ? "the answer is a web page" : error.message, api_url()),
          {}};
}

ForgeResult<Page> Github::read_page(const Answer& answer, SourceKind source, std::int64_t thread, const Asked& asked) {
  const HttpHeaders& headers = answer.response.headers;
  Page page;
  page.moved = answer.moved;
  page.date = date_of(headers, wall_now());
  page.etag_key = answer.etag_key;
  page.etag = find_header(headers, "etag");
  if (answer.response.status == 304) {
    page.not_modified = true;
    return page;
  }
  auto list = read_posts(answer.response.body, source, thread);
  if (!list) return not_an_answer(asked, answer.response, list.error());
  page.posts = std::move(list->posts);
  page.threads = std::move(list->threads);
  page.unreadable = std::move(list->unreadable);
  page.newest = list->newest;
  const std::string link = next_link(find_header(headers, "link"));
  page.more = !link.empty();
  page.next = follow_on_origin(answer.url, link);
  if (page.more && page.next.empty() && foreign_links_.changed(core::origin(link)))
    log::warn("forge",
              "{}: its pages point to another host, which is not followed: set {} to that host", host_, api_url());
  return page;
}

task<ForgeResult<RepositoryAnswer>> Github::repository(std::string full_name) {
  Question question;
  question.asked = asked(Asked::Subject::repository, full_name);
  question.url = options_.api_url + "/repos/" + full_name;
  if (!is_full_name(full_name))
    co_return ForgeError{ForgeFailure::not_found, "a repository is named \"owner/name\": check the spelling", {}};
  const Asked asked = question.asked;
  const auto answer = co_await ask(std::move(question));
  if (!answer) co_return answer.error();
  auto text = read_repository(answer->response.body);
  if (!text) co_return not_an_answer(asked, answer->response, text.error());
  RepositoryAnswer result;
  result.repository = std::move(text->repository);
  result.repository.origin = origin_;
  result.date = date_of(answer->response.headers, wall_now());
  result.has_issues = text->has_issues;
  co_return result;
}

task<ForgeResult<Page>> Github::page(Repository repository, PageRequest request) {
  Question question;
  question.asked = asked(subject_of(request.source), repository.full_name);
  question.etag = std::move(request.etag);
  question.etag_key = std::move(request.etag_key);
  const Asked asked = question.asked;
  if (request.page_url.empty()) {
    Place place;
    place.source = request.source;
    place.since = request.since;
    if (request.source == SourceKind::pull_requests) {
      auto reading = read_down(std::move(repository), place, std::move(question),
                               PageStack(request.since, pages_in_memory));
      co_return co_await std::move(reading);
    }
    const auto answer = co_await ask_place(std::move(repository), place, std::move(question));
    if (!answer) co_return answer.error();
    co_return read_page(*answer, request.source, 0, asked);
  }
  if (!same_origin(origin_, request.page_url))
    co_return ForgeError{
        ForgeFailure::unavailable, fmt::format("the next page of {} is on another host", describe(asked)), {}};
  question.url = std::move(request.page_url);
  const auto answer = co_await ask(std::move(question));
  if (!answer) co_return answer.error();
  co_return read_page(*answer, request.source, 0, asked);
}

task<ForgeResult<Page>> Github::reviews(Repository repository, std::int64_t pull_request) {
  Place place;
  place.source = SourceKind::reviews;
  place.pull_request = pull_request;
  Question question;
  question.asked = asked(Asked::Subject::reviews, repository.full_name);
  auto reading = read_down(std::move(repository), place, std::move(question), PageStack(ForgeTime::min(), most_pages));
  co_return co_await std::move(reading);
}

task<ForgeResult<Page>> Github::read_down(Repository repository, Place place, Question question, PageStack stack) {
  const Asked asked = question.asked;
  auto answer = co_await ask_place(std::move(repository), place, std::move(question));
  for (int pages = 1; answer; ++pages) {
    auto page = read_page(*answer, place.source, place.pull_request, asked);
    if (!page) co_return page.error();
    Question next;
    next.asked = asked;
    next.url = page->next;
    if (!stack.take(std::move(*page))) co_return std::move(stack).whole();
    if (next.url.empty() || next.url == answer->url || pages == most_pages) {
      const std::string what = place.pull_request ? fmt::format("the reviews of pull request {}", place.pull_request)
                                                  : describe(asked);
      co_return ForgeError{ForgeFailure::unavailable,
                           fmt::format("{} cannot be read to their end: the pages do not lead on", what), {}};
    }
    answer = co_await ask(std::move(next));
  }
  co_return answer.error();
}

}  // namespace

std::unique_ptr<Forge> make_github(HttpClient& client, GithubOptions options) {
  return std::make_unique<Github>(client, std::move(options));
}

}  // namespace beckon::core
