// What a sink says of a delivery.
#pragma once

#include "base/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace beckon::core {

// Values equal those of the ABI.
enum class OutcomeKind : std::uint32_t { delivered = 1, retry, rejected, misconfigured, gone };
enum class Certainty : std::uint32_t { exact = 1, maybe };
// Whom an outcome concerns. Wider scopes let one refusal speak for many subscriptions.
enum class Scope : std::uint32_t { delivery = 1, subscription, target, sink, origin };

struct Outcome {
  OutcomeKind kind = OutcomeKind::retry;
  Certainty certainty = Certainty::exact;
  Scope scope = Scope::delivery;
  std::optional<Milliseconds> retry_after;      // for retry: the service's own word
  std::optional<Milliseconds> not_before;       // the endpoint's pace, also on delivered
  std::optional<Milliseconds> ask_again_after;  // for gone with certainty maybe
  bool ambiguous = false;                       // no answer after the last byte left: it may have arrived
  bool held = false;                            // by the host: ambiguous, and the sink wants nothing sent twice
  bool fault = false;                           // by the host: the plugin itself misbehaved over this delivery
  bool follow_up = false;                       // render again with step + 1
  std::string code;                             // stable, for metrics: "no_service"
  std::string reason;                           // for people, without secrets
  std::optional<std::string> state;             // new endpoint state, at most 4 KiB
  std::string retarget;                         // the service names another target; may be a secret, as the old one
  std::string external_id;
};

// What became of a delivery after all: it came back, by another way than the answer.
struct LateOutcome {
  std::string delivery;                         // its id
  Outcome outcome;
};

std::string_view to_string(OutcomeKind kind);

}  // namespace beckon::core
