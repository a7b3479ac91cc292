#include "outbox/store.hpp"

#include "base/digest.hpp"
#include "base/log.hpp"
#include "base/redaction.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <map>
#include <tuple>

namespace beckon::core {
namespace {

// A subscription that comes back within a day was only commented out.
constexpr Milliseconds absence_forgiven = 24h;

bool is_gone(std::int64_t state) { return static_cast<EndpointState>(state) == EndpointState::gone; }

}  // namespace

// One call of enroll: what the store knows of the feed is read once, so that 100,000 subscriptions cost only their
// changes.
class Enrolment {
 public:
  Enrolment(Store& store, std::int64_t feed, std::optional<ForgeTime> now)
      : store_(store), db_(store.db_), feed_(feed), now_(now), wall_now_(unix_ms(wall_now())) {}

  std::vector<Enrolled> enroll(const std::vector<Wanted>& wanted);

 private:
  using Stream = std::pair<std::string, std::int64_t>;  // login and endpoint
  struct Endpoint {
    std::int64_t id = 0;
    std::string sink;
    bool gone = false;
    std::string reason;
  };
  struct Known {
    std::int64_t id = 0;
    std::string name;
    std::string login;
    std::int64_t endpoint = 0;
    bool present = false;
    std::int64_t absent_since = 0;
    SubscriptionState state{};
    std::string reason;   // of one that ended alone
    std::int64_t since = 0;
    std::int64_t position = 0;
    bool frozen = false;
    bool again = false;   // dead letters of it were asked for
    bool wanted = false;  // by this call
  };

  void read_known();
  Endpoint& endpoint_of(const Wanted& wanted);
  std::vector<Known*> match(const std::vector<Wanted>& wanted, const std::vector<Stream>& streams);
  Enrolled resume(Known& known, const Wanted& wanted, const Endpoint& endpoint);
  Enrolled create(const Wanted& wanted, const Endpoint& endpoint);
  void start_anew(Known& known, const Wanted& wanted);
  void take_name(const std::string& name, std::int64_t id);
  static void tell_start(const Wanted& wanted, std::int64_t since);
  void mark_absent();
  std::int64_t first_position(const std::string& login, std::int64_t since);
  bool is_owed(const Known& known);
  std::int64_t start_of(const Wanted& wanted) const { return unix_s(*now_ - wanted.backfill); }

  Store& store_;
  Database& db_;
  const std::int64_t feed_;
  const std::optional<ForgeTime> now_;
  const std::int64_t wall_now_;

  std::vector<Known> known_;
  std::unordered_map<std::string, std::size_t> by_name_;
  std::map<Stream, std::size_t> by_stream_;
  std::unordered_map<std::string, Endpoint> endpoints_;  // by fingerprint
  std::map<std::tuple<std::string, std::int64_t, std::int64_t>, bool> owed_;
  std::map<std::pair<std::string, std::int64_t>, std::int64_t> first_positions_;
  std::optional<std::int64_t> earliest_;  // start of the new ones
};

void Enrolment::read_known() {
  Query row = db_.query(
      "SELECT s.id, s.name, s.login, s.endpoint_id, s.present, s.absent_since, s.state, s.since_f, s.position,"
      " s.batch IS NOT NULL, e.fingerprint, e.sink, e.state, e.reason, s.reason,"
      " EXISTS(SELECT 1 FROM dead d WHERE d.subscription_id = s.id AND d.again = 1)"
      " FROM subscription s CROSS JOIN endpoint e ON e.id = s.endpoint_id WHERE s.feed_id = ?", feed_);
  while (row.step()) {
    Known known;
    known.id = row.integer(0);
    known.name = row.text(1);
    known.login = row.text(2);
    known.endpoint = row.integer(3);
    known.present = row.integer(4) != 0;
    known.absent_since = row.integer(5);
    known.state = static_cast<SubscriptionState>(row.integer(6));
    known.since = row.integer(7);
    known.position = row.integer(8);
    known.frozen = row.integer(9) != 0;
    known.reason = row.text(14);
    known.again = row.integer(15) != 0;
    endpoints_.try_emplace(row.text(10),
                           Endpoint{known.endpoint, row.text(11), is_gone(row.integer(12)), row.text(13)});
    if (!known.name.empty()) by_name_.emplace(known.name, known_.size());
    by_stream_.emplace(std::pair(known.login, known.endpoint), known_.size());
    known_.push_back(std::move(known));
  }
}

Enrolment::Endpoint& Enrolment::endpoint_of(const Wanted& wanted) {
  std::string fingerprint = hmac_sha256(store_.fingerprint_key_, wanted.endpoint);
  auto [at, added] = endpoints_.try_emplace(std::move(fingerprint));
  Endpoint& endpoint = at->second;
  if (added) {
    Query row = db_.query("SELECT id, sink, state, reason FROM endpoint WHERE fingerprint = ?", Blob{at->first});
    if (row.step()) endpoint = {row.integer(0), row.text(1), is_gone(row.integer(2)), row.text(3)};
  }
  if (endpoint.id == 0) {
    db_.execute("INSERT INTO endpoint(fingerprint, sink) VALUES(?, ?)", Blob{at->first}, wanted.sink);
    endpoint.id = db_.last_id();
    endpoint.sink = wanted.sink;
  } else if (endpoint.sink != wanted.sink) {
    db_.execute("UPDATE endpoint SET sink = ? WHERE id = ?", wanted.sink, endpoint.id);
    endpoint.sink = wanted.sink;
  }
  return endpoint;
}

// The exact stream goes before the name, so that names may be swapped in one edit of the configuration. Whoever keeps
// its name and login but changes its target is still the same subscription; so is whoever changes both, if it is the only
// one of its login that comes, and the only one that would go.
std::vector<Enrolment::Known*> Enrolment::match(const std::vector<Wanted>& wanted, const std::vector<Stream>& streams) {
  std::vector<Known*> matches(wanted.size());
  const auto take = [&](std::size_t i, Known& known) {
    matches[i] = &known;
    known.wanted = true;
  };
  std::map<std::string_view, std::size_t> coming;
  for (std::size_t i = 0; i < wanted.size(); ++i)
    if (const auto at = by_stream_.find(streams[i]); at != by_stream_.end()) take(i, known_[at->second]);
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (matches[i]) continue;
    const auto at = by_name_.find(wanted[i].name);
    if (at != by_name_.end() && known_[at->second].login == wanted[i].login && !known_[at->second].wanted) take(i, known_[at->second]);
    else ++coming[wanted[i].login];
  }
  if (coming.empty()) return matches;
  std::map<std::string_view, std::vector<Known*>> going;
  for (Known& known : known_)
    if (known.present && !known.wanted && coming.contains(known.login)) going[known.login].push_back(&known);
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const auto leaves = going.find(wanted[i].login);
    if (!matches[i] && leaves != going.end() && leaves->second.size() == 1 && coming.at(wanted[i].login) == 1)
      take(i, *leaves->second.front());
  }
  return matches;
}

Enrolled Enrolment::resume(Known& known, const Wanted& wanted, const Endpoint& endpoint) {
  const bool expired = !known.present && wall_now_ - known.absent_since > absence_forgiven.count();
  if (expired && !now_) return {};
  known.wanted = true;
  if (known.name != wanted.name) take_name(wanted.name, known.id);
  if (known.endpoint != endpoint.id) {
    // What is frozen goes to the new target, unless an attempt that is under way to the old one still arrives.
    db_.execute("UPDATE subscription SET endpoint_id = ?, attempts = 0, faults = 0, next_at = NULL, last_error = ''"
                " WHERE id = ?", endpoint.id, known.id);
  }
  const bool ended_alone = known.state == SubscriptionState::gone && known.endpoint == endpoint.id && !endpoint.gone && !expired;
  const bool paused = known.state == SubscriptionState::paused && !expired;
  if (expired) start_anew(known, wanted);
  if (!known.present) db_.execute("UPDATE subscription SET present = 1, absent_since = NULL WHERE id = ?", known.id);
  tell_start(wanted, known.since);
  const bool gone = endpoint.gone || ended_alone;
  const std::string reason = endpoint.gone ? endpoint.reason : ended_alone ? known.reason : "";
  // A pause is kept beneath a tombstone, for the day when that is taken away.
  const auto kept = paused ? SubscriptionState::paused : gone ? SubscriptionState::gone : SubscriptionState::active;
  if (known.state != kept) db_.execute("UPDATE subscription SET state = ?, reason = ? WHERE id = ?", kept, reason, known.id);
  Enrolled enrolled;
  enrolled.id = known.id;
  enrolled.endpoint = endpoint.id;
  enrolled.state = gone ? SubscriptionState::gone : kept;
  if (gone) enrolled.reason = reason;
  else enrolled.owed = !paused && is_owed(known);
  return enrolled;
}

// The position stays: what was told before the absence is not told again, even where backfill reaches that far.
void Enrolment::start_anew(Known& known, const Wanted& wanted) {
  known.since = start_of(wanted);
  known.frozen = false;
  earliest_ = std::min(earliest_.value_or(known.since), known.since);
  db_.execute(
      "UPDATE subscription SET since_f = ?, created_at = ?, batch = NULL, attempts = 0, faults = 0, next_at = NULL,"
      " last_error = '' WHERE id = ?", known.since, wall_now_, known.id);
}

Enrolled Enrolment::create(const Wanted& wanted, const Endpoint& endpoint) {
  if (!now_) return {};
  Known known;
  known.login = wanted.login;
  known.endpoint = endpoint.id;
  known.since = start_of(wanted);
  known.wanted = true;
  earliest_ = std::min(earliest_.value_or(known.since), known.since);
  const auto state = endpoint.gone ? SubscriptionState::gone : SubscriptionState::active;
  known.position = first_position(wanted.login, known.since);
  db_.execute("INSERT INTO subscription(feed_id, login, endpoint_id, state, reason, since_f, position, created_at)"
              " VALUES(?, ?, ?, ?, ?, ?, ?, ?)", feed_, wanted.login, endpoint.id, state,
              endpoint.gone ? endpoint.reason : "", known.since, known.position, wall_now_);
  known.id = db_.last_id();
  take_name(wanted.name, known.id);
  tell_start(wanted, known.since);
  Enrolled enrolled;
  enrolled.id = known.id;
  enrolled.endpoint = endpoint.id;
  enrolled.state = state;
  enrolled.created = true;
  if (endpoint.gone) enrolled.reason = endpoint.reason;
  else enrolled.owed = is_owed(known);
  return enrolled;
}

void Enrolment::tell_start(const Wanted& wanted, std::int64_t since) {
  log::debug("outbox", "\"{}\" is told of {} from {} on", wanted.name, wanted.login, format_iso_time(from_unix_s(since)));
}

// Whoever bore the name, in this feed or another, stays as a stream without one until it is enrolled itself.
void Enrolment::take_name(const std::string& name, std::int64_t id) {
  db_.execute("UPDATE subscription SET name = NULL WHERE name = ?", name);
  db_.execute("UPDATE subscription SET name = ? WHERE id = ?", name, id);
}

void Enrolment::mark_absent() {
  for (const Known& known : known_) {
    if (!known.present || known.wanted) continue;
    db_.execute("UPDATE subscription SET present = 0, absent_since = ? WHERE id = ?", wall_now_, known.id);
  }
}

// Just before the first of the log that it is owed, so that nobody reads again and again through what is older than its
// start. What a walk finds later stands behind, whenever it appeared.
std::int64_t Enrolment::first_position(const std::string& login, std::int64_t since) {
  const auto [at, added] = first_positions_.try_emplace({login, since});
  if (!added) return at->second;
  const auto first =
      login == "*" ? db_.integer("SELECT min(seq) FROM mention WHERE feed_id = ? AND appeared_f >= ?", feed_, since)
                   : db_.integer("SELECT min(seq) FROM mention WHERE feed_id = ? AND login = ? AND appeared_f >= ?",
                                 feed_, login, since);
  at->second = first ? *first - 1 : db_.integer("SELECT max(seq) FROM mention").value_or(0);
  return at->second;
}

bool Enrolment::is_owed(const Known& known) {
  if (known.frozen || known.again) return true;
  // Many share a login and a start; the log is asked once for them.
  const auto [at, added] = owed_.try_emplace({known.login, known.position, known.since});
  if (added) at->second = store_.is_owed(feed_, known.login, known.position, known.since);
  return at->second;
}

std::vector<Enrolled> Enrolment::enroll(const std::vector<Wanted>& wanted) {
  read_known();
  std::vector<Enrolled> enrolled(wanted.size());
  std::vector<Stream> streams;
  streams.reserve(wanted.size());
  for (const Wanted& one : wanted) streams.emplace_back(one.login, endpoint_of(one).id);
  const std::vector<Known*> matches = match(wanted, streams);
  std::map<Stream, std::size_t> done;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (const auto twin = done.find(streams[i]); twin != done.end()) {
      enrolled[i] = enrolled[twin->second];
      enrolled[i].created = false;
      continue;
    }
    const Endpoint& endpoint = endpoint_of(wanted[i]);
    enrolled[i] = matches[i] ? resume(*matches[i], wanted[i], endpoint) : create(wanted[i], endpoint);
    if (enrolled[i].id == 0) continue;
    done.emplace(streams[i], i);
    store_.filters_[enrolled[i].id] = wanted[i].filter;
  }
  mark_absent();
  if (earliest_) store_.add_walks(feed_, *earliest_);
  return enrolled;
}

// ---- Store --------------------------------------------------------------------------------------------------------

Store::Store(Database database) : db_(std::move(database)) {
  // Filled while `retain` runs.
  db_.script("CREATE TEMP TABLE waiting(feed_id INTEGER, login TEXT, since_f INTEGER, position INTEGER,"
             " PRIMARY KEY(feed_id, login, since_f)) STRICT, WITHOUT ROWID");
  Query row = db_.query("SELECT value FROM meta WHERE key = 'hmac_key'");
  if (row.step()) fingerprint_key_ = row.text(0);
}

bool Store::is_owed(std::int64_t feed, std::string_view login, std::int64_t position, std::int64_t since) {
  if (login == "*") {
    return db_.integer("SELECT EXISTS(SELECT 1 FROM mention WHERE feed_id = ? AND seq > ? AND appeared_f >= ?)",
                       feed, position, since).value_or(0) != 0;
  }
  // Those under "*" are notices, for everybody.
  return db_.integer("SELECT EXISTS(SELECT 1 FROM mention WHERE feed_id = ?1 AND login = ?2 AND seq > ?3 AND appeared_f >= ?4)"
                     " OR EXISTS(SELECT 1 FROM mention WHERE feed_id = ?1 AND login = '*' AND seq > ?3)",
                     feed, login, position, since).value_or(0) != 0;
}

std::vector<Enrolled> Store::enroll(std::int64_t feed, const std::vector<Wanted>& wanted,
                                    std::optional<ForgeTime> now) {
  if (!db_.integer("SELECT 1 FROM feed WHERE id = ?", feed))
    throw BrokenContract(fmt::format("feed {} is unknown to the outbox", feed));
  watched_since_.erase(feed);
  return Enrolment(*this, feed, now).enroll(wanted);
}

std::vector<std::int64_t> Store::bury_endpoint(std::int64_t endpoint, const std::string& code,
                                               const std::string& reason) {
  const std::string told = redact(reason);
  const auto buried = db_.execute("UPDATE endpoint SET state = ?, code = ?, reason = ?, since = ? WHERE id = ?",
                                  EndpointState::gone, code, told, unix_ms(wall_now()), endpoint);
  if (buried == 0) throw BrokenContract(fmt::format("endpoint {} is unknown to the outbox", endpoint));
  std::vector<std::int64_t> ended;
  Query row =
      db_.query("UPDATE subscription SET state = CASE state WHEN ?4 THEN ?4 ELSE ?1 END, reason = ?2"
                " WHERE endpoint_id = ?3 AND state <> ?1 RETURNING id",
                SubscriptionState::gone, told, endpoint, SubscriptionState::paused);
  while (row.step()) ended.push_back(row.integer(0));
  std::sort(ended.begin(), ended.end());
  for (const std::int64_t one : ended) note_end(one, code);
  alert_of_gone(endpoint, ended, told);
  return ended;
}

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

}  // namespace beckon::core
