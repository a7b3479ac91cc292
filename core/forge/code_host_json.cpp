#include "forge/code_host_json.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace beckon::core {
namespace {

using Json = nlohmann::json;

// For people; reserved by RFC 2606, so that no link of a demonstration leads to somebody's site.
constexpr std::string_view site = "https://github.example";

Json user_json(const std::string& login) {
  if (login.empty()) return nullptr;
  return {{"login", login},
          {"type", login.ends_with("[bot]") ? "Bot" : "User"},
          {"html_url", fmt::format("{}/{}", site, login)},
          {"avatar_url", fmt::format("{}/{}.png", site, login)}};
}

std::string_view fragment_of(PostKind kind) {
  switch (kind) {
    case PostKind::body: return "";
    case PostKind::comment: return "#issuecomment-";
    case PostKind::review_comment: return "#discussion_r";
    case PostKind::review: return "#pullrequestreview-";
  }
  return "";
}

std::string page_url(const HostedRepository& repository, const HostedPost& post) {
  const bool pull = repository.threads.at(post.thread).pull_request;
  std::string url = fmt::format("{}/{}/{}/{}", site, repository.full_name, pull ? "pull" : "issues", post.thread);
  if (post.kind != PostKind::body) url += fmt::format("{}{}", fragment_of(post.kind), post.id);
  return url;
}

}  // namespace

std::string user_json() { return user_json("beckon-bot").dump(); }

std::string repository_json(const HostedRepository& repository, const std::string& base_url) {
  const Json json = {{"id", repository.id},
                     {"full_name", repository.full_name},
                     {"name", repository.full_name.substr(repository.full_name.find('/') + 1)},
                     {"private", false},
                     {"has_issues", repository.has_issues},
                     {"html_url", fmt::format("{}/{}", site, repository.full_name)},
                     {"url", fmt::format("{}/repos/{}", base_url, repository.full_name)}};
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string post_json(const HostedRepository& repository, const HostedPost& post, const std::string& base_url,
                      bool of_pulls) {
  const HostedThread& thread = repository.threads.at(post.thread);
  const std::string api = fmt::format("{}/repos/{}", base_url, repository.full_name);
  Json json = {
      {"id", post.id}, {"user", user_json(post.author)}, {"body", post.body}, {"html_url", page_url(repository, post)}};
  const std::string pull = fmt::format("{}/pulls/{}", api, post.thread);
  switch (post.kind) {
    case PostKind::body:
      json["number"] = post.thread;
      json["title"] = thread.title;
      json["state"] = "open";
      if (of_pulls) json["id"] = post.id + 1'000'000'000;
      else if (thread.pull_request) json["pull_request"] = {{"url", pull}};
      break;
    case PostKind::comment: json["issue_url"] = fmt::format("{}/issues/{}", api, post.thread); break;
    case PostKind::review_comment: json["pull_request_url"] = pull; break;
    case PostKind::review:
      json["pull_request_url"] = pull;
      json["state"] = "COMMENTED";
      json["submitted_at"] = format_iso_time(post.created);
      return json.dump(-1, ' ', false, Json::error_handler_t::replace);
  }
  json["created_at"] = format_iso_time(post.created);
  json["updated_at"] = format_iso_time(post.updated);
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string error_json(const std::string& message) {
  const Json json = {{"message", message}, {"documentation_url", "https://docs.github.com/rest"}};
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace beckon::core
