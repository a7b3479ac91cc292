#include "mention/names.hpp"

#include "mention/ascii.hpp"

namespace beckon::core {
namespace {

// Far above any login (39) and team slug; keeps a hostile comment from filling the log with one name.
constexpr std::size_t longest_name = 255;

std::size_t skip(std::string_view text, std::size_t at, std::string_view also) {
  while (at < text.size() && (is_alnum(text[at]) || also.find(text[at]) != std::string_view::npos)) ++at;
  return at;
}

bool word_at(std::string_view text, std::size_t at) {
  return at < text.size() && (is_alnum(text[at]) || text[at] == '_');
}

bool begins_name(std::string_view text, std::size_t at) {
  if (at + 1 >= text.size() || !is_alnum(text[at + 1])) return false;
  return at == 0 || (!word_at(text, at - 1) && text[at - 1] != '`');
}

bool may_follow_user(std::string_view text, std::size_t end) {
  if (end == text.size()) return true;
  if (text[end] == '.') return !word_at(text, end + 1);
  return !word_at(text, end) && text[end] != '-' && text[end] != '/' && text[end] != '`';
}

// The end of the mention whose "@" stands at `at`; 0 when it is none.
std::size_t name_end(std::string_view text, std::size_t at) {
  std::size_t end = skip(text, at + 1, "-");
  if (end + 1 < text.size() && text[end] == '/' && is_alnum(text[end + 1])) {
    end = skip(text, end + 1, "-_");
    if (end < text.size() && text[end] == '`') return 0;
    while (text[end - 1] == '-') --end;  // a team's slug ends with a word character
    return end;
  }
  if (end + 1 < text.size() && text[end] == '_' && is_alnum(text[end + 1])) end = skip(text, end + 1, {});
  return may_follow_user(text, end) ? end : 0;
}

// "&commat;", "&#64;", "&#x40;", the numeric ones also with leading zeros.
bool starts_at_entity(std::string_view text) {
  if (text.starts_with("&commat;")) return true;
  if (!text.starts_with("&#")) return false;
  text.remove_prefix(2);
  const bool hex = !text.empty() && (text[0] == 'x' || text[0] == 'X');
  if (hex) text.remove_prefix(1);
  while (text.starts_with('0')) text.remove_prefix(1);
  return text.starts_with(hex ? "40;" : "64;");
}

}  // namespace

std::optional<NameAt> next_name(std::string_view text, std::size_t from) {
  for (auto at = text.find('@', from); at != std::string_view::npos; at = text.find('@', at + 1)) {
    if (!begins_name(text, at)) continue;
    if (const auto end = name_end(text, at); end != 0 && end - at - 1 <= longest_name) return NameAt{at, end};
  }
  return std::nullopt;
}

bool may_mention(std::string_view markdown) {
  // No Markdown makes a letter or digit before an "@" vanish, so that side is judged on the source. An
  // underscore may be emphasis. Behind the "@" an entity may turn out to be a letter.
  for (auto at = markdown.find('@'); at != std::string_view::npos; at = markdown.find('@', at + 1)) {
    if (at > 0 && is_alnum(markdown[at - 1])) continue;
    if (at + 1 < markdown.size() && (is_alnum(markdown[at + 1]) || markdown[at + 1] == '&')) return true;
  }
  for (auto at = markdown.find('&'); at != std::string_view::npos; at = markdown.find('&', at + 1)) {
    if (starts_at_entity(markdown.substr(at))) return true;
  }
  return false;
}

void Names::add(std::string_view name) {
  std::string folded(name);
  for (char& c : folded) c = to_lower(c);
  if (known_.insert(folded).second) order_.push_back(std::move(folded));
}

}  // namespace beckon::core
