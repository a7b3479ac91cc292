// What the log says of an attempt. Pure.
#pragma once

#include "base/log.hpp"
#include "sink/sink.hpp"
#include "syncer/policy.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace beckon::core {

struct LogLine {
  LogLevel level = LogLevel::info;
  std::string text;
};

// `sent` is what went with the attempt, never empty. A dead letter is found again by the address in its line.
LogLine tell_attempt(std::string_view subscription, std::string_view sink, const Claim& sent, const Outcome& outcome,
                     const Verdict& verdict);

// The target is configuration, so only the operator can follow a subscriber who has moved. A secret one is not shown.
LogLine tell_move(std::string_view subscription, const SinkInfo& sink, std::string_view target);

}  // namespace beckon::core
