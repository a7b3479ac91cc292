#include "forge/github_links.hpp"

#include "base/digest.hpp"
#include "net/url.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>

namespace beckon::core {
namespace {

constexpr std::size_t most_numbered = 1'000'000'000;   // pages; a larger number is no count

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// The parameters up to the comma that ends this link; commas inside quotes do not end it.
std::string_view parameters_of(std::string_view rest) {
  bool quoted = false;
  for (std::size_t at = 0; at < rest.size(); ++at) {
    if (rest[at] == '"') quoted = !quoted;
    else if (rest[at] == ',' && !quoted) return rest.substr(0, at);
  }
  return rest;
}

bool names(std::string_view parameters, std::string_view relation) {
  while (!parameters.empty()) {
    const std::size_t end = std::min(parameters.find(';'), parameters.size());
    std::string_view parameter = trim(parameters.substr(0, end));
    parameters.remove_prefix(std::min(end + 1, parameters.size()));
    if (!parameter.starts_with("rel=")) continue;
    parameter.remove_prefix(4);
    if (parameter.size() >= 2 && parameter.front() == '"' && parameter.back() == '"') parameter = parameter.substr(1, parameter.size() - 2);
    if (parameter == relation) return true;
  }
  return false;
}

std::string_view path_of(SourceKind source) {
  switch (source) {
    case SourceKind::comments: return "/issues/comments?";
    case SourceKind::review_comments: return "/pulls/comments?";
    default: return "/issues?state=all&";
  }
}

// The target of the first link of that relation; empty when there is none.
std::string_view linked(std::string_view header, std::string_view relation) {
  while (true) {
    const std::size_t open = header.find('<');
    const std::size_t close = header.find('>', open == std::string_view::npos ? 0 : open);
    if (open == std::string_view::npos || close == std::string_view::npos) return {};
    const std::string_view target = header.substr(open + 1, close - open - 1);
    header.remove_prefix(close + 1);
    const std::string_view parameters = parameters_of(header);
    if (names(parameters, relation)) return target;
    header.remove_prefix(parameters.size());
  }
}

// Of ".../comments?per_page=100&page=7": 7.
std::optional<std::size_t> page_number(std::string_view url) {
  url.remove_prefix(std::min(url.find('?'), url.size()));
  while (!url.empty()) {
    url.remove_prefix(1);   // "?" or "&"
    const std::string_view pair = url.substr(0, url.find('&'));
    url.remove_prefix(pair.size());
    if (!pair.starts_with("page=")) continue;
    std::size_t number = 0;
    const auto [end, error] = std::from_chars(pair.data() + 5, pair.data() + pair.size(), number);
    if (error == std::errc() && end == pair.data() + pair.size() && number <= most_numbered) return number;
  }
  return std::nullopt;
}

}  // namespace

std::string next_link(std::string_view header) { return std::string(linked(header, "next")); }

std::optional<std::size_t> pages_left(std::string_view header) {
  const std::string_view next = linked(header, "next");
  if (next.empty()) return 0;
  const auto following = page_number(next), last = page_number(linked(header, "last"));
  if (!following || !last || *last < *following) return std::nullopt;
  return *last - *following + 1;
}

std::string follow_on_origin(std::string_view asked_url, std::string_view target) {
  const std::string base = origin(asked_url);
  if (base.empty() || target.empty()) return {};
  const bool absolute_path = target.front() == '/' && !target.starts_with("//");
  const std::string url = absolute_path ? base + std::string(target) : std::string(target);
  return same_origin(base, url) ? url : std::string();
}

bool is_full_name(std::string_view name) {
  const std::size_t slash = name.find('/');
  if (slash == std::string_view::npos) return false;
  const auto good = [](std::string_view part) {
    return !part.empty() && part != "." && part != ".." && std::ranges::all_of(part, [](unsigned char c) {
      return std::isalnum(c) || c == '-' || c == '_' || c == '.';
    });
  };
  return good(name.substr(0, slash)) && good(name.substr(slash + 1));
}

std::string repository_url(const std::string& api_url, const Repository& repository, bool by_number) {
  if (by_number) return fmt::format("{}/repositories/{}", api_url, repository.forge_id);
  return fmt::format("{}/repos/{}", api_url, repository.full_name);
}

std::string source_url(const std::string& repository_url, SourceKind source, ForgeTime since, std::size_t page_size) {
  if (source == SourceKind::pull_requests)
    return fmt::format("{}/pulls?state=all&sort=updated&direction=desc&per_page={}", repository_url, page_size);
  since = std::max(since, ForgeTime{});  // GitHub refuses times before 1970
  return fmt::format("{}{}sort=updated&direction=asc&per_page={}&since={}", repository_url, path_of(source), page_size,
                     format_iso_time(since));
}

std::string reviews_url(const std::string& repository_url, std::int64_t pull_request, std::size_t page_size) {
  return fmt::format("{}/pulls/{}/reviews?per_page={}", repository_url, pull_request, page_size);
}

std::string etag_key(std::string_view url, std::string_view accept, std::string_view token) {
  return hexadecimal(sha256(fmt::format("{}\n{}\n{}", url, accept, token)).substr(0, 16));
}

}  // namespace beckon::core
