// How a feed's poll went, as a whole. The words are labels of metrics: never renamed.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace beckon::core {

enum class PollResult : std::uint8_t {
  ok,             // every source was read to its end, or as far as one poll goes
  failed,         // at least one source, or the store, was in trouble
  rate_limited,   // the forge asked to wait
  refused         // the forge will not let the repository be read
};
inline constexpr std::array all_poll_results = {PollResult::ok, PollResult::failed, PollResult::rate_limited, PollResult::refused};

constexpr std::string_view to_string(PollResult result) {
  switch (result) {
    case PollResult::ok: return "ok";
    case PollResult::failed: return "failed";
    case PollResult::rate_limited: return "rate_limited";
    case PollResult::refused: break;
  }
  return "refused";
}

}  // namespace beckon::core
