#include "forge/code_host.hpp"

#include "forge/code_host_json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <stdexcept>

namespace beckon::core {
namespace {

// GitHub's shape but not its size: a demonstration polls many times a second.
constexpr std::int64_t hourly_limit = 1'000'000;

std::optional<std::int64_t> read_number(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::string decode(std::string_view text) {
  std::string decoded;
  for (std::size_t at = 0; at < text.size(); ++at) {
    unsigned value = 0;
    const bool escape =
        text[at] == '%' && at + 2 < text.size() &&
        std::from_chars(text.data() + at + 1, text.data() + at + 3, value, 16).ptr == text.data() + at + 3;
    if (escape) {
      decoded += static_cast<char>(value);
      at += 2;
    } else {
      decoded += text[at];
    }
  }
  return decoded;
}

std::string parameter(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(pair.size() + 1, query.size()));
    if (pair.size() > name.size() && pair.starts_with(name) && pair[name.size()] == '=')
      return decode(pair.substr(name.size() + 1));
  }
  return {};
}

std::string with_page(std::string_view query, std::int64_t page) {
  std::string result;
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(pair.size() + 1, query.size()));
    if (!pair.empty() && !pair.starts_with("page=")) result += std::string(pair) + '&';
  }
  return result + fmt::format("page={}", page);
}

std::uint64_t hash_of(std::string_view text, std::uint64_t hash = 14695981039346656037u) {
  for (const unsigned char c : text) hash = (hash ^ c) * 1099511628211u;
  return hash;
}

HttpResponse json_response(int status, std::string body) {
  HttpResponse response;
  response.status = status;
  response.headers = {{"Content-Type", "application/json; charset=utf-8"}};
  response.body = std::move(body);
  return response;
}

HttpResponse anonymous() { return json_response(401, error_json("Requires authentication")); }
HttpResponse not_found() { return json_response(404, error_json("Not Found")); }

PostKind kind_of(SourceKind source) {
  switch (source) {
    case SourceKind::comments: return PostKind::comment;
    case SourceKind::review_comments: return PostKind::review_comment;
    case SourceKind::reviews: return PostKind::review;
    default: return PostKind::body;
  }
}

// What stands before the next slash; `path` keeps what follows it.
std::string_view take_segment(std::string_view& path) {
  const std::string_view segment = path.substr(0, path.find('/'));
  path.remove_prefix(std::min(segment.size() + 1, path.size()));
  return segment;
}

}  // namespace

CodeHost::CodeHost(std::string base_url)
    : base_url_(std::move(base_url)), clock_([] { return std::chrono::floor<std::chrono::seconds>(wall_now()); }) {}

// ---- what is hosted -------------------------------------------------------------------------------------------------

std::int64_t CodeHost::add_repository(std::string full_name) {
  const auto id = static_cast<std::int64_t>(repositories_.size()) + 1;
  names_[full_name] = id;
  HostedRepository& repository = repositories_[id];
  repository.id = id;
  repository.full_name = std::move(full_name);
  return id;
}

HostedRepository& CodeHost::repository_named(const std::string& name) {
  const auto found = names_.find(name);
  if (found == names_.end()) throw std::out_of_range("the embedded forge has no repository " + name);
  return repositories_.at(found->second);
}

HostedPost& CodeHost::post_with(std::int64_t id) { return repositories_.at(home_.at(id)).posts.at(id); }

void CodeHost::rename_repository(const std::string& from, std::string to) {
  HostedRepository& repository = repository_named(from);
  names_[to] = repository.id;
  repository.full_name = std::move(to);
}

std::int64_t CodeHost::open_thread(const std::string& repository, std::int64_t number, HostedThread thread,
                                   HostedPost body) {
  repository_named(repository).threads[number] = std::move(thread);
  body.kind = PostKind::body;
  body.thread = number;
  return add_post(repository, std::move(body));
}

std::int64_t CodeHost::add_post(const std::string& repository, HostedPost post) {
  HostedRepository& home = repository_named(repository);
  if (!home.threads.contains(post.thread)) throw std::out_of_range("the embedded forge has no such thread");
  const std::int64_t id = ++last_post_;
  post.id = id;
  post.updated = post.created;
  touch_thread(home, post, post.created);
  home_[id] = home.id;
  home.posts.emplace(id, std::move(post));
  return id;
}

// As GitHub does: comments and reviews move their thread's `updated_at`, review comments do not.
void CodeHost::touch_thread(HostedRepository& repository, const HostedPost& post, ForgeTime at) {
  if (post.kind == PostKind::body || post.kind == PostKind::review_comment) return;
  for (auto& [id, other] : repository.posts)
    if (other.kind == PostKind::body && other.thread == post.thread) other.updated = std::max(other.updated, at);
}

void CodeHost::edit_post(std::int64_t id, std::string body, ForgeTime at) {
  HostedPost& post = post_with(id);
  post.body = std::move(body);
  post.updated = at;
  touch_thread(repositories_.at(home_.at(id)), post, at);
}

void CodeHost::delete_post(std::int64_t id) {
  repositories_.at(home_.at(id)).posts.erase(id);
  home_.erase(id);
}

// ---- answers --------------------------------------------------------------------------------------------------------

namespace {

// "2026-12-24 18:00:00 UTC"
std::string as_github_writes_it(ForgeTime time) {
  std::string text = format_iso_time(time);
  text[10] = ' ';
  text.back() = ' ';
  return text + "UTC";
}

}  // namespace

HttpResponse CodeHost::answer(const HttpRequest& request) {
  std::optional<HttpResponse> intercepted;
  if (interception_) intercepted = interception_(request);
  HttpResponse response = intercepted ? std::move(*intercepted) : route(request);
  if (!intercepted) finish(request, response);
  if (!intercepted && token_ends_)
    response.headers.emplace_back("github-authentication-token-expiration", as_github_writes_it(*token_ends_));
  requests_.push_back(fmt::format("{} {} -> {}", request.method, request.url, response.status));
  return response;
}

HttpResponse CodeHost::route(const HttpRequest& request) {
  const std::string_view authorization = find_header(request.headers, "authorization");
  if (!token_.empty() && authorization.empty()) return anonymous();
  if (!token_.empty() && authorization != "Bearer " + token_) return json_response(401, error_json("Bad credentials"));
  if (request.method != "GET") return not_found();
  const std::string_view url = request.url;
  const std::size_t mark = std::min(url.find('?'), url.size());
  return redirect_or_answer(request, url.substr(0, mark), url.substr(std::min(mark + 1, url.size())));
}

HttpResponse CodeHost::redirect_or_answer(const HttpRequest& request, std::string_view path, std::string_view query) {
  if (path.starts_with('/')) path.remove_prefix(1);
  const std::string_view root = take_segment(path);
  if (root == "user" && path.empty()) return token_.empty() ? anonymous() : json_response(200, user_json());
  if (root == "rate_limit" && path.empty()) return json_response(200, "{}");   // what it tells is in the headers
  if (root == "repositories") {
    const auto found = repositories_.find(read_number(take_segment(path)).value_or(0));
    return found == repositories_.end() ? not_found() : answer_in(found->second, path, query);
  }
  if (root != "repos") return not_found();
  std::string name(take_segment(path));
  name += '/';
  name += take_segment(path);
  const auto found = names_.find(name);
  if (found == names_.end()) return not_found();
  const HostedRepository& repository = repositories_.at(found->second);
  if (repository.full_name == name) return answer_in(repository, path, query);
  HttpResponse moved = json_response(301, error_json("Moved Permanently"));
  std::string location = fmt::format("{}/repositories/{}", base_url_, repository.id);
  if (!path.empty()) location += "/" + std::string(path);
  if (request.url.find('?') != std::string::npos) location += "?" + std::string(query);
  moved.headers.emplace_back("Location", std::move(location));
  return moved;
}

HttpResponse CodeHost::answer_in(const HostedRepository& repository, std::string_view rest, std::string_view query) {
  const std::string_view path = rest;
  if (rest.empty()) return json_response(200, repository_json(repository, base_url_));
  const std::string_view kind = take_segment(rest);
  if (kind == "issues" && rest.empty() && !repository.has_issues)
    return json_response(410, error_json("Issues are disabled for this repo"));
  if (kind == "issues" && rest.empty()) return list(repository, SourceKind::bodies, 0, path, query);
  if (kind == "issues" && rest == "comments") return list(repository, SourceKind::comments, 0, path, query);
  if (kind == "pulls" && rest == "comments") return list(repository, SourceKind::review_comments, 0, path, query);
  if (kind == "pulls" && rest.empty()) return list(repository, SourceKind::pull_requests, 0, path, query);
  if (kind == "pulls") {
    const std::int64_t number = read_number(take_segment(rest)).value_or(0);
    const auto thread = repository.threads.find(number);
    const bool known = thread != repository.threads.end() && thread->second.pull_request;
    if (known && rest == "reviews") return list(repository, SourceKind::reviews, number, path, query);
  }
  return not_found();
}

HttpResponse CodeHost::list(const HostedRepository& repository, SourceKind source, std::int64_t thread,
                            std::string_view path, std::string_view query) {
  const PostKind kind = kind_of(source);
  const bool only_pulls = source == SourceKind::pull_requests;
  const bool filtered = kind != PostKind::review;   // reviews know neither `since` nor `sort`, pull requests no `since`
  const auto since = filtered && !only_pulls ? parse_iso_time(parameter(query, "since")) : std::nullopt;
  const bool by_update = filtered && parameter(query, "sort") == "updated";
  const bool backwards =
      kind == PostKind::body ? parameter(query, "direction") != "asc" : parameter(query, "direction") == "desc";
  std::vector<const HostedPost*> posts;
  for (const auto& [id, post] : repository.posts)
    if (post.kind == kind && (thread == 0 || post.thread == thread) && (!since || post.updated >= *since) &&
        (!only_pulls || repository.threads.at(post.thread).pull_request))
      posts.push_back(&post);
  const auto key = [by_update](const HostedPost* post) {
    return std::pair(by_update ? post->updated : post->created, post->id);
  };
  std::ranges::sort(posts, {}, key);
  if (filtered && backwards) std::ranges::reverse(posts);

  const std::int64_t size = std::clamp<std::int64_t>(read_number(parameter(query, "per_page")).value_or(30), 1, 100);
  const std::int64_t page = std::max<std::int64_t>(read_number(parameter(query, "page")).value_or(1), 1);
  const auto count = static_cast<std::int64_t>(posts.size());
  const std::int64_t last = std::max<std::int64_t>((count + size - 1) / size, 1);
  std::string body = "[";
  for (std::int64_t at = std::min(page - 1, last) * size; at < std::min(std::min(page, last + 1) * size, count); ++at)
    body += (body.size() > 1 ? "," : "") + post_json(repository, *posts[static_cast<std::size_t>(at)], base_url_, only_pulls);
  HttpResponse response = json_response(200, body + "]");

  const auto link = [&](std::int64_t number, std::string_view rel) {
    return fmt::format("<{}/repositories/{}/{}?{}>; rel=\"{}\"", base_url_, repository.id, path,
                       with_page(query, number), rel);
  };
  std::string links;
  if (page > 1) links = link(page - 1, "prev") + ", " + link(1, "first");
  if (page < last) links += (links.empty() ? "" : ", ") + link(page + 1, "next") + ", " + link(last, "last");
  if (!links.empty()) response.headers.emplace_back("Link", std::move(links));
  return response;
}

// Headers that every answer carries, and 304 where the client has it already. A 304 costs no quota.
void CodeHost::finish(const HttpRequest& request, HttpResponse& response) {
  const ForgeTime now = clock_();
  if (response.status == 200) {
    const auto seen = hash_of(response.body, hash_of(find_header(response.headers, "link")));
    const std::string etag = fmt::format("W/\"{:016x}\"", seen);
    response.headers.emplace_back("ETag", etag);
    const std::string_view known = find_header(request.headers, "if-none-match");
    if (known == "*" || known.find(etag.substr(2)) != std::string_view::npos) {
      response.status = 304;
      response.body.clear();
    }
  }
  if (now - charged_since_ >= 1h) {
    charged_since_ = now;
    charged_ = 0;
  }
  if (response.status != 304) ++charged_;
  response.headers.emplace_back("Date", format_http_date(now));
  response.headers.emplace_back("X-RateLimit-Limit", std::to_string(hourly_limit));
  response.headers.emplace_back("X-RateLimit-Remaining",
                                std::to_string(std::max<std::int64_t>(hourly_limit - charged_, 0)));
  response.headers.emplace_back("X-RateLimit-Reset", std::to_string(unix_s(charged_since_ + 1h)));
  response.headers.emplace_back("X-RateLimit-Resource", "core");
}

}  // namespace beckon::core
