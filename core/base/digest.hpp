// What OpenSSL does with bytes, as texts: hashes, their notations, and random names.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace beckon::core {

std::string sha256(std::string_view bytes);      // 32 bytes
std::string base64(std::string_view bytes);      // RFC 4648, with padding
// So many random bytes in lower-case hexadecimal. Throws when the system has none.
std::string random_hex(std::size_t bytes);

}  // namespace beckon::core
