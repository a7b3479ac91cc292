// What is told beside mentions: to subscribers that their repository cannot be read, to the operator what needs a look.
// Both are rows of the log, so they are delivered, repeated and dead-lettered like mentions.
#include "outbox/store.hpp"

#include "base/log.hpp"
#include "base/redaction.hpp"

#include <spdlog/fmt/fmt.h>

namespace beckon::core {
namespace {

constexpr std::int64_t refusals_that_count = 3;   // polls in a row: less is a hiccup of the forge's
constexpr Milliseconds outages_apart = 1h;
constexpr std::size_t most_named = 10;

// The alerts' feed has no forge; a credential and an origin that no forge can have.
constexpr const char* alerts_origin = "beckon:alerts";

std::string name_of(Database& db, std::int64_t subscription) {
  Query row = db.query("SELECT coalesce(name, '') FROM subscription WHERE id = ?", subscription);
  return row.step() ? row.text(0) : std::string();
}

std::string list_names(Database& db, const std::vector<std::int64_t>& subscriptions) {
  std::string names;
  for (std::size_t i = 0; i < subscriptions.size() && i < most_named; ++i)
    names += fmt::format("{}\"{}\"", i ? ", " : "", name_of(db, subscriptions[i]));
  if (subscriptions.size() > most_named) names += fmt::format(" and {} more", subscriptions.size() - most_named);
  return names;
}

}  // namespace

void Store::log_notice(std::int64_t feed, const std::string& text) {
  const WallTime now = wall_now();
  db_.execute("INSERT INTO mention(feed_id, login, appeared_f, found_at, edited, notice) VALUES(?, '*', ?, ?, 0, ?)", feed,
              unix_s(std::chrono::floor<std::chrono::seconds>(now)), unix_ms(now), redact(text));
}

bool Store::note_refused(std::int64_t feed, const std::string& reason) {
  const std::string told = redact(reason);
  const auto refusals = db_.integer("UPDATE feed SET refusals = refusals + 1, reason = ? WHERE id = ? RETURNING refusals", told, feed);
  if (!refusals) throw BrokenContract(fmt::format("feed {} is unknown to the outbox", feed));
  if (*refusals < refusals_that_count || db_.integer("SELECT outage_told FROM feed WHERE id = ?", feed)) return false;
  // One that comes and goes is told once in a while.
  const std::int64_t lately = unix_ms(wall_now() - outages_apart);
  if (db_.integer("SELECT 1 FROM mention WHERE feed_id = ? AND login = '*' AND notice IS NOT NULL AND found_at > ?", feed, lately))
    return false;
  db_.execute("UPDATE feed SET outage_told = ? WHERE id = ?", unix_ms(wall_now()), feed);
  const std::string repository = this->feed(feed).repository.full_name;
  log_notice(feed, fmt::format("I can no longer read {}: {}. You are told again when it works; nothing that is written "
                               "meanwhile is forgotten.", repository, told));
  return true;
}

bool Store::note_readable(std::int64_t feed) {
  const auto told = db_.integer("SELECT outage_told FROM feed WHERE id = ?", feed);
  db_.execute("UPDATE feed SET refusals = 0, reason = '', outage_told = NULL WHERE id = ?", feed);
  if (!told) return false;
  log_notice(feed, fmt::format("I can read {} again. You are told what was written meanwhile.", this->feed(feed).repository.full_name));
  return true;
}

Enrolled Store::open_alerts(const Wanted& wanted) {
  Repository nowhere;
  nowhere.origin = alerts_origin;
  nowhere.full_name = "beckon";
  const auto now = std::chrono::floor<std::chrono::seconds>(wall_now());
  alerts_feed_ = open_feed("", nowhere.full_name, nowhere, now, {}).id;
  return enroll(alerts_feed_, {wanted}, now).front();
}

// 0 while there is none: not asked for, or its transaction did not come to its end.
std::int64_t Store::alerts_feed() {
  if (alerts_feed_ != 0 && !db_.integer("SELECT 1 FROM feed WHERE id = ?", alerts_feed_)) alerts_feed_ = 0;
  return alerts_feed_;
}

bool Store::alert(const std::string& key, const std::string& text) {
  if (alerts_feed() == 0) return false;
  const auto fresh = db_.execute("INSERT OR IGNORE INTO meta(key, value) VALUES(?, x'')", "alerted:" + key);
  if (fresh == 0) return false;
  log_notice(alerts_feed_, text);
  return true;
}

// What has become of the alerts themselves can only be told by the log.
bool Store::is_alerts(std::int64_t subscription) {
  return alerts_feed() == 0 ||
         db_.integer("SELECT 1 FROM subscription WHERE id = ? AND feed_id = ?", subscription, alerts_feed_).has_value();
}

void Store::alert_of_dead(std::int64_t subscription, std::int64_t seq, std::size_t count, const std::string& code,
                          const std::string& reason) {
  if (is_alerts(subscription)) return;
  std::string what = fmt::format("{} of what it was owed", count);
  if (const Claim one = look_at(seq); !one.mentions.empty()) {
    const DeliveredMention& mention = one.mentions.front().mention;
    what = fmt::format("{}mention in {}#{}, {}", count > 1 ? fmt::format("{} mentions, the first is the ", count) : "the ",
                       mention.repository.full_name, mention.thread.number, mention.post.url);
  }
  log_notice(alerts_feed_, fmt::format("\"{0}\": a dead letter: {1}: {2} [{3}]. `beckon dead list`, then `beckon dead retry` or "
                                       "`drop`.", name_of(db_, subscription), what, reason.empty() ? code : reason, code));
}

void Store::alert_of_gone(std::int64_t endpoint, const std::vector<std::int64_t>& ended, const std::string& reason) {
  if (ended.empty() || alerts_feed() == 0) return;
  if (db_.integer("SELECT 1 FROM subscription WHERE endpoint_id = ? AND feed_id = ?", endpoint, alerts_feed_)) return;
  log_notice(alerts_feed_, fmt::format("A subscriber is gone: {}. Ended with it: {}. What they are owed is kept for 30 days; "
                                       "`beckon revive NAME` brings them back.", reason, list_names(db_, ended)));
}

void Store::alert_of_misconfigured(std::int64_t endpoint, bool whole_sink, const std::string& reason) {
  if (alerts_feed() == 0) return;
  std::string sink;
  std::vector<std::int64_t> held;
  {
    Query row = db_.query("SELECT sink FROM endpoint WHERE id = ?", endpoint);
    if (row.step()) sink = row.text(0);
  }
  // Alerts that go the same way could not say so.
  if (db_.integer("SELECT 1 FROM subscription s JOIN endpoint e ON e.id = s.endpoint_id WHERE s.feed_id = ?1"
                  " AND s.present = 1 AND (e.id = ?2 OR (?3 AND e.sink = ?4))", alerts_feed_, endpoint, whole_sink, sink))
    return;
  Query row = whole_sink
                  ? db_.query("SELECT s.id FROM endpoint e JOIN subscription s ON s.endpoint_id = e.id"
                              " WHERE e.sink = ? AND s.present = 1 LIMIT 1000", sink)
                  : db_.query("SELECT id FROM subscription WHERE endpoint_id = ? AND present = 1 LIMIT 1000", endpoint);
  while (row.step()) held.push_back(row.integer(0));
  log_notice(alerts_feed_, fmt::format("Sink {} cannot deliver: {}. Waiting, with all that they are owed: {}. It is asked again by "
                                       "itself.", sink, reason, list_names(db_, held)));
}

}  // namespace beckon::core
