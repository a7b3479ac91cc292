#include "web/sessions.hpp"

#include <fmt/format.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

#include <algorithm>
#include <stdexcept>

namespace beckon::core {
namespace {

std::string hex_of(const unsigned char* bytes, std::size_t count) {
  constexpr char digits[] = "0123456789abcdef";
  std::string text;
  text.reserve(2 * count);
  for (std::size_t i = 0; i < count; ++i) text += {digits[bytes[i] >> 4], digits[bytes[i] & 15]};
  return text;
}

std::string hashed(std::string_view name) {
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(name.data()), name.size(), digest);
  return hex_of(digest, sizeof digest);
}

}  // namespace

std::string unguessable() {
  unsigned char random[32];
  if (RAND_bytes(random, sizeof random) != 1) throw std::runtime_error("no random numbers");
  return hex_of(random, sizeof random);
}

std::string WebSessions::open(WebIdentity identity, WallTime now) {
  std::erase_if(sessions_, [now](const auto& entry) { return entry.second.until <= now; });
  if (sessions_.size() >= most) {
    const auto oldest = std::min_element(sessions_.begin(), sessions_.end(),
                                         [](const auto& a, const auto& b) { return a.second.until < b.second.until; });
    sessions_.erase(oldest);
  }
  std::string name = unguessable();
  sessions_[hashed(name)] = {std::move(identity), now + lasts};
  return name;
}

const WebIdentity* WebSessions::find(std::string_view name, WallTime now) const {
  if (name.empty()) return nullptr;
  const auto found = sessions_.find(hashed(name));
  return found == sessions_.end() || found->second.until <= now ? nullptr : &found->second.identity;
}

void WebSessions::close(std::string_view name) { sessions_.erase(hashed(name)); }

std::string set_cookie(std::string_view name, std::string_view value, Milliseconds lasts, bool secure) {
  const auto seconds = value.empty() ? 0 : std::chrono::duration_cast<std::chrono::seconds>(lasts).count();
  return fmt::format("{}={}; Path=/; Max-Age={}; HttpOnly; SameSite=Lax{}", name, value, seconds, secure ? "; Secure" : "");
}

}  // namespace beckon::core
