#include "mention/html.hpp"

#include "mention/ascii.hpp"

#include <cmark-gfm.h>
#include <cmark-gfm/houdini.h>

#include <algorithm>

namespace beckon::core {
namespace {

constexpr std::array<std::string_view, 5> shield_names{"pre", "code", "a", "style", "script"};
constexpr std::array<std::string_view, 19> own_lines{"br", "p", "div", "li", "tr", "dt", "dd", "h1", "h2", "h3",
                                                     "h4", "h5", "h6", "summary", "details", "blockquote", "table",
                                                     "ul", "ol"};

std::string lower(std::string_view text) {
  std::string folded(text);
  for (char& c : folded) c = to_lower(c);
  return folded;
}

bool starts_with_nocase(std::string_view text, std::string_view prefix) {
  return text.size() >= prefix.size() &&
         std::equal(prefix.begin(), prefix.end(), text.begin(), [](char a, char b) { return a == to_lower(b); });
}

struct Tag {
  std::string name;
  bool closing = false;
  bool self_closing = false;
};

// Reads the tag at the start of `html` and removes it, with attributes; a ">" in a quoted value does not end it.
Tag take_tag(std::string_view& html) {
  Tag tag;
  std::size_t at = 1;
  if (html[at] == '/') tag.closing = true, ++at;
  const auto begin = at;
  while (at < html.size() && !is_space(html[at]) && html[at] != '>' && html[at] != '/') ++at;
  tag.name = lower(html.substr(begin, std::min<std::size_t>(at - begin, 16)));
  bool value = false;
  for (; at < html.size() && html[at] != '>'; ++at) {
    const char c = html[at];
    if (value && (c == '"' || c == '\'')) {
      at = html.find(c, at + 1);
      if (at == std::string_view::npos) break;
      value = false;
    } else if (!is_space(c)) {
      value = c == '=';
    }
  }
  tag.self_closing = at < html.size() && html[at - 1] == '/';
  html.remove_prefix(at < html.size() ? at + 1 : html.size());
  return tag;
}

}  // namespace

void OpenHtml::open(Shield kind, std::uint32_t depth) {
  if (kind == Shield::a) close(kind);  // links do not nest: a new one ends the one before
  open_.push_back({kind, depth});
  ++counts_[static_cast<std::size_t>(kind)];
}

void OpenHtml::close(Shield kind) {
  while (count(kind) > 0) {
    const bool found = open_.back().kind == kind;
    pop();
    if (found) return;
  }
}

void OpenHtml::pop() {
  --counts_[static_cast<std::size_t>(open_.back().kind)];
  open_.pop_back();
}

void OpenHtml::leave(std::uint32_t depth) {
  if (comment_) return;  // the block's own end tag stands in the comment
  while (!open_.empty() && open_.back().depth >= depth) pop();
}

void HtmlReader::skip_past(std::string_view what) {
  const auto at = html_.find(what);
  html_.remove_prefix(at == std::string_view::npos ? html_.size() : at + what.size());
}

// Past an open comment, or to the end tag of an open <script> or <style>. False when the node ends before that.
bool HtmlReader::skip_hidden() {
  if (open_.comment_) {
    const auto at = html_.find("-->");
    if (at == std::string_view::npos) return false;
    html_.remove_prefix(at + 3);
    open_.comment_ = false;
  }
  if (open_.open_.empty()) return true;
  const Shield kind = open_.open_.back().kind;
  if (kind != Shield::style && kind != Shield::script) return true;
  const auto name = shield_names[static_cast<std::size_t>(kind)];
  for (auto at = html_.find("</"); at != std::string_view::npos; at = html_.find("</", at + 2)) {
    if (!starts_with_nocase(html_.substr(at + 2), name)) continue;
    html_.remove_prefix(at);
    return true;
  }
  return false;
}

std::optional<HtmlPiece> HtmlReader::next() {
  while (!html_.empty()) {
    if (!skip_hidden()) break;
    // A "<" that opens nothing is text.
    std::size_t end = 0;
    while ((end = html_.find('<', end)) != std::string_view::npos) {
      const char c = end + 1 < html_.size() ? html_[end + 1] : '\0';
      const bool closes = c == '/' && end + 2 < html_.size() && is_alpha(html_[end + 2]);
      if (is_alpha(c) || c == '!' || c == '?' || closes) break;
      ++end;
    }
    end = std::min(end, html_.size());
    if (end > 0) {
      const HtmlPiece piece{.text = html_.substr(0, end)};
      html_.remove_prefix(end);
      return piece;
    }
    if (!html_.empty()) {
      if (auto piece = markup()) return piece;
    }
  }
  html_ = {};
  return std::nullopt;
}

std::optional<HtmlPiece> HtmlReader::markup() {
  if (html_.starts_with("<!--")) {
    html_.remove_prefix(4);
    if (html_.starts_with('>') || html_.starts_with("->")) {
      skip_past(">");  // "<!-->" is a whole comment
    } else {
      open_.comment_ = true;
    }
    return std::nullopt;
  }
  if (html_[1] == '!' || html_[1] == '?') {
    skip_past(">");
    return std::nullopt;
  }
  const Tag tag = take_tag(html_);
  const auto shield = std::find(shield_names.begin(), shield_names.end(), tag.name);
  if (shield != shield_names.end()) {
    const auto kind = static_cast<Shield>(shield - shield_names.begin());
    if (tag.closing) {
      open_.close(kind);
    } else if (!tag.self_closing) {
      open_.open(kind, depth_);
    }
  }
  if (std::find(own_lines.begin(), own_lines.end(), tag.name) != own_lines.end()) return HtmlPiece{.line_break = true};
  return std::nullopt;
}

std::string with_team_slashes(std::string_view text) {
  std::string plain;
  plain.reserve(text.size());
  while (!text.empty()) {
    const auto at = std::min(text.find("&#47"), text.size());
    plain.append(text.substr(0, at));
    text.remove_prefix(at);
    if (text.empty()) break;
    const std::size_t length = text.size() > 4 && text[4] == ';' ? 5 : 4;
    if (length < text.size() && is_alnum(text[length])) {
      plain += '/';
    } else {
      plain.append(text.substr(0, length));
    }
    text.remove_prefix(length);
  }
  return plain;
}

std::string decoded(std::string_view text) {
  cmark_strbuf buffer{};
  cmark_strbuf_init(cmark_get_default_mem_allocator(), &buffer, 0);
  houdini_unescape_html_f(&buffer, reinterpret_cast<const unsigned char*>(text.data()),
                          static_cast<bufsize_t>(text.size()));
  std::string folded;
  folded.reserve(static_cast<std::size_t>(buffer.size));
  for (bufsize_t i = 0; i < buffer.size; ++i) {
    const char c = static_cast<char>(buffer.ptr[i]);
    if (!is_space(c)) folded += c;
    else if (!folded.ends_with(' ')) folded += ' ';
  }
  cmark_strbuf_free(&buffer);
  return folded;
}

}  // namespace beckon::core
