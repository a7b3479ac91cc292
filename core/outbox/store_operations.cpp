// What an operator changes: pauses, tombstones, dead letters.
#include "outbox/batch.hpp"
#include "outbox/listing.hpp"
#include "outbox/store.hpp"

#include <algorithm>

namespace beckon::core {
namespace {

struct Chosen {
  std::int64_t id = 0;
  std::int64_t endpoint = 0;
  EndpointState endpoint_state{};
  SubscriptionState state{};
  std::string reason;

  bool gone() const { return endpoint_state == EndpointState::gone || state == SubscriptionState::gone; }
};

std::optional<Chosen> choose(Database& db, const std::string& name) {
  Query row = db.query("SELECT s.id, s.endpoint_id, e.state, s.state, CASE WHEN e.state = ? THEN e.reason ELSE s.reason END"
                       " FROM subscription s CROSS JOIN endpoint e ON e.id = s.endpoint_id WHERE s.name = ?",
                       EndpointState::gone, name);
  if (!row.step()) return std::nullopt;
  return Chosen{row.integer(0), row.integer(1), static_cast<EndpointState>(row.integer(2)),
                static_cast<SubscriptionState>(row.integer(3)), row.text(4)};
}

SubscriptionChange as_it_is(const Chosen& chosen) {
  SubscriptionChange change;
  change.id = chosen.id;
  change.state = chosen.gone() ? SubscriptionState::gone : chosen.state;
  if (chosen.gone()) change.reason = chosen.reason;
  return change;
}

// Dead letters lie behind the position, what the log owes before it.
struct Stored {
  std::int64_t subscription = 0;
  std::vector<std::int64_t> frozen;    // those of its letters that are on their way
  bool gone = false;
};

Stored read_stored(Database& db, std::int64_t id) {
  Stored stored;
  stored.subscription = id;
  Query row = db.query("SELECT s.position, s.batch, e.state, s.state FROM subscription s"
                       " CROSS JOIN endpoint e ON e.id = s.endpoint_id WHERE s.id = ?", id);
  if (!row.step()) return stored;
  const std::int64_t position = row.integer(0);
  stored.frozen = parse_seqs(row.bytes(1));
  std::erase_if(stored.frozen, [&](std::int64_t seq) { return seq > position; });
  stored.gone = static_cast<EndpointState>(row.integer(2)) == EndpointState::gone ||
                static_cast<SubscriptionState>(row.integer(3)) == SubscriptionState::gone;
  return stored;
}

// Chosen letters that are there, by subscription.
std::vector<std::pair<std::int64_t, std::vector<std::int64_t>>> find_letters(Database& db, const DeadChoice& choice,
                                                                             std::int64_t subscription, DeadChange& change) {
  std::vector<std::pair<std::int64_t, std::vector<std::int64_t>>> found;
  std::vector<std::int64_t> wanted = choice.seqs;
  std::sort(wanted.begin(), wanted.end());
  Query rows = db.query("SELECT subscription_id, seq FROM dead WHERE ?1 = 0 OR subscription_id = ?1"
                        " ORDER BY subscription_id, seq", subscription);
  while (rows.step()) {
    const std::int64_t seq = rows.integer(1);
    if (!wanted.empty() && !std::binary_search(wanted.begin(), wanted.end(), seq)) continue;
    if (found.empty() || found.back().first != rows.integer(0)) found.push_back({rows.integer(0), {}});
    found.back().second.push_back(seq);
  }
  for (const std::int64_t seq : wanted) {
    const bool there = !found.empty() && std::binary_search(found[0].second.begin(), found[0].second.end(), seq);
    if (!there) change.missing.push_back(seq);
  }
  return found;
}

// 0: everybody. nullopt: nobody has that name.
std::optional<std::int64_t> chosen_row(Database& db, const DeadChoice& choice) {
  if (!choice.subscription) {
    if (!choice.seqs.empty()) throw BrokenContract("dead letters are chosen by number within one subscription");
    return 0;
  }
  return find_subscription(db, *choice.subscription);
}

}  // namespace

SubscriptionChange Store::pause(const std::string& name) {
  const auto chosen = choose(db_, name);
  if (!chosen) return {};
  SubscriptionChange change = as_it_is(*chosen);
  if (change.state != SubscriptionState::active) return change;
  db_.execute("UPDATE subscription SET state = ? WHERE id = ?", SubscriptionState::paused, chosen->id);
  change.state = SubscriptionState::paused;
  change.changed = true;
  return change;
}

SubscriptionChange Store::resume(const std::string& name) {
  const auto chosen = choose(db_, name);
  if (!chosen) return {};
  SubscriptionChange change = as_it_is(*chosen);
  if (change.state != SubscriptionState::paused) return change;
  db_.execute("UPDATE subscription SET state = ? WHERE id = ?", SubscriptionState::active, chosen->id);
  change.state = SubscriptionState::active;
  change.changed = true;
  change.awake.push_back({chosen->id, is_owed(chosen->id)});
  return change;
}

// A bad endpoint takes its word back whole: all that it concerned are tried at once.
SubscriptionChange Store::revive(const std::string& name) {
  const auto chosen = choose(db_, name);
  if (!chosen) return {};
  SubscriptionChange change = as_it_is(*chosen);
  const bool endpoint_bad = chosen->endpoint_state != EndpointState::ok;
  const auto circuit = db_.execute("DELETE FROM circuit WHERE sink = (SELECT sink FROM endpoint WHERE id = ?)", chosen->endpoint);
  if (!endpoint_bad && circuit == 0 && !chosen->gone()) return change;
  if (endpoint_bad) {
    clear_endpoint(chosen->endpoint);
    db_.execute("UPDATE endpoint SET bounces = 0 WHERE id = ?", chosen->endpoint);
  }
  std::vector<std::int64_t> back;
  {
    Query rows = db_.query(
        "UPDATE subscription SET state = CASE state WHEN ?1 THEN ?1 ELSE ?2 END, reason = '', next_at = NULL, last_error = ''"
        " WHERE endpoint_id = ?4 AND (?3 OR id = ?5) RETURNING id, state, present",
        SubscriptionState::paused, SubscriptionState::active, endpoint_bad, chosen->endpoint, chosen->id);
    while (rows.step()) {
      const auto state = static_cast<SubscriptionState>(rows.integer(1));
      if (rows.integer(0) == chosen->id) change.state = state;
      if (state == SubscriptionState::active && rows.integer(2) != 0) back.push_back(rows.integer(0));
    }
  }
  if (circuit > 0) {
    Query rows = db_.query("SELECT s.id FROM subscription s CROSS JOIN endpoint e ON e.id = s.endpoint_id WHERE e.sink ="
                           " (SELECT sink FROM endpoint WHERE id = ?1) AND s.present = 1 AND s.state = ?2",
                           chosen->endpoint, SubscriptionState::active);
    while (rows.step()) back.push_back(rows.integer(0));
  }
  std::sort(back.begin(), back.end());
  back.erase(std::unique(back.begin(), back.end()), back.end());
  for (const std::int64_t id : back) change.awake.push_back({id, is_owed(id)});
  change.reason.clear();
  change.changed = true;
  return change;
}

DeadChange Store::retry_dead(const DeadChoice& choice) {
  DeadChange change;
  const auto row = chosen_row(db_, choice);
  change.known = row.has_value();
  if (!row) return change;
  for (const auto& [subscription, seqs] : find_letters(db_, choice, *row, change)) {
    for (const std::int64_t seq : seqs) {
      change.changed += static_cast<std::size_t>(
          db_.execute("UPDATE dead SET again = 1 WHERE subscription_id = ? AND seq = ? AND again = 0", subscription, seq));
    }
    const bool active = db_.integer("SELECT s.state = ? AND e.state <> ? FROM subscription s CROSS JOIN endpoint e"
                                    " ON e.id = s.endpoint_id WHERE s.id = ?", SubscriptionState::active, EndpointState::gone,
                                    subscription).value_or(0) != 0;
    if (active) change.awake.push_back({subscription, true});
  }
  return change;
}

DeadChange Store::drop_dead(const DeadChoice& choice) {
  DeadChange change;
  const auto row = chosen_row(db_, choice);
  change.known = row.has_value();
  if (!row) return change;
  for (const auto& [subscription, seqs] : find_letters(db_, choice, *row, change)) {
    Stored stored = read_stored(db_, subscription);
    if (stored.gone && !stored.frozen.empty()) {   // nothing of it is on its way any more
      db_.execute("UPDATE subscription SET batch = NULL, batch_id = '', attempts = 0, next_at = NULL WHERE id = ?", subscription);
      stored.frozen.clear();
    }
    for (const std::int64_t seq : seqs) {
      if (std::binary_search(stored.frozen.begin(), stored.frozen.end(), seq)) {
        ++change.under_way;
        continue;
      }
      db_.execute("DELETE FROM dead WHERE subscription_id = ? AND seq = ?", subscription, seq);
      ++change.changed;
    }
  }
  return change;
}

std::vector<std::int64_t> Store::asked_again(std::int64_t subscription, std::size_t limit) {
  std::vector<std::int64_t> seqs;
  Query rows = db_.query("SELECT seq FROM dead WHERE subscription_id = ? AND again = 1 ORDER BY seq LIMIT ?", subscription,
                         static_cast<std::int64_t>(limit));
  while (rows.step()) seqs.push_back(rows.integer(0));
  return seqs;
}

std::int64_t Store::count_asked_again(std::int64_t subscription) {
  return db_.integer("SELECT count(*) FROM dead WHERE subscription_id = ? AND again = 1", subscription).value_or(0);
}

bool Store::are_asked_again(std::int64_t subscription, const std::vector<std::int64_t>& seqs) {
  return std::all_of(seqs.begin(), seqs.end(), [&](std::int64_t seq) {
    return db_.integer("SELECT 1 FROM dead WHERE subscription_id = ? AND seq = ? AND again = 1", subscription, seq).has_value();
  });
}

bool Store::is_owed(std::int64_t subscription) {
  std::int64_t feed = 0, position = 0, since = 0;
  std::string login;
  {
    Query row = db_.query("SELECT feed_id, login, position, since_f, batch IS NOT NULL FROM subscription WHERE id = ?", subscription);
    if (!row.step()) return false;
    if (row.integer(4) != 0) return true;
    feed = row.integer(0);
    login = row.text(1);
    position = row.integer(2);
    since = row.integer(3);
  }
  return count_asked_again(subscription) > 0 || is_owed(feed, login, position, since);
}

OutboxStatus Store::status() { return list_status(db_); }
Tally Store::tally() { return count_all(db_, alerts_feed_); }
DeadLetters Store::dead_letters(const Listing& listing) { return list_dead(db_, listing); }
History Store::history(const Listing& listing) { return list_history(db_, listing); }
std::vector<std::string> Store::subscription_names() { return list_names(db_); }

}  // namespace beckon::core
