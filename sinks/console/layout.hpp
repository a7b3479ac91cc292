// Styled text for a terminal: SGR sequences that we write, columns as a terminal counts them, lines that wrap at words.
// Pure. What comes from the network must have been cleaned before: a sequence in it would be taken for one of ours.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace beckon::console {

// Numbers of "Select Graphic Rendition" (ECMA-48), joined by ";".
namespace sgr {
inline constexpr std::string_view bold = "1", dim = "2", italic = "3", underline = "4", strike = "9";
inline constexpr std::string_view green = "32", yellow = "33", cyan = "36", repository = "1;36", mention = "1;33";
}  // namespace sgr

// `text` in that style; as it is without colour, or when it is empty.
std::string styled(std::string_view text, std::string_view style, bool colour);

// Columns that the text takes; our sequences take none, wide characters take two.
std::size_t columns(std::string_view text);

// UTF-16 units without our sequences.
std::size_t shown_units(std::string_view text);

// Each line of `text` behind `margin`, none wider than `width` in all. Breaks at blanks, within a word only where the
// word alone is too wide, and carries a style over to the next line without colouring the margin. Ends with a line
// feed.
std::string wrapped(std::string_view text, std::string_view margin, std::size_t width);

}  // namespace beckon::console
