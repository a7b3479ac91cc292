#include "signature.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <stdexcept>

namespace beckon::webhook {
namespace {

constexpr std::string_view secret_mark = "whsec_";
constexpr std::size_t shortest_key = 24;
constexpr std::size_t longest_key = 64;

std::string base64(const unsigned char* bytes, std::size_t size) {
  std::string out(4 * ((size + 2) / 3) + 1, '\0');
  const int written = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()), bytes, static_cast<int>(size));
  out.resize(static_cast<std::size_t>(written));
  return out;
}

// OpenSSL takes blanks, and counts what fills up the last block as bytes.
std::optional<std::string> unbase64(std::string_view text) {
  constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const std::size_t filling = text.size() - (text.find_last_not_of('=') + 1);
  if (text.empty() || text.size() % 4 != 0 || text.size() > 128 || filling > 2) return std::nullopt;
  if (text.substr(0, text.size() - filling).find_first_not_of(letters) != std::string_view::npos) return std::nullopt;
  std::string bytes(text.size() / 4 * 3, '\0');
  const int written = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                                      reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
  if (written < 0) return std::nullopt;
  bytes.resize(static_cast<std::size_t>(written) - filling);
  return bytes;
}

}  // namespace

std::optional<std::vector<std::string>> read_secrets(std::string_view secrets) {
  std::vector<std::string> keys;
  while (!secrets.empty()) {
    const std::string_view secret = secrets.substr(0, secrets.find(' '));
    secrets.remove_prefix(secret.size() < secrets.size() ? secret.size() + 1 : secrets.size());
    if (secret.empty()) continue;
    if (secret.substr(0, secret_mark.size()) != secret_mark) return std::nullopt;
    std::optional<std::string> key = unbase64(secret.substr(secret_mark.size()));
    if (!key || key->size() < shortest_key || key->size() > longest_key) return std::nullopt;
    keys.push_back(std::move(*key));
  }
  return keys;
}

std::string signatures(const std::vector<std::string>& keys, std::string_view id, std::string_view timestamp,
                       std::string_view body) {
  std::string signed_text(id);
  signed_text.append(".").append(timestamp).append(".").append(body);
  std::string all;
  for (const std::string& key : keys) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    if (!HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), reinterpret_cast<const unsigned char*>(signed_text.data()),
              signed_text.size(), digest.data(), &size))
      throw std::runtime_error("OpenSSL could not sign the message");
    all.append(all.empty() ? "v1," : " v1,").append(base64(digest.data(), size));
  }
  return all;
}

}  // namespace beckon::webhook
