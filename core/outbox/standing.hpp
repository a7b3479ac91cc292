// What is stored against an endpoint and against its sink, and what follows from it. Pure, but for reading a row.
#pragma once

#include "outbox/outbox.hpp"
#include "outbox/sqlite.hpp"

#include <optional>
#include <string>

namespace beckon::core {

struct StoredStanding {
  EndpointState state = EndpointState::ok;
  std::string reason;
  std::uint32_t asked = 0;
  WallTime since{};
  WallTime ask_at{};
};

struct Standings {
  std::string sink;
  StoredStanding endpoint;
  std::optional<StoredStanding> circuit;   // of the sink; it goes before the endpoint's
};

// From five columns: state, reason, asked, since, ask_at.
StoredStanding read_standing(const Query& row, int first);

// The sink's circuit if it is open, else what is known against the endpoint.
Doubt doubt_of(const Standings& standings);

// Nothing when nobody has to wait. After a jump of our clock nobody waits for years.
std::optional<Held> held_now(const Standings& standings, WallTime now);

// How it stands after an attempt that began under `standings`; nothing when another attempt has spoken since.
std::optional<StoredStanding> after_attempt(const Standings& standings, const Settlement& settlement, WallTime now);

}  // namespace beckon::core
