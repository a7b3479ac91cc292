// Signing in with GitHub: the web application flow of its OAuth apps and GitHub Apps, with PKCE (RFC 6749, RFC 7636;
// docs.github.com, "Authorizing OAuth apps"). The page sends the browser there with a state that this browser alone holds in a
// cookie; it comes back with a code, for which we get the viewer's token.
#pragma once

#include "base/result.hpp"
#include "base/task.hpp"
#include "config/web.hpp"
#include "net/http.hpp"
#include "web/gate.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace beckon::core {

// One on his way there. The browser's cookie holds `state`, we hold `verifier`.
struct SignInAttempt {
  std::string state;
  std::string verifier;
};

// Where to send the browser. `callback`: where it comes back to.
std::string sign_in_address(const WebGithubConfig& github, const SignInAttempt& attempt, std::string_view callback);

// Those on their way, by state; each comes back once, within ten minutes. Pure but for the random state: the caller brings the
// clock.
class SignIns {
 public:
  static constexpr const char* cookie = "beckon_sign_in";
  static constexpr Milliseconds lasts = 10min;
  static constexpr std::size_t most = 10'000;   // the oldest gives way

  SignInAttempt begin(WallTime now);
  // nullopt: it never began, is too old, has come back before, or began in another browser.
  std::optional<SignInAttempt> finish(std::string_view state, std::string_view cookie_value, WallTime now);

 private:
  struct Waiting {
    SignInAttempt attempt;
    WallTime until{};
  };
  std::map<std::string, Waiting, std::less<>> waiting_;
};

// The viewer's token for his code, and who he is. Fails with a sentence without a secret.
task<Result<WebIdentity>> take_code(std::shared_ptr<HttpClient> client, WebGithubConfig github, std::string api_url, std::string code,
                                    SignInAttempt attempt, std::string callback);

}  // namespace beckon::core
