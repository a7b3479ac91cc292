#include "fuzz/forgetful_redaction.hpp"

#include "base/redaction.hpp"

namespace beckon::fuzz {
namespace {

std::vector<std::string>& known() {
  static std::vector<std::string> known;
  return known;
}

}  // namespace

void forget_secrets() { known().clear(); }
const std::vector<std::string>& secrets() { return known(); }

}  // namespace beckon::fuzz

namespace beckon::core {

void remember_secret(std::string_view secret) {
  if (secret.size() >= 6) fuzz::known().emplace_back(secret);
}

std::string redact(std::string_view text) {
  std::string clean(text);
  for (const auto& secret : fuzz::known())
    for (auto at = clean.find(secret); at != std::string::npos; at = clean.find(secret, at + 3))
      clean.replace(at, secret.size(), "***");
  return clean;
}

}  // namespace beckon::core
