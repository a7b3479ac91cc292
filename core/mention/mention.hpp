// Markdown → who is mentioned, and a flat rendering of it. Pure; any thread. Rules: GitHub's, as its open-sourced
// ancestor html-pipeline shows them, widened to enterprise logins ("mona-cat_octo") and legacy ones ("a--b",
// "w-"); verified against GitHub's own `mentioned` events. Never throws but for want of memory; linear, about 0.1
// s for 64 KB of the worst hostile text. What is made to stall the parser is read as plain text: nobody is missed,
// but a name in its code may be told.
#pragma once

#include "model/delivery.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace beckon::core {

// The distinct names mentioned, lower case, in order of first appearance: "octocat", or "org/team" for a team.
// Not in code, links, HTML comments, <pre>, <code>, <a>, <style>, <script>; yes in quotes, tables, emphasis, headings.
std::vector<std::string> find_mentions(std::string_view markdown);

struct Document {
  std::vector<std::string> names;  // as find_mentions
  std::vector<Span> spans;
};
// One parse for both.
Document read_markdown(std::string_view markdown);

}  // namespace beckon::core
