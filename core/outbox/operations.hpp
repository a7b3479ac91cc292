// What an operator sees of the outbox and changes in it: pauses, tombstones, dead letters, the history. Plain values.
#pragma once

#include "base/time.hpp"
#include "model/outcome.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace beckon::core {

// The numbers are stored. One whose endpoint is gone is gone, whatever else it is; a pause outlives that.
enum class SubscriptionState : std::uint8_t { active = 1, gone = 2, paused = 3 };

// One that may be told again: its syncer has to be there, and to run at once if something is owed.
struct Awake {
  std::int64_t id = 0;
  bool owed = false;
};

// What came of a change to one subscription.
struct SubscriptionChange {
  std::int64_t id = 0;                 // 0: nobody has that name, and nothing was changed
  SubscriptionState state{};           // as it is now
  std::string reason;                  // of gone
  bool changed = false;                // false: it was so already, or cannot be so while it is gone
  std::vector<Awake> awake;            // itself, and whoever came back with it
};

struct DeadLetter {
  std::string subscription;            // its name
  std::int64_t seq = 0;                // what it is called among those of its subscription
  WallTime at{};
  std::string code;
  std::string reason;
  std::uint32_t attempts = 0;
  bool again = false;                  // it has been asked for once more, and is owed
  std::string login;                   // who was mentioned
  std::string url;
  std::string author;
  std::string repository;
  std::string thread;                  // its title
};

struct DeadLetters {
  bool known = true;                   // false: nobody has that name
  bool more = false;                   // than `letters`
  std::vector<DeadLetter> letters;     // by subscription, in the order of the log
};

// Which ones are meant.
struct DeadChoice {
  std::optional<std::string> subscription;  // absent: everybody's
  std::vector<std::int64_t> seqs;           // empty: all; needs a subscription
};

struct DeadChange {
  bool known = true;                   // false: nobody has that name
  std::size_t changed = 0;
  std::size_t under_way = 0;           // not dropped: they are being told right now
  std::vector<std::int64_t> missing;   // of the chosen seqs
  std::vector<Awake> awake;            // asked for again
};

// What came of a delivery that came back.
struct LateChange {
  bool known = false;                  // false: no such delivery went through this sink in the last 30 days
  bool repeated = false;               // it had come back before; nothing has changed
  std::string subscription;            // its name; empty when it is no longer configured
  std::string reason;
  std::size_t dead = 0;                // mentions that went to the dead letters
  std::vector<std::int64_t> ended;     // subscriptions, by row
};

struct HistoryEntry {
  WallTime at{};
  std::string subscription;
  OutcomeKind outcome{};
  std::string code;
  std::size_t mentions = 0;
  Milliseconds took{};
};

struct History {
  bool known = true;                   // false: nobody has that name
  bool more = false;
  std::vector<HistoryEntry> entries;   // newest first; they are kept for 30 days
};

// At most `limit` rows of one subscription, or of all.
struct Listing {
  std::optional<std::string> subscription;
  std::size_t limit = 1000;
};

}  // namespace beckon::core
