// GitHub's JSON → posts. Pure. One element that cannot be read never costs its page: it is named in `unreadable`.
// Lenient where nothing is lost by it (ids as strings, `user: null`, missing links), strict where a guess would be one:
// an element without an id (a body: without a number), or with a body that is no text, is unreadable.
#pragma once

#include "base/result.hpp"
#include "model/post.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace beckon::core {

struct PostList {
  std::vector<Post> posts;                // ascending by (updated, id)
  std::vector<Thread> threads;            // one an element at most, last state last
  std::vector<std::string> unreadable;
  std::optional<ForgeTime> newest;        // unreadable elements included where their time can be read
};

// Fails when the text is no JSON array at all. `thread` is the number for lists that belong to one thread (reviews).
// Of reviews, those without a body and drafts not yet submitted are left out.
Result<PostList> read_posts(std::string body, SourceKind source, std::int64_t thread = 0);

struct RepositoryText {
  Repository repository;                  // `origin` is left empty
  bool has_issues = true;
};
Result<RepositoryText> read_repository(std::string body);

// Of a user's own account.
Result<std::string> read_login(std::string body);

// The `message` of an error answer, on one line and cut; empty when the body is no such answer.
std::string read_error_message(std::string body);

}  // namespace beckon::core
