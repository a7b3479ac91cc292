// What forges and sinks have answered, in the words of `beckon check --online`. Pure, and not yet redacted.
#pragma once

#include "forge/forge.hpp"
#include "model/outcome.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace beckon::core::cli {

enum class Verdict {
  fine,
  advice,   // it works, and could be better
  failed,
  open      // not asked
};

struct Finding {
  Verdict verdict{};
  std::string sentence;
};

// Of one [forges.NAME], once the forge has said whose its credential is.
struct CredentialFacts {
  std::string name;
  Account account;
  Quota quota;
  std::optional<WallTime> expires;
  std::size_t repositories = 0;      // that are read with it
  Milliseconds interval{60s};        // the shortest that is configured for one of them
  WallTime now{};
};
std::vector<Finding> credential_findings(const CredentialFacts& facts);

// `configured`: the name as the configuration has it.
Finding repository_finding(const std::string& configured, const ForgeResult<RepositoryAnswer>& answer);

// "chat_id 42, for "a", "b" and 3 more", with what may be shown of the target, else without.
std::string endpoint_label(const std::vector<std::string>& subscriptions, const std::string& shown_target);
// What a probe came to. `label`: of whom.
Finding probe_finding(const std::string& label, const Outcome& outcome);

}  // namespace beckon::core::cli
