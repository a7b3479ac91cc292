#include "forge/rate_gate.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace beckon::core {

std::optional<ForgeError> RateGate::closed(SteadyTime now) const {
  const auto left = std::chrono::ceil<Milliseconds>(closed_until_ - now);
  if (left <= 0ms) return std::nullopt;
  return ForgeError{ForgeFailure::rate_limited, closed_message_, left};
}

Quota RateGate::quota(SteadyTime now) const {
  Quota quota = quota_;
  if (!quota.reset_after) return quota;
  const auto passed = std::chrono::duration_cast<Milliseconds>(now - quota_read_);
  quota.reset_after = std::max<Milliseconds>(*quota.reset_after - passed, 0ms);
  if (*quota.reset_after == 0ms) quota.remaining = quota.limit;
  return quota;
}

void RateGate::note(const HttpResponse& response, const Asked& asked, SteadyTime now, WallTime calendar) {
  if (!find_header(response.headers, "x-ratelimit-remaining").empty()) {
    quota_ = read_quota(response.headers, calendar);
    quota_read_ = now;
  }
  if (response.status == 403 || response.status == 429) {
    ForgeError error = refusal(response, asked, limited_in_a_row_, calendar);
    if (error.failure != ForgeFailure::rate_limited) return;
    ++limited_in_a_row_;
    close(error.retry_after.value_or(60s), std::move(error.message), now);
  } else if (response.status < 400) {
    limited_in_a_row_ = 0;
    if (quota_.limit > 0 && quota_.remaining == 0 && quota_.reset_after)
      close(*quota_.reset_after + 1s,
            fmt::format("the rate limit of {} at {} is used up; Beckon waits until {}",
                        asked.token_variable.empty() ? fmt::format("[forges.{}]", asked.credential)
                        : asked.authenticated        ? "the token in $" + asked.token_variable
                                                     : "requests without a token",
                        asked.host, format_time_of_day(calendar + *quota_.reset_after + 1s)),
            now);
  }
}

void RateGate::close(Milliseconds wait, std::string message, SteadyTime now) {
  closed_until_ = now + wait;
  closed_message_ = std::move(message);
}

}  // namespace beckon::core
