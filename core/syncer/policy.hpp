// What becomes of a delivery attempt. Pure: no clock, no I/O, no randomness of its own.
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
};

struct Verdict {
  enum class Do : std::uint8_t {
    settle,   // with `kind`; for retry, after `wait`
    probe,    // the sink says gone and can be asked once more
    bury      // gone: the tombstone
  };
  Do next = Do::settle;
  Settlement::Kind kind = Settlement::Kind::retry;
  Milliseconds wait{0};
};

// `dice` in [0, 1) spreads the retries.
//  - delivered: settled.
//  - retry: the service's own time, else 2 s doubling to 1 h. Never a dead letter, but for a sink that wants nothing sent
//    twice: what may have arrived is held.
//  - rejected: a digest is split, a single goes once more in plain form, then it is a dead letter.
//  - misconfigured: kept, 1 min doubling to 1 h.
//  - gone, exact: probed where the sink can, then buried. Gone, maybe: kept, asked again over hours.
Verdict judge(const Attempt& attempt, const Outcome& outcome, double dice);

// After a probe: only a second exact word buries. A probe that finds the target alive while deliveries say gone means that
// the operator must look.
Verdict judge_probe(const Attempt& attempt, const Outcome& probe, double dice);

}  // namespace beckon::core
