// What Slack's answer to an incoming webhook means. Pure. The words and what they stand for: docs.slack.dev, "Incoming
// webhooks", and the changelog of 17 May 2016 on their errors.
#pragma once

#include <beckon/sink.hpp>

namespace beckon::slack {

// `webhook_url` only serves to keep parts of it out of the outcome.
Outcome answer(const Delivery& delivery, const Response& response, std::string_view webhook_url);

}  // namespace beckon::slack
