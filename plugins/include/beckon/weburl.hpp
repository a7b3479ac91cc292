// URLs as sinks meet them: configured ones whose query must be changed, and ones from the forge's text that must not
// break out of a medium's link syntax. For authors of sinks; header-only, any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace beckon::weburl {

inline bool is_web(std::string_view url) noexcept {
  const auto begins = [&](std::string_view scheme) {
    if (url.size() <= scheme.size()) return false;
    for (std::size_t i = 0; i < scheme.size(); ++i) {
      const char c = url[i] >= 'A' && url[i] <= 'Z' ? static_cast<char>(url[i] + 32) : url[i];
      if (c != scheme[i]) return false;
    }
    return true;
  };
  return begins("https://") || begins("http://");
}

// A web address in which everything that could end a link (blanks, controls, quotes, brackets, bars, backslashes,
// backticks, non-ASCII) is percent-encoded; empty when it is no web address or is longer than `longest` bytes then.
inline std::string safe(std::string_view url, std::size_t longest = 2000) {
  if (!is_web(url)) return {};
  constexpr char digits[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : url) {
    const auto byte = static_cast<unsigned char>(c);
    const bool encode =
        byte <= 0x20 || byte >= 0x7F || std::string_view("\"'<>()[]{}|\\^`*~").find(c) != std::string_view::npos;
    if (encode) {
      out += '%';
      out += digits[byte >> 4];
      out += digits[byte & 15];
    } else {
      out += c;
    }
    if (out.size() > longest) return {};
  }
  return out;
}

// Any text as one part of a path.
inline std::string segment(std::string_view text) {
  constexpr char digits[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                       c == '_' || c == '~' || (c == '.' && text.find_first_not_of('.') != std::string_view::npos);
    if (plain) out += c;
    else out.append(1, '%').append(1, digits[byte >> 4]).append(1, digits[byte & 15]);
  }
  return out;
}

// `base`, which may end with a "/", and the path behind it.
inline std::string under(std::string_view base, std::string_view path) {
  while (!base.empty() && base.back() == '/') base.remove_suffix(1);
  return std::string(base).append(path);
}

// What a link may say of itself: its own label, unless that names one address while the link leads to another.
inline std::string honest_label(std::string_view label, std::string_view url) {
  const bool has_scheme = label.find("://") != std::string_view::npos;
  if (label.empty()) return std::string(url);
  if (!has_scheme && label.substr(0, 4) != "www.") return std::string(label);
  const auto plain = [](std::string_view address) {
    const std::size_t scheme = address.find("://");
    if (scheme != std::string_view::npos) address.remove_prefix(scheme + 3);
    if (!address.empty() && address.back() == '/') address.remove_suffix(1);
    return address;
  };
  return std::string(plain(label) == plain(url) ? label : url);
}

// "hooks.example.com" of "https://Hooks.Example.com:443/x?y": in lower case, without user and port.
inline std::string host(std::string_view url) {
  const std::size_t scheme = url.find("://");
  if (scheme != std::string_view::npos) url.remove_prefix(scheme + 3);
  url = url.substr(0, url.find_first_of("/?#"));
  if (const std::size_t at = url.rfind('@'); at != std::string_view::npos) url.remove_prefix(at + 1);
  const std::size_t port = url.rfind(':');
  if (port != std::string_view::npos && url.find(']', port) == std::string_view::npos) url = url.substr(0, port);
  std::string lower(url);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return lower;
}

// The parts of its path that are not empty: "a", "b" of "https://example.com/a/b/?c".
inline std::vector<std::string_view> path(std::string_view url) {
  const std::size_t scheme = url.find("://");
  if (scheme != std::string_view::npos) url.remove_prefix(scheme + 3);
  url = url.substr(0, url.find_first_of("?#"));
  url.remove_prefix(url.find('/') < url.size() ? url.find('/') : url.size());
  std::vector<std::string_view> parts;
  while (!url.empty()) {
    const std::string_view part = url.substr(0, url.find('/'));
    if (!part.empty()) parts.push_back(part);
    url.remove_prefix(part.size() < url.size() ? part.size() + 1 : url.size());
  }
  return parts;
}

// Is `host` this domain, or one under it?
inline bool is_under(std::string_view host, std::string_view domain) {
  if (host.size() < domain.size() || host.substr(host.size() - domain.size()) != domain) return false;
  return host.size() == domain.size() || host[host.size() - domain.size() - 1] == '.';
}

struct Parts {
  std::string base;  // up to the query
  std::vector<std::pair<std::string, std::string>> query;  // as written; a key without "=" has an empty value
};

inline Parts split(std::string_view url) {
  url = url.substr(0, url.find('#'));
  const std::size_t mark = url.find('?');
  Parts parts{std::string(url.substr(0, mark)), {}};
  if (mark == std::string_view::npos) return parts;
  url.remove_prefix(mark + 1);
  while (!url.empty()) {
    const std::string_view pair = url.substr(0, url.find('&'));
    url.remove_prefix(pair.size() < url.size() ? pair.size() + 1 : url.size());
    const std::size_t equals = pair.find('=');
    if (pair.empty()) continue;
    parts.query.emplace_back(pair.substr(0, equals),
                             equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1));
  }
  return parts;
}

inline std::string join(const Parts& parts) {
  std::string url = parts.base;
  char sign = '?';
  for (const auto& [key, value] : parts.query) {
    url.append(1, sign).append(key);
    if (!value.empty()) url.append(1, '=').append(value);
    sign = '&';
  }
  return url;
}

// Every pair of that key goes; `value`, unless empty, comes in at the end.
inline void set(Parts& parts, std::string_view key, std::string_view value) {
  for (auto it = parts.query.begin(); it != parts.query.end();) it = it->first == key ? parts.query.erase(it) : it + 1;
  if (!value.empty()) parts.query.emplace_back(key, value);
}

inline std::string_view get(const Parts& parts, std::string_view key) noexcept {
  for (const auto& [name, value] : parts.query) {
    if (name == key) return value;
  }
  return {};
}

}  // namespace beckon::weburl
