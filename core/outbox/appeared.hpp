// When did a mention appear? The forge's times alone cannot tell: `updated` moves with every label or vote, `created`
// misses edits and drafts that were submitted later. So each post's body is remembered as a hash. Pure.
//
// Known miss: the first sight of an old post *after* an edit added the mention.
#pragma once

#include "model/post.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace beckon::core {

struct Appeared {
  ForgeTime at{};
  bool edited = false;  // the mention was added to a post that was known without it

  bool operator==(const Appeared&) const = default;
};

// For the names of a post never seen before.
Appeared appeared_at_first_sight(const Post& post);
// For the names that are new in a known post whose body has changed.
Appeared appeared_by_edit(const Post& post);

// Stable over versions and machines: it is stored.
std::int64_t body_hash(std::string_view body);

// What of a known post has to be looked at again.
enum class Change {
  none,
  touched,  // same body: its times move, its names are not read again
  edited,
  stale     // older than what is known: a lagging replica of the forge answered
};
struct KnownPost {
  ForgeTime updated{};
  std::int64_t hash = 0;
};
Change change_of(const KnownPost& known, const Post& post, std::int64_t hash);

}  // namespace beckon::core
