#include "mention/mention.hpp"

#include "mention/hostile.hpp"
#include "mention/names.hpp"
#include "mention/reader.hpp"
#include "mention/spans.hpp"

namespace beckon::core {
namespace {

void read(std::string_view markdown, Names& names, SpanBuilder* spans) {
  if (too_costly(markdown)) {
    read_plain(markdown, names, spans);
  } else {
    read_parsed(markdown, names, spans);
  }
}

}  // namespace

std::vector<std::string> find_mentions(std::string_view markdown) {
  if (!may_mention(markdown)) return {};
  Names names;
  read(markdown, names, nullptr);
  return names.take();
}

Document read_markdown(std::string_view markdown) {
  Names names;
  SpanBuilder spans;
  read(markdown, names, &spans);
  return {names.take(), spans.take()};
}

}  // namespace beckon::core
