#include "syncer/news.hpp"

#include "base/redaction.hpp"
#include "syncer/telling.hpp"

namespace beckon::core {

void SyncerNews::attempted(const Claim& claim, const Outcome& outcome, const Verdict& verdict) {
  attempted_ = true;
  LogLine line = tell_attempt(job_.name, job_.endpoint->sink->info().name, claim, outcome, verdict);
  const bool retry = verdict.next == Verdict::Do::settle && verdict.kind == Settlement::Kind::retry;
  const bool known = verdict.standing && verdict.standing->state == claim.doubt.state && claim.doubt.reason == outcome.reason;
  if (retry && (!trouble_.changed(outcome.code + outcome.reason) || known)) return;
  const bool recovered = trouble_.clear() || claim.doubt.state != EndpointState::ok;
  if (verdict.kind == Settlement::Kind::delivered && recovered) line.text += ", which works again";
  log::emit(line.level, "syncer", "{}", line.text);
}

void SyncerNews::held(const Held& held) {
  if (attempted_ || !room_.held_news.insert({held.whole_sink ? 0 : job_.endpoint_row, held.reason}).second) return;
  log::warn("syncer", "\"{}\": waits for {}: {}; asked again at {}", job_.name, held.sink, held.reason,
            format_iso_time(std::chrono::ceil<std::chrono::seconds>(held.until)));
}

void SyncerNews::moved(const std::string& target) {
  const SinkInfo& sink = job_.endpoint->sink->info();
  if (sink.target_secret) remember_secret(target);
  std::string& known = room_.moved[job_.endpoint_row];
  if (known == target) return;
  known = target;
  const LogLine line = tell_move(job_.name, sink, target);
  log::emit(line.level, "syncer", "{}", line.text);
}

void SyncerNews::too_late(WallTime until) const {
  log::warn("syncer", "\"{}\": what it is owed waits until {}, which is after this run", job_.name,
            format_iso_time(std::chrono::ceil<std::chrono::seconds>(until)));
}

}  // namespace beckon::core
