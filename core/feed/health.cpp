#include "feed/health.hpp"

#include "base/backoff.hpp"

namespace beckon::core {
namespace {

constexpr Backoff refused_source{.first = 5min, .cap = 1h};

}  // namespace

bool concerns_all(ForgeFailure failure) {
  return failure == ForgeFailure::transport || failure == ForgeFailure::rate_limited ||
         failure == ForgeFailure::unauthorized;
}

bool is_refusal(ForgeFailure failure) {
  return failure == ForgeFailure::unauthorized || failure == ForgeFailure::not_found || failure == ForgeFailure::forbidden ||
         failure == ForgeFailure::blocked;
}

bool lasts(ForgeFailure failure) {
  return failure == ForgeFailure::not_found || failure == ForgeFailure::forbidden ||
         failure == ForgeFailure::disabled || failure == ForgeFailure::blocked ||
         failure == ForgeFailure::endless;
}

SourceHealth::Failed SourceHealth::failed(const Cursor& cursor, const ForgeError& error, SteadyTime now) {
  Source& source = sources_[{cursor.source, cursor.walk}];
  source.error = error.message;
  source.disabled = error.failure == ForgeFailure::disabled;
  Failed failed;
  failed.news = source.log.changed(error.message);
  failed.counts = !source.disabled;
  if (lasts(error.failure)) {
    failed.rests = backoff_delay(refused_source, ++source.refusals, 0.5);
    source.asked_again_at = now + *failed.rests;
  }
  return failed;
}

std::optional<SourceHealth::Rest> SourceHealth::rests(const Cursor& cursor, SteadyTime now) const {
  const auto found = sources_.find({cursor.source, cursor.walk});
  if (found == sources_.end() || found->second.asked_again_at <= now) return std::nullopt;
  return Rest{!found->second.disabled, found->second.error};
}

bool SourceHealth::works(const Cursor& cursor) {
  const auto found = sources_.find({cursor.source, cursor.walk});
  if (found == sources_.end()) return false;
  const bool recovered = found->second.log.clear();
  sources_.erase(found);
  return recovered;
}

}  // namespace beckon::core
