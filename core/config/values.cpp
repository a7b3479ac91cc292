#include "config/values.hpp"

#include "config/config.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace beckon::core {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_alnum(char c) { return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_login_char(char c) { return is_alnum(c) || c == '-' || c == '_'; }
bool is_repository_char(char c) { return is_login_char(c) || c == '.'; }

constexpr std::size_t max_login = 64;  // GitHub allows 39; other forges and managed users more
constexpr std::size_t max_repository = 100;

bool is_login(std::string_view text) {
  return !text.empty() && text.size() <= max_login && std::all_of(text.begin(), text.end(), is_login_char);
}

bool is_repository_name(std::string_view text) {
  return !text.empty() && text.size() <= max_repository && text != "." && text != ".." &&
         std::all_of(text.begin(), text.end(), is_repository_char);
}

bool is_repository(std::string_view text) {
  const auto slash = text.find('/');
  return slash != text.npos && is_login(text.substr(0, slash)) && is_repository_name(text.substr(slash + 1));
}

// "https://github.com/owner/name/issues", "git@github.com:owner/name.git" → "owner/name"; empty when that is not clear.
std::string repository_in(std::string_view text) {
  if (const auto scheme = text.find("://"); scheme != text.npos) {
    text.remove_prefix(scheme + 3);
    text.remove_prefix(std::min(text.find('/'), text.size() - 1) + 1);
  } else if (text.starts_with("git@")) {
    text.remove_prefix(std::min(text.find(':'), text.size() - 1) + 1);
  } else if (text.starts_with("github.com/") || text.starts_with("www.github.com/")) {
    text.remove_prefix(text.find('/') + 1);
  }
  const auto first = text.find('/');
  if (first == text.npos) return {};
  text = text.substr(0, text.find_first_of("/?#", first + 1));
  if (text.ends_with(".git")) text.remove_suffix(4);
  return is_repository(text) ? std::string(text) : std::string();
}

bool is_loopback(std::string_view host) {
  if (host == "[::1]" || host == "localhost" || host.ends_with(".localhost")) return true;
  return host.starts_with("127.") &&
         std::all_of(host.begin(), host.end(), [](char c) { return is_digit(c) || c == '.'; });
}

bool is_host(std::string_view host) {
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    const auto inner = host.substr(1, host.size() - 2);
    return inner.find(':') != inner.npos && inner.find_first_not_of("0123456789abcdef:.") == inner.npos;
  }
  return !host.empty() && host.size() <= 253 && host.front() != '.' && host.front() != '-' &&
         std::all_of(host.begin(), host.end(), is_repository_char);
}

struct UrlParts {
  std::string scheme, user, host;  // scheme and host in lower case
  std::string_view port, rest;     // rest: from the first of "/?#"
};

Result<UrlParts> split_url(std::string_view text) {
  for (const unsigned char c : text)
    if (c <= 0x20 || c >= 0x7f)
      return fail("this URL holds a space, a control or a non-ASCII character: percent-encode it");
  UrlParts parts;
  const auto scheme_end = text.find("://");
  if (scheme_end != text.npos) parts.scheme = lower(text.substr(0, scheme_end));
  if (parts.scheme != "http" && parts.scheme != "https") return fail("a URL must begin with https:// or http://");
  text.remove_prefix(scheme_end + 3);
  const auto authority_end = std::min(text.find_first_of("/?#"), text.size());
  auto authority = text.substr(0, authority_end);
  parts.rest = text.substr(authority_end);
  if (const auto at = authority.rfind('@'); at != authority.npos) {
    parts.user = authority.substr(0, at);
    authority.remove_prefix(at + 1);
  }
  const auto bracket = authority.rfind(']');
  if (const auto colon = authority.find(':', bracket == authority.npos ? 0 : bracket); colon != authority.npos) {
    parts.port = authority.substr(colon + 1);
    authority = authority.substr(0, colon);
    unsigned port = 0;
    const auto [end, failure] = std::from_chars(parts.port.data(), parts.port.data() + parts.port.size(), port);
    if (failure != std::errc{} || end != parts.port.data() + parts.port.size() || port == 0 || port > 65535)
      return fail("the port of this URL must be a number from 1 to 65535");
  }
  parts.host = lower(authority);
  if (!is_host(parts.host)) return fail("this URL names no valid host: write https://HOST/...");
  return parts;
}

}  // namespace

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return result;
}

std::string in_quotes(std::string_view text) {
  constexpr std::size_t most = 80;
  const bool cut = text.size() > most;
  if (cut) {
    auto end = most;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
    text = text.substr(0, end);
  }
  std::string result = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) result += fmt::format("\\x{:02x}", byte);
    else result += c;
  }
  return result + (cut ? "...\"" : "\"");
}

Result<std::string> check_repository(std::string_view text) {
  if (is_repository(text) && !text.ends_with(".git")) return std::string(text);
  if (const auto meant = repository_in(text); !meant.empty())
    return fail(fmt::format("{} is no repository name: write {}", in_quotes(text), in_quotes(meant)));
  return fail(fmt::format("{} is no repository name: write \"owner/name\", as in \"boostorg/beast\"", in_quotes(text)));
}

Result<std::string> check_login(std::string_view text) {
  if (text == "*") return std::string(text);
  auto name = text;
  if (name.starts_with('@')) name.remove_prefix(1);
  const auto slash = name.find('/');
  const bool fits =
      slash == name.npos ? is_login(name) : is_login(name.substr(0, slash)) && is_login(name.substr(slash + 1));
  if (fits) return lower(name);
  return fail(
      fmt::format("{} is no login: write \"octocat\", \"org/team\", or \"*\" for everybody "
                  "(letters, digits, - and _)",
                  in_quotes(text)));
}

Result<std::string> check_author(std::string_view text) {
  auto name = text;
  if (name.starts_with('@')) name.remove_prefix(1);
  auto account = name;
  if (account.ends_with("[bot]")) account.remove_suffix(5);
  if (is_login(account)) return lower(name);
  return fail(fmt::format("{} is no login: write \"octocat\", or \"dependabot[bot]\" for an app", in_quotes(text)));
}

Result<std::string> check_url(std::string_view text, bool insecure, bool bare) {
  const auto parts = split_url(text);
  if (!parts) return parts.error();
  if (!parts->user.empty()) return fail("a user name or password does not belong in this URL");
  if (parts->scheme == "http" && !insecure && !is_loopback(parts->host))
    return fail("plain http can be read by everybody on the way: use https://, or set insecure = true beside it");
  if (!bare) return std::string(text);
  if (parts->rest.find_first_of("?#") != std::string_view::npos)
    return fail("this URL must end before \"?\" and \"#\"");
  while (text.ends_with('/')) text.remove_suffix(1);
  return std::string(text);
}

Result<std::string> check_proxy(std::string_view text) {
  const auto scheme = text.substr(0, std::min(text.find("://"), text.size()));
  if (scheme.size() < text.size() && scheme.size() <= 12 && std::all_of(scheme.begin(), scheme.end(), is_alnum) &&
      lower(scheme) != "http")
    return fail(fmt::format("a proxy is written \"http://host:port\" or \"http://user:password@host:port\"; {}:// is not "
                            "spoken here", scheme));
  const auto parts = split_url(text);
  if (!parts || parts->scheme != "http" || parts->rest.find_first_not_of('/') != std::string_view::npos)
    return fail("a proxy is written \"http://host:port\" or \"http://user:password@host:port\"");
  return std::string(text);
}

Result<std::string> check_token(std::string_view text) {
  for (const unsigned char c : text)
    if (c <= 0x20 || c >= 0x7f) return fail("a token cannot hold spaces, line breaks or non-ASCII characters");
  return std::string(text);
}

bool is_endless_duration(std::string_view text) {
  const auto unit = std::min(text.find_first_not_of("0123456789"), text.size());
  if (unit == 0 || parse_duration(text)) return false;
  const auto name = text.substr(unit);
  return name == "ms" || name == "s" || name == "m" || name == "h" || name == "d";
}

std::size_t find_invalid_utf8(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = byte(i);
    const std::size_t length = lead < 0x80   ? 1
                               : lead < 0xc2 ? 0
                               : lead < 0xe0 ? 2
                               : lead < 0xf0 ? 3
                               : lead < 0xf5 ? 4
                                             : 0;
    if (length == 0 || length > text.size() - i) return i;
    for (std::size_t k = 1; k < length; ++k)
      if ((byte(i + k) & 0xc0) != 0x80) return i;
    // Overlong forms, surrogates, and what lies beyond U+10FFFF show in the second byte.
    if ((lead == 0xe0 && byte(i + 1) < 0xa0) || (lead == 0xed && byte(i + 1) > 0x9f) ||
        (lead == 0xf0 && byte(i + 1) < 0x90) || (lead == 0xf4 && byte(i + 1) > 0x8f))
      return i;
    i += length;
  }
  return std::string_view::npos;
}

std::string closest(std::string_view word, const std::vector<std::string>& known) {
  constexpr std::size_t longest = 64;
  if (word.size() > longest) return {};
  const auto written = lower(word);
  std::string best;
  std::size_t best_distance = longest;
  // Damerau-Levenshtein (optimal string alignment): a swap of two neighbours is one slip.
  std::vector<std::size_t> before, last, row;
  for (const auto& candidate : known) {
    if (candidate.size() > longest) continue;
    const auto wanted = lower(candidate);
    last.resize(wanted.size() + 1);
    for (std::size_t j = 0; j <= wanted.size(); ++j) last[j] = j;
    for (std::size_t i = 1; i <= written.size(); ++i) {
      row.assign(wanted.size() + 1, i);
      for (std::size_t j = 1; j <= wanted.size(); ++j) {
        const bool same = written[i - 1] == wanted[j - 1];
        row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (same ? 0 : 1)});
        if (i > 1 && j > 1 && written[i - 1] == wanted[j - 2] && written[i - 2] == wanted[j - 1])
          row[j] = std::min(row[j], before[j - 2] + 1);
      }
      before.swap(last);
      last.swap(row);
    }
    const auto distance = last[wanted.size()];
    const auto allowed = (std::max(written.size(), wanted.size()) + 1) / 3;
    if (distance <= allowed && distance < best_distance) {
      best = candidate;
      best_distance = distance;
    }
  }
  if (!best.empty() || written.size() < 3) return best;
  // "url" for "webhook_url", "ignore" for "ignore_authors".
  for (const auto& candidate : known)
    if (candidate.size() <= longest && lower(candidate).find(written) != std::string::npos) return candidate;
  return {};
}

namespace {

struct SizeUnit {
  std::string_view name;
  unsigned shift;
};
constexpr SizeUnit size_units[] = {{"TiB", 40}, {"GiB", 30}, {"MiB", 20}, {"KiB", 10}};

}  // namespace

std::optional<std::uint64_t> parse_size(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure != std::errc()) return std::nullopt;
  const std::string_view unit = text.substr(static_cast<std::size_t>(end - text.data()));
  for (const auto& [name, shift] : size_units)
    if (unit == name && number >> (64 - shift) == 0) return number << shift;
  return std::nullopt;
}

std::string format_size(std::uint64_t bytes) {
  for (const auto& [name, shift] : size_units)
    if (bytes != 0 && (bytes >> shift) << shift == bytes) return fmt::format("{}{}", bytes >> shift, name);
  return fmt::format("{} bytes", bytes);
}

}  // namespace beckon::core
