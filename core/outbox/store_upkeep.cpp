#include "outbox/store.hpp"

namespace beckon::core {
namespace {

constexpr Milliseconds kept_for = 30 * 24h;

}  // namespace

Counts Store::counts() {
  Counts counts;
  const auto count = [](std::optional<std::int64_t> found) { return static_cast<std::size_t>(found.value_or(0)); };
  counts.feeds = count(db_.integer("SELECT count(*) FROM feed"));
  counts.subscriptions = count(db_.integer("SELECT count(*) FROM subscription WHERE present = 1"));
  counts.dead = count(db_.integer("SELECT count(*) FROM dead"));
  counts.owed = count(db_.integer(
      "SELECT count(*) FROM subscription s CROSS JOIN endpoint e ON e.id = s.endpoint_id"
      " WHERE s.present = 1 AND s.feed_id <> ? AND e.state <> ? AND s.state = ? AND (s.batch IS NOT NULL"
      " OR EXISTS(SELECT 1 FROM dead d WHERE d.subscription_id = s.id AND d.again = 1) OR CASE s.login WHEN '*'"
      " THEN EXISTS(SELECT 1 FROM mention m WHERE m.feed_id = s.feed_id AND m.seq > s.position"
      "  AND m.appeared_f >= s.since_f)"
      " ELSE EXISTS(SELECT 1 FROM mention m WHERE m.feed_id = s.feed_id AND m.login = s.login AND m.seq > s.position"
      "  AND m.appeared_f >= s.since_f)"
      "  OR EXISTS(SELECT 1 FROM mention m WHERE m.feed_id = s.feed_id AND m.login = '*' AND m.seq > s.position) END)",
      alerts_feed_, EndpointState::gone, SubscriptionState::active));
  return counts;
}

void Store::retain(WallTime now) {
  const std::int64_t cutoff = unix_ms(now - kept_for);
  // History is written in the order of time.
  db_.execute("DELETE FROM history WHERE id < coalesce((SELECT id FROM history WHERE at >= ? ORDER BY id LIMIT 1),"
              " (SELECT max(id) + 1 FROM history))", cutoff);
  db_.execute("DELETE FROM sent WHERE at < ?", cutoff);
  forget_unvisited(now);
  // A post's identity, author and link stay; its text goes once it is old, and everybody who is owed it has it. Whoever
  // has been away or gone for as long as that waits for nothing. A dead letter keeps its text, to be told again, until it
  // is dropped. Subscriptions that began together are asked as one, by
  // whoever is furthest behind: a post must not cost a look at each of 100,000.
  db_.execute("DELETE FROM temp.waiting");
  db_.execute(
      "INSERT INTO temp.waiting SELECT s.feed_id, s.login, s.since_f, min(s.position)"
      " FROM subscription s CROSS JOIN endpoint e ON e.id = s.endpoint_id"
      " WHERE (s.present = 1 OR s.absent_since >= ?1) AND (e.state <> ?2 OR e.since >= ?1)"
      " GROUP BY s.feed_id, s.login, s.since_f",
      cutoff, EndpointState::gone);
  db_.execute(
      "UPDATE post SET body = NULL WHERE body IS NOT NULL AND id NOT IN("
      " SELECT l.post_id FROM dead d JOIN mention l ON l.seq = d.seq WHERE l.post_id IS NOT NULL) AND NOT EXISTS("
      " SELECT 1 FROM mention m WHERE m.post_id = post.id AND (m.found_at >= ? OR EXISTS("
      "  SELECT 1 FROM temp.waiting w WHERE w.feed_id = m.feed_id AND w.login IN (m.login, '*')"
      "  AND w.since_f <= m.appeared_f AND w.position < m.seq)))",
      cutoff);
  db_.execute("DELETE FROM temp.waiting");
}

}  // namespace beckon::core
