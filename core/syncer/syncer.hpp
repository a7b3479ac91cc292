// The child of one subscription: claims a batch, gives it to the sink, settles it; in order, one at a time. Parks itself
// when nothing is owed, or when what it is owed waits for a held endpoint; ends when its endpoint is gone.
#pragma once

#include "base/task.hpp"
#include "outbox/outbox.hpp"
#include "sink/sink.hpp"
#include "supervisor/supervisor.hpp"

#include <boost/asio/cancellation_signal.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace beckon::core {

// Where deliveries of one or many subscriptions go; shared by all that say the same.
struct Endpoint {
  std::shared_ptr<Sink> sink;
  std::shared_ptr<const OptionValues> target;
};

struct SyncerJob {
  std::int64_t subscription = 0;
  std::int64_t endpoint_row = 0;
  std::string_view name;     // the plan's, which outlives the syncer
  std::shared_ptr<const Endpoint> endpoint;
};

// What all syncers share; outlives them.
struct SyncerRoom {
  Outbox& outbox;
  Pacer& pacer;
  // Set at shutdown: an attempt under way is still settled, and nothing new begins.
  bool stopping = false;
  // Of a run that ends by itself: what is due later is left to another run.
  std::optional<WallTime> until;
  // Ends the attempts under way; whether they have arrived is then unknown, so they are repeated under the same id.
  void cut_off();
  bool was_cut_off = false;
  std::set<asio::cancellation_signal*> under_way;
  // This subscription waits for an endpoint or a sink that is held; whoever keeps the waiting wakes it (see Holds).
  std::function<void(std::int64_t subscription, std::int64_t endpoint, const Held& held)> held;
  // It works again, or may: whoever waits for it goes on.
  std::function<void(std::int64_t endpoint, const std::string& sink)> released;
  // Of which holds the log has told since the start.
  std::set<std::pair<std::int64_t, std::string>> held_news;
  // The outbox may have logged an alert.
  std::function<void()> alerted;
  // Endpoints that are being probed: one question is enough for all who deliver there.
  std::set<std::int64_t> probed;
  // The endpoint's tombstone stands; these subscriptions ended with it.
  std::function<void(const std::vector<std::int64_t>& subscriptions, const std::string& reason)> buried;
  // What a sink said of an attempt, and how long it took; absent: it had its say without sending.
  std::function<void(const std::string& sink, OutcomeKind outcome, std::optional<Milliseconds> took)> attempted;
  // Something was delivered (the run's statistics).
  std::function<void(std::size_t mentions)> delivered;
  // Where a service says an endpoint has moved to, by the endpoint's row: told once, and again when it changes.
  std::unordered_map<std::int64_t, std::string> moved;
};

// `idle` when nothing is owed, `gone` when the endpoint is. Throws only when cancelled, or for a bug.
task<Farewell> run_syncer(SyncerRoom& room, SyncerJob job);

}  // namespace beckon::core
