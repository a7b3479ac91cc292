// One delivery through a sink, outside of any subscription's order: a test, or a probe.
#pragma once

#include "sink/sink.hpp"

#include <string>

namespace beckon::core::cli {

// Prepares and delivers. `sink` outlives the task. Throws only when cancelled.
task<Outcome> attempt(Sink& sink, Delivery delivery);

// "delivered", or "not delivered; Beckon would try again: code: reason" and the like. Not yet redacted.
std::string in_words(const Outcome& outcome);

}  // namespace beckon::core::cli
