#include "base/redaction.hpp"

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <cstring>
#include <deque>
#include <mutex>
#include <set>
#include <unordered_set>

namespace beckon::core {
namespace {

constexpr std::size_t shortest_secret = 6;

std::uint64_t head_of(std::string_view text) {
  std::uint64_t head = 0;
  std::memcpy(&head, text.data(), shortest_secret);
  return head;
}

// Every log line and every settlement is searched for as many secrets as there are targets, 100,000 perhaps: so by their
// heads, at a cost that depends on the text alone.
class Secrets {
 public:
  // Bytes that stay: pieces of a URL need no copies of their own.
  std::string_view keep(std::string_view text) {
    constexpr std::size_t block = 64 << 10;
    if (blocks_.empty() || blocks_.back().capacity() - blocks_.back().size() < text.size())
      blocks_.emplace_back().reserve(std::max(block, text.size()));
    std::string& last = blocks_.back();
    last += text;
    return std::string_view(last).substr(last.size() - text.size());
  }
  bool known(std::string_view value) const { return values_.contains(value); }
  // `value` has been kept.
  void insert(std::string_view value) {
    if (value.size() < shortest_secret) return;
    values_.insert(value);
    heads_.insert(head_of(value));
  }

  // The length of the longest secret that `text` begins with, or 0.
  std::size_t longest_at(std::string_view text) const {
    if (text.size() < shortest_secret || !heads_.contains(head_of(text))) return 0;
    while (true) {
      auto after = values_.upper_bound(text);
      if (after == values_.begin()) return 0;
      const std::string_view before = *--after;
      const auto differs = std::mismatch(before.begin(), before.end(), text.begin(), text.end()).first;
      const auto shared = static_cast<std::size_t>(differs - before.begin());
      if (shared == before.size()) return shared;
      text = text.substr(0, shared);  // whatever else begins `text` begins this as well
    }
  }

  std::mutex mutex;

 private:
  std::deque<std::string> blocks_;
  std::set<std::string_view> values_;
  std::unordered_set<std::uint64_t> heads_;
};

// Never destroyed: a library's thread may log while statics die.
Secrets& secrets() {
  static auto* instance = new Secrets;
  return *instance;
}

// Of "https://me:PASSWORD@host/services/T0/B0/XXXX?token=YYYY" the password, the path, its last segment and the values of
// the query; hosts are no secret.
void insert_pieces(Secrets& known, std::string_view url) {
  const auto scheme = url.find("://");
  if (scheme == std::string_view::npos) return;
  url.remove_prefix(scheme + 3);
  url = url.substr(0, url.find('#'));
  const auto question = std::min(url.find('?'), url.size());
  std::string_view query = url.substr(std::min(question + 1, url.size()));
  url = url.substr(0, question);
  const auto slash = std::min(url.find('/'), url.size());
  const std::string_view path = url.substr(slash);
  const std::string_view authority = url.substr(0, slash);
  if (const auto at = authority.rfind('@'); at != std::string_view::npos) {
    const std::string_view user = authority.substr(0, at);
    known.insert(user.substr(user.find(':') + 1));  // all of it where there is no colon
  }
  known.insert(path);
  known.insert(path.substr(path.rfind('/') + 1));
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(pair.size() + 1, query.size()));
    known.insert(pair.substr(pair.find('=') + 1));
  }
}

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '-'; }

// The length of what looks like a secret at `at`, though nobody has told us of it: somebody has written it in the wrong
// place. GitHub's tokens by their prefixes, what makes a webhook of Slack or Discord one, user and password in a URL.
// https://docs.github.com/en/authentication/keeping-your-account-and-data-secure/about-authentication-to-github
std::size_t looks_secret(std::string_view text, std::size_t at) {
  constexpr std::size_t shortest = 20;
  constexpr std::string_view tokens[] = {"ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"};
  constexpr std::string_view hooks[] = {"hooks.slack.com/services/", "/api/webhooks/"};
  const std::string_view before = text.substr(0, at), rest = text.substr(at);
  const auto run = [&](auto belongs) {
    return static_cast<std::size_t>(std::find_if_not(rest.begin(), rest.end(), belongs) - rest.begin());
  };
  if (rest.starts_with('g') && (before.empty() || !is_word(before.back())))
    for (const std::string_view token : tokens)
      if (rest.starts_with(token) && run(is_word) >= shortest) return run(is_word);
  if (!before.ends_with('/')) return 0;
  for (const std::string_view hook : hooks) {
    if (!before.ends_with(hook)) continue;
    const std::size_t length = run([](char c) { return is_word(c) || c == '/'; });
    if (length >= shortest) return length;
  }
  if (!before.ends_with("://")) return 0;
  const std::string_view authority = rest.substr(0, rest.find_first_of(" \t\n\"'<>/?#"));
  const auto user_end = authority.rfind('@');
  return user_end == std::string_view::npos ? 0 : user_end;
}

}  // namespace

void remember_secret(std::string_view secret) {
  Secrets& known = secrets();
  const std::lock_guard lock(known.mutex);
  if (secret.size() < shortest_secret || known.known(secret)) return;
  const std::string_view kept = known.keep(secret);
  known.insert(kept);
  insert_pieces(known, kept);
}

std::string redact(std::string_view text) {
  Secrets& known = secrets();
  const std::lock_guard lock(known.mutex);
  std::string clean;
  clean.reserve(text.size());
  std::size_t masked = 0;  // up to here; secrets may overlap
  for (std::size_t at = 0; at < text.size(); ++at) {
    const std::size_t length = std::max(known.longest_at(text.substr(at)), looks_secret(text, at));
    if (length > 0) {
      if (at >= masked) clean += "***";
      masked = std::max(masked, at + length);
    }
    if (at >= masked) clean += text[at];
  }
  return clean;
}

}  // namespace beckon::core
