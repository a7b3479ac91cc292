// What a mail server and we have said to each other, as far as it decides an outcome. Of a login nothing is kept but that
// it took place. Pure and bounded, whatever the server sends.
#pragma once

#include "reply.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace beckon::email {

class Dialogue {
 public:
  // A command line of ours.
  void sent(std::string_view line);
  // One line of the server. True when it ends a reply.
  bool received(std::string_view line);

  // The last whole reply, without that to QUIT.
  const Reply& last() const { return last_; }
  // The server has asked for the message, and not said what became of it.
  bool content_is_due() const { return content_is_due_; }
  bool content_was_taken() const { return last_.command == Command::content && last_.code / 100 == 2; }
  bool starttls_was_sent() const { return starttls_; }
  bool offers_smtputf8() const { return smtputf8_; }

 private:
  Command command_ = Command::greeting;
  std::vector<std::string> lines_;
  Reply last_;
  bool content_is_due_ = false;
  bool starttls_ = false;
  bool smtputf8_ = false;
};

}  // namespace beckon::email
