#include "config/config.hpp"

#include "base/log.hpp"
#include "base/redaction.hpp"
#include "config/secrets.hpp"
#include "config/syntax.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <tuple>

namespace beckon::core {
namespace {

constexpr std::size_t max_shown = 64u << 20;
constexpr std::size_t window = 100;  // characters of a source line

// Their values may be shown. Everything else may be a secret, written under whatever name a plugin chose.
constexpr std::array<std::string_view, 31> harmless{
    "name",    "repo",     "repos",    "user",           "users",        "sink",         "sinks",
    "forge",   "interval", "backfill", "ignore_authors", "include_own",  "include_bots", "plugin",
    "plugins", "kind",     "insecure", "ca_file",        "subscriptions", "isolate", "memory_limit", "alerts",
    "listen",  "hosts",    "history", "repositories",    "connections",  "connections_of_one_client", "client_id", "scope", "operators"};
// Theirs too, unless there is a user or a query in them.
constexpr std::array<std::string_view, 2> addresses{"state", "api_url"};
constexpr std::size_t longest_number = 8;      // more digits may be a password without its quotes
constexpr std::size_t longest_misspelt = 42;

bool is_one_of(const auto& words, std::string_view key) {
  return std::find(words.begin(), words.end(), key) != words.end();
}
bool is_harmless(std::string_view key) { return is_one_of(harmless, key); }

// Text as between its quotes.
std::string_view inside(std::string_view value) {
  const auto begin = value.find_first_not_of("\"'");
  if (begin == value.npos) return {};
  return value.substr(begin, value.find_last_not_of("\"'") - begin + 1);
}

bool is_plain_word(std::string_view value) {
  if (value == "true" || value == "false") return true;
  return value.size() <= longest_number && value.find_first_not_of("0123456789+-._xabcdefABCDEF") == value.npos &&
         value.find_first_of("0123456789") <= 1;
}

struct Span {
  std::size_t begin = 0;
  std::size_t end = 0;
  bool comment = false;  // left out, not masked
};

// Finds the values that must not be shown. It follows strings, brackets and comments, but trusts nothing: the text may
// be no TOML at all, and then it is better to mask too much. A string that is not closed ends with its line.
class SecretSpans {
 public:
  SecretSpans(std::string_view text, const std::vector<std::string>& plain_options) : text_(text), plain_(plain_options) {
    while (at_ < text_.size()) step();
  }
  // In the order of the text, not overlapping.
  const std::vector<Span>& spans() const { return spans_; }

 private:
  void step() {
    const char c = text_[at_];
    if (c == '\n') {
      ++at_;
      if (scopes_.empty()) key_ = {};
      expects_value_ = !scopes_.empty() && scopes_.back().bracket == '[';
    } else if (c == ' ' || c == '\t' || c == '\r') {
      ++at_;
    } else if (c == '#') {
      mask(at_, line_end(at_));
      spans_.back().comment = true;
    } else if (!expects_value_) {
      step_key(c);
    } else {
      step_value(c);
    }
  }

  void step_key(char c) {
    if (c == '[' && scopes_.empty()) {  // a header
      const auto begin = std::min(text_.find_first_not_of("[ \t", at_), text_.size());
      table_ = text_.substr(begin, run(begin, is_bare) - begin);
      at_ = std::min(text_.find_first_of("#\n", at_), text_.size());
    } else if (c == '}' || c == ']') {
      close();
    } else if (c == ',') {
      ++at_;
    } else if (c == '=') {
      ++at_;
      expects_value_ = true;
    } else if (is_bare(c)) {
      const auto end = run(at_, [](char k) { return is_bare(k) || k == '.'; });
      const auto word = text_.substr(at_, end - at_);
      const auto next = run(end, [](char k) { return k == ' ' || k == '\t'; });
      const bool is_key = next < text_.size() && text_[next] == '=';
      key_ = word.substr(word.rfind('.') == word.npos ? 0 : word.rfind('.') + 1);
      if (is_key) at_ = next;
      // Not a key: a value that lost its key, or "key: value".
      else if (is_harmless(word)) mask(end, line_end(end));
      else mask(at_, line_end(at_));
    } else {
      mask(at_, line_end(at_));
    }
  }

  void step_value(char c) {
    if (c == '[' || c == '{') {
      scopes_.push_back({c, key_});
      expects_value_ = c == '[';
      ++at_;
    } else if (c == ']' || c == '}') {
      close();
    } else if (c == ',') {
      ++at_;
      expects_value_ = !scopes_.empty() && scopes_.back().bracket == '[';
    } else if (c == '"' || c == '\'') {
      value(at_, string_end(at_));
      after_value();
    } else {
      auto end = run(at_, [](char k) { return std::string_view(",]}#\r\n").find(k) == std::string_view::npos; });
      while (end > at_ + 1 && text_[end - 1] == ' ') --end;
      value(at_, end);
      after_value();
    }
  }

  void after_value() { expects_value_ = !scopes_.empty() && scopes_.back().bracket == '['; }

  void close() {
    ++at_;
    if (!scopes_.empty()) {
      key_ = scopes_.back().key;
      scopes_.pop_back();
    }
    after_value();
  }

  void value(std::size_t begin, std::size_t end) {
    if (may_be_shown(text_.substr(begin, end - begin))) at_ = end;
    else mask(begin, end);
  }

  // Inside { ... } the value's own key speaks, in a list that of the list.
  bool may_be_shown(std::string_view value) const {
    if (is_harmless(key_)) return true;
    if (!value.starts_with('"') && !value.starts_with('\'')) return is_plain_word(value);
    const auto text = inside(value);
    const bool in_braces =
        std::any_of(scopes_.begin(), scopes_.end(), [](const Scope& scope) { return scope.bracket == '{'; });
    if (in_braces && key_ == "file") return true;
    if (in_braces && key_ == "env") return check_variable_name(std::string(text)).has_value();
    if (in_braces && key_ == "credential") return check_credential_name(std::string(text)).has_value();
    if (is_one_of(addresses, key_)) return text.find_first_of("@?") == text.npos;
    const bool may_hide_more = text.find('@') != text.npos || text.find("://") != text.npos;
    if ((in_braces || table_ == "sinks") && is_one_of(plain_, key_)) return !may_hide_more;
    // "usr", "intervall": the value is what belongs under the key that was meant.
    if (in_braces || (table_ != "bot" && table_ != "subscriptions") || text.size() > longest_misspelt) return false;
    return !may_hide_more && !closest(key_, {harmless.begin(), harmless.end()}).empty();
  }

  void mask(std::size_t begin, std::size_t end) {
    if (end > begin) spans_.push_back({begin, end});
    at_ = std::max(end, at_);
  }

  static bool is_bare(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  }

  template <class Belongs>
  std::size_t run(std::size_t from, Belongs belongs) const {
    while (from < text_.size() && belongs(text_[from])) ++from;
    return from;
  }

  std::size_t line_end(std::size_t from) const { return std::min(text_.find('\n', from), text_.size()); }

  std::size_t string_end(std::size_t from) const {
    const char quote = text_[from];
    const std::string triple(3, quote);
    if (text_.substr(from, 3) == triple) {
      const auto end = text_.find(triple, from + 3);
      return end == text_.npos ? text_.size() : run(end, [&](char k) { return k == quote; });
    }
    const auto limit = line_end(from);
    for (auto i = from + 1; i < limit; ++i) {
      if (quote == '"' && text_[i] == '\\') ++i;
      else if (text_[i] == quote) return i + 1;
    }
    return limit;
  }

  struct Scope {
    char bracket;
    std::string_view key;
  };
  std::string_view text_;
  const std::vector<std::string>& plain_;
  std::size_t at_ = 0;
  std::string_view table_;  // the first part of the header above
  std::string_view key_;
  bool expects_value_ = false;
  std::vector<Scope> scopes_;
  std::vector<Span> spans_;
};

struct Excerpt {
  std::string line;
  std::string caret;
};

bool continues(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

std::string for_terminal(const std::string& text) { return log::printable(redact(text)); }

// The line with its secrets masked and "?" for what a terminal would not show, cut to the window around `column` (in
// characters, from 1).
Excerpt excerpt(std::string_view text, std::string_view line, std::uint32_t column, const std::vector<Span>& secrets) {
  std::vector<std::string> characters;  // as shown
  std::size_t caret = 0;
  std::uint32_t position = 0;
  const auto base = static_cast<std::size_t>(line.data() - text.data());
  auto secret =
      std::lower_bound(secrets.begin(), secrets.end(), base, [](const Span& s, std::size_t at) { return s.end <= at; });
  bool masked = false;
  for (std::size_t i = 0; i < line.size();) {
    std::size_t length = 1;
    while (i + length < line.size() && continues(line[i + length])) ++length;
    while (secret != secrets.end() && secret->end <= base + i) {
      ++secret;
      masked = false;
    }
    if (++position == column) caret = characters.size();
    const bool hidden = secret != secrets.end() && secret->begin <= base + i;
    if (hidden && secret->comment) {
      // nothing of it
    } else if (hidden) {
      if (masked && position == column) caret = characters.size() - 1;
      if (!masked) characters.emplace_back("***");
      masked = true;
    } else {
      const auto character = line.substr(i, length);
      characters.push_back(character == "\t" ? " " : log::printable(character) == character ? std::string(character) : "?");
    }
    i += length;
  }
  if (column > position) caret = characters.size();
  const auto first = caret > window * 3 / 4 ? caret - window * 3 / 4 : 0;
  Excerpt result;
  for (auto i = first; i < characters.size() && i < first + window; ++i) {
    if (i < caret) result.caret.append(characters[i] == "***" ? 3 : 1, ' ');
    result.line += characters[i];
  }
  result.line.erase(result.line.find_last_not_of(' ') + 1);
  result.caret += '^';
  return result;
}

}  // namespace

void sort_errors(std::vector<ConfigError>& errors) {
  std::stable_sort(errors.begin(), errors.end(), [](const auto& a, const auto& b) {
    return std::tie(a.place.file, a.place.line, a.place.column) < std::tie(b.place.file, b.place.line, b.place.column);
  });
}

std::string place_and_message(const std::filesystem::path& file, const ConfigError& error) {
  const auto [line, column, source] = error.place;
  const auto place = line == 0 ? file.native() : fmt::format("{}:{}:{}", file.native(), line, column);
  const bool left_out = source == Origin::added && !error.warning;
  return fmt::format("{}: {}{}", place, left_out ? "left out: " : "", redact(error.message));
}

std::string render_errors(const std::filesystem::path& file, const std::vector<ConfigError>& errors,
                          const std::vector<std::string>& plain_options) {
  auto sorted = errors;
  sort_errors(sorted);
  std::error_code ignored;
  std::string text;
  if (std::filesystem::is_regular_file(file, ignored))
    if (auto source = read_file(file, max_shown)) text = std::move(*source);
  const SecretSpans secrets(text, plain_options);

  std::string out;
  std::string_view rest = text;  // sorted by line: the text is walked once
  std::uint32_t at_line = 1;
  for (const auto& error : sorted) {
    const auto kind = error.warning ? "warning" : error.is_fatal() ? "error" : "left out";
    const auto [line, column, source] = error.place;
    if (line == 0) {
      out += fmt::format("{}: {}: {}\n", file.native(), kind, for_terminal(error.message));
      continue;
    }
    out += fmt::format("{}:{}:{}: {}: {}\n", file.native(), line, column, kind, for_terminal(error.message));
    for (; at_line < line && !rest.empty(); ++at_line)
      rest.remove_prefix(std::min(rest.find('\n'), rest.size() - 1) + 1);
    const auto source_line = at_line == line ? line_of(rest, 1) : std::string_view();
    if (source_line.find_first_not_of(" \t") == std::string_view::npos) continue;
    const auto shown = excerpt(text, source_line, column, secrets.spans());
    out += fmt::format("  {}\n  {}\n", redact(shown.line), shown.caret);
  }
  return out;
}

}  // namespace beckon::core
