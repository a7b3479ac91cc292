// Secrets are known to the process by value, so that no log line, reason or error can carry one, whoever wrote it.
// Thread-safe.
#pragma once

#include <string>
#include <string_view>

namespace beckon::core {

// Remembers a secret (token, webhook URL, password) for the life of the process. For a URL its path's last segments
// are remembered too, since libraries quote URLs in pieces. Values under six characters are ignored: they would mask
// ordinary words.
void remember_secret(std::string_view secret);

// `text` with every known secret replaced by "***".
std::string redact(std::string_view text);

}  // namespace beckon::core
