// One conversation with a mail server, by libcurl: a connection of its own for each, encrypted and logged in as the account
// says. The only file that knows libcurl. Blocks until the server has answered, or the time is over.
#pragma once

#include "account.hpp"
#include "message.hpp"

#include <beckon/sink.hpp>

#include <cstdint>
#include <functional>
#include <string>

namespace beckon::email {

struct Envelope {
  std::string sender;
  std::string recipient;
};

struct Patience {
  std::int64_t deadline_ms = 0;     // Unix time
  std::uint32_t attempt = 1;        // of this delivery
  std::function<bool()> cancelled;  // asked about once a second
};

// Once for the process, before any conversation; any thread.
void prepare_sessions();

Outcome send(const Account& account, const Envelope& envelope, const Message& message, const Patience& patience);

// Asks with RCPT, and sends nothing.
Outcome ask_for(const Account& account, const Envelope& envelope, const Patience& patience);

}  // namespace beckon::email
