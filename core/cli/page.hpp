// Text for a terminal of 80 columns. What comes in may come from anywhere: it is made printable here.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace beckon::core::cli {

// Words, broken between them; every line behind `indent` blanks, the first behind `first` instead.
std::string wrapped(std::string_view text, std::string_view first, std::size_t indent);

// Lines as they are, behind `indent` blanks, broken only where they are too long; of many the first `most`.
std::string block(std::string_view text, std::size_t indent, std::size_t most);

}  // namespace beckon::core::cli
