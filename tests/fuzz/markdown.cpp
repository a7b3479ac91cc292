// Markdown → names and spans. The first byte says how often the rest is repeated, so that what costs quadratic time comes to
// light soon: libFuzzer's -timeout is the bound on it. Few bytes do, since large texts are slow to try.
#include "fuzz/require.hpp"

#include "mention/mention.hpp"
#include "mention/names.hpp"

#include <algorithm>
#include <cstdint>
#include <set>

namespace beckon::fuzz {
namespace {

using core::Span;
using core::SpanKind;

constexpr std::size_t longest = 64u << 10;  // of a post's body, as sinks and the outbox know it

std::string repeated(std::string_view input) {
  if (input.empty()) return {};
  // 'a' is once, and so is all that is no letter; each further letter doubles.
  const auto times = std::size_t{1} << (input[0] > 'a' && input[0] <= 'p' ? input[0] - 'a' : 0);
  input.remove_prefix(1);
  std::string text;
  for (std::size_t i = 0; i < times && text.size() + input.size() <= longest; ++i) text += input;
  return text;
}

bool is_one_of(char c, std::string_view others) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || others.find(c) != others.npos;
}

bool is_run(std::string_view text, std::string_view others) {
  return !text.empty() && is_one_of(text.front(), {}) &&
         std::all_of(text.begin(), text.end(), [&](char c) { return is_one_of(c, others); });
}

// "octocat", "mona-cat_octo", "org/team"
bool is_name(std::string_view name) {
  if (name.size() > 255) return false;
  if (const auto slash = name.find('/'); slash != name.npos)
    return is_run(name.substr(0, slash), "-") && is_run(name.substr(slash + 1), "-_") && name.back() != '-';
  const auto underscore = std::min(name.find('_'), name.size());
  return is_run(name.substr(0, underscore), "-") && (underscore == name.size() || is_run(name.substr(underscore + 1), {}));
}

bool is_block(SpanKind kind) {
  return kind == SpanKind::paragraph || kind == SpanKind::quote || kind == SpanKind::list_item ||
         kind == SpanKind::heading || kind == SpanKind::rule || kind == SpanKind::code_block;
}

std::string lower(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

void check_names(const std::vector<std::string>& names) {
  for (const auto& name : names) require(is_name(name), "a name is well-formed and in lower case", name);
  require(std::set<std::string>(names.begin(), names.end()).size() == names.size(), "no name is found twice");
}

// Where no markup could make one text of two or two of one, a name must stand in the source as it was found.
void check_source(const std::vector<std::string>& names, std::string_view text) {
  if (text.find_first_of("&\\*_~<`") != text.npos) return;
  for (const std::string_view link : {"www.", "://", "mailto:", "xmpp:"})
    if (text.find(link) != text.npos) return;
  std::set<std::string> written;
  for (auto at = core::next_name(text, 0); at; at = core::next_name(text, at->end))
    written.insert(lower(std::string(text.substr(at->begin + 1, at->end - at->begin - 1))));
  for (const auto& name : names) require(written.contains(name), "a name stands in the source", name);
}

void check_span(const Span& span) {
  require(span.kind >= SpanKind::text && span.kind <= SpanKind::rule, "a span is of a known kind");
  require(is_utf8(span.text) && is_utf8(span.url), "a span is UTF-8", span.text);
  require(span.text.find('\0') == std::string::npos, "a span holds no NUL", span.text);
  require(span.url.find('\0') == std::string::npos, "a span's address holds no NUL", span.url);
  require(span.depth <= 2000, "depth is bounded");
  switch (span.kind) {
    case SpanKind::text: case SpanKind::strong: case SpanKind::emphasis: case SpanKind::strikethrough:
    case SpanKind::code: case SpanKind::link: case SpanKind::table_cell: case SpanKind::list_item:
      require(!span.text.empty(), "a span that shows text has some");
      break;
    case SpanKind::heading: require(span.depth >= 1 && span.depth <= 6, "a heading has a level"); break;
    case SpanKind::mention: require(span.text.starts_with('@'), "a mention is written with its @", span.text); break;
    case SpanKind::paragraph: case SpanKind::quote: case SpanKind::rule: case SpanKind::line_break:
      require(span.text.empty() && span.url.empty(), "such a span is empty", span.text);
      break;
    default: break;
  }
}

void check_order(const std::vector<Span>& spans) {
  for (std::size_t i = 0; i < spans.size(); ++i) {
    if (is_block(spans[i].kind)) continue;
    require(i > 0, "the first span opens a block");
    const auto before = spans[i - 1].kind;
    require(before != SpanKind::rule && before != SpanKind::code_block, "nothing stands in a rule or a block of code");
    if (spans[i].kind != SpanKind::line_break) continue;
    require(!is_block(before) && before != SpanKind::line_break, "no line break begins a block or comes twice");
    require(i + 1 < spans.size() && !is_block(spans[i + 1].kind), "no line break ends a block");
  }
}

}  // namespace
}  // namespace beckon::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace beckon;
  const auto text = fuzz::repeated({reinterpret_cast<const char*>(data), size});
  const auto document = core::read_markdown(text);
  fuzz::check_names(document.names);
  fuzz::check_source(document.names, text);
  fuzz::require(core::find_mentions(text) == document.names, "both readings find the same names");
  std::vector<std::string> shown;
  for (const auto& span : document.spans) {
    fuzz::check_span(span);
    if (span.kind != core::SpanKind::mention) continue;
    auto name = fuzz::lower(span.text.substr(1));
    if (std::find(shown.begin(), shown.end(), name) == shown.end()) shown.push_back(std::move(name));
  }
  fuzz::require(shown == document.names, "the mentions among the spans are the names, in their order");
  fuzz::check_order(document.spans);
  return 0;
}
