// The requests of the outbox as plain functions over one database; what they promise stands in outbox.hpp. They run
// inside a transaction of the caller's, on the store's thread. A BrokenContract undoes the request alone, a SqliteError
// may undo the transaction.
#pragma once

#include "outbox/outbox.hpp"
#include "outbox/sqlite.hpp"

#include <stdexcept>
#include <unordered_map>

namespace beckon::core {

// endpoint.state; the numbers are stored.
enum class EndpointState : std::uint8_t { ok = 1, suspect = 2, misconfigured = 3, gone = 4 };

// A request that its caller must not make, such as settling what is not frozen: a bug, which no waiting heals. Thrown
// where the request is awaited.
struct BrokenContract : std::logic_error {
  using std::logic_error::logic_error;
};

class Store {
 public:
  explicit Store(Database database);

  // store_feeds.cpp
  std::optional<Feed> find_feed(const std::string& origin, const std::string& credential,
                                const std::string& name);
  Feed open_feed(const std::string& credential, const std::string& name, const Repository& repository, ForgeTime since,
                 const RepositoryMark& mark);
  std::optional<Hold> held(const std::string& origin, const std::string& credential);
  void hold(const std::string& origin, const std::string& credential, const Hold& hold);
  Feed feed(std::int64_t feed);
  void keep_feeds(const std::vector<FeedName>& watched);
  void save_cursor(std::int64_t feed, const Cursor& cursor);
  std::vector<DueReview> due_reviews(std::int64_t feed, std::size_t limit);
  // store_pages.cpp
  PageCommitted commit_page(const PageCommit& page);
  // store_subscriptions.cpp
  std::vector<Enrolled> enroll(std::int64_t feed, const std::vector<Wanted>& wanted,
                               std::optional<ForgeTime> now);
  std::vector<std::int64_t> bury_endpoint(std::int64_t endpoint, const std::string& code,
                                          const std::string& reason);
  // store_deliveries.cpp
  Claim claim(std::int64_t subscription, std::size_t max_batch);
  void freeze(const Freeze& freeze);
  Claim settle(const Settlement& settlement, std::size_t max_batch);
  // store_upkeep.cpp
  Counts counts();
  void retain(WallTime now);

  Database& database() { return db_; }

 private:
  friend class Enrolment;

  // Something beyond `position` that appeared at or after `since`; filters are not asked.
  bool is_owed(std::int64_t feed, std::string_view login, std::int64_t position, std::int64_t since);

  Database db_;
  std::string fingerprint_key_;
  // Filters are configuration: they live as long as the daemon and are brought again by each enrolment.
  std::unordered_map<std::int64_t, std::shared_ptr<const Filter>> filters_;
};

// ASCII only, as logins and repository names are.
std::string lower_case(std::string_view text);

}  // namespace beckon::core
