// A row of the log with everything a delivery says of it. Private to this room.
#pragma once

#include "outbox/outbox.hpp"
#include "outbox/sqlite.hpp"

namespace beckon::core {

// A literal, since every statement is one. The joins are pinned: the log leads. ?1: of one post, only what appeared since then
// counts as told with another name.
#define SELECT_OWED                                                                                                    \
  "SELECT m.seq, m.login, m.appeared_f, m.edited, p.kind, p.forge_post, p.thread_no, p.created_f, p.updated_f,"        \
  " p.content, p.body, t.title, t.is_pr, t.url, t.updated_f, r.origin, r.forge_id, r.full_name, r.url, r.private,"     \
  /* of one post, "*" takes the first name only */                                                                     \
  " EXISTS(SELECT 1 FROM mention e WHERE e.post_id = m.post_id AND e.seq < m.seq AND e.appeared_f >= ?1), m.found_at"  \
  " FROM mention m CROSS JOIN post p ON p.id = m.post_id CROSS JOIN feed f ON f.id = m.feed_id"                        \
  " CROSS JOIN repo r ON r.id = f.repo_id LEFT JOIN thread t ON t.feed_id = p.feed_id AND t.number = p.thread_no "

OwedMention read_owed(const Query& row);

}  // namespace beckon::core
