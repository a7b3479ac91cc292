// A delivery as a Slack message: Block Kit with a fallback text, or only the text. Pure.
// Limits (docs.slack.dev): 50 blocks, 3,000 characters a section, 40,000 in `text`; all after escaping.
#pragma once

#include <beckon/sink.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace beckon::slack {

inline constexpr std::uint32_t most_mentions = 10;

struct Message {
  std::string body;         // JSON
  std::size_t covered = 0;  // how many of the delivery's mentions it tells
};

// `ping`: a Slack user id, or empty.
Message message(const Delivery& delivery, std::string_view ping);

// Slack answers 400 no_text to it, if the webhook is alive, and shows nothing to anybody.
inline constexpr std::string_view probe_body = R"({"text":""})";

bool is_user_id(std::string_view id);

}  // namespace beckon::slack
