// Not Boost.URL: that of 1.81 lets a host end in the middle ("https://10.0.0.1.example/" has the host "10.0.0.1" and
// the path ".example/", "https://a@b@c/" the host "b"). Who may see a token hangs on the host.
#include "net/url.hpp"

#include <boost/asio/ip/address.hpp>

#include <algorithm>
#include <charconv>
#include <optional>

namespace beckon::core {
namespace {

namespace ip = boost::asio::ip;

constexpr std::size_t longest_url = 8u << 10;
constexpr std::size_t longest_host = 253;
constexpr std::size_t longest_label = 63;

char lower(char c) {
  if (c >= 'A' && c <= 'Z') return static_cast<char>(c - 'A' + 'a');
  return c;
}

std::string lower(std::string_view text) {
  std::string result(text);
  for (auto& c : result) c = lower(c);
  return result;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (lower(c) >= 'a' && lower(c) <= 'f') return lower(c) - 'a' + 10;
  return -1;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// What RFC 3986 lets stand in a URL behind its host, with every percent sign followed by two digits.
bool is_well_formed(std::string_view text) {
  constexpr std::string_view never = "\"<>\\^`{|}";
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (never.find(text[i]) != never.npos) return false;
    if (text[i] != '%') continue;
    if (i + 2 >= text.size() || hex_digit(text[i + 1]) < 0 || hex_digit(text[i + 2]) < 0) return false;
  }
  return true;
}

std::string decode(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      result += text[i];
    } else {
      result += static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
      i += 2;
    }
  }
  return result;
}

// "127.1", "0x7f.1" and "2130706433" are addresses to the resolver though not to a reader.
bool looks_like_a_number(std::string_view label) {
  if (label.starts_with("0x")) return true;
  return std::all_of(label.begin(), label.end(), is_digit);
}

// Underscores are no host name's, but people's networks have them.
bool is_host_name(std::string_view host) {
  if (host.empty() || host.size() > longest_host) return false;
  std::size_t begin = 0;
  for (;;) {
    const auto end = std::min(host.find('.', begin), host.size());
    const auto label = host.substr(begin, end - begin);
    if (label.empty() || label.size() > longest_label || label.front() == '-' || label.back() == '-') return false;
    for (const char c : label)
      if (!(c >= 'a' && c <= 'z') && !is_digit(c) && c != '_' && c != '-') return false;
    if (end == host.size()) return !looks_like_a_number(label);
    begin = end + 1;
  }
}

// "host", "1.2.3.4" or "[::1]" into its one canonical text.
bool read_host(std::string_view text, ParsedUrl& url) {
  boost::system::error_code no_address;
  if (text.starts_with('[')) {
    if (!text.ends_with(']') || text.find('%') != text.npos) return false;
    const auto address = ip::make_address_v6(std::string(text.substr(1, text.size() - 2)), no_address);
    url.host = address.to_string();
    url.ipv6 = true;
    return !no_address;
  }
  url.host = lower(text);
  ip::make_address_v4(url.host, no_address);
  if (!no_address) return true;
  if (url.host.ends_with('.')) url.host.pop_back();
  return is_host_name(url.host);
}

std::optional<std::uint16_t> read_port(std::string_view digits) {
  std::uint16_t port = 0;
  const auto* end = digits.data() + digits.size();
  const auto read = std::from_chars(digits.data(), end, port);
  if (read.ec != std::errc() || read.ptr != end || port == 0) return std::nullopt;
  return port;
}

// The first sentence against a URL's letters, empty when there is none.
std::string_view against_letters(std::string_view url) {
  if (url.empty()) return "is empty";
  if (url.size() > longest_url) return "is longer than 8192 characters";
  for (const unsigned char c : url) {
    if (c < 0x21 || c == 0x7f) return "holds a blank or a control character; percent-encode it";
    if (c >= 0x80) return "holds a character outside ASCII; write a host name as xn--... and percent-encode the rest";
  }
  if (!is_well_formed(url)) return "holds a character to be percent-encoded, or a percent sign without two digits";
  return {};
}

}  // namespace

bool ParsedUrl::is_loopback() const {
  if (host == "localhost" || host.ends_with(".localhost")) return true;
  boost::system::error_code no_address;
  const auto address = ip::make_address(host, no_address);
  return !no_address && address.is_loopback();
}

std::string ParsedUrl::bracketed() const {
  if (ipv6) return "[" + host + "]";
  return host;
}

std::string ParsedUrl::authority() const {
  if (port == (secure() ? 443 : 80)) return bracketed();
  return host_and_port();
}

std::string ParsedUrl::host_and_port() const { return bracketed() + ":" + std::to_string(port); }
std::string ParsedUrl::origin() const { return scheme + "://" + authority(); }

Result<ParsedUrl> parse_url(std::string_view url, std::string_view what) {
  const auto refuse = [&](std::string_view why) { return fail(std::string(what).append(" ").append(why)); };
  if (const auto why = against_letters(url); !why.empty()) return refuse(why);
  const auto scheme_end = url.find("://");
  if (scheme_end == url.npos) return refuse("is not a whole one; it has the form https://HOST/PATH");
  ParsedUrl result;
  result.scheme = lower(url.substr(0, scheme_end));
  if (result.scheme != "https" && result.scheme != "http") return refuse("must begin with https:// (or http://)");
  url.remove_prefix(scheme_end + 3);
  url = url.substr(0, url.find('#'));

  const auto authority_end = std::min(url.find_first_of("/?"), url.size());
  auto authority = url.substr(0, authority_end);
  result.target = std::string(url.substr(authority_end));
  if (!result.target.starts_with('/')) result.target.insert(0, "/");
  if (const auto at = authority.find('@'); at != authority.npos) {
    result.userinfo = decode(authority.substr(0, at));
    authority.remove_prefix(at + 1);
  }
  result.port = result.secure() ? 443 : 80;
  const auto colon = authority.rfind(':');
  if (colon != authority.npos && authority.find(']', colon) == authority.npos) {
    const auto digits = authority.substr(colon + 1);
    const auto port = read_port(digits);
    if (!digits.empty() && !port) return refuse("has a port that is not between 1 and 65535");
    if (port) result.port = *port;
    authority = authority.substr(0, colon);
  }
  if (authority.empty()) return refuse("names no host");
  if (!read_host(authority, result))
    return refuse("has a host that is neither a name (letters, digits, '-' and '.') nor an address");
  return result;
}

std::string origin(std::string_view url) {
  const auto parsed = parse_url(url);
  if (!parsed) return {};
  return parsed->origin();
}

bool same_origin(std::string_view a, std::string_view b) {
  const auto first = origin(a);
  return !first.empty() && first == origin(b);
}

}  // namespace beckon::core
