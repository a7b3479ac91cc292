#include "outbox/listing.hpp"

#include "model/delivery.hpp"
#include "outbox/content.hpp"

namespace beckon::core {
namespace {

// nullopt: nobody has that name. 0: everybody.
std::optional<std::int64_t> row_of(Database& database, const Listing& listing) {
  if (!listing.subscription) return 0;
  return find_subscription(database, *listing.subscription);
}

// Past the limit only that there is more is of interest.
std::int64_t one_more(const Listing& listing) { return static_cast<std::int64_t>(listing.limit) + 1; }

// A subscription whose name another one took over is called by what it does.
#define SUBSCRIPTION_NAME "coalesce(s.name, r.full_name || ' ' || s.login || ' ' || e.sink)"

}  // namespace

std::optional<std::int64_t> find_subscription(Database& database, const std::string& name) {
  return database.integer("SELECT id FROM subscription WHERE name = ?", name);
}

std::vector<std::string> list_names(Database& database) {
  std::vector<std::string> names;
  Query rows = database.query("SELECT name FROM subscription WHERE present = 1 AND name IS NOT NULL ORDER BY name");
  while (rows.step()) names.push_back(rows.text(0));
  return names;
}

DeadLetters list_dead(Database& database, const Listing& listing) {
  DeadLetters found;
  const auto row = row_of(database, listing);
  found.known = row.has_value();
  if (!row) return found;
  Query rows = database.query(
      "SELECT " SUBSCRIPTION_NAME ", d.seq, d.at, d.code, d.reason, d.attempts, d.again, m.login, p.content, r.full_name,"
      " t.title FROM dead d CROSS JOIN subscription s ON s.id = d.subscription_id CROSS JOIN endpoint e ON e.id = s.endpoint_id"
      " CROSS JOIN feed f ON f.id = s.feed_id CROSS JOIN repo r ON r.id = f.repo_id LEFT JOIN mention m ON m.seq = d.seq"
      " LEFT JOIN post p ON p.id = m.post_id LEFT JOIN thread t ON t.feed_id = p.feed_id AND t.number = p.thread_no"
      " WHERE ?1 = 0 OR d.subscription_id = ?1 ORDER BY d.subscription_id, d.seq LIMIT ?2", *row, one_more(listing));
  while (rows.step()) {
    if (found.letters.size() == listing.limit) {
      found.more = true;
      break;
    }
    DeadLetter& letter = found.letters.emplace_back();
    letter.subscription = rows.text(0);
    letter.seq = rows.integer(1);
    letter.at = from_unix_ms(rows.integer(2));
    letter.code = rows.text(3);
    letter.reason = rows.text(4);
    letter.attempts = static_cast<std::uint32_t>(rows.integer(5));
    letter.again = rows.integer(6) != 0;
    letter.login = rows.text(7);
    if (!rows.null(8)) {
      DeliveredMention mention;
      unpack_content(rows.bytes(8), mention);
      letter.url = std::move(mention.post.url);
      letter.author = std::move(mention.post.author.login);
    }
    letter.repository = rows.text(9);
    letter.thread = rows.text(10);
  }
  return found;
}

History list_history(Database& database, const Listing& listing) {
  History found;
  const auto row = row_of(database, listing);
  found.known = row.has_value();
  if (!row) return found;
  Query rows = database.query(
      "SELECT h.at, " SUBSCRIPTION_NAME ", h.outcome, h.code, h.count, h.ms FROM history h"
      " CROSS JOIN subscription s ON s.id = h.subscription_id CROSS JOIN endpoint e ON e.id = s.endpoint_id"
      " CROSS JOIN feed f ON f.id = s.feed_id CROSS JOIN repo r ON r.id = f.repo_id"
      " WHERE ?1 = 0 OR h.subscription_id = ?1 ORDER BY h.id DESC LIMIT ?2", *row, one_more(listing));
  while (rows.step()) {
    if (found.entries.size() == listing.limit) {
      found.more = true;
      break;
    }
    found.entries.push_back({from_unix_ms(rows.integer(0)), rows.text(1), static_cast<OutcomeKind>(rows.integer(2)),
                             rows.text(3), static_cast<std::size_t>(rows.integer(4)), Milliseconds(rows.integer(5))});
  }
  return found;
}

}  // namespace beckon::core
