// The subscriptions at work: what each syncer is to do, who hears of which names, and what becomes of all that when the
// configuration changes. Daemon's thread.
#pragma once

#include "feed/feed.hpp"
#include "metrics/metrics.hpp"
#include "outbox/outbox.hpp"
#include "peers.hpp"
#include "plan.hpp"
#include "roster.hpp"
#include "supervisor/supervisor.hpp"
#include "syncer/holds.hpp"
#include "syncer/syncer.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

namespace beckon::core {

class Subscribers {
 public:
  // Outbox, pacer and metrics outlive it. `peers` are those of the plan.
  Subscribers(Executor executor, Outbox& outbox, Pacer& pacer, Metrics& metrics, std::shared_ptr<const Plan> plan, const Peers& peers);

  // The supervisor of all syncers, and, for the tree, where the running one is (nullptr: it is down, and whoever is enrolled
  // meanwhile is started by the feeds, which start after it).
  std::unique_ptr<Supervisor> make_syncers();
  void supervised_by(Supervisor* syncers);
  Supervisor* syncers() const { return syncers_; }
  bool knows(std::int64_t row) const { return by_row_.contains(row); }
  // Of a syncer; unset: nobody else needs to hear of it.
  std::function<void(const ChildEnd&)> on_end;
  bool busy() const { return alerts_under_way_ > 0 || (syncers_ && syncers_->counts().running > 0); }
  std::size_t count() const;
  SyncerRoom& room() { return room_; }
  std::size_t told() const { return told_; }

  const Roster& roster() const { return roster_; }
  struct Enrolment {
    FeedRole role = FeedRole::reads;
    bool complete = true;      // false: new ones wait for the forge's clock
  };
  // The outbox knows the `watched` repository of the roster as `feed`: enrols its subscriptions and starts their syncers.
  task<Result<Enrolment>> enroll(std::size_t watched, Feed feed, std::optional<ForgeTime> now);
  void wake(std::int64_t feed, const std::vector<std::string>& names);
  void wake_all(std::int64_t feed);   // of a feed

  // From here on the new plan counts. Until `let_go` every subscription of the old one goes on as it was; those that are
  // enrolled again go on without noticing, unless their endpoint is another one.
  void take(std::shared_ptr<const Plan> plan, const Peers& peers);
  // Ends those of the old plan that have not been enrolled again; whoever waits for an endpoint looks again.
  void let_go();

  // The operator's own subscription, if the plan has one. Errors are logged.
  task<void> open_alerts();
  // What the operator should know, once for each key. In the background; what cannot be stored is logged.
  void send_alert(std::string key, std::string text);

  // These have ended in the outbox, behind their syncers' backs.
  void ended_elsewhere(const std::vector<std::int64_t>& rows);
  // What a sink reports on its own account.
  task<void> hear(std::string subscription, Outcome outcome);

 private:
  void make_jobs(const Peers& peers);
  task<void> alert(std::string key, std::string text);
  Wanted wanted(const PlannedSubscription& subscription) const;
  bool start(std::uint32_t member, const Enrolled& enrolled);
  task<Farewell> run(std::int64_t row);
  void ended(ChildEnd end);
  void tell_set_aside(const ChildEnd& end);
  void wake_row(std::int64_t row);

  Executor executor_;
  Outbox& outbox_;
  Metrics& metrics_;
  std::shared_ptr<const Plan> plan_;
  Roster roster_;
  Supervisor* syncers_ = nullptr;
  SyncerRoom room_;
  Holds holds_;
  std::vector<SyncerJob> jobs_;                              // as the plan's subscriptions; then that of the alerts
  std::unordered_map<std::int64_t, std::uint32_t> by_row_;   // the outbox's row → job
  std::shared_ptr<const Plan> plan_before_;
  std::unordered_map<std::int64_t, SyncerJob> before_;       // of the plan before, until it is enrolled again or let go
  std::set<std::int64_t> successors_;                        // rows to be started anew when their syncer has ended
  std::set<std::size_t> resting_;                            // names of which it has been told that they rest
  std::uint64_t generation_ = 0;                             // of the plan
  std::size_t told_ = 0;
  std::size_t alerts_under_way_ = 0;
};

}  // namespace beckon::core
