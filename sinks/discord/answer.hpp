// What Discord's answer to a webhook request means. Pure. Source: discord.com/developers/docs, "Opcodes and Status
// Codes", "Webhook Resource" and "Rate Limits".
#pragma once

#include <beckon/sink.hpp>

namespace beckon::discord {

// `in_thread`: the message was for a thread of the webhook's channel.
Outcome answer(const Delivery& delivery, const Response& response, bool in_thread);

}  // namespace beckon::discord
