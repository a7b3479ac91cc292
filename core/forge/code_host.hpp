// The embedded forge without its server: repositories in memory and the answer to one request. No I/O, no clock of its
// own.
#pragma once

#include "model/post.hpp"
#include "net/http.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace beckon::core {

struct HostedPost {
  PostKind kind{};
  std::int64_t id = 0;             // unique over all kinds
  std::int64_t thread = 0;
  std::string author;              // empty: the account was deleted
  std::string body;
  ForgeTime created{};
  ForgeTime updated{};             // of a body: of its whole thread
};

struct HostedThread {
  bool pull_request = false;
  std::string title;
};

struct HostedRepository {
  std::int64_t id = 0;
  std::string full_name;
  bool has_issues = true;
  std::map<std::int64_t, HostedThread> threads;
  std::map<std::int64_t, HostedPost> posts;        // by id
};

class CodeHost {
 public:
  using Interception = std::function<std::optional<HttpResponse>(const HttpRequest&)>;

  // `base_url` is where clients reach it: links and redirects begin with it.
  explicit CodeHost(std::string base_url);

  std::int64_t add_repository(std::string full_name);
  void rename_repository(const std::string& from, std::string to);
  void switch_issues(const std::string& repository, bool on) { repository_named(repository).has_issues = on; }
  std::int64_t open_thread(const std::string& repository, std::int64_t number, HostedThread thread, HostedPost body);
  std::int64_t add_post(const std::string& repository, HostedPost post);
  void edit_post(std::int64_t id, std::string body, ForgeTime at);
  void delete_post(std::int64_t id);
  void set_clock(std::function<ForgeTime()> clock) { clock_ = std::move(clock); }
  void set_interception(Interception hook) { interception_ = std::move(hook); }
  void set_token(std::string token, std::optional<ForgeTime> ends = std::nullopt) {
    token_ = std::move(token);
    token_ends_ = ends;
  }
  const std::vector<std::string>& requests() const { return requests_; }

  // `request.url` holds the target alone ("/path?query").
  HttpResponse answer(const HttpRequest& request);

 private:
  HttpResponse route(const HttpRequest& request);
  HttpResponse redirect_or_answer(const HttpRequest& request, std::string_view path, std::string_view query);
  HttpResponse answer_in(const HostedRepository& repository, std::string_view rest, std::string_view query);
  HttpResponse list(const HostedRepository& repository, SourceKind source, std::int64_t thread, std::string_view path,
                    std::string_view query);
  void finish(const HttpRequest& request, HttpResponse& response);
  HostedRepository& repository_named(const std::string& name);
  HostedPost& post_with(std::int64_t id);
  void touch_thread(HostedRepository& repository, const HostedPost& post, ForgeTime at);

  std::string base_url_;
  std::map<std::string, std::int64_t> names_;          // every name a repository ever had → its number
  std::map<std::int64_t, HostedRepository> repositories_;
  std::map<std::int64_t, std::int64_t> home_;          // post id → repository number
  std::int64_t last_post_ = 0;
  std::function<ForgeTime()> clock_;
  Interception interception_;
  std::string token_;
  std::optional<ForgeTime> token_ends_;
  std::int64_t charged_ = 0;
  ForgeTime charged_since_{};
  std::vector<std::string> requests_;
};

}  // namespace beckon::core
