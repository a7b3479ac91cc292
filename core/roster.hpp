// Who watches what: a plan's subscriptions by repository, and from a name in a post to those who watch for it. Pure.
#pragma once

#include "plan.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace beckon::core {

// A repository that is watched with one credential: one feed serves all its subscriptions.
struct Watched {
  const PlannedRepository* repository = nullptr;
  Milliseconds interval = Milliseconds::max();  // the shortest that is asked for
  Milliseconds backfill{0};                     // the longest
  std::vector<std::uint32_t> subscriptions;     // indices into the plan's
  std::size_t place = 0;                        // among the `sharing` repositories of its credential
  std::size_t sharing = 1;
  std::int64_t feed = 0;                        // the outbox's row, once it is known
};

class Roster {
 public:
  explicit Roster(const Plan& plan);

  const std::vector<Watched>& watched() const { return watched_; }
  // The outbox knows this repository as `feed`. Two configured names may lead to one feed (a rename): returns the
  // subscriptions of all of them, which are enrolled together.
  std::vector<std::uint32_t> opened(std::size_t watched, std::int64_t feed);
  // Of several names for one feed, the first that was opened reads it.
  std::size_t reader(std::int64_t feed) const { return readers_.at(feed); }
  // All subscriptions of `feed`, as far as it has been opened.
  std::vector<std::uint32_t> members(std::int64_t feed) const;
  // Subscriptions of `feed` that hear of `names` (lower case) from now on.
  void watch(std::int64_t feed, const std::vector<std::uint32_t>& subscriptions);
  // Those who watch for one of the names, and those who watch for everybody. Each once.
  std::vector<std::uint32_t> watchers(std::int64_t feed, const std::vector<std::string>& names) const;

 private:
  static std::uint64_t key(std::int64_t feed, std::string_view login);

  const Plan* plan_;   // outlives the roster
  std::vector<Watched> watched_;
  std::map<std::int64_t, std::size_t> readers_;
  // Sorted by a hash of feed and login: 16 bytes a subscription. A clash wakes a syncer that then finds nothing owed.
  std::vector<std::pair<std::uint64_t, std::uint32_t>> watchers_;
};

}  // namespace beckon::core
