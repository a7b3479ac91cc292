#include "mime.hpp"

#include "address.hpp"

#include <algorithm>

namespace beckon::email {
namespace {

constexpr std::size_t most_fields = 1'000;
constexpr std::size_t longest_value = 16 * 1024;
constexpr std::size_t most_parts = 32;
constexpr std::size_t most_parameters = 32;
constexpr std::size_t longest_boundary = 200;  // RFC 2046 says 70

// The next line, without its end.
std::string_view take_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  return line;
}

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = std::min(text.find_first_not_of(" \t"), text.size());
  return text.substr(begin, text.find_last_not_of(" \t") + 1 - begin);
}

int base64_digit(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  return c == '+' ? 62 : c == '/' ? 63 : -1;
}

std::string from_base64(std::string_view body) {
  std::string out;
  unsigned bits = 0, count = 0;
  for (const char c : body) {
    if (c == '=') break;
    const int digit = base64_digit(c);
    if (digit < 0) continue;
    bits = (bits << 6 | static_cast<unsigned>(digit)) & 0xFFFFFF;
    count += 6;
    if (count >= 8) out += static_cast<char>(bits >> (count -= 8) & 0xFF);
  }
  return out;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

std::string from_quoted_printable(std::string_view body) {
  std::string out;
  for (std::size_t i = 0; i < body.size(); ++i) {
    if (body[i] != '=') {
      out += body[i];
      continue;
    }
    const std::string_view rest = body.substr(i + 1);
    const int high = rest.size() > 1 ? hex_digit(rest[0]) : -1, low = high >= 0 ? hex_digit(rest[1]) : -1;
    if (low >= 0) {
      out += static_cast<char>(high << 4 | low);
      i += 2;
    } else if (rest.substr(0, 2) == "\r\n") {
      i += 2;
    } else if (rest.substr(0, 1) == "\n") {
      i += 1;
    } else {
      out += '=';
    }
  }
  return out;
}

}  // namespace

std::vector<Field> take_fields(std::string_view& text) {
  std::vector<Field> fields;
  bool is_field = false;  // does a folded line belong to what was kept last?
  while (!text.empty()) {
    const std::string_view line = take_line(text);
    if (line.empty()) break;
    if (line[0] == ' ' || line[0] == '\t') {
      if (!is_field || fields.back().value.size() + line.size() >= longest_value) continue;
      std::string& value = fields.back().value;
      if (!value.empty()) value += ' ';
      value += trimmed(line);
      continue;
    }
    const std::size_t colon = line.find(':');
    is_field = colon != std::string_view::npos && fields.size() < most_fields;
    if (is_field)
      fields.push_back({lower(trimmed(line.substr(0, colon))),
                        std::string(trimmed(line.substr(colon + 1).substr(0, longest_value)))});
  }
  return fields;
}

std::string_view value_of(const std::vector<Field>& fields, std::string_view name) {
  for (const Field& field : fields) {
    if (field.name == name) return field.value;
  }
  return {};
}

ContentType content_type(std::string_view value) {
  ContentType read;
  read.type = lower(trimmed(value.substr(0, value.find(';'))));
  value.remove_prefix(std::min(value.find(';'), value.size()));
  while (!value.empty() && read.parameters.size() < most_parameters) {
    value.remove_prefix(1);
    const std::size_t equals = std::min(value.find('='), value.size());
    Field parameter{lower(trimmed(value.substr(0, equals))), {}};
    value.remove_prefix(std::min(equals + 1, value.size()));
    value.remove_prefix(std::min(value.find_first_not_of(" \t"), value.size()));
    const bool is_quoted = !value.empty() && value[0] == '"';
    std::size_t at = is_quoted ? 1 : 0;
    for (; at < value.size() && value[at] != (is_quoted ? '"' : ';'); ++at) {
      if (is_quoted && value[at] == '\\' && at + 1 < value.size()) ++at;
      parameter.value += value[at];
    }
    if (!is_quoted) parameter.value = std::string(trimmed(parameter.value));
    value.remove_prefix(std::min(value.find(';', at), value.size()));
    read.parameters.push_back(std::move(parameter));
  }
  return read;
}

std::vector<std::string_view> parts_of(std::string_view body, std::string_view boundary) {
  std::vector<std::string_view> parts;
  if (boundary.empty() || boundary.size() > longest_boundary) return parts;
  const char* begin = nullptr;
  while (!body.empty() && parts.size() < most_parts) {
    const char* const here = body.data();
    std::string_view line = take_line(body);
    if (line.substr(0, 2) != "--" || line.substr(2, boundary.size()) != boundary) continue;
    const std::string_view rest = trimmed(line.substr(2 + boundary.size()));
    if (!rest.empty() && rest != "--") continue;
    if (begin) parts.emplace_back(begin, static_cast<std::size_t>(here - begin));
    if (rest == "--") return parts;
    begin = body.data();
  }
  // Cut off: what is there of the last part may be enough.
  if (begin && parts.size() < most_parts) parts.emplace_back(begin, static_cast<std::size_t>(body.data() + body.size() - begin));
  return parts;
}

std::string decoded(std::string_view body, std::string_view encoding) {
  const std::string name = lower(trimmed(encoding));
  if (name == "base64") return from_base64(body);
  if (name == "quoted-printable") return from_quoted_printable(body);
  return std::string(body);
}

}  // namespace beckon::email
