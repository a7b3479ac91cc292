// Signatures as github.com/standard-webhooks/standard-webhooks has them, version 1: HMAC-SHA256. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace beckon::webhook {

// The keys of secrets that stand apart by blanks, each "whsec_" and the base64 of 24 to 64 bytes. Nothing when one of them is
// no such secret.
std::optional<std::vector<std::string>> read_secrets(std::string_view secrets);

// The value of webhook-signature: one signature a key, so that a receiver may change its secret at its leisure.
std::string signatures(const std::vector<std::string>& keys, std::string_view id, std::string_view timestamp,
                       std::string_view body);

}  // namespace beckon::webhook
