// What is read for an operator, over any open database: the daemon's own on the store's thread, or one opened beside it.
#pragma once

#include "outbox/operations.hpp"
#include "outbox/sqlite.hpp"
#include "outbox/status.hpp"

namespace beckon::core {

OutboxStatus list_status(Database& database);
Tally count_all(Database& database, std::int64_t alerts_feed);
DeadLetters list_dead(Database& database, const Listing& listing);
History list_history(Database& database, const Listing& listing);
// Of those in the configuration; for a "did you mean".
std::vector<std::string> list_names(Database& database);

// The row of that name.
std::optional<std::int64_t> find_subscription(Database& database, const std::string& name);

}  // namespace beckon::core
