// The tabs at work: a supervised syncer for each, that reads the log behind the tab's place in it and owns no row. Daemon's
// thread.
#pragma once

#include "access_proofs.hpp"
#include "outbox/outbox.hpp"
#include "supervisor/supervisor.hpp"
#include "viewed_feeds.hpp"
#include "web/house.hpp"
#include "web/messages.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace beckon::core {

class Viewers final : public Viewing {
 public:
  // What the daemon lends; it outlives the viewers.
  struct Needs {
    Outbox& outbox;
    Metrics& metrics;
    AccessProofs::Ask ask;
    // Of the plan's own feeds; nullptr: it does not poll this repository. Valid until the next turn.
    std::function<const ViewedFeed*(const RepositoryKey&)> planned;
    // Another of the plan's feeds, under whatever name, has this row.
    std::function<bool(std::int64_t feed)> is_planned;
    // With which options one more is polled for `repository`; no forge: there is none of that name.
    std::function<ViewedFeeds::Source(const std::string& forge, const std::string& repository, std::size_t others)> source;
    std::function<std::size_t()> most_repositories;
    std::function<std::chrono::seconds()> history;      // how much of the past is there for a new tab
    Milliseconds proof_lasts = AccessProofs::hour;
  };
  Viewers(Executor executor, Needs needs);

  // For the tree: the tabs' syncers, and the feeds beyond the plan.
  std::unique_ptr<Supervisor> make_viewers();
  void supervised_by(Supervisor* viewers);
  const Supervisor* supervisor() const { return viewers_; }
  ViewedFeeds& feeds() { return feeds_; }

  ViewerId join(WatchWish wish, WebSocket& socket) override;
  void leave(ViewerId viewer) override;

  // Somebody is mentioned in a feed; a feed of the plan's has been polled.
  void found(std::int64_t feed, const std::vector<std::string>& names);
  void changed(const RepositoryKey& key);
  // The plan may poll other repositories now.
  void follow();
  // Whose proof is over proves his access again; what is watched is noted as such. Each minute until cancelled, and once.
  task<Farewell> look_after();
  task<void> look_again(bool note_visits);

  // As subscriptions: with the sink "web", named "(viewer N)".
  std::vector<SubscriptionStatus> list() const;

 private:
  struct Viewer;
  task<Farewell> run(std::shared_ptr<Viewer> viewer);
  task<bool> let_in(std::shared_ptr<Viewer> viewer);
  task<Farewell> read_on(std::shared_ptr<Viewer> viewer);
  bool seat(Viewer& viewer);
  void unseat(Viewer& viewer);
  void refuse(Viewer& viewer, const std::string& sentence);
  void put_off(Viewer& viewer, const std::string& sentence);
  const ViewedFeed* feed_of(const RepositoryKey& key) const;
  WebMessage rendered(const OwedMention& owed);
  void ended(const ChildEnd& end);

  Executor executor_;
  Needs needs_;
  AccessProofs proofs_;
  ViewedFeeds feeds_;
  Supervisor* viewers_ = nullptr;
  std::map<ViewerId, std::shared_ptr<Viewer>> by_id_;
  std::map<RepositoryKey, std::map<ViewerId, Viewer*>> by_repository_;
  std::map<std::int64_t, WebMessage> rendered_;     // the newest mentions, by seq: a thousand tabs read each
  ViewerId next_ = 1;
};

}  // namespace beckon::core
