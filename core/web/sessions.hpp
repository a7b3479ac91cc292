// Who has come in through a browser: an unguessable name in a cookie. In memory: a restart signs everybody out, and no token
// of a viewer's is ever written down. Pure but for the random names: the caller brings the clock.
#pragma once

#include "web/gate.hpp"

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace beckon::core {

class WebSessions {
 public:
  static constexpr const char* cookie = "beckon_session";
  static constexpr Milliseconds lasts = 30 * 24h;
  static constexpr std::size_t most = 10'000;    // the oldest gives way

  // Returns the session's name.
  std::string open(WebIdentity identity, WallTime now);
  // nullptr: there is none of that name, or it is over. Valid until the next call that is not const.
  const WebIdentity* find(std::string_view name, WallTime now) const;
  void close(std::string_view name);

 private:
  struct Session {
    WebIdentity identity;
    WallTime until{};
  };
  std::map<std::string, Session, std::less<>> sessions_;   // by the name's hash, so that no look-up tells of its beginning
};

// Of the random names of sessions and sign-ins.
inline constexpr std::size_t unguessable_bytes = 32;
// A Set-Cookie value; `secure` where the browser came over https. An empty `value` takes it back.
std::string set_cookie(std::string_view name, std::string_view value, Milliseconds lasts, bool secure);

}  // namespace beckon::core
