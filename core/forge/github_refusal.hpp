// What a status other than 2xx and 304 means. Pure: status, headers and GitHub's own message → ForgeError, whose
// sentence names what was asked for, why not, and the way out; it never holds a token. Sources: docs.github.com "Rate
// limits for the REST API" (403 and 429; the order Retry-After, X-RateLimit-Reset, 60 s), "Permissions required for
// fine-grained personal access tokens" (X-Accepted-GitHub-Permissions).
#pragma once

#include "forge/forge.hpp"

#include <string>

namespace beckon::core {

// What was asked, in the words of the sentences.
struct Asked {
  enum class Subject { account, repository, bodies, comments, review_comments, reviews, pull_requests };
  Subject subject{};
  std::string repository;          // "owner/name"
  std::string host;                // "api.github.com"
  std::string credential;          // the forge's name in the configuration
  std::string token_variable;      // where there is none: see GithubOptions
  bool authenticated = false;
};

// "the issue comments of owner/name"
std::string describe(const Asked& asked);

// `limited_before`: how often in a row the credential was refused for its rate before this answer.
// `now` is our clock, used only where the answer has no Date.
ForgeError refusal(const HttpResponse& response, const Asked& asked, unsigned limited_before, WallTime now);

// The quota that an answer's headers tell; members keep their defaults where they say nothing.
Quota read_quota(const HttpHeaders& headers, WallTime now);

// The answer's Date header, else our clock.
ForgeTime date_of(const HttpHeaders& headers, WallTime now);

// Seconds or an HTTP date, never negative, a day at most.
std::optional<Milliseconds> read_retry_after(const HttpHeaders& headers, WallTime now);

// From the header github-authentication-token-expiration: "2026-12-24 18:00:00 UTC", or with "+0100".
std::optional<WallTime> token_expiry(std::string_view header);

}  // namespace beckon::core
