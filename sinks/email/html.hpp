// The HTML part of a message: what a mention says, from its spans. Every character is escaped, links lead to web
// addresses only, nothing is ever loaded: images are links to themselves.
#pragma once

#include <beckon/sink.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace beckon::email {

std::string escape_html(std::string_view clean);

// `<a href="url">label</a>`; the label alone where the url is no web address.
std::string html_link(std::string_view url, std::string_view label);

// The beginning of what the mention says, at most `limit` UTF-16 units as a reader counts them, with "…" where more
// follows: whole, well-formed elements.
std::string html_excerpt(const Mention& mention, std::size_t limit);

}  // namespace beckon::email
