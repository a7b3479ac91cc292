// Secrets are known to the process by value, so that no log line, reason or error can carry one, whoever wrote it.
// Thread-safe.
#pragma once

#include <string>
#include <string_view>

namespace beckon::core {

// Remembers a secret (token, webhook URL, password) for the life of the process. Of a URL its path, the path's last
// segment, the query's values and a password are remembered too, since libraries quote URLs in pieces. Values under six
// characters are ignored: they would mask ordinary words.
void remember_secret(std::string_view secret);

// `text` with every known secret replaced by "***", and what looks like one: a GitHub token, the path of a Slack or Discord
// webhook, user and password in a URL. Linear in `text`, however many secrets there are.
std::string redact(std::string_view text);

}  // namespace beckon::core
