// What stands in a state file, read from beside a running daemon or without one. Nothing is written.
#pragma once

#include "base/result.hpp"
#include "base/time.hpp"
#include "model/post.hpp"
#include "outbox/operations.hpp"

#include <cstddef>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace beckon::core {

struct SubscriptionStatus {
  std::int64_t id = 0;
  bool is_viewer = false;                   // a tab's: it has no row, and ends with its tab
  std::string name;
  std::string repository;
  std::string login;
  std::string sink;
  SubscriptionState state{};
  std::string reason;                       // of gone, of what it waits for, or of the last failure, while it lasts
  std::size_t owed = 0;                     // counted up to 1000, dead letters that were asked for again included; what a
                                            // filter will leave out is still among them
  std::size_t dead = 0;
  std::optional<WallTime> last_delivery;
  std::optional<WallTime> next_attempt;     // of what is owed and has failed
  std::int64_t feed = 0;
  std::optional<WallTime> gone_since;       // of gone, while the history remembers
};

struct SourceStatus {
  SourceKind source{};
  ForgeTime read_to{};                      // the forge's clock
  std::string error;                        // empty: it works
};

struct FeedStatus {
  std::int64_t id = 0;
  std::string repository;
  std::string credential;                   // the forge's name in the configuration
  std::string refused;                      // why it cannot be read at all; empty: it can
  std::vector<SourceStatus> sources;
};

// A configured sink, over all its endpoints.
struct SinkStatus {
  std::string name;
  std::size_t subscriptions = 0;
  std::size_t owed = 0;
  std::size_t dead = 0;
  std::optional<WallTime> last_delivery;
  enum class State : std::uint8_t { ok, suspect, misconfigured, gone } state{};   // the worst; gone: all of them are
  std::string reason;
};

struct OutboxStatus {
  std::vector<SubscriptionStatus> subscriptions;   // those of the configuration, by name
  std::vector<FeedStatus> feeds;                   // those that are watched, by repository
  std::vector<SinkStatus> sinks;                   // those that somebody uses, by name
};

// Of the configuration's subscriptions, without the operator's own.
struct Tally {
  std::map<std::string, std::size_t> owed;                  // by sink, up to 1000 of each subscription
  std::map<SubscriptionState, std::size_t> subscriptions;   // by state; of those alone that are there
};

// Fails with a sentence when there is no state file, or when it is not one of this program's.
Result<OutboxStatus> read_status(const std::filesystem::path& file);
Result<DeadLetters> read_dead_letters(const std::filesystem::path& file, const Listing& listing);
Result<History> read_history(const std::filesystem::path& file, const Listing& listing);
Result<std::vector<std::string>> read_subscription_names(const std::filesystem::path& file);
// The sentence for a file that is not there yet, or why it cannot be read.
Result<void> has_state(const std::filesystem::path& file);

}  // namespace beckon::core
