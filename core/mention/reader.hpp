// Reads a text in rendered order. Names and spans come out of the same walk, so they cannot disagree.
#pragma once

#include "mention/names.hpp"
#include "mention/spans.hpp"

#include <string_view>

namespace beckon::core {

// `spans` may be null, here and below. Any thread.
void read_parsed(std::string_view markdown, Names& names, SpanBuilder* spans);

// The text as it stands, for what is too costly to parse: nobody is missed, though a name in code may be told.
void read_plain(std::string_view text, Names& names, SpanBuilder* spans);

// The mentions of one run of text, and what stands between them as `shown` makes it: of a view, a string or a view.
template <class Shown>
void read_run(std::string_view run, SpanKind style, Names& names, SpanBuilder* spans, Shown shown) {
  std::size_t told = 0;
  for (auto name = next_name(run, 0); name; name = next_name(run, name->end)) {
    names.add(run.substr(name->begin + 1, name->end - name->begin - 1));
    if (!spans) continue;
    spans->inline_text(style, shown(run.substr(told, name->begin - told)));
    spans->mention(run.substr(name->begin, name->end - name->begin));
    told = name->end;
  }
  if (spans) spans->inline_text(style, shown(run.substr(told)));
}

inline std::string_view as_it_is(std::string_view text) { return text; }

}  // namespace beckon::core
