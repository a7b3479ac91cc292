// The requests of the outbox as plain functions over one database; what they promise stands in outbox.hpp. They run
// inside a transaction of the caller's, on the store's thread. A BrokenContract undoes the request alone, a SqliteError
// may undo the transaction.
#pragma once

#include "outbox/outbox.hpp"
#include "outbox/sqlite.hpp"

#include <stdexcept>
#include <unordered_map>

namespace beckon::core {

// A request that its caller must not make, such as settling what is not frozen: a bug, which no waiting heals. Thrown
// where the request is awaited.
struct BrokenContract : std::logic_error {
  using std::logic_error::logic_error;
};

struct SubscriptionRow;
struct Standings;

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
  // store_standing.cpp
  void end_subscription(std::int64_t subscription, const std::string& code, const std::string& reason);
  void ask_again();
  // store_notices.cpp
  bool note_refused(std::int64_t feed, const std::string& reason);
  bool note_readable(std::int64_t feed);
  Enrolled open_alerts(const Wanted& wanted);
  bool alert(const std::string& key, const std::string& text);
  // store_claims.cpp
  Claim claim(std::int64_t subscription, Portion portion);
  // store_deliveries.cpp
  void freeze(const Freeze& freeze);
  void note_fault(std::int64_t subscription);
  Claim settle(const Settlement& settlement, Portion portion);
  // store_log.cpp
  LogSlice read_log(std::int64_t feed, const std::string& login, std::optional<std::int64_t> after, std::size_t limit);
  void note_visit(std::int64_t feed, WallTime now);
  void reach_back(std::int64_t feed, std::chrono::seconds history);
  // store_feedback.cpp
  LateChange take_late(const std::string& sink, const LateOutcome& late);
  // store_operations.cpp
  SubscriptionChange pause(const std::string& name);
  SubscriptionChange resume(const std::string& name);
  SubscriptionChange revive(const std::string& name);
  DeadChange retry_dead(const DeadChoice& choice);
  DeadChange drop_dead(const DeadChoice& choice);
  DeadLetters dead_letters(const Listing& listing);
  History history(const Listing& listing);
  OutboxStatus status();
  std::vector<std::string> subscription_names();
  // store_upkeep.cpp
  Counts counts();
  Tally tally();
  void retain(WallTime now);

  Database& database() { return db_; }

 private:
  friend class Enrolment;

  void add_walks(std::int64_t feed, std::int64_t since);   // store_feeds.cpp
  void forget_unvisited(WallTime now);   // store_log.cpp
  Claim claim_owed(std::int64_t id, SubscriptionRow& subscription, Portion portion);
  // store_feedback.cpp
  void note_sent(const std::string& batch_id, std::int64_t subscription, std::int64_t endpoint,
                 const std::vector<std::int64_t>& seqs);
  // store_standing.cpp
  void lend_the_word(std::int64_t subscription, std::int64_t endpoint, const Standings& standings, WallTime now);
  bool has_the_word(std::int64_t subscription, std::int64_t endpoint, const Standings& standings) const;
  void stand(std::int64_t endpoint, const Standings& before, const Settlement& settlement);
  void close_circuit(const std::string& sink);
  void clear_endpoint(std::int64_t endpoint);
  void note_end(std::int64_t subscription, const std::string& code);   // for the history
  // store_notices.cpp
  std::int64_t alerts_feed();
  bool is_alerts(std::int64_t subscription);
  Claim look_at(std::int64_t seq);
  void log_notice(std::int64_t feed, const std::string& text);
  void alert_of_dead(std::int64_t subscription, std::int64_t seq, std::size_t count, const std::string& code,
                     const std::string& reason);
  void alert_of_gone(std::int64_t endpoint, const std::vector<std::int64_t>& ended, const std::string& reason);
  void alert_of_misconfigured(std::int64_t endpoint, bool whole_sink, const std::string& reason);

  // Since when somebody has watched it without a break, in unix ms; nobody: for ever from now.
  std::int64_t watched_since(std::int64_t feed);

  // Something beyond `position` that appeared at or after `since`; filters are not asked.
  bool is_owed(std::int64_t feed, std::string_view login, std::int64_t position, std::int64_t since);
  // The same, of its batch, or of its dead letters.
  bool is_owed(std::int64_t subscription);
  // Dead letters that are owed once more, in the order of the log.
  std::vector<std::int64_t> asked_again(std::int64_t subscription, std::size_t limit);
  std::int64_t count_asked_again(std::int64_t subscription);
  bool are_asked_again(std::int64_t subscription, const std::vector<std::int64_t>& seqs);

  Database db_;
  std::string fingerprint_key_;
  // Which subscription asks for all of an endpoint, or of a sink. It may claim again before it does.
  std::unordered_map<std::int64_t, std::int64_t> word_of_endpoint_;
  std::unordered_map<std::string, std::int64_t> word_of_sink_;
  std::unordered_map<std::int64_t, std::int64_t> watched_since_;   // by feed; asked again after every enrolment
  std::int64_t alerts_feed_ = 0;       // 0: alerts are not asked for
  // Filters are configuration: they live as long as the daemon and are brought again by each enrolment.
  std::unordered_map<std::int64_t, std::shared_ptr<const Filter>> filters_;
};

// ASCII only, as logins and repository names are.
std::string lower_case(std::string_view text);

}  // namespace beckon::core
