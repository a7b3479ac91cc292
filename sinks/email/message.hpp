// A delivery as a mail for one person. Pure: header fields ready for the wire, and the parts as UTF-8 with CRLF line ends,
// which whoever sends them still has to encode.
#pragma once

#include "address.hpp"

#include <beckon/sink.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace beckon::email {

inline constexpr std::uint32_t most_mentions = 20;

struct Message {
  std::vector<std::string> headers;  // without MIME-Version, Content-Type and Content-Transfer-Encoding
  std::string text;
  std::string html;                  // empty in the plain form
};

// What begins the subject of a mail that takes leave; the delivery's id follows.
inline constexpr std::string_view leave_word = "unsubscribe ";

// `returns_to`: who takes what comes back, the envelope's sender.
Message message(const Delivery& delivery, const Mailbox& from, const Mailbox& to, std::string_view returns_to);

// In clear, on one line.
std::string subject(const Delivery& delivery);

// "beckon.ID@example.com": in the Message-ID of a delivery's mail, the same for each attempt.
std::string message_id(std::string_view delivery, std::string_view domain);

// The delivery that such an id names; empty when it is none of ours.
std::string delivery_of_message_id(std::string_view id, std::string_view domain);

}  // namespace beckon::email
