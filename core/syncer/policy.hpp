// What becomes of a delivery attempt, and what it says of where it went. Pure: no clock, no I/O, no randomness of its own.
#pragma once

#include "base/backoff.hpp"
#include "model/outcome.hpp"
#include "outbox/outbox.hpp"

namespace beckon::core {

struct Attempt {
  BatchForm form = BatchForm::whole;
  std::size_t mentions = 1;
  std::uint32_t number = 1;        // this attempt's, from 1
  bool sink_can_probe = false;
  std::uint32_t faults = 0;        // of the plugin's own, in earlier attempts at this batch in this form
  Doubt doubt;                     // what was known against the endpoint or the sink before this attempt
};

struct Verdict {
  enum class Do : std::uint8_t {
    settle,   // with `kind`; for retry, after `wait`
    probe,    // the sink says gone and can be asked once more
    bury,     // gone: the tombstone
    end       // this subscription alone has ended
  };
  Do next = Do::settle;
  Settlement::Kind kind = Settlement::Kind::retry;
  Milliseconds wait{0};
  bool fault = false;

  struct Standing {
    EndpointState state = EndpointState::ok;
    bool whole_sink = false;
    bool counts = true;            // false: it could not be asked
    Milliseconds wait{0};          // until it is asked again
  };
  std::optional<Standing> standing;   // nothing: as before
};

// A batch with as many faults behind it is not given to the plugin again in the same form.
inline constexpr std::uint32_t faults_borne = 3;

// `dice` in [0, 1) spreads the retries.
//  - delivered: settled.
//  - retry: the service's own time, else 2 s doubling to 1 h. Never a dead letter, but for a sink that wants nothing sent
//    twice (what may have arrived is held), and for what makes the plugin itself fail three times: that goes the way of
//    rejected.
//  - rejected: a digest is split, a single goes once more in plain form, then it is a dead letter.
//  - misconfigured: kept, with all that goes the same way: to the endpoint, or through the sink. Asked again in 1 min
//    doubling to 1 h.
//  - gone, exact: probed where the sink can, then buried. By the subscriber's own hand: ended at once, alone.
//  - gone, maybe: in quarantine, asked again after 10 min, 1 h, 6 h, then each day. It counts as exact when it was found so
//    six times in a row, over three days at least.
Verdict judge(const Attempt& attempt, const Outcome& outcome, WallTime now, double dice);

// After a probe: only a second word of the same buries. A probe that finds the target alive while deliveries say gone means
// that the operator must look.
Verdict judge_probe(const Attempt& attempt, const Outcome& probe, WallTime now, double dice);

}  // namespace beckon::core
