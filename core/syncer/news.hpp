// What one syncer tells the log, and what is no news any more.
#pragma once

#include "base/log.hpp"
#include "outbox/outbox.hpp"
#include "syncer/policy.hpp"
#include "syncer/syncer.hpp"

#include <string>

namespace beckon::core {

class SyncerNews {
 public:
  // Both outlive it.
  SyncerNews(SyncerRoom& room, const SyncerJob& job) : room_(room), job_(job) {}

  // A failure is news once; the deliveries after it say that it is over.
  void attempted(const Claim& claim, const Outcome& outcome, const Verdict& verdict);
  // Why nothing is delivered: once for all who wait, where the log has not told of it yet.
  void held(const Held& held);
  // The service names another target.
  void moved(const std::string& target);
  // In a run that ends before.
  void too_late(WallTime until) const;

 private:
  SyncerRoom& room_;
  const SyncerJob& job_;
  LogOnChange trouble_;
  bool attempted_ = false;
};

}  // namespace beckon::core
