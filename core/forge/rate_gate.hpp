// A credential's quota, and whether it may be used now. Pure: the caller brings both clocks.
#pragma once

#include "forge/github_refusal.hpp"

#include <optional>
#include <string>

namespace beckon::core {

class RateGate {
 public:
  // Refused without asking: requests made while limited can get an integration banned.
  std::optional<ForgeError> closed(SteadyTime now) const;
  // What remains by now; after the reset all of it.
  Quota quota(SteadyTime now) const;
  // Every answer's headers count, 304 and refusals included.
  void note(const HttpResponse& response, const Asked& asked, SteadyTime now, WallTime calendar);
  void close(Milliseconds wait, std::string message, SteadyTime now);

 private:
  Quota quota_;
  SteadyTime quota_read_{};
  SteadyTime closed_until_{};
  std::string closed_message_;
  unsigned limited_in_a_row_ = 0;
};

}  // namespace beckon::core
