#include "header.hpp"

#include <beckon/text.hpp>
#include <beckon/when.hpp>

#include <algorithm>
#include <array>

namespace beckon::email {
namespace {

constexpr std::size_t line_width = 76;
constexpr std::size_t longest_id_part = 80;
constexpr std::string_view fold = "\r\n ";
constexpr std::string_view word_open = "=?UTF-8?B?";
constexpr std::string_view word_close = "?=";

bool is_letter_or_digit(char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); }

std::string base64(std::string_view bytes) {
  constexpr char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t group = 0;
    for (std::size_t j = 0; j < 3; ++j)
      group = group << 8 | (i + j < bytes.size() ? static_cast<unsigned char>(bytes[i + j]) : 0u);
    for (std::size_t j = 0; j < 4; ++j) out += i + j > bytes.size() ? '=' : digits[group >> (18 - 6 * j) & 63];
  }
  return out;
}

// Encoded words of whole characters, each on a line of its own; `column` is where the first begins.
std::string encoded(std::string_view clean, std::size_t column) {
  std::string out;
  while (!clean.empty()) {
    const std::size_t taken = column + word_open.size() + word_close.size();
    const std::size_t room = taken < line_width ? (line_width - taken) / 4 * 3 : 0;
    const std::string_view some = text::clip(clean, room);
    if (!some.empty()) out.append(word_open).append(base64(some)).append(word_close);
    clean.remove_prefix(some.size());
    if (!clean.empty()) out += fold;
    column = 1;
  }
  return out;
}

// Does it go as it is? Long words would make long lines, and "=?" would be read as an encoded word.
bool is_plain(std::string_view clean) {
  std::size_t word = 0;
  for (const char c : clean) {
    word = c == ' ' ? 0 : word + 1;
    if (word > line_width - 20 || c < 0x20 || c > 0x7E) return false;
  }
  return clean.find("=?") == std::string_view::npos;
}

// Broken before words that would not fit.
std::string folded(std::string_view plain, std::size_t column) {
  std::string out;
  while (!plain.empty()) {
    const std::size_t end = std::min(plain.find(' ', 1), plain.size());
    if (column + end > line_width && plain.front() == ' ' && column > 1) {
      out += "\r\n";
      column = 0;
    }
    out += plain.substr(0, end);
    column += end;
    plain.remove_prefix(end);
  }
  return out;
}

std::string phrase(std::string_view clean, std::size_t column) {
  if (!is_plain(clean)) return encoded(clean, column);
  std::string quoted = "\"";
  for (const char c : clean) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return folded(quoted + '"', column);
}

// `field <inner>`, on a line of its own where there is no room.
std::string with_angle(const std::string& field, std::string_view inner) {
  const std::size_t line = field.size() - (field.rfind('\n') + 1);  // no line feed: all of it
  return field + std::string(line + inner.size() + 3 > line_width ? fold : " ") + "<" + std::string(inner) + ">";
}

// Each byte but letters, digits and `also_plain` as `sign` and two hexadecimal digits.
std::string escaped(std::string_view raw, char sign, std::string_view also_plain) {
  constexpr char digits[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : raw) {
    if (is_letter_or_digit(c) || also_plain.find(c) != std::string_view::npos) {
      out += c;
    } else {
      out += sign;
      out += digits[static_cast<unsigned char>(c) >> 4];
      out += digits[static_cast<unsigned char>(c) & 15];
    }
  }
  return out;
}

}  // namespace

std::string text_field(std::string_view name, std::string_view text) {
  const std::string clean = text::clean_line(text);
  std::string field = std::string(name) + ": ";
  return field += is_plain(clean) ? folded(clean, field.size()) : encoded(clean, field.size());
}

std::string mailbox_field(std::string_view name, const Mailbox& box) {
  std::string field = std::string(name) + ": ";
  const std::string clean = text::clean_line(box.name);
  if (clean.empty()) return field + box.address;
  field += phrase(clean, field.size());
  return with_angle(field, box.address);
}

std::string list_field(std::string_view label, std::string_view id) {
  std::string field = "List-Id: ";
  field += phrase(text::clean_line(label), field.size());
  return with_angle(field, id);
}

std::string date_field(std::int64_t unix_ms) {
  constexpr std::array days = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::size_t day = static_cast<std::size_t>(std::stoi(when::utc(unix_ms, "%w")));
  const std::size_t month = static_cast<std::size_t>(std::stoi(when::utc(unix_ms, "%m"))) - 1;
  return std::string("Date: ") + days[day] + when::utc(unix_ms, ", %d ") + months[month] +
         when::utc(unix_ms, " %Y %H:%M:%S +0000");
}

std::string mailto_field(std::string_view name, std::string_view address, std::string_view subject) {
  return std::string(name) + ": <mailto:" + escaped(address, '%', "-._@") + "?subject=" +
         escaped(subject.substr(0, longest_id_part), '%', "-._") + ">";
}

std::string id_part(std::string_view raw) {
  return raw.empty() ? "none" : escaped(raw.substr(0, longest_id_part), '=', "-_");
}

std::string list_label(std::string_view raw) {
  std::string label;
  for (const char c : raw) {
    if (label.size() >= 63) break;
    if (is_letter_or_digit(c)) label += c;
    else if (!label.empty() && label.back() != '-') label += '-';
  }
  while (!label.empty() && label.back() == '-') label.pop_back();
  return label.empty() ? "unnamed" : label;
}

}  // namespace beckon::email
