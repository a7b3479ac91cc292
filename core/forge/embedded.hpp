// A small code host in memory that speaks GitHub's API on loopback: the forge of `beckon demo`, and the stand-in of the
// end-to-end tests. It answers as GitHub does where Beckon can tell the difference: `since`, ascending order, `Link`,
// ETag and 304, numeric page URLs, redirects after a rename, rate-limit headers, permissions.
#pragma once

#include "model/post.hpp"
#include "net/http_server.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace beckon::core {

class EmbeddedForge {
 public:
  virtual ~EmbeddedForge() = default;
  virtual std::string api_url() const = 0;          // "http://127.0.0.1:PORT"

  // Repositories. Numbers are given out in order from 1.
  virtual std::int64_t add_repository(std::string full_name) = 0;
  virtual void rename_repository(const std::string& from, std::string to) = 0;   // the old name answers 301

  // Posts. Times are the forge's; the overloads without one use `now()`. Return the post's id.
  virtual std::int64_t open_thread(const std::string& repository, std::int64_t number, bool pull_request,
                                   std::string title, std::string author, std::string body, ForgeTime at) = 0;
  virtual std::int64_t add_post(const std::string& repository, PostKind kind, std::int64_t thread, std::string author,
                                std::string body, ForgeTime at) = 0;             // comment, review comment or review
  virtual void edit_post(PostKind kind, std::int64_t id, std::string body, ForgeTime at) = 0;
  virtual void delete_post(PostKind kind, std::int64_t id) = 0;

  // The forge's clock; by default the system's.
  virtual void set_clock(std::function<ForgeTime()> clock) = 0;
  // Consulted before every request; a response here is the answer (errors, HTML, broken JSON, rate limits).
  virtual void set_interception(std::function<std::optional<HttpResponse>(const HttpRequest&)> hook) = 0;
  // The only accepted token, and when it ends; unset: everybody may read.
  virtual void set_token(std::string token, std::optional<ForgeTime> ends) = 0;
  void set_token(std::string token) { set_token(std::move(token), std::nullopt); }

  virtual const std::vector<std::string>& requests() const = 0;   // "GET /repos/... -> 304", in order
};

std::unique_ptr<EmbeddedForge> make_embedded_forge(Executor executor, std::uint16_t port = 0);

}  // namespace beckon::core
