#include "address.hpp"

#include <beckon/text.hpp>

#include <algorithm>

namespace beckon::email {
namespace {

// RFC 5321, 4.5.3.1
constexpr std::size_t longest_local_part = 64;
constexpr std::size_t longest_address = 254;
constexpr std::size_t longest_name = 200;

bool is_letter_or_digit(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c & 0x80);
}

bool is_local(std::string_view part) {
  return !part.empty() && part.size() <= longest_local_part && std::all_of(part.begin(), part.end(), [](char c) {
    return is_letter_or_digit(c) || std::string_view("!#$%&'*+-/=?^_`{|}~.").find(c) != std::string_view::npos;
  });
}

bool is_domain(std::string_view domain) {
  bool empty_label = true;
  for (const char c : domain) {
    if (c == '.' ? empty_label : !is_letter_or_digit(c) && c != '-') return false;
    empty_label = c == '.';
  }
  return !empty_label;
}

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = std::min(text.find_first_not_of(' '), text.size());
  return text.substr(begin, text.find_last_not_of(' ') + 1 - begin);
}

// `Octo "Cat" \ ` in quotation marks, or as it is.
std::string unquoted(std::string_view name) {
  if (name.size() < 2 || name.front() != '"' || name.back() != '"') return std::string(name);
  std::string out;
  for (std::size_t i = 1; i + 1 < name.size(); ++i) {
    if (name[i] == '\\' && i + 2 < name.size()) ++i;
    out += name[i];
  }
  return out;
}

}  // namespace

std::string_view Mailbox::domain() const { return std::string_view(address).substr(address.rfind('@') + 1); }

Mailbox mailbox(std::string_view written) {
  written = trimmed(written);
  if (written.empty() || written.back() != '>') return {{}, std::string(written)};
  const std::size_t open = written.rfind('<');
  if (open == std::string_view::npos) return {{}, std::string(written)};
  return {unquoted(trimmed(written.substr(0, open))),
          std::string(trimmed(written.substr(open + 1, written.size() - open - 2)))};
}

std::string wrong_mailbox(std::string_view written) {
  const std::string_view looked_at = text::clip(written, 4 * longest_address);
  const std::string clean = text::clean(looked_at);
  if (clean != looked_at || clean.find_first_of("\n\t") != std::string::npos)
    return "this holds line breaks, control or invisible characters, of which an address has none";
  const Mailbox box = mailbox(written);
  const std::size_t at = box.address.rfind('@');
  if (at == std::string::npos)
    return "this is no mail address, which looks like octo@example.com or Octo Cat <octo@example.com>";
  if (box.address.find(',') != std::string::npos || box.address.find(';') != std::string::npos)
    return "this is more than one address; one belongs here";
  if (box.address.size() > longest_address || box.name.size() > longest_name) return "this is longer than an address may be";
  if (!is_local(std::string_view(box.address).substr(0, at)) || !is_domain(box.domain()))
    return "this is no mail address, which looks like octo@example.com or Octo Cat <octo@example.com>";
  return {};
}

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return !(c & 0x80); });
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return out;
}

bool same_address(std::string_view a, std::string_view b) { return a.size() == b.size() && lower(a) == lower(b); }

}  // namespace beckon::email
