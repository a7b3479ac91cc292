#include "outbox/status.hpp"

#include "outbox/inspect.hpp"
#include "outbox/listing.hpp"
#include "outbox/schema.hpp"
#include "outbox/sqlite.hpp"
#include "outbox/store.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace beckon::core {
namespace {

std::optional<WallTime> moment(const Query& row, int column) {
  if (row.null(column)) return std::nullopt;
  return from_unix_ms(row.integer(column));
}

// What a sink's endpoints add up to.
struct Endpoints {
  std::map<std::string, SinkStatus> sinks;
  std::map<std::string, std::size_t> gone;

  void add(const SubscriptionStatus& one, EndpointState state, std::string reason) {
    SinkStatus& sink = sinks[one.sink];
    sink.name = one.sink;
    ++sink.subscriptions;
    sink.owed += one.owed;
    sink.dead += one.dead;
    sink.last_delivery = std::max(sink.last_delivery, one.last_delivery);
    if (state == EndpointState::gone) ++gone[one.sink];
    const auto worse = state == EndpointState::misconfigured ? SinkStatus::State::misconfigured
                       : state == EndpointState::suspect     ? SinkStatus::State::suspect
                                                             : SinkStatus::State::ok;
    if (worse <= sink.state) return;
    sink.state = worse;
    sink.reason = std::move(reason);
  }

  std::vector<SinkStatus> list() {
    std::vector<SinkStatus> all;
    for (auto& [name, sink] : sinks) {
      if (gone[name] == sink.subscriptions) sink.state = SinkStatus::State::gone;
      all.push_back(std::move(sink));
    }
    return all;
  }
};

// Who ended without its endpoint has the time of it in the history alone, which is read once for all of them.
void date_ends(Database& database, const std::map<std::int64_t, std::size_t>& ended, std::vector<SubscriptionStatus>& all) {
  Query rows = database.query("SELECT subscription_id, max(at) FROM history WHERE outcome = ? GROUP BY subscription_id", OutcomeKind::gone);
  while (rows.step())
    if (const auto one = ended.find(rows.integer(0)); one != ended.end()) all[one->second].gone_since = moment(rows, 1);
}

std::vector<SubscriptionStatus> subscriptions(Database& database, Endpoints& endpoints) {
  std::vector<SubscriptionStatus> all;
  std::map<std::int64_t, std::size_t> ended_alone;
  Query rows = database.query(
      "SELECT s.name, r.full_name, s.login, e.sink, e.state, e.reason, s.last_error, s.last_delivery, s.next_at, s.attempts,"
      " (SELECT count(*) FROM dead d WHERE d.subscription_id = s.id),"
      " CASE s.login WHEN '*'"
      "  THEN (SELECT count(*) FROM (SELECT 1 FROM mention m WHERE m.feed_id = s.feed_id AND m.seq > s.position"
      "   AND m.appeared_f >= s.since_f LIMIT 1000))"
      "  ELSE (SELECT count(*) FROM (SELECT 1 FROM mention m WHERE m.feed_id = s.feed_id AND m.login = s.login"
      "   AND m.seq > s.position AND m.appeared_f >= s.since_f LIMIT 1000))"
      "  + (SELECT count(*) FROM (SELECT 1 FROM mention m WHERE m.feed_id = s.feed_id AND m.login = '*'"
      "   AND m.seq > s.position AND m.found_at >= s.created_at LIMIT 1000)) END,"
      " (SELECT count(*) FROM dead d WHERE d.subscription_id = s.id AND d.again = 1), s.id, s.state, s.reason,"
      " coalesce(c.state, e.state), coalesce(c.reason, e.reason), coalesce(c.ask_at, e.ask_at), s.feed_id, e.since"
      " FROM subscription s JOIN endpoint e ON e.id = s.endpoint_id LEFT JOIN circuit c ON c.sink = e.sink"
      " JOIN feed f ON f.id = s.feed_id JOIN repo r ON r.id = f.repo_id WHERE s.present = 1 ORDER BY s.name");
  while (rows.step()) {
    SubscriptionStatus& one = all.emplace_back();
    one.name = rows.text(0);
    one.repository = rows.text(1);
    one.login = rows.text(2);
    one.sink = rows.text(3);
    one.id = rows.integer(13);
    one.state = static_cast<SubscriptionState>(rows.integer(14));
    const auto endpoint = static_cast<EndpointState>(rows.integer(4));
    if (endpoint == EndpointState::gone) one.state = SubscriptionState::gone;
    const bool gone = one.state == SubscriptionState::gone;
    const bool failing = rows.integer(9) > 0;
    const bool held = !gone && static_cast<EndpointState>(rows.integer(16)) != EndpointState::ok;
    if (gone) one.reason = rows.text(endpoint == EndpointState::gone ? 5 : 15);
    else if (held) one.reason = rows.text(17);
    else if (failing) one.reason = rows.text(6);
    one.feed = rows.integer(19);
    if (endpoint == EndpointState::gone) one.gone_since = moment(rows, 20);
    else if (gone) ended_alone.emplace(one.id, all.size() - 1);
    one.last_delivery = moment(rows, 7);
    if (held) one.next_attempt = moment(rows, 18);
    else if (failing && !gone) one.next_attempt = moment(rows, 8);
    one.dead = static_cast<std::size_t>(rows.integer(10));
    one.owed = static_cast<std::size_t>(std::min<std::int64_t>(1000, rows.integer(11) + rows.integer(12)));
    if (held && one.owed == 0) one.next_attempt.reset();   // nobody asks without something to send
    endpoints.add(one, endpoint == EndpointState::gone ? endpoint : static_cast<EndpointState>(rows.integer(16)), rows.text(17));
  }
  if (!ended_alone.empty()) date_ends(database, ended_alone, all);
  return all;
}

// Who watches without a subscription is noted each hour.
constexpr Milliseconds is_visited_for = 65min;

std::vector<FeedStatus> feeds(Database& database) {
  std::vector<FeedStatus> all;
  std::int64_t last = 0;
  Query rows = database.query(
      "SELECT f.id, r.full_name, f.credential, o.kind, o.watermark_f, o.error, f.reason FROM feed f JOIN repo r ON r.id = f.repo_id"
      " JOIN source o ON o.feed_id = f.id AND o.walk = 0"
      " WHERE f.credential <> ''"   // the alerts have no forge
      " AND (EXISTS(SELECT 1 FROM subscription s WHERE s.feed_id = f.id AND s.present = 1) OR f.visited_at >= ?)"
      " ORDER BY r.full_name, f.id, o.kind", unix_ms(wall_now() - is_visited_for));
  while (rows.step()) {
    if (all.empty() || rows.integer(0) != last) all.push_back({rows.integer(0), rows.text(1), rows.text(2), rows.text(6), {}});
    last = rows.integer(0);
    all.back().sources.push_back({static_cast<SourceKind>(rows.integer(3)), from_unix_s(rows.integer(4)), rows.text(5)});
  }
  return all;
}

// Beside whoever has the file.
template <class Read>
auto read_file(const std::filesystem::path& file, Read read) -> Result<std::invoke_result_t<Read&, Database&>> {
  if (auto there = has_state(file); !there) return there.error();
  try {
    Database database(file.string());
    database.script("PRAGMA query_only = 1; PRAGMA busy_timeout = 5000");
    return read(database);
  } catch (const SqliteError& error) {
    return sentence_of(error, file);
  }
}

}  // namespace

Result<void> has_state(const std::filesystem::path& file) {
  if (auto fit = inspect_outbox(file); !fit) return fit.error();
  std::error_code ignored;
  if (!std::filesystem::exists(file, ignored) || std::filesystem::file_size(file, ignored) == 0)
    return fail(fmt::format("there is no state yet in {}: start `beckon run` first", file.string()));
  return {};
}

OutboxStatus list_status(Database& database) {
  OutboxStatus status;
  Endpoints endpoints;
  status.subscriptions = subscriptions(database, endpoints);
  status.feeds = feeds(database);
  status.sinks = endpoints.list();
  return status;
}

Tally count_all(Database& database, std::int64_t alerts_feed) {
  Tally tally;
  Query rows = database.query(
      "SELECT sink, state, count(*), sum(CASE state WHEN ?1 THEN min(1000, owed) ELSE 0 END) FROM"
      " (SELECT e.sink AS sink, CASE e.state WHEN ?2 THEN ?3 ELSE s.state END AS state,"
      "  CASE WHEN s.state <> ?1 OR e.state = ?2 THEN 0 WHEN s.login = '*'"
      "   THEN (SELECT count(*) FROM (SELECT 1 FROM mention m WHERE m.feed_id = s.feed_id AND m.seq > s.position"
      "    AND m.appeared_f >= s.since_f LIMIT 1000))"
      "   ELSE (SELECT count(*) FROM (SELECT 1 FROM mention m WHERE m.feed_id = s.feed_id AND m.login = s.login"
      "    AND m.seq > s.position AND m.appeared_f >= s.since_f LIMIT 1000))"
      "   + (SELECT count(*) FROM (SELECT 1 FROM mention m WHERE m.feed_id = s.feed_id AND m.login = '*'"
      "    AND m.seq > s.position AND m.found_at >= s.created_at LIMIT 1000)) END"
      "  + (SELECT count(*) FROM dead d WHERE d.subscription_id = s.id AND d.again = 1) AS owed"
      "  FROM subscription s CROSS JOIN endpoint e ON e.id = s.endpoint_id WHERE s.present = 1 AND s.feed_id <> ?4)"
      " GROUP BY sink, state",
      SubscriptionState::active, EndpointState::gone, SubscriptionState::gone, alerts_feed);
  while (rows.step()) {
    tally.subscriptions[static_cast<SubscriptionState>(rows.integer(1))] += static_cast<std::size_t>(rows.integer(2));
    tally.owed[rows.text(0)] += static_cast<std::size_t>(rows.integer(3));
  }
  return tally;
}

Result<OutboxStatus> read_status(const std::filesystem::path& file) { return read_file(file, list_status); }
Result<DeadLetters> read_dead_letters(const std::filesystem::path& file, const Listing& listing) {
  return read_file(file, [&](Database& database) { return list_dead(database, listing); });
}
Result<History> read_history(const std::filesystem::path& file, const Listing& listing) {
  return read_file(file, [&](Database& database) { return list_history(database, listing); });
}
Result<std::vector<std::string>> read_subscription_names(const std::filesystem::path& file) {
  return read_file(file, list_names);
}

}  // namespace beckon::core
