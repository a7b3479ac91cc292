#include "outbox/appeared.hpp"

#include "base/digest.hpp"

#include <algorithm>

namespace beckon::core {

Appeared appeared_at_first_sight(const Post& post) {
  switch (post.kind) {
    case PostKind::body:
      return {post.created, false};
    case PostKind::review:
      return {post.submitted.value_or(post.created), false};
    case PostKind::comment:
    case PostKind::review_comment: {
      // A draft is submitted, or a typo corrected, soon; later than a day it is an edit of something already read.
      const bool soon = post.updated >= post.created && post.updated - post.created <= std::chrono::days{1};
      return {soon ? post.updated : post.created, false};
    }
  }
  return {post.created, false};
}

Appeared appeared_by_edit(const Post& post) {
  // Reviews carry no time of an edit; their submission is the best that is known.
  return {std::max({post.updated, post.created, post.submitted.value_or(ForgeTime{})}), true};
}

std::int64_t body_hash(std::string_view body) {
  const std::string digest = sha256(body);
  std::uint64_t hash = 0;
  for (std::size_t i = 0; i < sizeof hash; ++i) hash = hash << 8 | static_cast<unsigned char>(digest[i]);
  return static_cast<std::int64_t>(hash);
}

Change change_of(const KnownPost& known, const Post& post, std::int64_t hash) {
  if (post.updated < known.updated) return Change::stale;
  if (hash != known.hash) return Change::edited;
  return post.updated == known.updated ? Change::none : Change::touched;
}

}  // namespace beckon::core
