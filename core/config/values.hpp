// What a configured text may be: pure checks whose errors are sentences. They quote what they refuse, except URLs and
// proxies, which may hold secrets.
#pragma once

#include "base/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace beckon::core {

std::string lower(std::string_view text);  // ASCII

// For messages: in double quotes, control characters escaped, cut after 80 bytes at a character.
std::string in_quotes(std::string_view text);

// "owner/name" as GitHub allows it; a pasted URL is refused with what to write instead.
Result<std::string> check_repository(std::string_view text);
// In lower case, a leading "@" dropped: "octocat", "org/team", or "*" for everybody. Legacy logins (trailing or double
// hyphen) and those of managed users (underscore) are allowed.
Result<std::string> check_login(std::string_view text);
// One author in lower case; "dependabot[bot]" too.
Result<std::string> check_author(std::string_view text);

// http(s)://host[:port][/...]. Plain http only to this machine unless `insecure`. `bare`: without query or fragment, as
// a base that paths are appended to; then the trailing slashes are dropped.
Result<std::string> check_url(std::string_view text, bool insecure, bool bare = false);
// http://[user:password@]host:port
Result<std::string> check_proxy(std::string_view text);
// A credential that goes into a header: printable ASCII without spaces.
Result<std::string> check_token(std::string_view text);

// "99999999999999999d": written as a duration, but too large to be counted. parse_duration takes it for none.
bool is_endless_duration(std::string_view text);

// "512MiB", "2GiB", "64KiB"; nullopt for anything else, and for what does not fit into 64 bits.
std::optional<std::uint64_t> parse_size(std::string_view text);
std::string format_size(std::uint64_t bytes);   // in the largest of these units that is exact

// Offset of the first byte that is not UTF-8, or npos.
std::size_t find_invalid_utf8(std::string_view text);

}  // namespace beckon::core
