// T2's commit and T3: freeze and settle.
#include "outbox/store.hpp"
#include "outbox/subscription_row.hpp"

#include "base/redaction.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>

namespace beckon::core {
namespace {

using Row = SubscriptionRow;

// For the history: a refusal of content has one name there, however it was answered.
OutcomeKind outcome_of(Settlement::Kind kind) {
  switch (kind) {
    case Settlement::Kind::delivered: return OutcomeKind::delivered;
    case Settlement::Kind::retry:
    case Settlement::Kind::held: return OutcomeKind::retry;
    default: return OutcomeKind::rejected;
  }
}

}  // namespace

void Store::freeze(const Freeze& freeze) {
  const Row subscription = read_subscription(db_, freeze.subscription);
  const Batch& known = subscription.batch;
  const bool ascending = std::is_sorted(freeze.seqs.begin(), freeze.seqs.end(), std::less_equal<>());
  const bool owed = !freeze.seqs.empty() && (freeze.seqs.front() > subscription.position ||
                                             are_asked_again(freeze.subscription, freeze.seqs));
  if (!owed || !ascending || freeze.batch_id.empty()) {
    throw BrokenContract(fmt::format("subscription {} cannot freeze what it did not claim", freeze.subscription));
  }
  if (known.seqs.empty()) {
    const Batch batch{freeze.seqs, freeze.batch_id, freeze.form, 0, known.faults};
    save_batch(db_, freeze.subscription, subscription.position, batch, std::nullopt);
    return;
  }
  const bool begins_it = freeze.seqs.size() <= known.seqs.size() &&
                         std::equal(freeze.seqs.begin(), freeze.seqs.end(), known.seqs.begin());
  if (known.id != freeze.batch_id || known.form != freeze.form || !begins_it) {
    throw BrokenContract(fmt::format("subscription {} has a frozen batch already", freeze.subscription));
  }
  if (known.form == BatchForm::whole && freeze.seqs.size() < known.seqs.size()) {
    // A sink with new limits takes less of it; what is left out must not count as delivered.
    const Batch shorter{freeze.seqs, known.id, known.form, known.attempts, known.faults};
    save_batch(db_, freeze.subscription, subscription.position, shorter, subscription.next_at);
  }
}

void Store::note_fault(std::int64_t subscription) {
  db_.execute("UPDATE subscription SET faults = faults + 1 WHERE id = ?", subscription);
}

Claim Store::settle(const Settlement& settlement, Portion portion) {
  const Row subscription = read_subscription(db_, settlement.subscription);
  const Batch& before = subscription.batch;
  if (before.seqs.empty())
    throw BrokenContract(fmt::format("subscription {} has nothing to settle", settlement.subscription));
  const std::int64_t now = unix_ms(wall_now());
  const Settled after = settled(before, settlement.kind, new_batch_id(), settlement.fault);

  std::optional<WallTime> next_at;
  if (settlement.kind == Settlement::Kind::retry) next_at = settlement.next_at;
  save_batch(db_, settlement.subscription, after.position, after.batch, next_at);
  const std::string reason = redact(settlement.reason);
  if (settlement.kind == Settlement::Kind::delivered) {
    db_.execute("UPDATE subscription SET last_error = '', last_delivery = ? WHERE id = ?", now,
                settlement.subscription);
  } else {
    db_.execute("UPDATE subscription SET last_error = ? WHERE id = ?", reason.empty() ? settlement.code : reason,
                settlement.subscription);
  }
  const std::size_t sent = before.form == BatchForm::whole ? before.seqs.size() : 1;
  const std::size_t dead = settlement.kind == Settlement::Kind::dead   ? 1
                           : settlement.kind == Settlement::Kind::held ? sent
                                                                       : 0;
  if (settlement.kind == Settlement::Kind::delivered && is_of_dead_letters(subscription)) {
    for (std::size_t i = 0; i < sent; ++i)
      db_.execute("DELETE FROM dead WHERE subscription_id = ? AND seq = ?", settlement.subscription, before.seqs[i]);
  }
  for (std::size_t i = 0; i < dead; ++i) {
    db_.execute(
        "INSERT INTO dead(subscription_id, seq, at, code, reason, attempts) VALUES(?, ?, ?, ?, ?, ?)"
        " ON CONFLICT DO UPDATE SET at = excluded.at, code = excluded.code, reason = excluded.reason,"
        " attempts = attempts + excluded.attempts, again = 0",
        settlement.subscription, before.seqs[i], now, settlement.code, reason, before.attempts + 1);
  }
  db_.execute(
      "INSERT INTO history(subscription_id, batch_id, at, ms, outcome, code, count) VALUES(?, ?, ?, ?, ?, ?, ?)",
      settlement.subscription, before.id, now, settlement.took.count(), outcome_of(settlement.kind), settlement.code,
      sent);
  if (settlement.may_come_back && settlement.kind == Settlement::Kind::delivered) {
    const std::vector<std::int64_t> seqs(before.seqs.begin(), before.seqs.begin() + static_cast<std::ptrdiff_t>(sent));
    note_sent(before.id, settlement.subscription, settlement.endpoint ? settlement.endpoint : subscription.endpoint, seqs);
  }
  const bool elsewhere = settlement.endpoint != 0 && settlement.endpoint != subscription.endpoint;
  if (!elsewhere && settlement.endpoint_state && *settlement.endpoint_state != subscription.sink_state) {
    db_.execute("UPDATE endpoint SET sink_state = ? WHERE id = ?", Blob{*settlement.endpoint_state},
                subscription.endpoint);
  }
  if (!elsewhere && settlement.standing) stand(subscription.endpoint, subscription.standings, settlement);
  if (dead > 0) alert_of_dead(settlement.subscription, before.seqs.front(), dead, settlement.code, reason);
  return claim(settlement.subscription, portion);
}

}  // namespace beckon::core
