// What is about to go: as it was claimed, and as the sink wants it.
#pragma once

#include "outbox/outbox.hpp"
#include "sink/sink.hpp"
#include "syncer/syncer.hpp"

#include <memory>

namespace beckon::core {

struct Turn {
  Claim claim;
  std::shared_ptr<Delivery> delivery;   // changed only while the sink has no part in it
  Prepared prepared;
};

// Has the sink prepare what was claimed, and cuts both to what one delivery covers. A batch at which the plugin has failed
// too often is not given to it again: it is prepared with the outcome that sends it another way.
task<Turn> make_turn(const SyncerJob& job, Claim claim);

// Now, and by when an answer is wanted.
void stamp(Delivery& delivery, Milliseconds time);

// Asks, without anything that people would see, whether the target is still there.
task<Outcome> ask_target(const SyncerJob& job, const Claim& claim);

}  // namespace beckon::core
