// The feeds that viewers ask for beyond those of the plan: one for each repository, however many look at it. It begins with
// the first of them and ends with the last. Daemon's thread.
#pragma once

#include "base/time.hpp"
#include "feed/feed.hpp"
#include "metrics/metrics.hpp"
#include "outbox/outbox.hpp"
#include "supervisor/supervisor.hpp"
#include "web/messages.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace beckon::core {

// The forge's name, the repository's in lower case.
using RepositoryKey = std::pair<std::string, std::string>;

// For those who watch: how a poll went, and that the next one comes in this time.
void conclude(ViewedFeed& view, const PollReport& report);
void note_pause(ViewedFeed& view, Milliseconds until_next);

class ViewedFeeds {
 public:
  struct Hearing {
    std::function<void(const RepositoryKey&)> changed;                                // how it stands
    std::function<void(std::int64_t feed, const std::vector<std::string>& names)> found;
    std::function<bool(std::int64_t feed)> is_read;                                   // the plan's own feeds read it already
  };
  // Outbox and metrics outlive it.
  ViewedFeeds(Executor executor, Outbox& outbox, Metrics& metrics, Hearing hearing)
      : executor_(executor), outbox_(outbox), metrics_(metrics), hearing_(std::move(hearing)) {}

  std::unique_ptr<Supervisor> make_feeds();
  void supervised_by(Supervisor* feeds);

  struct Source {
    std::shared_ptr<Forge> forge;
    FeedOptions options;
  };
  // From now on it is polled, if it was not.
  void begin(const RepositoryKey& key, Source source);
  void end(const RepositoryKey& key);
  bool has(const RepositoryKey& key) const { return by_key_.contains(key); }
  std::size_t count() const { return by_key_.size(); }
  const Supervisor* supervisor() const { return feeds_; }
  const ViewedFeed* at(const RepositoryKey& key) const;
  std::map<std::int64_t, LiveFeed> live() const;

 private:
  struct Station;
  task<Farewell> run(std::shared_ptr<Station> station);

  Executor executor_;
  Outbox& outbox_;
  Metrics& metrics_;
  Hearing hearing_;
  Supervisor* feeds_ = nullptr;
  std::map<RepositoryKey, ChildId> by_key_;
  std::map<ChildId, std::shared_ptr<Station>> stations_;
  ChildId next_ = 1;
};

}  // namespace beckon::core
