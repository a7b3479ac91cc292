// Mail addresses as an operator writes them: "octo@example.com" or "Octo Cat <octo@example.com>". Quoted local parts and
// addresses of several people are none; letters beyond ASCII are (RFC 6531).
#pragma once

#include <string>
#include <string_view>

namespace beckon::email {

struct Mailbox {
  std::string name;     // may be empty
  std::string address;  // "octo@example.com"
  std::string_view domain() const;
};

// Why this is no address, to stand after "... : "; empty when it is one. Never repeats what was written.
std::string wrong_mailbox(std::string_view written);

// Of what has nothing wrong.
Mailbox mailbox(std::string_view written);

bool is_ascii(std::string_view text);

// Without regard to the case of ASCII letters.
bool same_address(std::string_view a, std::string_view b);
std::string lower(std::string_view text);

}  // namespace beckon::email
