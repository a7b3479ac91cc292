#include "outbox/standing.hpp"

namespace beckon::core {
namespace {

constexpr Milliseconds longest_hold = 26h;   // what a policy may ask for is a day, and some seconds

bool in_doubt(EndpointState state) { return state == EndpointState::suspect || state == EndpointState::misconfigured; }

}  // namespace

StoredStanding read_standing(const Query& row, int first) {
  StoredStanding standing;
  standing.state = static_cast<EndpointState>(row.integer(first));
  standing.reason = row.text(first + 1);
  standing.asked = static_cast<std::uint32_t>(row.integer(first + 2));
  standing.since = from_unix_ms(row.integer(first + 3));
  standing.ask_at = from_unix_ms(row.integer(first + 4));
  return standing;
}

Doubt doubt_of(const Standings& standings) {
  if (standings.circuit)
    return {standings.circuit->state, standings.circuit->asked, standings.circuit->since, true, standings.circuit->reason};
  if (!in_doubt(standings.endpoint.state)) return {};
  return {standings.endpoint.state, standings.endpoint.asked, standings.endpoint.since, false, standings.endpoint.reason};
}

std::optional<Held> held_now(const Standings& standings, WallTime now) {
  const auto waits = [now](const StoredStanding& one) { return one.ask_at > now && one.ask_at <= now + longest_hold; };
  if (standings.circuit && waits(*standings.circuit))
    return Held{standings.circuit->ask_at, true, standings.sink, standings.circuit->reason};
  if (in_doubt(standings.endpoint.state) && waits(standings.endpoint))
    return Held{standings.endpoint.ask_at, false, standings.sink, standings.endpoint.reason};
  return std::nullopt;
}

std::optional<StoredStanding> after_attempt(const Standings& standings, const Settlement& settlement, WallTime now) {
  const Settlement::Standing& said = *settlement.standing;
  const Doubt known = doubt_of(standings);
  const Doubt& seen = settlement.doubt;
  if (known.state != seen.state || known.asked != seen.asked || known.whole_sink != seen.whole_sink) return std::nullopt;
  const bool same = known.state == said.state && known.whole_sink == said.whole_sink;
  StoredStanding after;
  after.state = said.state;
  after.asked = (same ? known.asked : 0) + (said.counts ? 1 : 0);
  after.since = same ? known.since : now;
  after.ask_at = said.ask_at;
  return after;
}

}  // namespace beckon::core
