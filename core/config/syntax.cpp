#include "config/syntax.hpp"

#include "config/values.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace beckon::core {
namespace {

constexpr std::size_t max_key_depth = 128;

std::size_t characters(std::string_view text) {
  const auto continues = [](char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; };
  return text.size() - static_cast<std::size_t>(std::count_if(text.begin(), text.end(), continues));
}

Place place_at(std::string_view text, std::size_t offset) {
  const auto before = text.substr(0, offset);
  const auto newline = before.rfind('\n');
  const auto line = before.substr(newline == before.npos ? 0 : newline + 1);
  return {static_cast<std::uint32_t>(std::count(before.begin(), before.end(), '\n') + 1),
          static_cast<std::uint32_t>(characters(line) + 1)};
}

bool is_key_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
         c == '"' || c == '\'';
}

// Offset of the dot that makes a dotted key too deep, or npos.
std::size_t find_deep_key(std::string_view text) {
  std::size_t dots = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '.' && i > 0 && text[i - 1] != '.') {
      if (++dots > max_key_depth) return i;
    } else if (!is_key_char(text[i]) && text[i] != ' ' && text[i] != '\t') {
      dots = 0;
    }
  }
  return text.npos;
}

// "60s", "7d": what stands there is a duration that lacks its quotes.
bool is_bare_duration(std::string_view line) {
  const auto equals = line.find('=');
  if (equals == line.npos) return false;
  auto value = line.substr(std::min(line.find_first_not_of(" \t", equals + 1), line.size()));
  value = value.substr(0, value.find_first_of(" \t\r,#"));
  const auto unit = value.find_first_not_of("0123456789");
  return unit != 0 && unit != value.npos &&
         (value.substr(unit) == "ms" ||
          (value.size() == unit + 1 && std::string_view("smhdw").find(value[unit]) != std::string_view::npos));
}

// The name in "cannot redefine existing integer 'a'".
std::string_view last_quoted(std::string_view description) {
  const auto end = description.rfind('\'');
  if (end == description.npos || end == 0) return {};
  const auto begin = description.rfind('\'', end - 1);
  return begin == description.npos ? std::string_view() : description.substr(begin + 1, end - begin - 1);
}

std::string sentence(std::string_view line, std::string_view description) {
  const auto says = [&](std::string_view part) { return description.find(part) != description.npos; };
  const auto in = [&](std::string_view scope) { return says(fmt::format("while parsing {}:", scope)); };
  const bool at_line_end = says("saw '\\n'") || says("saw '\\r") || says("end-of-file");

  if (says("cannot redefine") || says("cannot insert")) {
    const auto name = last_quoted(description);
    if (name.empty()) return "this key is already defined above: keep one of the two";
    if (in("table header"))
      return fmt::format("[{}] is already defined above: put everything of it under one header", name);
    return fmt::format("{} is already defined above: keep one of the two", name);
  }
  if (is_bare_duration(line)) return "a duration goes in quotes, as in interval = \"60s\"";
  if (in("string") || in("literal string")) {
    if (says("unknown escape") || says("escape sequence") || says("hex digit") || says("U+10FFFF"))
      return "a backslash means something in \"...\": write it twice, or put the text in '...'";
    if (says("end-of-file")) return "the file ends inside a text: its closing quote is missing";
    if (says("control characters"))
      return "the text is not closed on its line: a quote is missing (or it holds a control character)";
  }
  if (in("boolean"))
    return "a value that is neither true nor false: those are written in lower case, and a text goes in quotes";
  if (in("inline table")) {
    if (at_line_end) return "a table { ... } must stand on one line: take the line breaks out, or use a [header]";
    if (says("dangling comma")) return "there is nothing after this comma: a table { ... } may not end in one";
    return "in a table { ... } a comma stands between the entries, and each is written key = value";
  }
  if (in("array"))
    return says("end-of-file") ? "the file ends inside a list: its closing ] is missing"
                               : "in a list a comma stands between the items, and texts go in quotes: [\"a\", \"b\"]";
  if (in("table header"))
    return at_line_end ? "the header is not closed: a ] is missing"
                       : "a header is written [name] or [[name]], alone on its line";
  if (says("could not determine value type") || says("underscores") || says("value-terminator"))
    return "this is no value: a text goes in quotes, as in user = \"octocat\"";
  if (says("representable") || says("length limit") || says("too long")) return "this number is too large";
  if (says("leading zeroes")) return "a number may not begin with a zero: if it is a text, put it in quotes";
  if (in("key-value pair")) {
    if (says("expected '='")) return "a key is followed by = and its value, as in repo = \"boostorg/beast\"";
    if (says("comment or whitespace")) return "something stands after the value: one key = value on a line";
    if (says("expected value") || says("end-of-file")) return "the value is missing after the =";
  }
  if (in("key") || in("root table"))
    return "a line is key = value, [header] or # comment; a key holds letters, digits, - and _";
  if (says("nested value depth")) return "lists and tables are nested too deep";
  if (in("comment") || says("control character")) return "a control character does not belong here";
  if (says("integer") || says("floating-point") || says("date") || says("time"))
    return "this is no number, date or time: a text goes in quotes, as in user = \"octocat\"";
  return "this is not TOML: texts go in quotes, and each line is key = value, [header] or # comment";
}

}  // namespace

std::optional<ConfigError> check_text(std::string_view text) {
  if (text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff"))
    return ConfigError{{1, 1}, "the file is not UTF-8 but UTF-16: save it as UTF-8"};
  if (const auto bad = find_invalid_utf8(text); bad != text.npos)
    return ConfigError{place_at(text, bad), "this byte is not UTF-8: save the file as UTF-8"};
  if (const auto deep = find_deep_key(text); deep != text.npos)
    return ConfigError{place_at(text, deep), fmt::format("a key of more than {} parts", max_key_depth)};
  return std::nullopt;
}

ConfigError explain_syntax(std::string_view text, Place place, std::string_view description) {
  const auto line = line_of(text, place.line);
  // toml++ notices a repeated key only when it has read the value.
  if (description.find("cannot redefine") != description.npos)
    place.column = static_cast<std::uint32_t>(std::min(line.find_first_not_of(" \t"), line.size()) + 1);
  // Behind a line's end it counts on.
  place.column = std::min(place.column, static_cast<std::uint32_t>(characters(line) + 1));
  return {place, sentence(line, description)};
}

std::string_view line_of(std::string_view text, std::uint32_t number) {
  if (number == 0) return {};
  for (std::uint32_t line = 1; line < number; ++line) {
    const auto end = text.find('\n');
    if (end == text.npos) return {};
    text.remove_prefix(end + 1);
  }
  text = text.substr(0, text.find('\n'));
  if (text.ends_with('\r')) text.remove_suffix(1);
  return text;
}

}  // namespace beckon::core
