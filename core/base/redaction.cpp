#include "base/redaction.hpp"

#include <algorithm>
#include <mutex>
#include <vector>

namespace beckon::core {
namespace {

constexpr std::size_t shortest_secret = 6;

struct Secrets {
  std::mutex mutex;
  std::vector<std::string> values;  // longest first, so that a URL is masked before its tail is
};

// Never destroyed: a library's thread may log while statics die.
Secrets& secrets() {
  static auto* instance = new Secrets;
  return *instance;
}

void insert(Secrets& known, std::string_view value) {
  if (value.size() < shortest_secret) return;
  const auto longer = [](const std::string& a, const std::string& b) {
    return a.size() != b.size() ? a.size() > b.size() : a < b;
  };
  std::string copy(value);
  const auto at = std::lower_bound(known.values.begin(), known.values.end(), copy, longer);
  if (at == known.values.end() || *at != copy) known.values.insert(at, std::move(copy));
}

}  // namespace

void remember_secret(std::string_view secret) {
  Secrets& known = secrets();
  const std::lock_guard lock(known.mutex);
  insert(known, secret);
  const auto scheme = secret.find("://");
  if (scheme == std::string_view::npos) return;
  // Of ".../services/T0/B0/XXXX" the path and its last segment; hosts are no secret.
  const auto path = secret.find('/', scheme + 3);
  if (path == std::string_view::npos) return;
  const auto end = std::min(secret.find('?', path), secret.size());
  insert(known, secret.substr(path, end - path));
  const auto last = secret.rfind('/', end - 1);
  if (last != std::string_view::npos && last >= path) insert(known, secret.substr(last + 1, end - last - 1));
}

std::string redact(std::string_view text) {
  Secrets& known = secrets();
  const std::lock_guard lock(known.mutex);
  std::string clean(text);
  for (const std::string& value : known.values) {
    for (auto at = clean.find(value); at != std::string::npos; at = clean.find(value, at + 3))
      clean.replace(at, value.size(), "***");
  }
  return clean;
}

}  // namespace beckon::core
