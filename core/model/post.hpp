// What a forge tells us: a person wrote something, somewhere.
#pragma once

#include "base/time.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace beckon::core {

// Stored in the outbox: never renumber.
enum class PostKind : std::uint8_t { body = 1, comment = 2, review_comment = 3, review = 4 };

// What a feed polls, each with a cursor of its own. Stored in the outbox: never renumber.
enum class SourceKind : std::uint8_t {
  bodies = 1,          // of issues and pull requests
  comments = 2,
  review_comments = 3,
  reviews = 4,
  pull_requests = 5    // the bodies of pull requests alone, where issues are switched off
};

struct Repository {
  std::string origin;          // the API's origin, e.g. "https://api.github.com": part of every identity
  std::int64_t forge_id = 0;   // the forge's number: survives a rename
  std::string full_name;       // "owner/name" as the forge writes it today
  std::string url;             // for people
  bool is_private = false;
};

// What was last read of a repository itself, so that asking again costs nothing while it stays as it is.
struct RepositoryMark {
  std::string etag;
  std::string etag_key;        // what the ETag is good for
  bool has_issues = true;
};

// A credential was told to wait. Kept, so that the next process waits as well.
struct Hold {
  std::string key;             // of the secret, hashed: another secret need not wait
  WallTime until{};
  std::string reason;          // a sentence
};

struct Author {
  std::string login;           // empty: the account was deleted ("ghost")
  std::string url;
  std::string avatar_url;
  bool is_bot = false;
};

struct Thread {
  std::int64_t number = 0;
  bool is_pull_request = false;
  std::string title;           // may be empty when only a comment of the thread was seen
  std::string url;
  ForgeTime updated{};         // the forge's updated_at; epoch when unknown
};

struct Post {
  PostKind kind{};
  // The forge's number, unique per kind. A body's is its thread's: a pull request has one id in the list of issues and
  // another in its own.
  std::int64_t id = 0;
  std::int64_t thread_number = 0;
  std::string url;             // the html_url of exactly this post
  Author author;
  std::string body;            // Markdown, valid UTF-8; empty for null
  ForgeTime created{};
  ForgeTime updated{};
  std::optional<ForgeTime> submitted;  // reviews only
};

}  // namespace beckon::core
