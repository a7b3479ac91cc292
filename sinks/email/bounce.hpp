// What comes back to us. Bounces: what a delivery status notification (RFC 3464, 6533) says of mails of ours. Pure; the message may come from
// anybody. It can name no delivery whose id its author has not seen: ids are random, and stand in the mail alone.
#pragma once

#include <beckon/sink.hpp>

#include <optional>
#include <string_view>

namespace beckon::email {

// How mails of ours are known: by their Message-ID, and by whom a bounce is addressed to.
struct Origin {
  std::string_view domain;       // that of `from`
  std::string_view return_path;  // "bounces+{id}@example.com", or empty
};

// The outcome is as if the server had answered so to RCPT. Nothing for a message that is no such notification, or tells of no
// failure: a delay is none.
std::optional<Feedback> read_bounce(std::string_view message, const Origin& origin);

// Of a mail that List-Unsubscribe of one of ours made: the subscriber takes leave.
std::optional<Feedback> read_leave(std::string_view message);

}  // namespace beckon::email
