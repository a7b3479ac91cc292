// What a syncer hands to a sink. The same facts cross the plugin boundary as flat C structs (beckon/sink_abi.h).
#pragma once

#include "base/time.hpp"
#include "model/post.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

namespace beckon::core {

// Values equal BECKON_SPAN_* of the ABI.
enum class SpanKind : std::uint32_t {
  text = 1, strong, emphasis, strikethrough, code, code_block, link, mention, quote, list_item, heading, image,
  line_break, paragraph, table_cell, rule
};

// A flat rendering of Markdown, in reading order. Inline spans carry `text`; `link` and `image` carry `url` too.
// Block spans (paragraph, quote, list_item, heading, rule, code_block) open a block at `depth`, and the inline spans that
// follow belong to it. They carry no text, except list_item, whose text is its marker ("•", "3.", "☑"), and code_block, which is
// its own content: `text` is the code, `url` the language. line_break parts lines within a block, table_cell the cells of a
// row. So a sink maps spans to its medium and may cut between any two of them.
struct Span {
  SpanKind kind{};
  std::uint32_t depth = 0;   // nesting of quotes and lists; for a heading its level
  std::string text;
  std::string url;
};

enum class Purpose : std::uint32_t { mention = 1, notice, test, probe };
enum class Form : std::uint32_t { rich = 1, plain };

struct DeliveredMention {
  Repository repository;
  Thread thread;
  Post post;                 // body cut to 64 KiB, at a character
  bool truncated = false;
  bool edited = false;       // the mention was added by an edit
  ForgeTime appeared{};
  std::string name;          // as matched, lower case: "octocat" or "org/team"
  bool is_team = false;
  std::vector<Span> spans;
};

// The value of one plugin option. Secrets are plain here; they leave only through the plugin boundary.
struct OptionValue {
  std::variant<std::string, std::int64_t, bool, Milliseconds, std::vector<std::string>, std::map<std::string, std::string>> value;

  friend bool operator==(const OptionValue&, const OptionValue&) = default;
};
using OptionValues = std::map<std::string, OptionValue, std::less<>>;

struct Delivery {
  std::string id;                    // stable over retries and restarts
  Purpose purpose = Purpose::mention;
  Form form = Form::rich;
  std::uint32_t attempt = 1;         // 1 for the first
  std::uint32_t step = 0;            // > 0: the sink asked for a follow_up
  WallTime now{};
  WallTime deadline{};
  std::string time_zone = "UTC";     // IANA name, for sinks that write times out
  std::string locale = "en";
  std::string subscription;          // opaque, stable
  OptionValues target;               // effective target options
  std::string endpoint_state;        // what the sink stored last
  std::uint32_t more_owed = 0;       // owed beyond this batch
  std::string notice;                // the text of a notice or test; empty otherwise
  std::vector<DeliveredMention> mentions;
};

}  // namespace beckon::core
