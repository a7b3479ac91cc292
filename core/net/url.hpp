// http and https URLs, taken apart and made canonical. Refusals are sentences that never quote the URL, since a
// webhook's path is a secret.
#pragma once

#include "base/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace beckon::core {

struct ParsedUrl {
  std::string scheme;     // "http" or "https"
  std::string host;       // lower case, without brackets and without the root's dot; ASCII
  std::uint16_t port = 0;
  bool ipv6 = false;      // `host` is an IPv6 literal
  std::string target;     // "/path?query", still percent-encoded; never empty, never a fragment
  std::string userinfo;   // "user:password", decoded; refused by the client, meant for proxies

  bool secure() const { return scheme == "https"; }
  bool is_loopback() const;        // "localhost", "*.localhost", 127.0.0.0/8, ::1: decided by the text, not by DNS
  std::string bracketed() const;   // the host as it stands in a URL: "[::1]"
  std::string authority() const;   // "host", or "host:port" when the port is not the scheme's own
  std::string host_and_port() const;  // always "host:port": for CONNECT and for people
  std::string origin() const;      // "https://host[:port]"
};

// `what` opens the sentence of a refusal: "the URL", "the proxy's URL".
Result<ParsedUrl> parse_url(std::string_view url, std::string_view what = "the URL");

// The canonical origin; empty when `url` is not one that we would call.
std::string origin(std::string_view url);
// False as soon as one of them is not a URL that we would call.
bool same_origin(std::string_view a, std::string_view b);

}  // namespace beckon::core
