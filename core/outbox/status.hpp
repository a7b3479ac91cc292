// What stands in a state file, read from beside a running daemon or without one. Nothing is written.
#pragma once

#include "base/result.hpp"
#include "base/time.hpp"
#include "model/post.hpp"

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace beckon::core {

struct SubscriptionStatus {
  std::string name;
  std::string repository;
  std::string login;
  std::string sink;
  bool gone = false;
  std::string reason;                       // of gone; else of the last failure, while it lasts
  std::size_t owed = 0;                     // counted up to 1000; what a filter will leave out is still among them
  std::size_t dead = 0;
  std::optional<WallTime> last_delivery;
  std::optional<WallTime> next_attempt;     // of what is owed and has failed
};

struct SourceStatus {
  SourceKind source{};
  ForgeTime read_to{};                      // the forge's clock
  std::string error;                        // empty: it works
};

struct FeedStatus {
  std::string repository;
  std::string credential;                   // the forge's name in the configuration
  std::vector<SourceStatus> sources;
};

struct OutboxStatus {
  std::vector<SubscriptionStatus> subscriptions;   // those of the configuration, by name
  std::vector<FeedStatus> feeds;                   // those that are watched, by repository
};

// Fails with a sentence when there is no state file, or when it is not one of this program's.
Result<OutboxStatus> read_status(const std::filesystem::path& file);

}  // namespace beckon::core
