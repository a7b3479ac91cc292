// Which way a request goes: straight to its host, or through a proxy. Pure.
#pragma once

#include "net/url.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace beckon::core {

struct Proxy {
  ParsedUrl url;
  std::string authorization;  // "Basic ...", or empty. A secret
};

// "http://[user:password@]host:port", the scheme may be missing as people's environments have it. Only http proxies.
Result<Proxy> parse_proxy(std::string_view url);

// The environment variable that names a proxy: HTTPS_PROXY, else https_proxy; nullptr: neither is set.
const char* proxy_variable();

// As NO_PROXY is understood by most: entries apart by commas or blanks; "*"; a host, which covers its subdomains with
// or without a leading dot; an address; a network in CIDR form; each but the last with an optional ":port".
bool bypasses_proxy(std::string_view no_proxy, const ParsedUrl& url);

}  // namespace beckon::core
