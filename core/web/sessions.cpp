#include "web/sessions.hpp"

#include "base/digest.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace beckon::core {
std::string WebSessions::open(WebIdentity identity, WallTime now) {
  std::erase_if(sessions_, [now](const auto& entry) { return entry.second.until <= now; });
  if (sessions_.size() >= most) {
    const auto oldest = std::min_element(sessions_.begin(), sessions_.end(),
                                         [](const auto& a, const auto& b) { return a.second.until < b.second.until; });
    sessions_.erase(oldest);
  }
  std::string name = random_hex(unguessable_bytes);
  sessions_[sha256(name)] = {std::move(identity), now + lasts};
  return name;
}

const WebIdentity* WebSessions::find(std::string_view name, WallTime now) const {
  if (name.empty()) return nullptr;
  const auto found = sessions_.find(sha256(name));
  return found == sessions_.end() || found->second.until <= now ? nullptr : &found->second.identity;
}

void WebSessions::close(std::string_view name) { sessions_.erase(sha256(name)); }

std::string set_cookie(std::string_view name, std::string_view value, Milliseconds lasts, bool secure) {
  const auto seconds = value.empty() ? 0 : std::chrono::duration_cast<std::chrono::seconds>(lasts).count();
  return fmt::format("{}={}; Path=/; Max-Age={}; HttpOnly; SameSite=Lax{}", name, value, seconds, secure ? "; Secure" : "");
}

}  // namespace beckon::core
