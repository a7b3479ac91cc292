#include "outbox/subscription_row.hpp"

#include "outbox/store.hpp"

#include <spdlog/fmt/fmt.h>

namespace beckon::core {

SubscriptionRow read_subscription(Database& db, std::int64_t id) {
  Query row = db.query(
      "SELECT s.feed_id, s.login, s.position, s.since_f, s.batch, s.batch_id, s.form, s.attempts, s.next_at,"
      " s.faults, s.created_at, s.state, s.reason, e.id, e.sink_state, e.sink, e.state, e.reason, e.asked, e.since,"
      " e.ask_at, c.state, c.reason, c.asked, c.since, c.ask_at, s.last_delivery"
      " FROM subscription s CROSS JOIN endpoint e ON e.id = s.endpoint_id LEFT JOIN circuit c ON c.sink = e.sink"
      " WHERE s.id = ?",
      id);
  if (!row.step()) throw BrokenContract(fmt::format("subscription {} is unknown to the outbox", id));
  SubscriptionRow read;
  read.feed = row.integer(0);
  read.login = row.text(1);
  read.position = row.integer(2);
  read.since = row.integer(3);
  read.batch = {parse_seqs(row.bytes(4)), row.text(5), static_cast<BatchForm>(row.integer(6)),
                static_cast<std::uint32_t>(row.integer(7)), static_cast<std::uint32_t>(row.integer(9))};
  if (!row.null(8)) read.next_at = from_unix_ms(row.integer(8));
  read.created = row.integer(10);
  if (!row.null(26)) read.last_delivery = from_unix_ms(row.integer(26));
  read.endpoint = row.integer(13);
  read.sink_state = row.text(14);
  read.standings.sink = row.text(15);
  read.standings.endpoint = read_standing(row, 16);
  if (!row.null(21)) read.standings.circuit = read_standing(row, 21);
  const bool ended_alone = static_cast<SubscriptionState>(row.integer(11)) == SubscriptionState::gone;
  read.gone = ended_alone || read.standings.endpoint.state == EndpointState::gone;
  read.gone_reason = ended_alone ? row.text(12) : read.standings.endpoint.reason;
  read.paused = static_cast<SubscriptionState>(row.integer(11)) == SubscriptionState::paused;
  return read;
}

void save_batch(Database& db, std::int64_t subscription, std::int64_t position, const Batch& batch,
                std::optional<WallTime> next_at) {
  std::optional<std::int64_t> next;
  if (next_at) next = unix_ms(*next_at);
  std::optional<Blob> seqs;
  const std::string packed = format_seqs(batch.seqs);
  if (!batch.seqs.empty()) seqs = Blob{packed};
  db.execute(
      "UPDATE subscription SET position = max(position, ?), batch = ?, batch_id = ?, form = ?, attempts = ?,"
      " faults = ?, next_at = ? WHERE id = ?",
      position, seqs, batch.id, batch.form, batch.attempts, batch.faults, next, subscription);
}

bool is_of_dead_letters(const SubscriptionRow& subscription) {
  return !subscription.batch.seqs.empty() && subscription.batch.seqs.back() <= subscription.position;
}

}  // namespace beckon::core
