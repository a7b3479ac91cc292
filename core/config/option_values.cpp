#include "config/option_values.hpp"

#include "config/locate.hpp"
#include "config/values.hpp"

#include <fmt/format.h>

#include <charconv>
#include <optional>

namespace beckon::core {
namespace {

std::vector<std::string> choices_of(const beckon_option& option) {
  std::vector<std::string> choices;
  for (std::size_t i = 0; i < option.choice_count; ++i) choices.emplace_back(view(*option.choices[i]));
  return choices;
}

std::string_view what(const OptionValue& value) {
  struct Names {
    std::string_view operator()(const std::string&) const { return "a string"; }
    std::string_view operator()(std::int64_t) const { return "an integer"; }
    std::string_view operator()(bool) const { return "true or false"; }
    std::string_view operator()(Milliseconds) const { return "a duration"; }
    std::string_view operator()(const std::vector<std::string>&) const { return "a list"; }
    std::string_view operator()(const std::map<std::string, std::string>&) const { return "a table"; }
  };
  return std::visit(Names{}, value.value);
}

std::optional<std::int64_t> parse_integer(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::string_view trim(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t\"'");
  if (begin == text.npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\"'") - begin + 1);
}

// The comma-separated pieces between optional brackets.
std::vector<std::string_view> pieces(std::string_view text, char open, char close) {
  text = trim(text);
  if (text.size() >= 2 && text.front() == open && text.back() == close) text = text.substr(1, text.size() - 2);
  std::vector<std::string_view> result;
  while (!trim(text).empty()) {
    const auto comma = std::min(text.find(','), text.size());
    result.push_back(trim(text.substr(0, comma)));
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return result;
}

Result<OptionValue> from_text(const beckon_option& option, const std::string& text, const std::filesystem::path& folder,
                              bool insecure) {
  const auto shown = has_flag(option, BECKON_SECRET) ? std::string("this value") : in_quotes(text);
  switch (option.type) {
    case BECKON_STRING: return OptionValue{text};
    case BECKON_DURATION:
      if (const auto duration = parse_duration(text)) return OptionValue{*duration};
      if (is_endless_duration(text)) return fail(fmt::format("{} is too large: write a shorter duration", shown));
      return fail(fmt::format(
          "{} is no duration: write a whole number and a unit, as in \"90s\", \"5m\", \"12h\" or \"7d\"", shown));
    case BECKON_URL: {
      auto url = check_url(text, insecure);
      if (!url) return url.error();
      return OptionValue{std::move(*url)};
    }
    case BECKON_PATH: return OptionValue{resolve_path(text, folder).native()};
    case BECKON_ENUM: {
      const auto choices = choices_of(option);
      for (const auto& choice : choices)
        if (choice == text) return OptionValue{text};
      const auto meant = closest(text, choices);
      return fail(fmt::format("{} is no choice: {}it is {}", shown,
                              meant.empty() ? "" : fmt::format("did you mean {}? ", in_quotes(meant)),
                              expectation(option)));
    }
    default: return fail(fmt::format("expected {}, found a string", expectation(option)));
  }
}

// What a text from a secret source, or of a default, may stand for besides itself.
std::optional<OptionValue> scalar_of(const beckon_option& option, std::string_view text) {
  if (option.type == BECKON_INT) {
    if (const auto number = parse_integer(trim(text))) return OptionValue{*number};
  } else if (option.type == BECKON_BOOL) {
    if (trim(text) == "true") return OptionValue{true};
    if (trim(text) == "false") return OptionValue{false};
  }
  return std::nullopt;
}

}  // namespace

std::string expectation(const beckon_option& option) {
  switch (option.type) {
    case BECKON_INT: return "a whole number (without quotes)";
    case BECKON_BOOL: return "true or false (without quotes)";
    case BECKON_DURATION: return "a duration such as \"60s\"";
    case BECKON_URL: return "a URL";
    case BECKON_PATH: return "a path";
    case BECKON_ENUM: {
      std::vector<std::string> shown;
      for (const auto& choice : choices_of(option)) shown.push_back(in_quotes(choice));
      return fmt::format("one of {}", fmt::join(shown, ", "));
    }
    case BECKON_LIST: return "a list of strings";
    case BECKON_MAP: return "a table of strings { NAME = \"...\" }";
    default: return "a string";
  }
}

Result<OptionValue> convert(const beckon_option& option, const Setting& setting, const std::filesystem::path& folder,
                            bool insecure) {
  const auto& value = setting.value.value;
  if (const auto* text = std::get_if<std::string>(&value)) {
    if (text->empty() && has_flag(option, BECKON_REQUIRED))
      return fail(fmt::format("expected {}, found an empty string", expectation(option)));
    if (option.type == BECKON_LIST) return OptionValue{std::vector<std::string>{*text}};  // one is a list of one
    if (setting.from_secret_source)
      if (auto scalar = scalar_of(option, *text)) return std::move(*scalar);
    return from_text(option, *text, folder, insecure);
  }
  const bool fits = (option.type == BECKON_INT && std::holds_alternative<std::int64_t>(value)) ||
                    (option.type == BECKON_BOOL && std::holds_alternative<bool>(value)) ||
                    (option.type == BECKON_LIST && std::holds_alternative<std::vector<std::string>>(value)) ||
                    (option.type == BECKON_MAP && std::holds_alternative<std::map<std::string, std::string>>(value));
  if (fits) return setting.value;
  return fail(fmt::format("expected {}, found {}", expectation(option), what(setting.value)));
}

Result<OptionValue> default_of(const beckon_option& option, const std::filesystem::path& folder) {
  const auto text = view(option.default_value);
  if (auto scalar = scalar_of(option, text)) return std::move(*scalar);
  if (option.type == BECKON_LIST) {
    OptionValue list;
    auto& items = list.value.emplace<std::vector<std::string>>();
    for (const auto piece : pieces(text, '[', ']')) items.emplace_back(piece);
    return list;
  }
  if (option.type == BECKON_MAP) {
    OptionValue map;
    auto& items = map.value.emplace<std::map<std::string, std::string>>();
    for (const auto piece : pieces(text, '{', '}')) {
      const auto equals = piece.find('=');
      if (equals == piece.npos) return fail("expected \"key = value, ...\"");
      items.emplace(trim(piece.substr(0, equals)), trim(piece.substr(equals + 1)));
    }
    return map;
  }
  return from_text(option, std::string(text), folder, true);
}

}  // namespace beckon::core
