// The feeds at work: one poller for each watched repository, under one supervisor. Daemon's thread.
#pragma once

#include "control/operations.hpp"
#include "feed/feed.hpp"
#include "metrics/metrics.hpp"
#include "outbox/outbox.hpp"
#include "peers.hpp"
#include "roster.hpp"
#include "subscribers.hpp"
#include "supervisor/supervisor.hpp"
#include "viewed_feeds.hpp"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace beckon::core {

class Pollers {
 public:
  // Outbox, metrics and subscribers outlive it. Follows the subscribers' roster.
  Pollers(Executor executor, Outbox& outbox, Metrics& metrics, Subscribers& subscribers);
  ~Pollers();

  // Polls each feed until it is cancelled; or once, through all its pages, waiting no longer than `until`.
  void poll_once(WallTime until) { once_until_ = until; }
  // For the tree. Whoever starts them has all repositories of the roster polled, from what the outbox knows.
  std::unique_ptr<Supervisor> make_feeds();
  void supervised_by(Supervisor* feeds, const Peers& peers);
  const Supervisor* feeds() const { return feeds_; }   // nullptr: it is down

  // Of a repository of the plan: how it stands, for those who watch it from a tab. nullptr: it is not polled here.
  const ViewedFeed* view(const RepositoryKey& key) const;
  bool reads(std::int64_t feed) const;
  // Somebody is mentioned there; it stands otherwise than before. Unset: nobody else needs to hear of it.
  std::function<void(std::int64_t feed, const std::vector<std::string>& names)> on_found;
  std::function<void(const RepositoryKey&)> on_changed;

  // Of `poll_once`: how many have not ended, and how many could not be read to the end.
  std::size_t open() const { return open_; }
  std::size_t failed() const { return failed_; }

  // Of each feed, by its row: when it was polled and will be, and what is left to its credential.
  std::map<std::int64_t, LiveFeed> live() const;
  // What all watched repositories are called.
  std::vector<FeedName> names(const Peers& peers) const;

  // After the subscribers have taken another plan: what is no longer watched ends, what is new or watched otherwise is
  // polled anew, and what stays as it was goes on without noticing.
  task<void> follow(const Peers& peers);

 private:
  struct Station;
  struct Ear;
  using Key = RepositoryKey;

  std::shared_ptr<Station> build(std::size_t watched, const Peers& peers);
  void start(const Key& key, std::shared_ptr<Station> station);
  void restart(const Key& key, const Peers& peers);
  task<Farewell> run(std::shared_ptr<Station> station);
  task<bool> enroll_again(std::size_t watched, const Peers& peers, std::shared_ptr<Station> station);
  void watch_credential(const Forge& forge);
  void tell_set_aside(const ChildEnd& end);

  Executor executor_;
  Outbox& outbox_;
  Metrics& metrics_;
  Subscribers& subscribers_;
  Supervisor* feeds_ = nullptr;
  std::map<Key, ChildId> by_key_;
  std::map<ChildId, std::shared_ptr<Station>> stations_;
  std::map<ChildId, ChildId> successors_;            // of feeds that have been asked to end
  ChildId next_ = 1;
  std::set<std::string> expiring_;                   // credentials of which it has been told that they end soon
  std::optional<WallTime> once_until_;
  std::size_t open_ = 0;
  std::size_t failed_ = 0;
};

}  // namespace beckon::core
