// GitHub's REST API behind the face of a forge: for github.cpp (questions), github_answers.cpp and
// github_account.cpp alone.
#pragma once

#include "base/log.hpp"
#include "forge/forge.hpp"
#include "forge/github_pages.hpp"
#include "forge/github_refusal.hpp"
#include "forge/rate_gate.hpp"
#include "forge/turnstile.hpp"
#include "net/url.hpp"

namespace beckon::core {

struct GithubQuestion {
  std::string url;
  std::string etag;
  std::string etag_key;
  Asked asked;
};

struct GithubAnswer {
  HttpResponse response;
  std::string url;       // where it was found in the end
  std::string etag_key;
  bool moved = false;
};

// A page of a repository, whichever address the repository itself is asked at.
struct GithubPlace {
  SourceKind source{};
  ForgeTime since{};
  std::int64_t pull_request = 0;   // for reviews
};

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
  std::optional<Hold> hold() const override;
  task<void> resume(Hold hold) override;
  bool authenticated() const override { return authenticated_; }
  std::optional<WallTime> expires() const override { return expires_; }
  std::string token_variable() const override { return options_.token_variable; }

  task<ForgeResult<RepositoryAnswer>> repository(std::string full_name, RepositoryMark known) override;
  task<ForgeResult<Page>> page(Repository repository, PageRequest request) override;
  task<ForgeResult<Page>> reviews(Repository repository, std::int64_t pull_request) override;
  task<ForgeResult<Account>> account() override;

 private:
  // GitHub serves "/repositories/ID/..." for every page, which survives renames and cannot be taken over by a new
  // repository of the old name. Hosts that only speak its documented addresses are found out by their first answer.
  enum class Numbers { unknown, served, refused };

  task<ForgeResult<GithubAnswer>> ask(GithubQuestion question);
  task<ForgeResult<GithubAnswer>> ask_place(Repository repository, GithubPlace place, GithubQuestion question);
  task<ForgeResult<GithubAnswer>> ask_in_turn(GithubQuestion question);
  task<ForgeResult<Page>> read_down(Repository repository, GithubPlace place, GithubQuestion question, PageStack stack);
  task<ForgeResult<std::string>> token();
  std::string url_of(const Repository& repository, const GithubPlace& place, bool by_number) const;
  Asked asked(Asked::Subject subject, const std::string& repository) const;
  std::string api_url() const { return api_url_key(options_.name, options_.token_variable); }
  HttpRequest request_for(const std::string& url, const std::string& token) const;
  ForgeError not_an_answer(const Asked& asked, const HttpResponse& response, const Error& error) const;
  ForgeResult<Page> read_page(const GithubAnswer& answer, SourceKind source, std::int64_t thread, const Asked& asked);
  void tell(const HttpRequest& request, const Asked& asked, const HttpResult& result, SteadyTime began) const;

  HttpClient& client_;
  GithubOptions options_;
  std::string origin_;
  std::string host_;
  std::string known_token_;
  bool authenticated_ = false;
  std::optional<WallTime> expires_;
  Numbers numbers_ = Numbers::unknown;
  Turnstile turnstile_;
  RateGate gate_;
  LogOnChange foreign_links_;
};

}  // namespace beckon::core
