#include "forge/github_refusal.hpp"

#include "base/redaction.hpp"
#include "forge/github_json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>

namespace beckon::core {
namespace {

constexpr Milliseconds longest_wait = 24h;    // a clock that is years off must not silence a credential for years
constexpr Milliseconds first_silent_wait = 60s;
constexpr Milliseconds longest_silent_wait = 1h;

std::optional<std::int64_t> read_number(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < 0) return std::nullopt;
  return number;
}

Milliseconds bounded(std::chrono::seconds wait) {
  return std::clamp<Milliseconds>(wait, 0ms, longest_wait);
}

bool contains_word(std::string text, std::string_view words) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text.find(words) != std::string::npos;
}

bool is_rate_limit(const HttpResponse& response, const std::string& message) {
  if (response.status == 429) return true;
  if (response.status != 403) return false;
  return !find_header(response.headers, "retry-after").empty() ||
         !find_header(response.headers, "gh-limited-by").empty() ||
         find_header(response.headers, "x-ratelimit-remaining") == "0" || contains_word(message, "rate limit") ||
         contains_word(message, "abuse detection");
}

Milliseconds silent_wait(unsigned limited_before) {
  const auto wait = first_silent_wait * (std::int64_t{1} << std::min(limited_before, 10u));
  return std::min<Milliseconds>(wait, longest_silent_wait);
}

std::string token_key(const Asked& asked) { return core::token_key(asked.credential, asked.token_variable); }
std::string the_token(const Asked& asked) { return core::the_token(asked.credential, asked.token_variable); }

ForgeError rate_limited(const HttpResponse& response, const Asked& asked, unsigned limited_before, WallTime now) {
  const Quota quota = read_quota(response.headers, now);
  const bool used_up = find_header(response.headers, "x-ratelimit-remaining") == "0";
  ForgeError error{ForgeFailure::rate_limited, {}, read_retry_after(response.headers, now)};
  if (!error.retry_after && used_up && quota.reset_after) error.retry_after = *quota.reset_after + 1s;
  const bool silent = !error.retry_after;
  if (silent) error.retry_after = silent_wait(limited_before);
  const std::string until = format_time_of_day(now + *error.retry_after);
  if (!used_up) {
    error.message = fmt::format("{} asks for fewer requests (its secondary rate limit){}; Beckon waits {}, until {}",
                                asked.host, silent ? " and does not say for how long" : "",
                                format_about(*error.retry_after), until);
  } else if (asked.authenticated) {
    error.message =
        fmt::format("{} has used up its rate limit at {}; Beckon waits until {}", the_token(asked), asked.host, until);
  } else {
    error.message = fmt::format("{} allows no more requests without a token until {}: set {}", asked.host, until,
                                token_key(asked));
  }
  return error;
}

// "pull_requests=read,contents=read; issues=read" → "pull_requests: read and contents: read, or issues: read"
std::string permissions_for_people(std::string_view header) {
  std::string text;
  for (const char c : header.substr(0, 200)) {
    if (c == ';') text += ", or";
    else if (c == ',') text += " and ";
    else if (c == '=') text += ": ";
    else if (std::isalnum(static_cast<unsigned char>(c)) || c == '_' || (c == ' ' && !text.ends_with(' '))) text += c;
  }
  return text;
}

std::string_view usual_permission(Asked::Subject subject) {
  switch (subject) {
    case Asked::Subject::account:
    case Asked::Subject::repository: return "metadata: read";
    case Asked::Subject::bodies:
    case Asked::Subject::comments: return "issues: read";
    case Asked::Subject::review_comments:
    case Asked::Subject::reviews:
    case Asked::Subject::pull_requests: return "pull_requests: read";
  }
  return "metadata: read";
}

std::string needed_permission(const HttpResponse& response, const Asked& asked) {
  const std::string told = permissions_for_people(find_header(response.headers, "x-accepted-github-permissions"));
  return told.empty() ? std::string(usual_permission(asked.subject)) : told;
}

std::string status_for_people(const HttpResponse& response, const std::string& message) {
  return message.empty() ? fmt::format("{}", response.status) : fmt::format("{} \"{}\"", response.status, message);
}

std::string unauthorized(const Asked& asked, const std::string& status) {
  if (!asked.authenticated)
    return fmt::format("{} answers nobody without a token ({}): set {}", asked.host, status, token_key(asked));
  return fmt::format("{} does not accept {} ({}): it is wrong, expired or revoked; create a new one", asked.host,
                     the_token(asked), status);
}

std::string forbidden(const HttpResponse& response, const Asked& asked, const std::string& status) {
  const std::string what = describe(asked);
  if (!asked.authenticated)
    return fmt::format("{} may not be read without a token ({}): set {}", what, status, token_key(asked));
  if (asked.subject == Asked::Subject::account)
    return fmt::format("{} refuses {} ({})", asked.host, the_token(asked), status);
  if (!find_header(response.headers, "x-github-sso").empty())
    return fmt::format("{} may not be read ({}): authorize {} for the organization's single sign-on", what, status,
                       the_token(asked));
  return fmt::format("{} may not be read ({}): give {} the permission \"{}\" for this repository", what, status,
                     the_token(asked), needed_permission(response, asked));
}

std::string not_found(const HttpResponse& response, const Asked& asked, const std::string& status) {
  if (asked.subject == Asked::Subject::account)
    return fmt::format("{} does not know what GitHub is asked for {} ({}); is {} the address of its API?", asked.host,
                       describe(asked), status, api_url_key(asked.credential, asked.token_variable));
  if (asked.subject == Asked::Subject::repository && !asked.authenticated)
    return fmt::format("{} does not exist or is private ({}): check the spelling, or set {}", asked.repository, status,
                       token_key(asked));
  if (asked.subject == Asked::Subject::repository)
    return fmt::format(
        "{} does not exist, or {} has no access to it ({}): check the spelling and the token's list of repositories",
        asked.repository, the_token(asked), status);
  if (!asked.authenticated)
    return fmt::format("{} cannot be found ({}): they may be switched off in the repository, or need a token",
                       describe(asked), status);
  return fmt::format(
      "{} cannot be found ({}): they may be switched off in the repository, or {} lacks the permission \"{}\"",
      describe(asked), status, the_token(asked), needed_permission(response, asked));
}

bool is_html(const HttpResponse& response) {
  return find_header(response.headers, "content-type").starts_with("text/html") ||
         response.body.starts_with("<!DOCTYPE");
}

}  // namespace

std::string token_key(const std::string& name, const std::string& variable) {
  return variable.empty() ? fmt::format("`token` in [forges.{}]", name) : "$" + variable;
}

std::string the_token(const std::string& name, const std::string& variable) {
  return variable.empty() ? fmt::format("the token of [forges.{}]", name) : "the token in $" + variable;
}

std::string api_url_key(const std::string& name, const std::string& variable) {
  return variable.empty() ? fmt::format("`api_url` of [forges.{}]", name) : "--api-url";
}

std::string describe(const Asked& asked) {
  switch (asked.subject) {
    case Asked::Subject::account: return asked.authenticated ? "the account of " + the_token(asked) : "its rate limit";
    case Asked::Subject::repository: return asked.repository;
    case Asked::Subject::bodies: return "the issues and pull requests of " + asked.repository;
    case Asked::Subject::comments: return "the comments of " + asked.repository;
    case Asked::Subject::review_comments: return "the review comments of " + asked.repository;
    case Asked::Subject::reviews: return "the reviews of " + asked.repository;
    case Asked::Subject::pull_requests: return "the pull requests of " + asked.repository;
  }
  return asked.repository;
}

ForgeTime date_of(const HttpHeaders& headers, WallTime now) {
  const auto date = parse_http_date(find_header(headers, "date"));
  return date ? *date : std::chrono::floor<std::chrono::seconds>(now);
}

std::optional<Milliseconds> read_retry_after(const HttpHeaders& headers, WallTime now) {
  const std::string_view value = find_header(headers, "retry-after");
  if (const auto seconds = read_number(value))
    return bounded(std::chrono::seconds(std::min<std::int64_t>(*seconds, 86400)));
  if (const auto until = parse_http_date(value)) return bounded(*until - date_of(headers, now));
  return std::nullopt;
}

Quota read_quota(const HttpHeaders& headers, WallTime now) {
  Quota quota;
  quota.limit = read_number(find_header(headers, "x-ratelimit-limit")).value_or(0);
  quota.remaining = read_number(find_header(headers, "x-ratelimit-remaining")).value_or(0);
  // Years beyond 9999 are no times; the subtraction below must not overflow on them.
  const auto reset = read_number(find_header(headers, "x-ratelimit-reset"));
  if (reset && *reset < 253402300800) quota.reset_after = bounded(from_unix_s(*reset) - date_of(headers, now));
  return quota;
}

ForgeError refusal(const HttpResponse& response, const Asked& asked, unsigned limited_before, WallTime now) {
  const std::string message = redact(read_error_message(response.body));
  const std::string status = status_for_people(response, message);
  if (is_rate_limit(response, message)) return rate_limited(response, asked, limited_before, now);
  switch (response.status) {
    case 401: return {ForgeFailure::unauthorized, unauthorized(asked, status), {}};
    case 403:
      if (contains_word(message, "access blocked"))
        return {ForgeFailure::blocked, fmt::format("{} has closed {} ({})", asked.host, asked.repository, status), {}};
      return {ForgeFailure::forbidden, forbidden(response, asked, status), {}};
    case 404: return {ForgeFailure::not_found, not_found(response, asked, status), {}};
    case 410:
      if (asked.subject == Asked::Subject::repository)
        return {ForgeFailure::disabled,
                fmt::format("{} is gone from {} ({})", asked.repository, asked.host, status),
                {}};
      return {ForgeFailure::disabled, fmt::format("{} are switched off ({})", describe(asked), status), {}};
    case 451:
      return {ForgeFailure::blocked,
              fmt::format("{} has closed {} for legal reasons ({})", asked.host, asked.repository, status),
              {}};
    default: break;
  }
  const auto retry_after = read_retry_after(response.headers, now);
  if (response.status >= 500)
    return {ForgeFailure::unavailable,
            fmt::format("{} is in trouble ({}{}); Beckon asks again", asked.host, status,
                        is_html(response) ? ", a web page instead of an answer" : ""),
            retry_after};
  return {ForgeFailure::unavailable,
          fmt::format("{} answered {} to a question about {}; is {} the address of its API?", asked.host, status,
                      describe(asked), api_url_key(asked.credential, asked.token_variable)),
          retry_after};
}

std::optional<WallTime> token_expiry(std::string_view header) {
  constexpr std::size_t date = 10, time = 8;
  if (header.size() < date + 1 + time || header[date] != ' ') return std::nullopt;
  const auto local = parse_iso_time(fmt::format("{}T{}Z", header.substr(0, date), header.substr(date + 1, time)));
  if (!local) return std::nullopt;
  std::string_view zone = header.substr(date + 1 + time);
  zone.remove_prefix(std::min(zone.find_first_not_of(' '), zone.size()));
  std::chrono::minutes east{0};
  int hours = 0, minutes = 0;
  const bool offset = zone.size() == 5 && (zone[0] == '+' || zone[0] == '-') &&
                      std::from_chars(zone.data() + 1, zone.data() + 3, hours).ptr == zone.data() + 3 &&
                      std::from_chars(zone.data() + 3, zone.data() + 5, minutes).ptr == zone.data() + 5;
  if (offset) east = (zone[0] == '-' ? -1 : 1) * std::chrono::minutes(60 * hours + minutes);
  return WallTime(*local - east);
}

}  // namespace beckon::core
