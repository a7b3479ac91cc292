// Raw HTML inside Markdown, read as far as mentions need it: what is text, and which elements around it hide mentions.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace beckon::core {

// Elements whose text is never searched.
enum class Shield : std::uint8_t { pre, code, a, style, script };

// What is open at one place of the document. It outlives single pieces of HTML: "<pre>" in one, "</pre>" in a
// later one.
class OpenHtml {
 public:
  bool shields() const { return !open_.empty() || comment_; }
  bool is_code() const { return count(Shield::pre) + count(Shield::code) > 0; }
  // Nothing of the text is shown.
  bool hides() const { return comment_ || count(Shield::style) + count(Shield::script) > 0; }
  // A Markdown block at `depth` ended: its element closes whatever was opened inside it.
  void leave(std::uint32_t depth);

 private:
  friend class HtmlReader;
  struct Element {
    Shield kind;
    std::uint32_t depth;
  };
  std::uint32_t count(Shield kind) const { return counts_[static_cast<std::size_t>(kind)]; }
  void open(Shield kind, std::uint32_t depth);
  void close(Shield kind);
  void pop();

  std::vector<Element> open_;
  std::array<std::uint32_t, 5> counts_{};
  bool comment_ = false;
};

struct HtmlPiece {
  bool line_break = false;  // <br>, or the edge of an element that stands on lines of its own
  std::string_view text;    // undecoded
};

// Pulls pieces out of one HTML node. Linear; broken HTML loses at most the rest of its node.
class HtmlReader {
 public:
  HtmlReader(OpenHtml& open, std::string_view html, std::uint32_t depth) : open_(open), html_(html), depth_(depth) {}
  std::optional<HtmlPiece> next();

 private:
  bool skip_hidden();
  std::optional<HtmlPiece> markup();
  void skip_past(std::string_view what);

  OpenHtml& open_;
  std::string_view html_;
  std::uint32_t depth_;
};

// html-pipeline searches the undecoded text, but takes "&#47" for the slash of a team: "@github&#47;team".
std::string with_team_slashes(std::string_view html_text);
// Entities decoded, white space folded to single blanks.
std::string decoded(std::string_view html_text);

}  // namespace beckon::core
