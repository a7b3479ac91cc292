// How endpoints and whole sinks stand: what is held, who asks again, and what an attempt has shown.
#include "outbox/standing.hpp"
#include "outbox/store.hpp"

#include "base/redaction.hpp"

#include <spdlog/fmt/fmt.h>

namespace beckon::core {
namespace {

constexpr Milliseconds word_is_lent_for = 5min;   // longer than any attempt takes

}  // namespace

// Whoever got the word asks for all; should it never come back, another one does.
void Store::lend_the_word(std::int64_t subscription, std::int64_t endpoint, const Standings& standings, WallTime now) {
  const std::int64_t until = unix_ms(now + word_is_lent_for);
  if (standings.circuit) {
    db_.execute("UPDATE circuit SET ask_at = ? WHERE sink = ?", until, standings.sink);
    word_of_sink_[standings.sink] = subscription;
  }
  if (standings.endpoint.state != EndpointState::ok) {
    db_.execute("UPDATE endpoint SET ask_at = ? WHERE id = ?", until, endpoint);
    word_of_endpoint_[endpoint] = subscription;
  }
}

bool Store::has_the_word(std::int64_t subscription, std::int64_t endpoint, const Standings& standings) const {
  const auto of_sink = word_of_sink_.find(standings.sink);
  const auto of_endpoint = word_of_endpoint_.find(endpoint);
  const bool sink = !standings.circuit || (of_sink != word_of_sink_.end() && of_sink->second == subscription);
  const bool alone = standings.endpoint.state == EndpointState::ok ||
                     (of_endpoint != word_of_endpoint_.end() && of_endpoint->second == subscription);
  return sink && alone;
}

void Store::close_circuit(const std::string& sink) { db_.execute("DELETE FROM circuit WHERE sink = ?", sink); }

void Store::clear_endpoint(std::int64_t endpoint) {
  db_.execute("UPDATE endpoint SET state = ?, code = '', reason = '', since = NULL, asked = 0, ask_at = NULL WHERE id = ?",
              EndpointState::ok, endpoint);
}

void Store::stand(std::int64_t endpoint, const Standings& before, const Settlement& settlement) {
  const Settlement::Standing& said = *settlement.standing;
  word_of_sink_.erase(before.sink);
  word_of_endpoint_.erase(endpoint);
  if (said.state == EndpointState::ok) {
    if (before.circuit) close_circuit(before.sink);
    if (before.endpoint.state != EndpointState::ok) clear_endpoint(endpoint);
    return;
  }
  const WallTime now = wall_now();
  const auto after = after_attempt(before, settlement, now);
  if (!after) return;
  const std::string reason = said.counts ? redact(settlement.reason) : doubt_of(before).whole_sink ? before.circuit->reason
                                                                                                  : before.endpoint.reason;
  if (said.whole_sink) {
    db_.execute("INSERT INTO circuit(sink, state, code, reason, since, asked, ask_at) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)"
                " ON CONFLICT DO UPDATE SET state = ?2, code = ?3, reason = ?4, since = ?5, asked = ?6, ask_at = ?7",
                before.sink, after->state, settlement.code, reason, unix_ms(after->since), after->asked, unix_ms(after->ask_at));
  } else {
    // The sink has spoken of this endpoint, so it works itself.
    if (before.circuit) close_circuit(before.sink);
    db_.execute("UPDATE endpoint SET state = ?, code = ?, reason = ?, since = ?, asked = ?, ask_at = ? WHERE id = ?",
                after->state, settlement.code, reason, unix_ms(after->since), after->asked, unix_ms(after->ask_at), endpoint);
  }
  const bool news = after->asked == 1 && said.counts && after->state == EndpointState::misconfigured;
  if (news) alert_of_misconfigured(endpoint, said.whole_sink, reason);
}

void Store::ask_again() {
  const std::int64_t now = unix_ms(wall_now());
  // The back-off begins anew: somebody is at work on it.
  db_.execute("UPDATE circuit SET ask_at = min(ask_at, ?), asked = min(asked, 1) WHERE state = ?", now, EndpointState::misconfigured);
  db_.execute("UPDATE endpoint SET ask_at = min(ask_at, ?), asked = min(asked, 1) WHERE state = ?", now, EndpointState::misconfigured);
  word_of_sink_.clear();
  word_of_endpoint_.clear();
}

void Store::end_subscription(std::int64_t subscription, const std::string& code, const std::string& reason) {
  const std::string told = redact(reason.empty() ? code : reason);
  const auto ended = db_.execute("UPDATE subscription SET state = ?, reason = ? WHERE id = ?", SubscriptionState::gone, told,
                                 subscription);
  if (ended == 0) throw BrokenContract(fmt::format("subscription {} is unknown to the outbox", subscription));
  note_end(subscription, code);
}

void Store::note_end(std::int64_t subscription, const std::string& code) {
  db_.execute("INSERT INTO history(subscription_id, batch_id, at, ms, outcome, code, count)"
              " SELECT id, batch_id, ?, 0, ?, ?, 0 FROM subscription WHERE id = ?",
              unix_ms(wall_now()), OutcomeKind::gone, code, subscription);
}

}  // namespace beckon::core
