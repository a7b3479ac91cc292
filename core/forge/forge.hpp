// A code host and the credential we use on it. Turns its API into posts. One request at a time per credential.
#pragma once

#include "base/result.hpp"
#include "base/task.hpp"
#include "model/post.hpp"
#include "net/http.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace beckon::core {

enum class ForgeFailure {
  transport,      // no answer: try again soon
  unavailable,    // 5xx or an answer that is no API answer (HTML, broken JSON): try again soon
  rate_limited,   // not before `retry_after`
  unauthorized,   // 401: the credential is not accepted
  forbidden,      // 403: a permission is missing
  not_found,      // 404: does not exist, or may not be seen
  disabled,       // 410: this kind of post is switched off here
  endless,        // a list whose pages do not come to an end
  blocked         // 451 and the like
};

struct ForgeError {
  ForgeFailure failure{};
  std::string message;                     // a sentence with the way out: names the missing permission
  std::optional<Milliseconds> retry_after; // the forge's word, already from now
};
[[noreturn]] void throw_exception_from_error(const ForgeError& error, const boost::source_location&);

template <class T>
using ForgeResult = boost::system::result<T, ForgeError>;

struct RepositoryAnswer {
  bool not_modified = false;   // as it was when `known` was read; `repository` and `mark` are empty
  Repository repository;
  RepositoryMark mark;
  ForgeTime date{};      // the forge's clock, from its Date header
};

struct PageRequest {
  SourceKind source{};              // all but reviews
  ForgeTime since{};                // posts updated at or after it, ascending
  std::string page_url;             // non-empty: follow this `next` link instead
  std::string etag;                 // sent only when `etag_key` equals the key of this request
  std::string etag_key;
};

struct Page {
  bool not_modified = false;
  std::vector<Post> posts;          // ascending by (updated, id)
  std::vector<Thread> threads;      // what the page tells of threads (bodies: all of them)
  std::vector<std::string> unreadable;  // one sentence for each element that could not be read
  bool more = false;                // the forge has a next page, whether or not its link may be followed
  std::string next;                 // the `rel="next"` link, only if it stays on this origin; else empty
  bool moved = false;               // answered over a redirect: the repository may have a new name
  std::string etag;
  std::string etag_key;             // what the ETag is good for: URL, Accept and credential, hashed
  std::optional<ForgeTime> newest;  // largest updated_at seen, unreadable elements included where possible
  std::optional<std::size_t> pages_left;  // that follow in this list, by the forge's own count; unset: it does not say
  ForgeTime date{};
};

// Whom the forge takes a credential for.
struct Account {
  enum class Kind {
    anonymous,
    classic,        // a personal access token (classic)
    fine_grained,   // a fine-grained personal access token
    oauth_app,
    app_user,       // a GitHub App on behalf of a user
    installation,   // a GitHub App on its own
    unknown         // a user's, of a kind that its text does not tell
  };
  Kind kind = Kind::anonymous;
  std::string login;                   // empty where the credential is nobody's
  std::optional<std::string> scopes;   // "repo, read:org", perhaps empty; unset: it is not limited by scopes
};

struct Quota {
  std::int64_t limit = 0;           // requests an hour; 0: unknown
  std::int64_t remaining = 0;
  std::optional<Milliseconds> reset_after;
};

// Credentials may have to be fetched (app installation tokens), so the source is asynchronous.
// Empty: no Authorization header.
using TokenSource = std::function<task<Result<std::string>>()>;

class Forge {
 public:
  virtual ~Forge() = default;
  virtual const std::string& origin() const = 0;         // part of every identity
  virtual const std::string& credential() const = 0;     // the forge's name in the configuration
  // Follows renames: the answer carries today's name.
  virtual task<ForgeResult<RepositoryAnswer>> repository(std::string full_name, RepositoryMark known) = 0;
  task<ForgeResult<RepositoryAnswer>> repository(std::string full_name) {
    return repository(std::move(full_name), RepositoryMark());
  }
  virtual task<ForgeResult<Page>> page(Repository repository, PageRequest request) = 0;
  // All reviews of one pull request that carry a body, all pages of them.
  virtual task<ForgeResult<Page>> reviews(Repository repository, std::int64_t pull_request) = 0;
  // Asks whose the credential is; `quota` and `expires` know more after it. Costs one request at most.
  virtual task<ForgeResult<Account>> account() = 0;
  virtual Quota quota() const = 0;
  // What a later process must know so as not to ask too early; nothing while the credential may ask.
  virtual std::optional<Hold> hold() const { return std::nullopt; }
  // As an earlier process left it. Without effect where it is over, or was said to another secret.
  virtual task<void> resume(Hold) { co_return; }
  virtual bool authenticated() const = 0;
  // When the credential ends, if the forge has said so.
  virtual std::optional<WallTime> expires() const { return std::nullopt; }
  // See GithubOptions.
  virtual std::string token_variable() const { return {}; }
};

struct GithubOptions {
  std::string name = "github";                       // its name in the configuration
  std::string api_url = "https://api.github.com";    // no trailing slash
  TokenSource token;                                 // unset: anonymous
  std::size_t page_size = 100;
  // For the words of errors where there is no configuration: the environment variable of the token. They name it, and
  // --api-url, instead of the keys of [forges.NAME].
  std::string token_variable;
};

// Where these things were said, in the words of an error: "`token` in [forges.github]", "the token of [forges.github]",
// "`api_url` of [forges.github]"; or "$GITHUB_TOKEN", "the token in $GITHUB_TOKEN", "--api-url".
std::string token_key(const std::string& name, const std::string& variable);
std::string the_token(const std::string& name, const std::string& variable);
std::string api_url_key(const std::string& name, const std::string& variable);

// The client must outlive the forge.
std::unique_ptr<Forge> make_github(HttpClient& client, GithubOptions options);

}  // namespace beckon::core
