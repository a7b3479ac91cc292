// What comes back of deliveries by another way than the answer, such as a mail that bounced: given to the sinks that understand
// it, and settled in the outbox. Daemon's thread.
#pragma once

#include "control/operations.hpp"
#include "outbox/outbox.hpp"
#include "sink/sink.hpp"

#include <memory>
#include <string>
#include <vector>

namespace beckon::core {

// The first of `sinks` that finds a delivery of its own in the message speaks. Fails when the store is in trouble, or nobody
// speaks and one of them could not be asked: the message is to come again. The outbox outlives it.
task<Result<FeedbackReport>> take_feedback(Outbox& outbox, std::vector<std::shared_ptr<Sink>> sinks, std::string message);

}  // namespace beckon::core
