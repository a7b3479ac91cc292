// Everything that reads what GitHub answers: lists of posts, a repository, refusals, Link headers. The first byte chooses.
#include "fuzz/require.hpp"

#include "forge/github_json.hpp"
#include "forge/github_links.hpp"
#include "forge/github_refusal.hpp"
#include "forge/json_text.hpp"
#include "net/url.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdint>
#include <utility>

namespace beckon::fuzz {
namespace {

using core::SourceKind;

void require_link(const std::string& link) {
  require(is_utf8(link), "a link is UTF-8", link);
  require(link.empty() || link.starts_with("https://") || link.starts_with("http://"), "a link is one of the web", link);
  require(!holds_control(link) && link.find(' ') == link.npos, "a link holds no blank and no control character", link);
}

void check_posts(std::string_view json, SourceKind source, std::int64_t thread) {
  const auto list = core::read_posts(std::string(json), source, thread);
  if (!list) return require_sentence(list.error().message, "a refusal");
  for (const auto& post : list->posts) {
    require(post.id > 0 && post.thread_number > 0, "numbers are positive");
    require(thread == 0 || post.thread_number == thread, "a post is of the thread that was asked for");
    require(is_utf8(post.body) && is_utf8(post.author.login), "a post is UTF-8", post.body);
    require(post.body.find('\0') == post.body.npos, "a post holds no NUL", post.body);
    require_link(post.url);
    require_link(post.author.url);
    require_link(post.author.avatar_url);
    require(list->newest && *list->newest >= post.updated, "`newest` is none of the older");
    require((source == SourceKind::reviews) || !post.submitted, "only reviews are submitted");
    require(source != SourceKind::reviews || !post.body.empty(), "a review without words is left out");
  }
  require(std::is_sorted(list->posts.begin(), list->posts.end(),
                         [](const auto& a, const auto& b) {
                           return std::pair(a.updated, a.id) < std::pair(b.updated, b.id);
                         }),
          "posts ascend");
  require(list->threads.size() == (source == SourceKind::reviews ? 0 : list->posts.size()), "each post has a thread");
  for (const auto& told : list->threads) {
    require(told.number > 0 && is_utf8(told.title), "a thread is one", told.title);
    require_link(told.url);
  }
  for (const auto& sentence : list->unreadable) require_sentence(sentence, "what is said of an unreadable element");
}

void check_repository(std::string_view json) {
  const auto text = core::read_repository(std::string(json));
  if (!text) return require_sentence(text.error().message, "a refusal");
  require(text->repository.forge_id > 0 && is_utf8(text->repository.full_name), "a repository has a number and a name");
  require_link(text->repository.url);
}

// Mended text is UTF-8 and stays as it is when mended again; what was JSON before is JSON still.
void check_repair(std::string_view json) {
  const auto mended = core::repair_json_text(std::string(json));
  require(is_utf8(mended), "mended text is UTF-8", mended);
  require(core::repair_json_text(mended) == mended, "mended text needs no mending", mended);
  // The parser takes a NUL for the end of its text.
  if (json.find('\0') == json.npos && !core::nests_deeper_than(json, 500) && nlohmann::json::accept(json))
    require(nlohmann::json::accept(mended), "JSON stays JSON", mended);
  for (const std::size_t limit : {0u, 1u, 7u, 200u}) {
    const auto line = core::one_line(json, limit);
    require(line.size() <= limit && is_utf8(line) && !holds_control(line), "a line is one, and within its limit", line);
  }
}

// "403\nretry-after: 7\n\n{...}"
core::HttpResponse response_of(std::string_view text) {
  core::HttpResponse response;
  const auto take_line = [&] {
    const auto end = std::min(text.find('\n'), text.size());
    const auto line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return line;
  };
  for (const char c : take_line().substr(0, 3)) response.status = response.status * 10 + (c - '0') % 10;
  for (auto line = take_line(); !line.empty(); line = take_line()) {
    const auto colon = std::min(line.find(": "), line.size());
    response.headers.emplace_back(line.substr(0, colon), line.substr(std::min(colon + 2, line.size())));
  }
  response.body = text;
  return response;
}

void check_refusal(std::string_view text) {
  using namespace std::chrono_literals;
  const auto response = response_of(text);
  const core::WallTime now = core::from_unix_ms(1'700'000'000'000);
  const auto subject = static_cast<core::Asked::Subject>(text.size() % 6);
  for (const bool authenticated : {false, true}) {
    const core::Asked asked{subject, "owner/name", "api.github.com", "github", {}, authenticated};
    const auto error = core::refusal(response, asked, static_cast<unsigned>(text.size() % 40), now);
    require_sentence(error.message, "a refusal");
    require(error.message.size() < 1000, "a refusal is short", error.message);
    require((error.failure == core::ForgeFailure::rate_limited) <= error.retry_after.has_value(), "a limit has an end");
    if (error.retry_after) require(*error.retry_after >= 0ms && *error.retry_after <= 24h + 1s, "a wait is a day at most");
  }
  const auto quota = core::read_quota(response.headers, now);
  require(quota.limit >= 0 && quota.remaining >= 0, "a quota is none below zero");
  if (quota.reset_after) require(*quota.reset_after >= 0ms && *quota.reset_after <= 24h, "a quota comes back in a day");
  core::format_http_date(core::date_of(response.headers, now));
}

void check_links(std::string_view header) {
  constexpr std::string_view asked = "https://api.github.com/repositories/17/issues?page=1";
  const auto link = core::next_link(header);
  require(link.find('>') == link.npos && header.find(link) != header.npos, "a target stands in its header", link);
  const std::string target(header);
  for (const std::string& named : {link, target}) {
    const auto next = core::follow_on_origin(asked, named);
    if (next.empty()) continue;
    const auto url = core::parse_url(next);
    require(url && url->origin() == "https://api.github.com" && url->host == "api.github.com",
            "no credential leaves its origin", next);
  }
  if (core::is_full_name(header)) {
    require(std::count(header.begin(), header.end(), '/') == 1, "a full name has two parts", header);
    const auto url = core::parse_url("https://api.github.com/repos/" + target);
    require(url && url->target == "/repos/" + target && target.find("/.") != 0, "a full name is a path", header);
  }
}

}  // namespace
}  // namespace beckon::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace beckon;
  if (size == 0) return 0;
  const std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0]) {
    case 'b': fuzz::check_posts(rest, core::SourceKind::bodies, 0); break;
    case 'c': fuzz::check_posts(rest, core::SourceKind::comments, 0); break;
    case 'd': fuzz::check_posts(rest, core::SourceKind::review_comments, 0); break;
    case 'r': fuzz::check_posts(rest, core::SourceKind::reviews, 17); break;
    case 'p': fuzz::check_posts(rest, core::SourceKind::pull_requests, 0); break;
    case 'n': fuzz::check_repository(rest); break;
    case 'e': fuzz::check_refusal(rest); break;
    case 'l': fuzz::check_links(rest); break;
    default: fuzz::check_repair(rest); break;
  }
  return 0;
}
