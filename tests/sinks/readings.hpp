// How services read what is sent to them, written down once more and apart from the sinks: Markdown by cmark-gfm, HTML by
// its grammar, names by their "@".
#pragma once

#include <cmark-gfm-core-extensions.h>
#include <cmark-gfm.h>

#include <algorithm>
#include <cctype>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace beckon::testing {

// Every "@name" outside of web addresses.
inline std::vector<std::string> called_names(const std::string& text) {
  std::vector<std::string> found;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::string_view rest = std::string_view(text).substr(i);
    if (rest.substr(0, 8) == "https://" || rest.substr(0, 7) == "http://") {
      i += std::min(rest.find_first_of(" \n)\"<"), rest.size()) - 1;
    } else if (text[i] == '@' && rest.size() > 1 && std::isalnum(static_cast<unsigned char>(rest[1]))) {
      found.push_back("it calls " + std::string(rest.substr(0, 20)));
    }
  }
  return found;
}

// HTML that opens and closes `tags`, escapes the rest, and leads to the web only.
inline std::vector<std::string> html_complaints(const std::string& html, const std::vector<std::string>& tags) {
  std::vector<std::string> found, open;
  std::string shown;
  for (std::size_t i = 0; i < html.size(); ++i) {
    const std::string_view rest = std::string_view(html).substr(i);
    if (html[i] == '&') {
      const std::string_view entity = rest.substr(0, rest.find(';') + 1);
      if (entity != "&amp;" && entity != "&lt;" && entity != "&gt;" && entity != "&quot;") found.push_back("half an entity");
    }
    if (html[i] == '>') found.push_back("an angle bracket that closes nothing");
    if (html[i] != '<') {
      shown += html[i];
      continue;
    }
    const std::size_t end = rest.find('>');
    if (end == std::string_view::npos) return {"a tag without an end"};
    const std::string tag(rest.substr(1, end - 1));
    const std::string name = tag.substr(0, tag.find(' '));
    i += end;
    if (!open.empty() && tag == "/" + open.back()) {
      open.pop_back();
      continue;
    }
    const bool may_have_attributes = (name == "a" && tag.rfind("a href=\"http", 0) == 0 && tag.back() == '"') ||
                                     (name == "code" && tag.rfind("code class=\"language-", 0) == 0);
    if (std::find(tags.begin(), tags.end(), name) == tags.end() || (tag != name && !may_have_attributes)) {
      found.push_back("a tag: " + tag.substr(0, 30));
    } else if (name != "br") {
      open.push_back(name);
    }
  }
  if (!open.empty()) found.push_back("a tag that is left open: " + open.back());
  for (const std::string& name : called_names(shown)) found.push_back(name);
  return found;
}

// Markdown in which nothing is a heading, a table, HTML or an image, no code is there by indentation, and links lead to the web.
inline std::vector<std::string> markdown_complaints(const std::string& text) {
  cmark_gfm_core_extensions_ensure_registered();
  const std::unique_ptr<cmark_parser, void (*)(cmark_parser*)> parser(cmark_parser_new(CMARK_OPT_DEFAULT), cmark_parser_free);
  for (const char* name : {"table", "strikethrough", "autolink"})
    cmark_parser_attach_syntax_extension(parser.get(), cmark_find_syntax_extension(name));
  cmark_parser_feed(parser.get(), text.data(), text.size());
  const std::unique_ptr<cmark_node, void (*)(cmark_node*)> document(cmark_parser_finish(parser.get()), cmark_node_free);
  const std::unique_ptr<cmark_iter, void (*)(cmark_iter*)> iter(cmark_iter_new(document.get()), cmark_iter_free);
  std::vector<std::string> found;
  for (cmark_event_type event; (event = cmark_iter_next(iter.get())) != CMARK_EVENT_DONE;) {
    if (event != CMARK_EVENT_ENTER) continue;
    cmark_node* node = cmark_iter_get_node(iter.get());
    const std::string_view type = cmark_node_get_type_string(node);
    for (const char* wrong : {"heading", "html_block", "html_inline", "image", "table", "thematic_break", "footnote_reference"}) {
      if (type == wrong) found.push_back("it has a " + std::string(type));
    }
    if (type == "code_block") {
      int length = 0, offset = 0;
      char character = 0;
      if (!cmark_node_get_fenced(node, &length, &offset, &character)) found.push_back("code by indentation");
    }
    if (type == "link") {
      const std::string url = cmark_node_get_url(node);
      if (url.rfind("http://", 0) != 0 && url.rfind("https://", 0) != 0) found.push_back("a link to " + url.substr(0, 30));
    }
  }
  return found;
}

}  // namespace beckon::testing
