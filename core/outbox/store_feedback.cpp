// What comes back of deliveries that were taken: which they were, and what becomes of them.
#include "outbox/batch.hpp"
#include "outbox/late_words.hpp"
#include "outbox/store.hpp"

#include "base/redaction.hpp"

namespace beckon::core {
namespace {

struct Sent {
  std::int64_t subscription = 0;
  std::int64_t endpoint = 0;
  std::string name;
  std::vector<std::int64_t> seqs;
  bool came_back = false;
  SubscriptionState state{};
  EndpointState endpoint_state{};
  LateWords words;
};

// Of this sink alone: one sink's mail says nothing of another's deliveries.
std::optional<Sent> find_sent(Database& db, const std::string& sink, const std::string& delivery) {
  Query row = db.query("SELECT t.subscription_id, t.endpoint_id, coalesce(s.name, ''), t.seqs, t.came_back, s.state, e.state,"
                       " e.bounces, e.bounced_since, e.bounced_last FROM sent t"
                       " CROSS JOIN subscription s ON s.id = t.subscription_id"
                       " CROSS JOIN endpoint e ON e.id = t.endpoint_id WHERE t.batch_id = ? AND e.sink = ?", delivery, sink);
  if (!row.step()) return std::nullopt;
  return Sent{row.integer(0), row.integer(1), row.text(2), parse_seqs(row.bytes(3)), row.integer(4) != 0,
              static_cast<SubscriptionState>(row.integer(5)), static_cast<EndpointState>(row.integer(6)),
              {static_cast<std::uint32_t>(row.integer(7)), from_unix_ms(row.integer(8)), from_unix_ms(row.integer(9))}};
}

}  // namespace

void Store::note_sent(const std::string& batch_id, std::int64_t subscription, std::int64_t endpoint,
                      const std::vector<std::int64_t>& seqs) {
  db_.execute("INSERT OR REPLACE INTO sent(batch_id, subscription_id, endpoint_id, at, seqs) VALUES(?, ?, ?, ?, ?)", batch_id,
              subscription, endpoint, unix_ms(wall_now()), Blob{format_seqs(seqs)});
}

LateChange Store::take_late(const std::string& sink, const LateOutcome& late) {
  LateChange change;
  const auto sent = find_sent(db_, sink, late.delivery);
  if (!sent) return change;
  change.known = true;
  change.subscription = sent->name;
  const WallTime now = wall_now();
  const Outcome& outcome = late.outcome;
  const LateVerdict verdict = judge_late(outcome, sent->words, now);
  const std::string reason = redact(outcome.reason.empty() ? outcome.code : outcome.reason);
  change.reason = reason;
  if (verdict.undelivered && sent->came_back) {   // a mail server hands on what it is not sure of twice
    change.repeated = true;
    return change;
  }
  if (verdict.undelivered) {
    db_.execute("UPDATE sent SET came_back = 1 WHERE batch_id = ?", late.delivery);
    for (const std::int64_t seq : sent->seqs) {
      change.dead += static_cast<std::size_t>(db_.execute(
          "INSERT INTO dead(subscription_id, seq, at, code, reason, attempts) VALUES(?, ?, ?, ?, ?, 1)"
          " ON CONFLICT DO UPDATE SET at = excluded.at, code = excluded.code, reason = excluded.reason, again = 0",
          sent->subscription, seq, unix_ms(now), outcome.code, reason));
    }
    db_.execute("INSERT INTO history(subscription_id, batch_id, at, ms, outcome, code, count) VALUES(?, ?, ?, 0, ?, ?, ?)",
                sent->subscription, late.delivery, unix_ms(now), outcome.kind, outcome.code,
                static_cast<std::int64_t>(change.dead));
    db_.execute("UPDATE endpoint SET bounces = ?, bounced_since = ?, bounced_last = ? WHERE id = ?", verdict.words.count,
                unix_ms(verdict.words.since), unix_ms(verdict.words.last), sent->endpoint);
    if (change.dead > 0) alert_of_dead(sent->subscription, sent->seqs.front(), change.dead, outcome.code, reason);
  }
  if (verdict.end == LateVerdict::End::subscription && sent->state != SubscriptionState::gone) {
    end_subscription(sent->subscription, outcome.code, outcome.reason);
    change.ended.push_back(sent->subscription);
  }
  if (verdict.end == LateVerdict::End::endpoint && sent->endpoint_state != EndpointState::gone)
    change.ended = bury_endpoint(sent->endpoint, outcome.code, outcome.reason);
  return change;
}

}  // namespace beckon::core
