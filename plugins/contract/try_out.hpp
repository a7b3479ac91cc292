// Runs the shared contract on a stranger's library, in a process of its own: one that crashes, hangs or ends its process has
// found something, and the checks behind that one go on in another process. Blocks.
#pragma once

#include "plugins/contract/contract.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>

namespace beckon::plugins::contract {

struct Tried {
  const Check* check = nullptr;
  std::string passed_over;          // why it was left out; empty: it was not
  std::vector<Finding> findings;
};

struct TryOut {
  std::filesystem::path library;
  std::uint64_t memory_limit = 0;
  std::chrono::milliseconds limit = std::chrono::seconds(30);   // for one check
  std::function<void(const Tried&)> on_each;                    // as they end; in the order of all_checks
};

// What kept it from being tried at all, as the end of a sentence that begins with the library; nothing when it was.
std::optional<std::string> try_out(const TryOut& how, const beckon_values& settings, const beckon_values& target);

}  // namespace beckon::plugins::contract
