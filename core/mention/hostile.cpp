#include "mention/hostile.hpp"

#include "mention/ascii.hpp"
#include "mention/lines.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace beckon::core {
namespace {

// One step is about a nanosecond of cmark's time; the weights below are measured.
constexpr std::uint64_t budget = 100'000'000;
// Nested blocks cost little by themselves but the list code recurses over them.
constexpr std::uint64_t deepest_allowed = 1000;
constexpr std::size_t always_cheap = 1024;
constexpr std::size_t largest = 1 << 20;

bool is_bullet(char c) { return c == '-' || c == '*' || c == '+'; }

// Where a tail begins that holds one of -, *, _ and blanks only: a thematic break opens no lists.
std::size_t rule_tail(std::string_view line) {
  char kind = 0;
  std::size_t begin = line.size();
  while (begin > 0) {
    const char c = line[begin - 1];
    if (!is_blank(c)) {
      if (kind == 0) kind = c;
      if (c != kind || (c != '-' && c != '*' && c != '_')) break;
    }
    --begin;
  }
  return begin;
}

struct Prefix {
  std::size_t length = 0;    // of what may open or continue quotes, lists and footnotes
  std::uint64_t opened = 0;  // markers seen
  std::uint64_t columns = 0;
  bool bullet = false;       // a bullet that no paragraph can swallow
};

Prefix prefix_of(std::string_view line) {
  const auto tail = rule_tail(line);
  Prefix prefix;
  std::size_t at = 0;
  const auto ends_marker = [&](std::size_t end) { return end >= line.size() || is_blank(line[end]); };
  const auto marker = [&](std::size_t end) {
    ++prefix.opened;
    at = end < line.size() && line[end] == ' ' ? end + 1 : end;  // the blank is the marker's own
  };
  while (at < line.size()) {
    const char c = line[at];
    if (is_blank(c)) {
      prefix.columns += c == '\t' ? 4 : 1;
      ++at;
    } else if (c == '>') {
      marker(at + 1);
    } else if (is_bullet(c) && at < tail && ends_marker(at + 1)) {
      prefix.bullet |= prefix.columns < 4 && at + 1 < line.size();
      marker(at + 1);
    } else if (is_digit(c)) {
      std::size_t end = at;
      while (end < line.size() && end - at < 10 && is_digit(line[end])) ++end;
      if (end >= line.size() || (line[end] != '.' && line[end] != ')') || !ends_marker(end + 1)) break;
      marker(end + 1);
    } else if (c == '[' && at + 1 < line.size() && line[at + 1] == '^') {
      const auto end = line.find(']', at);
      if (end == std::string_view::npos || end + 1 >= line.size() || line[end + 1] != ':') break;
      marker(end + 2);
    } else {
      break;
    }
  }
  prefix.length = at;
  return prefix;
}

// A row like "|:--|--:|" under quote marks and indentation, or an underline.
bool is_delimiter_row(std::string_view line) {
  std::size_t at = 0;
  while (at < line.size() && (is_space(line[at]) || line[at] == '>')) ++at;
  bool dashes = false;
  for (; at < line.size(); ++at) {
    if (line[at] == '-') dashes = true;
    else if (line[at] != '|' && line[at] != ':' && !is_space(line[at])) return false;
  }
  return dashes;
}

// What stands between the characters around a run of "*", "_" or "~" decides whether cmark keeps it as a delimiter.
bool may_delimit(std::string_view line, std::size_t begin, std::size_t end) {
  const char before = begin > 0 ? line[begin - 1] : ' ';
  const char after = end < line.size() ? line[end] : ' ';
  if (is_space(before) && is_space(after)) return false;
  return line[begin] != '_' || !is_alnum(before) || !is_alnum(after);
}

class Estimate {
 public:
  // With link definitions anywhere, every "]" may end a link.
  explicit Estimate(bool definitions) : definitions_(definitions) {}

  // Lines come without their end. False when the budget is spent.
  bool line(std::string_view line) {
    const Prefix prefix = prefix_of(line);
    nesting(prefix);
    if (prefix.length == line.size() && line.find_first_not_of(" \t>") == std::string_view::npos) {
      end_text();
      end_block();
    } else {
      if (prefix.bullet) end_text();
      words(line);
      inlines(line);
      table(line);
    }
    return spent_ < budget;
  }

  bool finish(std::uint64_t longest_definition) {
    end_text();
    end_block();
    spent_ += 4 * longest_definition * brackets_;  // every "[label]" may copy the longest definition
    return spent_ < budget;
  }

 private:
  void nesting(const Prefix& prefix) {
    markers_ += prefix.opened;
    // Depth comes from markers, or from indentation that continues items opened before.
    deepest_ = std::max(deepest_, prefix.opened + std::min(markers_, prefix.columns / 2));
    spent_ += deepest_ > deepest_allowed ? budget : 25 * deepest_;
  }

  // Bare links and addresses: each searches its word, each closing parenthesis counts those of the whole word, and each
  // address moves the rest of its line.
  void words(std::string_view line) {
    std::uint64_t word = 0, links = 0, parentheses = 0, ats = 0;
    const auto end_word = [&] {
      if (links > 0) spent_ += word * (2 * links + parentheses);
      word = links = parentheses = 0;
    };
    for (std::size_t i = 0; i < line.size(); ++i) {
      const char next = i + 1 < line.size() ? line[i + 1] : '\0';
      ++word;
      switch (line[i]) {
        case ' ': case '\t': case '\v': case '\f': end_word(); break;
        case ':': links += next == '/'; break;
        case 'w': links += next == '.'; break;
        case ')': ++parentheses; break;
        case '@': ++ats; break;
        default: break;
      }
    }
    end_word();
    spent_ += line.size() * ats / 4;
  }

  void inlines(std::string_view line) {
    text_.bytes += line.size() + 1;
    for (std::size_t i = 0; i < line.size(); ++i) {
      const char c = line[i];
      const char next = i + 1 < line.size() ? line[i + 1] : '\0';
      switch (c) {
        case '<': text_.instructions += next == '?' || next == '!'; break;
        case '[': ++brackets_; text_.links += next == '^'; break;
        case '!': text_.images += next == '['; break;
        case ']': text_.links += next == '(' || definitions_; break;
        case '*': case '_': case '~': {
          const auto end = std::min(line.find_first_not_of(c, i), line.size());
          text_.delimiters += may_delimit(line, i, end);
          i = end - 1;
          break;
        }
        default: break;
      }
    }
  }

  // Instructions and declarations search for their end; links go through the images and delimiters that are still open.
  void end_text() {
    spent_ += text_.bytes * text_.instructions + (3 * text_.images + 10 * text_.delimiters) * text_.links;
    text_ = {};
  }

  void table(std::string_view line) {
    const auto pipes = static_cast<std::uint64_t>(std::count(line.begin(), line.end(), '|'));
    spent_ += 3 * pipes * pipes;
    block_.bytes += line.size() + 1;
    block_.since_pipe = pipes > 0 ? line.size() - line.rfind('|') : block_.since_pipe + line.size() + 1;
    block_.walked_back += block_.since_pipe;
    if (is_delimiter_row(line)) {
      ++block_.delimiter_rows;
      block_.columns = std::max(block_.columns, pipes + 1);
    } else if (block_.columns > pipes) {
      spent_ += 1000 * (block_.columns - pipes - 1);  // cells that the table would be filled up with
    }
  }

  // Each delimiter row reads the paragraph again as rows, and each line of it back to the last "|".
  void end_block() {
    spent_ += block_.delimiter_rows * (20 * block_.bytes + block_.walked_back / 2);
    block_ = {};
  }

  struct Text {  // since a blank line or a bullet
    std::uint64_t bytes = 0, instructions = 0, images = 0, links = 0, delimiters = 0;
  };
  struct Block {  // since a blank line
    std::uint64_t bytes = 0, delimiter_rows = 0, columns = 0, since_pipe = 0, walked_back = 0;
  };

  bool definitions_;
  std::uint64_t spent_ = 0;
  std::uint64_t markers_ = 0, deepest_ = 0, brackets_ = 0;
  Text text_;
  Block block_;
};

// How much a link reference definition could hold: its destination, and a title up to the closing mark.
class Definitions {
 public:
  explicit Definitions(std::string_view text) : text_(text) {}

  std::uint64_t longest() {
    std::size_t longest = 0;
    for (auto at = text_.find("]:"); at != std::string_view::npos;) {
      const std::size_t begin = skip_space(at + 2);
      const std::size_t end = std::max(begin, title_end(skip_space(destination_end(begin))));
      longest = std::max(longest, end - begin);
      at = text_.find("]:", end);
    }
    return longest;
  }

 private:
  std::size_t skip_space(std::size_t at) const {
    while (at < text_.size() && is_space(text_[at])) ++at;
    return at;
  }

  std::size_t destination_end(std::size_t at) const {
    if (at < text_.size() && text_[at] == '<') at = std::min(text_.find_first_of(">\n", at), text_.size());
    while (at < text_.size() && !is_space(text_[at])) ++at;
    return at;
  }

  std::size_t title_end(std::size_t at) {
    constexpr std::string_view opening = "\"'(", closing = "\"')";
    const auto kind = at < text_.size() ? opening.find(text_[at]) : std::string_view::npos;
    if (kind == std::string_view::npos || exhausted_[kind]) return at;
    auto end = text_.find(closing[kind], at + 1);
    while (end != std::string_view::npos && text_[end - 1] == '\\') end = text_.find(closing[kind], end + 1);
    exhausted_[kind] = end == std::string_view::npos;
    return exhausted_[kind] ? at : end;
  }

  std::string_view text_;
  bool exhausted_[3] = {};  // no such mark is left: do not search again
};

}  // namespace

bool too_costly(std::string_view markdown) {
  if (markdown.size() <= always_cheap) return false;
  if (markdown.size() > largest) return true;
  const bool definitions = markdown.find("]:") != std::string_view::npos;
  Estimate estimate(definitions);
  for (auto rest = markdown; !rest.empty();) {
    if (!estimate.line(take_line(rest))) return true;
  }
  return !estimate.finish(definitions ? Definitions(markdown).longest() : 0);
}

}  // namespace beckon::core
