// The mail server and the sender, as [sinks.x] says them, checked.
#pragma once

#include "address.hpp"

#include <beckon/sink.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace beckon::email {

enum class Tls { starttls, implicit, none };

struct Account {
  std::string url;  // "smtp://mail.example.com:587", as libcurl takes it
  Tls tls = Tls::starttls;
  std::string username;
  std::string password;
  Mailbox from;
  std::string return_path;  // "bounces+{id}@example.com"; may be empty
  std::string ca_file;
};

struct Wrong {
  std::string option;
  std::string sentence;
};

// All that is wrong, first of all what the rest hangs on.
std::vector<Wrong> what_is_wrong(const Values& settings);

// Of settings with nothing wrong.
Account account(const Values& settings);

// Stands in return_path for the id of the delivery.
inline constexpr std::string_view id_placeholder = "{id}";

// Whom bounces of that delivery go to.
std::string envelope_sender(const Account& account, std::string_view delivery);

}  // namespace beckon::email
