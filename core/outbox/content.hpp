// How a post is kept for its deliveries: its body as bytes, the rest as compact JSON. Pure.
#pragma once

#include "model/delivery.hpp"

#include <string>
#include <string_view>

namespace beckon::core {

inline constexpr std::size_t kept_body_bytes = 64 * 1024;

// At most `limit` bytes of it, cut between two characters.
std::string_view cut_text(std::string_view text, std::size_t limit);

// Author, URLs and times of a post; not its body.
std::string pack_content(const Post& post);
// Fills `mention.post` and `mention.truncated`. What cannot be read stays empty.
void unpack_content(std::string_view content, DeliveredMention& mention);

}  // namespace beckon::core
