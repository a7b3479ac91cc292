// What a feed remembers of its sources' failures: what is news for the log, and which source had better rest. Pure: the
// caller brings the clock. Nothing of it survives a restart, for who has just mended a permission starts the daemon
// anew.
#pragma once

#include "base/log.hpp"
#include "forge/forge.hpp"
#include "outbox/outbox.hpp"

#include <map>
#include <optional>
#include <string>
#include <utility>

namespace beckon::core {

// Failures that every other source would meet as well: the poll ends.
bool concerns_all(ForgeFailure failure);
// Failures of the repository itself in which the forge says no, rather than nothing.
bool is_refusal(ForgeFailure failure);
// Failures that asking again soon does not cure; GitHub asks not to repeat them at every poll.
bool lasts(ForgeFailure failure);

class SourceHealth {
 public:
  struct Failed {
    bool news = false;                    // log it
    bool counts = true;                   // the poll has failed; not so for a source that is switched off
    std::optional<Milliseconds> rests;    // not asked again before
  };
  Failed failed(const Cursor& cursor, const ForgeError& error, SteadyTime now);

  struct Rest {
    bool counts = true;
    std::string error;
  };
  std::optional<Rest> rests(const Cursor& cursor, SteadyTime now) const;

  // True when there was a failure to recover from.
  bool works(const Cursor& cursor);
  void clear() { sources_.clear(); }

 private:
  struct Source {
    LogOnChange log;
    std::string error;
    bool disabled = false;
    unsigned refusals = 0;
    SteadyTime asked_again_at{};
  };
  std::map<std::pair<SourceKind, std::int64_t>, Source> sources_;   // by source and walk
};

}  // namespace beckon::core
