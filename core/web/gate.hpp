// Who may come in, and to what: decided from a request's own words. Pure. Facts: RFC 9110 (Host), the Fetch standard (Origin),
// RFC 6750 (Bearer).
//
// A page of somebody else's in the same browser can send requests here, and read nothing; a name that its owner has led to
// 127.0.0.1 could do both (DNS rebinding), so only names that are ours are answered, and whatever changes something, or opens
// a WebSocket, must come from a page of ours.
#pragma once

#include "config/web.hpp"
#include "net/http.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace beckon::core {

// What somebody may do here.
enum class WebRole : std::uint8_t {
  stranger,   // nothing
  viewer,     // watch repositories
  operator_   // all of it
};

// Who somebody has shown to be.
struct WebIdentity {
  WebRole role = WebRole::stranger;
  std::string login;      // of one who has signed in
  std::string token;      // the forge's, of one who has signed in: what he may read is asked with it
};

struct WebRefusal {
  int status = 0;
  std::string sentence;
};

class WebGate {
 public:
  explicit WebGate(const WebConfig& config) : config_(config) {}   // which outlives the gate

  // Before anything else: a host that is not ours, or another site's page at work. Nothing: go on.
  std::optional<WebRefusal> refuses(const HttpRequest& request) const;
  // Without a session: the access token in the request, or that nothing is closed. Compares in constant time.
  WebRole role_of(const HttpRequest& request) const;
  bool is_access_token(std::string_view token) const;
  // "https://beckon.example.com": where the browser is, as the request tells; for the way back from signing in.
  std::string origin_of(const HttpRequest& request) const;

 private:
  bool is_ours(std::string_view host) const;
  const WebConfig& config_;
};

// "localhost", "127.0.0.1", "::1": a name or an address that leads to this machine alone. In lower case.
bool is_loopback_name(std::string_view host);
// The value of a cookie; empty: there is none.
std::string_view find_cookie(const HttpHeaders& headers, std::string_view name);

}  // namespace beckon::core
