#include "bounce.hpp"

#include "account.hpp"
#include "message.hpp"
#include "mime.hpp"
#include "reply.hpp"

#include <beckon/text.hpp>

#include <algorithm>

namespace beckon::email {
namespace {

constexpr std::size_t longest_message = 1024 * 1024;  // what is returned to us may be long, and stands at the end
constexpr std::size_t most_recipients = 100;
constexpr std::size_t shortest_id = 16;  // the host's are hard to guess

struct Report {
  std::string status_part;
  std::vector<Field> returned;  // the header of our mail
};

bool is_returned_mail(std::string_view type) {
  return type == "message/rfc822" || type == "text/rfc822-headers" || type == "message/global" ||
         type == "message/global-headers" || type == "message/rfc822-headers";
}

Report read_report(std::string_view body, std::string_view boundary) {
  Report report;
  for (std::string_view part : parts_of(body, boundary)) {
    const std::vector<Field> header = take_fields(part);
    const std::string type = content_type(value_of(header, "content-type")).type;
    const std::string_view encoding = value_of(header, "content-transfer-encoding");
    if (type == "message/delivery-status" || type == "message/global-delivery-status") {
      report.status_part = decoded(part, encoding);
    } else if (is_returned_mail(type)) {
      const std::string mail = decoded(part, encoding);
      std::string_view rest = mail;
      report.returned = take_fields(rest);
    }
  }
  return report;
}

// "octo@example.com" of "rfc822; <octo@example.com>"
std::string_view typed_value(std::string_view value) {
  const std::size_t semicolon = value.find(';');
  if (semicolon != std::string_view::npos) value.remove_prefix(semicolon + 1);
  const std::size_t begin = std::min(value.find_first_not_of(" \t<"), value.size());
  value.remove_prefix(begin);
  return value.substr(0, value.find_last_not_of(" \t>") + 1);
}

// The id within an address that our return path makes.
std::string id_of_address(std::string_view address, std::string_view return_path) {
  const std::size_t at = return_path.find(id_placeholder);
  if (at == std::string_view::npos) return {};
  const std::string_view before = return_path.substr(0, at), after = return_path.substr(at + id_placeholder.size());
  if (address.size() <= before.size() + after.size()) return {};
  const std::string_view id = address.substr(before.size(), address.size() - before.size() - after.size());
  const bool fits =
      same_address(address.substr(0, before.size()), before) &&
      same_address(address.substr(address.size() - after.size()), after) &&
      id.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") == std::string_view::npos;
  return fits ? std::string(id) : std::string();
}

// Of whom the bounce came to.
std::string id_of_recipient(const std::vector<Field>& header, std::string_view return_path) {
  for (const Field& field : header) {
    if (field.name != "to" && field.name != "delivered-to" && field.name != "x-original-to") continue;
    std::string_view rest = field.value;
    while (!rest.empty()) {
      const std::size_t begin = std::min(rest.find_first_not_of(" \t,;<>()\""), rest.size());
      rest.remove_prefix(begin);
      const std::string_view word = rest.substr(0, rest.find_first_of(" \t,;<>()\""));
      if (std::string id = id_of_address(word, return_path); !id.empty()) return id;
      rest.remove_prefix(word.size());
    }
  }
  return {};
}

std::string id_of_mail(const std::vector<Field>& returned, std::string_view domain) {
  std::string_view id = value_of(returned, "message-id");
  if (id.size() < 2 || id.front() != '<' || id.back() != '>') return {};
  return delivery_of_message_id(id.substr(1, id.size() - 2), domain);
}

// "smtp; 550 5.1.1 no such user" and "Status: 5.1.1" as the answer of a server.
Reply reply_of(const std::vector<Field>& recipient) {
  Reply reply;
  const std::string_view diagnostic = value_of(recipient, "diagnostic-code");
  if (lower(diagnostic.substr(0, diagnostic.find(';'))) == "smtp")
    reply = read_reply(Command::notification, {std::string(typed_value(diagnostic))});
  reply.command = Command::notification;
  if (reply.text.empty()) reply.text = text::clean_line(text::clip(typed_value(diagnostic), 4'096));
  const std::string status = enhanced_code(value_of(recipient, "status"));
  // The last server's own word is more exact than "5.0.0".
  const bool says_little = status.size() < 5 || status.substr(1) == ".0.0";
  if (!says_little || reply.enhanced.empty()) reply.enhanced = status;
  if (reply.code < 400) reply.code = reply.enhanced.substr(0, 1) == "4" ? 450 : 550;
  return reply;
}

// A mailing list or a forwarding is not gone because one whom it leads to is.
bool is_whom_we_wrote_to(const std::vector<Field>& recipient, const std::vector<Field>& returned) {
  const std::string_view final_one = typed_value(value_of(recipient, "final-recipient"));
  const std::string_view original = typed_value(value_of(recipient, "original-recipient"));
  const std::string_view written = value_of(returned, "to");
  if (!original.empty() && !same_address(original, final_one)) return false;
  if (written.empty()) return !original.empty();
  return same_address(mailbox(written).address, final_one);
}

Outcome outcome_of_recipient(const std::vector<Field>& recipient, const std::vector<Field>& returned) {
  Outcome outcome = outcome_of(reply_of(recipient), 1);
  if (outcome.kind != BECKON_GONE || outcome.certainty != BECKON_EXACT || is_whom_we_wrote_to(recipient, returned))
    return outcome;
  Outcome doubtful = Outcome::maybe_gone(outcome.code, outcome.reason);
  doubtful.ask_again_after_ms = 86'400'000;
  return doubtful;
}

}  // namespace

std::optional<Feedback> read_bounce(std::string_view message, const Origin& origin) {
  message = message.substr(0, longest_message);
  const std::vector<Field> header = take_fields(message);
  const ContentType type = content_type(value_of(header, "content-type"));
  if (type.type != "multipart/report" || lower(value_of(type.parameters, "report-type")) != "delivery-status") return {};
  const Report report = read_report(message, value_of(type.parameters, "boundary"));

  const std::string by_mail = id_of_mail(report.returned, origin.domain);
  const std::string by_recipient = id_of_recipient(header, origin.return_path);
  const std::string id = by_mail.empty() ? by_recipient : by_mail;
  if (id.empty() || (!by_recipient.empty() && !same_address(by_recipient, id))) return {};

  std::string_view rest = report.status_part;
  take_fields(rest);  // of the notification itself
  for (std::size_t count = 0; !rest.empty() && count < most_recipients; ++count) {
    const std::vector<Field> recipient = take_fields(rest);
    if (lower(value_of(recipient, "action")) != "failed") continue;
    return Feedback{id, outcome_of_recipient(recipient, report.returned)};
  }
  return {};
}

std::optional<Feedback> read_leave(std::string_view message) {
  message = message.substr(0, longest_message);
  const std::vector<Field> header = take_fields(message);
  const std::string automatic = lower(value_of(header, "auto-submitted"));
  if (!automatic.empty() && automatic != "no") return {};
  const std::string subject = lower(value_of(header, "subject"));
  if (subject.rfind(leave_word, 0) != 0) return {};
  const std::string id = subject.substr(leave_word.size());
  if (id.size() < shortest_id || id.size() > 64 || id.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") != std::string::npos) return {};
  Outcome outcome = Outcome::gone("unsubscribed", "the subscriber unsubscribed by mail");
  outcome.scope = BECKON_SCOPE_SUBSCRIPTION;
  return Feedback{id, outcome};
}

}  // namespace beckon::email
