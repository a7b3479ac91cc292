// What a forge's answers are read into.
#include "forge/github_forge.hpp"

#include "forge/github_json.hpp"
#include "forge/github_links.hpp"

#include <fmt/format.h>

namespace beckon::core {
namespace {

constexpr std::size_t most_pages = 300;   // of a list that knows no `since`
constexpr std::size_t most_review_pages = 50;   // of one pull request
constexpr std::size_t pages_in_memory = 10;

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

}  // namespace

ForgeError Github::not_an_answer(const Asked& asked, const HttpResponse& response, const Error& error) const {
  const bool html = find_header(response.headers, "content-type").starts_with("text/html");
  return {ForgeFailure::unavailable,
          fmt::format("{} was asked for {}, and {}; is {} the address of its API?", host_, describe(asked),
                      html ? "the answer is a web page" : error.message, api_url()),
          {}};
}

ForgeResult<Page> Github::read_page(const GithubAnswer& answer, SourceKind source, std::int64_t thread,
                                    const Asked& asked) {
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
  page.pages_left = pages_left(find_header(headers, "link"));
  page.more = !link.empty();
  page.next = follow_on_origin(answer.url, link);
  if (page.more && page.next.empty() && foreign_links_.changed(core::origin(link)))
    log::warn("forge",
              "{}: its pages point to another host, which is not followed: set {} to that host", host_, api_url());
  return page;
}

task<ForgeResult<RepositoryAnswer>> Github::repository(std::string full_name, RepositoryMark known) {
  GithubQuestion question;
  question.asked = asked(Asked::Subject::repository, full_name);
  question.url = options_.api_url + "/repos/" + full_name;
  question.etag = std::move(known.etag);
  question.etag_key = std::move(known.etag_key);
  if (!is_full_name(full_name))
    co_return ForgeError{ForgeFailure::not_found, "a repository is named \"owner/name\": check the spelling", {}};
  const Asked asked = question.asked;
  const auto answer = co_await ask(std::move(question));
  if (!answer) co_return answer.error();
  RepositoryAnswer result;
  result.date = date_of(answer->response.headers, wall_now());
  result.not_modified = answer->response.status == 304;
  if (result.not_modified) co_return result;
  auto text = read_repository(answer->response.body);
  if (!text) co_return not_an_answer(asked, answer->response, text.error());
  result.repository = std::move(text->repository);
  result.repository.origin = origin_;
  result.mark = {std::string(find_header(answer->response.headers, "etag")), answer->etag_key, text->has_issues};
  co_return result;
}

task<ForgeResult<Page>> Github::page(Repository repository, PageRequest request) {
  GithubQuestion question;
  question.asked = asked(subject_of(request.source), repository.full_name);
  question.etag = std::move(request.etag);
  question.etag_key = std::move(request.etag_key);
  const Asked asked = question.asked;
  if (request.page_url.empty()) {
    GithubPlace place;
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
  GithubPlace place;
  place.source = SourceKind::reviews;
  place.pull_request = pull_request;
  GithubQuestion question;
  question.asked = asked(Asked::Subject::reviews, repository.full_name);
  auto reading =
      read_down(std::move(repository), place, std::move(question), PageStack(ForgeTime::min(), most_review_pages));
  co_return co_await std::move(reading);
}

task<ForgeResult<Page>> Github::read_down(Repository repository, GithubPlace place, GithubQuestion question,
                                          PageStack stack) {
  const Asked asked = question.asked;
  auto answer = co_await ask_place(std::move(repository), place, std::move(question));
  const std::size_t most = place.source == SourceKind::reviews ? most_review_pages : most_pages;
  for (std::size_t pages = 1; answer; ++pages) {
    auto page = read_page(*answer, place.source, place.pull_request, asked);
    if (!page) co_return page.error();
    GithubQuestion next;
    next.asked = asked;
    next.url = page->next;
    if (!stack.take(std::move(*page))) co_return std::move(stack).whole();
    if (next.url.empty() || next.url == answer->url || pages == most) {
      const std::string what = place.pull_request ? fmt::format("the reviews of pull request {}", place.pull_request)
                                                  : describe(asked);
      // One pull request's reviews say nothing of another's.
      const auto failure = place.pull_request ? ForgeFailure::unavailable : ForgeFailure::endless;
      co_return ForgeError{failure, fmt::format("{} cannot be read to their end: the pages do not lead on", what), {}};
    }
    answer = co_await ask(std::move(next));
  }
  co_return answer.error();
}

std::unique_ptr<Forge> make_github(HttpClient& client, GithubOptions options) {
  return std::make_unique<Github>(client, std::move(options));
}

}  // namespace beckon::core
