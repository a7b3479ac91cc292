// The child of one subscription: claims a batch, gives it to the sink, settles it; in order, one at a time. Parks itself
// when nothing is owed and ends when its endpoint is gone.
#pragma once

#include "base/task.hpp"
#include "outbox/outbox.hpp"
#include "sink/sink.hpp"
#include "supervisor/supervisor.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace beckon::core {

// Where deliveries of one or many subscriptions go; shared by all that say the same.
struct Endpoint {
  Sink* sink = nullptr;      // owned by the daemon, which outlives every syncer
  OptionValues target;
};

struct SyncerJob {
  std::int64_t subscription = 0;
  std::int64_t endpoint_row = 0;
  std::string name;
  std::shared_ptr<const Endpoint> endpoint;
};

// What all syncers share; outlives them.
struct SyncerRoom {
  Outbox& outbox;
  Pacer& pacer;
  // Set at shutdown: an attempt under way is still settled, and nothing new begins.
  bool stopping = false;
  // The endpoint's tombstone stands; these subscriptions ended with it.
  std::function<void(const std::vector<std::int64_t>& subscriptions, const std::string& reason)> buried;
  // Something was delivered (the run's statistics).
  std::function<void(std::size_t mentions)> delivered;
};

// `idle` when nothing is owed, `gone` when the endpoint is. Throws only when cancelled, or for a bug.
task<Farewell> run_syncer(SyncerRoom& room, SyncerJob job);

}  // namespace beckon::core
