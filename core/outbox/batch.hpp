// What becomes of a frozen batch when an attempt at it is settled. Pure.
#pragma once

#include "outbox/outbox.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace beckon::core {

struct Batch {
  std::vector<std::int64_t> seqs;  // ascending; empty: nothing is frozen
  std::string id;
  BatchForm form = BatchForm::whole;
  std::uint32_t attempts = 0;      // settled ones; an attempt that a crash cut off does not count
  std::uint32_t faults = 0;        // those of them in which the plugin itself failed
};

struct Settled {
  Batch batch;
  std::int64_t position = 0;       // everything up to it is done; 0: nothing was
};

// `fresh_id` becomes the id of whatever is sent next, if that is not the same delivery again.
// `fault`: of a retry, the plugin itself has failed.
Settled settled(const Batch& before, Settlement::Kind kind, std::string fresh_id, bool fault = false);

// 128 random bits in hexadecimal.
std::string new_batch_id();

// After a jump of our clock nobody waits for years: what lies over a day ahead is tried again in an hour.
std::optional<WallTime> sane_next_at(std::optional<WallTime> next_at, WallTime now);

// As stored: "12 15 19".
std::string format_seqs(const std::vector<std::int64_t>& seqs);
std::vector<std::int64_t> parse_seqs(std::string_view text);

}  // namespace beckon::core
