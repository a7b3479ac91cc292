// What watchers read: they own nothing here, and bring their place in the log along.
#include "outbox/owed_row.hpp"
#include "outbox/store.hpp"

#include <algorithm>

namespace beckon::core {
namespace {

// A feed that nobody has a subscription for is kept this long after the last look at it.
constexpr Milliseconds kept_unvisited = 7 * 24h;

}  // namespace

LogSlice Store::read_log(std::int64_t feed, const std::string& login, std::optional<std::int64_t> after, std::size_t limit) {
  LogSlice slice;
  slice.position = after.value_or(0);
  const auto most = static_cast<std::int64_t>(limit) + 1;
  {
    Query row = after ? db_.query(SELECT_OWED "WHERE m.feed_id = ?2 AND m.login = ?3 AND m.seq > ?4 ORDER BY m.seq LIMIT ?5",
                                  0, feed, login, *after, most)
                      : db_.query(SELECT_OWED "WHERE m.feed_id = ?2 AND m.login = ?3 ORDER BY m.seq DESC LIMIT ?4", 0, feed,
                                  login, most);
    while (row.step()) {
      if (slice.mentions.size() == limit) {
        slice.more = true;
        break;
      }
      slice.mentions.push_back(read_owed(row));
    }
  }
  if (!after) std::reverse(slice.mentions.begin(), slice.mentions.end());
  if (!slice.mentions.empty()) slice.position = slice.mentions.back().seq;
  return slice;
}

void Store::note_visit(std::int64_t feed, WallTime now) {
  db_.execute("UPDATE feed SET visited_at = ? WHERE id = ?", unix_ms(now), feed);
}

void Store::reach_back(std::int64_t feed, std::chrono::seconds history) {
  // The forge's own clock, as far as the heads have read.
  const auto now = db_.integer("SELECT max(watermark_f) FROM source WHERE feed_id = ? AND walk = 0", feed);
  if (now) add_walks(feed, *now - history.count());
}

void Store::forget_unvisited(WallTime now) {
  std::vector<std::int64_t> left;
  {
    Query row = db_.query("SELECT id FROM feed WHERE visited_at < ? AND NOT EXISTS(SELECT 1 FROM subscription s"
                          " WHERE s.feed_id = feed.id)", unix_ms(now - kept_unvisited));
    while (row.step()) left.push_back(row.integer(0));
  }
  for (const std::int64_t feed : left) {
    db_.execute("DELETE FROM mention WHERE feed_id = ?", feed);
    db_.execute("DELETE FROM post WHERE feed_id = ?", feed);
    db_.execute("DELETE FROM thread WHERE feed_id = ?", feed);
    db_.execute("DELETE FROM source WHERE feed_id = ?", feed);
    db_.execute("DELETE FROM feed WHERE id = ?", feed);
  }
}

}  // namespace beckon::core
