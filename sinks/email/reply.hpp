// What a mail server's answer means for the delivery: a table over the command, the reply code (RFC 5321) and the enhanced
// status code (RFC 3463, RFC 5248). Pure. Only the answer to RCPT, the last one to the content, and a delivery status
// notification can say that the recipient is gone; what concerns us, our login or a policy never does.
#pragma once

#include <beckon/sink.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace beckon::email {

// To what the server answered. `content`: to the end of the message; `notification`: nothing, its news came as a mail.
enum class Command { greeting, hello, starttls, auth, mail, rcpt, data, content, notification, other };

std::string_view name_of(Command command);

struct Reply {
  Command command = Command::other;
  unsigned code = 0;     // 550
  std::string enhanced;  // "5.1.1", or empty
  std::string text;      // all lines as one, clean, bounded
};

// `lines`: "550-5.1.1 no such" and so on, without line ends.
Reply read_reply(Command command, const std::vector<std::string>& lines);

// The first "5.1.1" that `text` begins with, blanks before it left out; empty when there is none.
std::string enhanced_code(std::string_view text);

// Of an answer that is no success. `attempt` counts from 1: who must wait once waits longer the next time.
Outcome outcome_of(const Reply& reply, std::uint32_t attempt);

}  // namespace beckon::email
