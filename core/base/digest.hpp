// What OpenSSL does with bytes, as texts: hashes, their notations, and random names.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace beckon::core {

std::string sha256(std::string_view bytes);      // FIPS 180-4, 32 bytes
// FIPS 198-1, 32 bytes. Throws when OpenSSL has been told to do without.
std::string hmac_sha256(std::string_view key, std::string_view text);
std::string base64(std::string_view bytes);      // RFC 4648, with padding
std::string hexadecimal(std::string_view bytes); // in lower case
// So many random bytes in lower-case hexadecimal. Throws when the system has none.
std::string random_hex(std::size_t bytes);

}  // namespace beckon::core
