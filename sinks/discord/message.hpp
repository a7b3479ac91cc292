// A delivery as a Discord message: an embed for each mention, or only content. Pure. Limits
// (discord.com/developers/docs/resources/message): content 2,000; 10 embeds; title 256, description 4,096, footer
// 2,048, author 256, all embeds together 6,000; after escaping.
#pragma once

#include <beckon/sink.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace beckon::discord {

inline constexpr std::uint32_t most_mentions = 10;

struct Message {
  std::string body;         // JSON
  std::size_t covered = 0;  // how many of the delivery's mentions it tells
};

// `ping`: a Discord user id, or empty. `username`: the name to post under, or empty for the webhook's own.
Message message(const Delivery& delivery, std::string_view ping, std::string_view username);

}  // namespace beckon::discord
