#include "web/gate.hpp"

#include "base/digest.hpp"
#include "config/values.hpp"

#include <fmt/format.h>
#include <openssl/crypto.h>

#include <algorithm>

namespace beckon::core {
namespace {

struct HostAndPort {
  std::string host;      // lower case, without the brackets of IPv6
  std::string port;      // empty: the scheme's own
};

HostAndPort split_host(std::string_view text) {
  HostAndPort parts;
  const auto bracket = text.rfind(']');
  const auto colon = text.rfind(':');
  const bool has_port = colon != text.npos && (bracket == text.npos || colon > bracket);
  if (has_port) parts.port = std::string(text.substr(colon + 1));
  parts.host = lower(text.substr(0, has_port ? colon : text.size()));
  if (parts.host.size() > 1 && parts.host.front() == '[' && parts.host.back() == ']')
    parts.host = parts.host.substr(1, parts.host.size() - 2);
  return parts;
}

// How often one header is there: two Hosts are a trick.
std::size_t count(const HttpHeaders& headers, std::string_view name) {
  return static_cast<std::size_t>(std::count_if(headers.begin(), headers.end(), [&](const auto& header) {
    return lower(header.first) == name;
  }));
}

// Such a request changes nothing, and its answer can be read by our own pages alone.
bool only_reads(const HttpRequest& request) {
  return (request.method == "GET" || request.method == "HEAD") && find_header(request.headers, "upgrade").empty();
}

}  // namespace

bool WebGate::is_ours(std::string_view text) const {
  const HostAndPort host = split_host(text);
  if (std::find(config_.hosts.begin(), config_.hosts.end(), host.host) != config_.hosts.end()) return true;
  if (is_loopback_name(host.host)) return true;
  return host.host == config_.address;
}

std::optional<WebRefusal> WebGate::refuses(const HttpRequest& request) const {
  const std::string_view host = find_header(request.headers, "host");
  if (host.empty() || count(request.headers, "host") != 1) return WebRefusal{400, "a request names one Host"};
  if (!is_ours(host))
    return WebRefusal{421, fmt::format("{} is no name of this page: if it is, add it to `hosts` in [web]", in_quotes(host))};
  if (only_reads(request)) return std::nullopt;
  const std::string_view site = find_header(request.headers, "sec-fetch-site");
  const std::string_view origin = find_header(request.headers, "origin");
  // No browser of today leaves both out; programs do, and hold no cookie that a foreign page could use.
  bool foreign = !site.empty() && site != "same-origin" && site != "none";
  if (!origin.empty()) {
    const auto scheme_end = origin.find("://");
    foreign = foreign || scheme_end == origin.npos || lower(origin.substr(scheme_end + 3)) != lower(host);
  }
  if (foreign) return WebRefusal{403, "this comes from another site's page"};
  return std::nullopt;
}

bool WebGate::is_access_token(std::string_view token) const {
  if (config_.access_token.empty()) return false;
  const std::string given = sha256(token), known = sha256(config_.access_token);
  return CRYPTO_memcmp(given.data(), known.data(), known.size()) == 0;
}

WebRole WebGate::role_of(const HttpRequest& request) const {
  if (!config_.is_closed()) return WebRole::operator_;
  constexpr std::string_view scheme = "bearer ";
  const std::string_view given = find_header(request.headers, "authorization");
  if (lower(given.substr(0, scheme.size())) != scheme) return WebRole::stranger;
  return is_access_token(given.substr(scheme.size())) ? WebRole::operator_ : WebRole::stranger;
}

std::string WebGate::origin_of(const HttpRequest& request) const {
  const std::string host = lower(find_header(request.headers, "host"));
  const bool configured = std::find(config_.hosts.begin(), config_.hosts.end(), split_host(host).host) != config_.hosts.end();
  // A name that others use leads through a proxy with TLS, unless that says otherwise.
  const std::string_view forwarded = find_header(request.headers, "x-forwarded-proto");
  const bool secure = forwarded.empty() ? configured : forwarded == "https";
  return fmt::format("{}://{}", secure ? "https" : "http", host);
}

bool is_loopback_name(std::string_view host) {
  const bool digits = std::all_of(host.begin(), host.end(), [](char c) { return (c >= '0' && c <= '9') || c == '.'; });
  return host == "localhost" || host == "::1" || (digits && host.starts_with("127."));
}

std::string_view find_cookie(const HttpHeaders& headers, std::string_view name) {
  for (const auto& [key, value] : headers) {
    if (lower(key) != "cookie") continue;
    std::string_view rest = value;
    while (!rest.empty()) {
      const auto end = rest.find(';');
      std::string_view one = rest.substr(0, end);
      rest = end == rest.npos ? std::string_view() : rest.substr(end + 1);
      while (one.starts_with(' ')) one.remove_prefix(1);
      const auto equals = one.find('=');
      if (equals != one.npos && one.substr(0, equals) == name) return one.substr(equals + 1);
    }
  }
  return {};
}

}  // namespace beckon::core
