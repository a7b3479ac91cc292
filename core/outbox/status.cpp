#include "outbox/status.hpp"

#include "outbox/inspect.hpp"
#include "outbox/schema.hpp"
#include "outbox/sqlite.hpp"
#include "outbox/store.hpp"

#include <fmt/format.h>

namespace beckon::core {
namespace {

std::optional<WallTime> moment(const Query& row, int column) {
  if (row.null(column)) return std::nullopt;
  return from_unix_ms(row.integer(column));
}

std::vector<SubscriptionStatus> subscriptions(Database& database) {
  std::vector<SubscriptionStatus> all;
  Query rows = database.query(
      "SELECT s.name, r.full_name, s.login, e.sink, e.state, e.reason, s.last_error, s.last_delivery, s.next_at, s.attempts,"
      " (SELECT count(*) FROM dead d WHERE d.subscription_id = s.id),"
      " CASE s.login WHEN '*'"
      "  THEN (SELECT count(*) FROM (SELECT 1 FROM mention m WHERE m.feed_id = s.feed_id AND m.seq > s.position"
      "   AND m.appeared_f >= s.since_f LIMIT 1000))"
      "  ELSE (SELECT count(*) FROM (SELECT 1 FROM mention m WHERE m.feed_id = s.feed_id AND m.login = s.login"
      "   AND m.seq > s.position AND m.appeared_f >= s.since_f LIMIT 1000)) END"
      " FROM subscription s JOIN endpoint e ON e.id = s.endpoint_id JOIN feed f ON f.id = s.feed_id"
      " JOIN repo r ON r.id = f.repo_id WHERE s.present = 1 ORDER BY s.name");
  while (rows.step()) {
    SubscriptionStatus& one = all.emplace_back();
    one.name = rows.text(0);
    one.repository = rows.text(1);
    one.login = rows.text(2);
    one.sink = rows.text(3);
    one.gone = rows.integer(4) == static_cast<std::int64_t>(EndpointState::gone);
    const bool failing = rows.integer(9) > 0;
    if (one.gone) one.reason = rows.text(5);
    else if (failing) one.reason = rows.text(6);
    one.last_delivery = moment(rows, 7);
    if (failing && !one.gone) one.next_attempt = moment(rows, 8);
    one.dead = static_cast<std::size_t>(rows.integer(10));
    one.owed = static_cast<std::size_t>(rows.integer(11));
  }
  return all;
}

std::vector<FeedStatus> feeds(Database& database) {
  std::vector<FeedStatus> all;
  std::int64_t last = 0;
  Query rows = database.query(
      "SELECT f.id, r.full_name, f.credential, o.kind, o.watermark_f, o.error FROM feed f JOIN repo r ON r.id = f.repo_id"
      " JOIN source o ON o.feed_id = f.id AND o.walk = 0"
      " WHERE EXISTS(SELECT 1 FROM subscription s WHERE s.feed_id = f.id AND s.present = 1) ORDER BY r.full_name, f.id, o.kind");
  while (rows.step()) {
    if (all.empty() || rows.integer(0) != last) all.push_back({rows.text(1), rows.text(2), {}});
    last = rows.integer(0);
    all.back().sources.push_back({static_cast<SourceKind>(rows.integer(3)), from_unix_s(rows.integer(4)), rows.text(5)});
  }
  return all;
}

}  // namespace

Result<OutboxStatus> read_status(const std::filesystem::path& file) {
  if (auto fit = inspect_outbox(file); !fit) return fit.error();
  std::error_code ignored;
  if (!std::filesystem::exists(file, ignored) || std::filesystem::file_size(file, ignored) == 0)
    return fail(fmt::format("there is no state yet in {}: start `beckon run` first", file.string()));
  try {
    Database database(file.string());
    database.script("PRAGMA query_only = 1; PRAGMA busy_timeout = 5000");
    OutboxStatus status;
    status.subscriptions = subscriptions(database);
    status.feeds = feeds(database);
    return status;
  } catch (const SqliteError& error) {
    return sentence_of(error, file);
  }
}

}  // namespace beckon::core
