// One subscription as it is stored, with how its endpoint and its sink stand. Private to this room.
#pragma once

#include "outbox/batch.hpp"
#include "outbox/sqlite.hpp"
#include "outbox/standing.hpp"

#include <optional>
#include <string>

namespace beckon::core {

struct SubscriptionRow {
  std::int64_t feed = 0;
  std::string login;
  std::int64_t position = 0;
  std::int64_t since = 0;
  Batch batch;
  std::optional<WallTime> next_at;
  bool gone = false;
  std::string gone_reason;
  bool paused = false;
  std::int64_t endpoint = 0;
  std::string sink_state;
  std::int64_t created = 0;
  std::optional<WallTime> last_delivery;
  Standings standings;
};

// Throws BrokenContract for one that is unknown.
SubscriptionRow read_subscription(Database& db, std::int64_t id);

// The position never moves back.
void save_batch(Database& db, std::int64_t subscription, std::int64_t position, const Batch& batch,
                std::optional<WallTime> next_at);

// Its frozen batch is one of dead letters that were asked for again: they lie behind the position.
bool is_of_dead_letters(const SubscriptionRow& subscription);

}  // namespace beckon::core
