// E-mail, by a mail server that takes submissions: one message for one recipient.
#include "account.hpp"
#include "bounce.hpp"
#include "message.hpp"
#include "session.hpp"

#include <beckon/sink.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace beckon::email {
namespace {

const Option options[] = {
    {"server", Type::string, required, "",
     "the mail server that takes your mail: smtp://mail.example.com:587 or smtps://mail.example.com:465"},
    {"tls", Type::enumeration, optional, "",
     "how it is encrypted; none is for a server on this machine. Default: implicit with smtps://, else starttls",
     {"starttls", "implicit", "none"}},
    {"username", Type::string, optional, "", "the login at the mail server"},
    {"password", Type::string, secret, "", "its password, often an app password"},
    {"from", Type::string, required, "", "the sender: beckon@example.com or Beckon <beckon@example.com>"},
    {"to", Type::string, required | target, "", "the recipient: octo@example.com or Octo Cat <octo@example.com>"},
    {"return_path", Type::string, optional, "",
     "where bounces go, {id} stands for the delivery: bounces+{id}@example.com. Default: the address of from"},
    {"ca_file", Type::path, optional, "", "certificates (PEM) to trust in addition to the system's"},
};

}  // namespace

class Email {
 public:
  static constexpr std::string_view about = "mail, by SMTP";
  static constexpr bool handles_probe = true;
  static constexpr std::uint32_t max_batch = most_mentions;
  static constexpr std::uint32_t max_concurrency = 4;

  explicit Email(const Settings& settings) : host_(settings.host()) {
    for (const Wrong& wrong : what_is_wrong(settings)) throw Complaint(wrong.option, wrong.sentence);
    account_ = account(settings);
    prepare_sessions();
  }

  static void check(const Values& settings, const Values& target, const Complain& complain) {
    for (const Wrong& wrong : what_is_wrong(settings)) complain(wrong.option, wrong.sentence);
    if (const std::string wrong = wrong_mailbox(target.text("to")); !wrong.empty()) complain("to", wrong);
  }

  static std::optional<Feedback> feedback(const Values& settings, std::string_view message) {
    const Account account = email::account(settings);
    std::optional<Feedback> bounce = read_bounce(message, {account.from.domain(), account.return_path});
    return bounce ? bounce : read_leave(message);
  }

  Outcome deliver(const Delivery& delivery) {
    const std::string written = delivery.target.text("to");
    if (written.empty())
      return Outcome::misconfigured("no_recipient", "there is no `to` for this subscription; give one in its target");
    if (const std::string wrong = wrong_mailbox(written); !wrong.empty())
      return Outcome::misconfigured("bad_recipient", "to: " + wrong);
    const Mailbox to = mailbox(written);
    const Envelope envelope{envelope_sender(account_, delivery.id), to.address};
    const Patience patience{delivery.deadline_ms, delivery.attempt, [this] { return host_.cancelled(); }};
    switch (delivery.purpose) {
      case Purpose::probe: return ask_for(account_, envelope, patience);
      case Purpose::mention:
        if (delivery.mentions.empty()) return Outcome::rejected("empty", "the delivery holds no mention");
        break;
      case Purpose::notice:
      case Purpose::test: break;
      default: return Outcome::rejected("unknown_purpose", "this version knows no such delivery");
    }
    return send(account_, envelope, message(delivery, account_.from, to, envelope.sender), patience);
  }

 private:
  const Host host_;
  Account account_;
};

}  // namespace beckon::email

BECKON_SINK(beckon::email::Email, "email", BECKON_VERSION, beckon::email::options)
