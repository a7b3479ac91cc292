#include "net/proxy.hpp"

#include "base/digest.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>
#include <boost/beast/core/string.hpp>

#include <charconv>
#include <cstdlib>

namespace beckon::core {
namespace {

namespace ip = boost::asio::ip;
using boost::system::error_code;

bool in_network(std::string_view entry, const ip::address& address) {
  error_code error;
  const std::string text(entry);
  if (address.is_v4()) {
    const auto network = ip::make_network_v4(text, error);
    if (error) return false;
    return ip::network_v4(address.to_v4(), network.prefix_length()).canonical() == network.canonical();
  }
  const auto network = ip::make_network_v6(text, error);
  if (error) return false;
  return ip::network_v6(address.to_v6(), network.prefix_length()).canonical() == network.canonical();
}

// Takes ":port" off the end of "host:port" and "[::1]:port"; a bare IPv6 address has none.
bool port_fits(std::string_view& entry, std::uint16_t port) {
  const auto colon = entry.rfind(':');
  const bool bracketed = entry.starts_with('[');
  const bool bare_ipv6 = !bracketed && entry.find(':') != colon;
  if (colon != entry.npos && !bare_ipv6 && (!bracketed || entry[colon - 1] == ']')) {
    unsigned named = 0;
    const auto digits = entry.substr(colon + 1);
    const auto end = digits.data() + digits.size();
    const auto read = std::from_chars(digits.data(), end, named);
    if (read.ec != std::errc() || read.ptr != end || named != port) return false;
    entry = entry.substr(0, colon);
  }
  if (bracketed && entry.ends_with(']')) entry = entry.substr(1, entry.size() - 2);
  return true;
}

bool entry_covers(std::string_view entry, const ParsedUrl& url) {
  if (entry == "*") return true;
  error_code no_address;
  const auto address = ip::make_address(url.host, no_address);
  if (entry.find('/') != entry.npos) return !no_address && in_network(entry, address);
  if (!port_fits(entry, url.port)) return false;
  if (!no_address) {
    error_code other;
    const auto named = ip::make_address(std::string(entry), other);
    return !other && named == address;
  }
  if (entry.starts_with("*.")) entry.remove_prefix(1);
  if (entry.starts_with('.')) entry.remove_prefix(1);
  if (entry.ends_with('.')) entry.remove_suffix(1);
  if (entry.empty() || entry.size() > url.host.size()) return false;
  const auto rest = url.host.size() - entry.size();
  if (!boost::beast::iequals(std::string_view(url.host).substr(rest), entry)) return false;
  return rest == 0 || url.host[rest - 1] == '.';
}

}  // namespace

Result<Proxy> parse_proxy(std::string_view url) {
  std::string text(url);
  if (text.find("://") == text.npos) text.insert(0, "http://");
  const auto parsed = parse_url(text, "the proxy's URL");
  if (!parsed) return parsed.error();
  if (parsed->secure()) return fail("the proxy's URL begins with https://, but only http:// proxies are spoken to");
  if (parsed->target != "/") return fail("the proxy's URL has a path; it has the form http://HOST:PORT");
  Proxy proxy;
  proxy.url = *parsed;
  if (!parsed->userinfo.empty()) proxy.authorization = "Basic " + base64(parsed->userinfo);
  return proxy;
}

const char* proxy_variable() {
  for (const char* name : {"HTTPS_PROXY", "https_proxy"})
    if (const char* value = std::getenv(name); value != nullptr && *value != '\0') return name;
  return nullptr;
}

bool bypasses_proxy(std::string_view no_proxy, const ParsedUrl& url) {
  constexpr std::string_view apart = ", \t";
  while (!no_proxy.empty()) {
    const auto end = no_proxy.find_first_of(apart);
    const auto entry = no_proxy.substr(0, end);
    if (!entry.empty() && entry_covers(entry, url)) return true;
    if (end == no_proxy.npos) break;
    no_proxy.remove_prefix(end + 1);
  }
  return false;
}

}  // namespace beckon::core
