#include "reply.hpp"

#include "address.hpp"

#include <beckon/text.hpp>

#include <algorithm>
#include <array>

namespace beckon::email {
namespace {

constexpr std::int64_t a_minute_ms = 60'000;
constexpr std::int64_t an_hour_ms = 60 * a_minute_ms;
constexpr std::int64_t a_day_ms = 24 * an_hour_ms;

constexpr std::size_t longest_text = 220;  // bytes of what the server says, in a reason
constexpr std::size_t longest_looked_at = 4'096;

enum class Meaning { gone, maybe_gone, full, too_large, content, address, policy, sender, login, protocol, trouble };

struct Status {
  std::string_view detail;  // behind the class: "1.1"
  Meaning meaning;
  std::string_view sentence;
};

// Of permanent failures. Where a status may pass, or servers use it for more than its word says, it is only perhaps gone.
constexpr std::array statuses = {
    Status{"1.0", Meaning::maybe_gone, "something is wrong with this address"},
    Status{"1.1", Meaning::gone, "this mailbox does not exist"},
    Status{"1.2", Meaning::maybe_gone, "the domain of this address does not exist or takes no mail"},
    Status{"1.3", Meaning::address, "the address is not written correctly; check `to`"},
    Status{"1.4", Meaning::maybe_gone, "the address fits several mailboxes"},
    Status{"1.6", Meaning::gone, "this mailbox has moved, and nobody knows where to"},
    Status{"1.7", Meaning::sender, "the sender's address is not written correctly; check `from`"},
    Status{"1.8", Meaning::sender, "the domain of the sender's address is not known; check `from`"},
    Status{"1.10", Meaning::gone, "the domain of this address takes no mail"},
    Status{"2.0", Meaning::maybe_gone, "something is wrong with this mailbox"},
    Status{"2.1", Meaning::maybe_gone, "this mailbox is disabled"},
    Status{"2.2", Meaning::full, "this mailbox is full"},
    Status{"2.3", Meaning::too_large, "the message is larger than this mailbox takes"},
    Status{"3.4", Meaning::too_large, "the message is larger than the server takes"},
    Status{"4.1", Meaning::maybe_gone, "the recipient's server does not take this address"},
    Status{"4.4", Meaning::maybe_gone, "there is no way to the recipient's server"},
    Status{"6.7", Meaning::address, "the server takes no addresses with letters beyond ASCII; check `to` and `from`"},
    Status{"7.8", Meaning::login, "the login was refused; check username and password"},
    Status{"7.9", Meaning::login,
           "this kind of login is not allowed; check what the provider asks of programs, such as an app password"},
    Status{"7.13", Meaning::maybe_gone, "this account is disabled"},
    Status{"7.17", Meaning::gone, "this mailbox has a new owner"},
    Status{"7.18", Meaning::gone, "this domain has a new owner"},
};

const Status* find_status(std::string_view detail) {
  const auto found = std::find_if(statuses.begin(), statuses.end(), [&](const Status& s) { return s.detail == detail; });
  return found == statuses.end() ? nullptr : &*found;
}

template <std::size_t N>
bool says_one_of(const std::string& lower_text, const std::array<std::string_view, N>& phrases) {
  return std::any_of(phrases.begin(), phrases.end(),
                     [&](std::string_view phrase) { return lower_text.find(phrase) != std::string::npos; });
}

bool names_nobody(const std::string& text) {
  return says_one_of(text, std::array<std::string_view, 13>{
                               "user unknown", "unknown user", "no such user", "no such recipient", "no such mailbox",
                               "does not exist", "doesn't exist", "recipient not found", "user not found",
                               "mailbox not found", "unknown recipient", "invalid recipient", "doesn't have a"});
}

bool names_policy(const std::string& text) {
  return says_one_of(text, std::array<std::string_view, 10>{"spam", "blocked", "blacklist", "block list", "blocklist", "policy",
                                                           "reputation", "dmarc", "relaying", "access denied"});
}

bool names_full(const std::string& text) {
  return says_one_of(text, std::array<std::string_view, 5>{"quota", "mailbox full", "mailbox is full", "exceeded storage",
                                                          "insufficient storage"});
}

bool is_about_recipient(Command command) {
  return command == Command::rcpt || command == Command::content || command == Command::notification;
}

// In lower case, without addresses: they may hold any word.
std::string words_of(std::string_view text) {
  std::string words;
  bool in_address = false;
  for (const char c : lower(text)) {
    in_address = c == '<' || (in_address && c != '>');
    if (!in_address) words += c;
  }
  return words;
}

std::string code_of(const Reply& reply) {
  std::string code = "smtp_" + (reply.enhanced.empty() ? std::to_string(reply.code) : reply.enhanced);
  std::replace(code.begin(), code.end(), '.', '_');
  return code;
}

// As part of our sentence: in quotation marks, and no sentence of its own ends in it.
std::string quoted(std::string_view text) {
  std::string words(text::clip(text, longest_text));
  const bool whole = words.size() == text.size();
  for (std::size_t at = 0; (at = words.find(". ", at)) != std::string::npos;) words[at] = ';';
  while (!words.empty() && std::string_view(".;,: ").find(words.back()) != std::string_view::npos) words.pop_back();
  if (words.empty()) return words;
  return " (\"" + words + (whole ? "\")" : "…\")");
}

std::string answered(const Reply& reply, std::string_view sentence) {
  std::string reason = reply.command == Command::notification ? "a delivery status notification says "
                                                              : "the mail server answered ";
  reason += std::to_string(reply.code);
  if (!reply.enhanced.empty()) reason += " " + reply.enhanced;
  if (reply.command != Command::notification) reason.append(" to ").append(name_of(reply.command));
  if (!sentence.empty()) reason.append(": ").append(sentence);
  // What is said around a login may repeat parts of it.
  if (reply.command != Command::auth) reason += quoted(reply.text);
  return reason;
}

// Greylisting wants five minutes; RFC 5321, 4.5.4.1 half an hour from then on.
Outcome again(const Reply& reply, std::uint32_t attempt, std::int64_t later_ms, std::string_view sentence) {
  Outcome outcome = Outcome::retry(code_of(reply), answered(reply, sentence));
  outcome.retry_after_ms = attempt <= 1 ? 5 * a_minute_ms : later_ms;
  if (!is_about_recipient(reply.command)) outcome.scope = BECKON_SCOPE_SINK;
  return outcome;
}

Outcome maybe_gone(const Reply& reply, std::string_view sentence) {
  Outcome outcome = Outcome::maybe_gone(code_of(reply), answered(reply, sentence));
  outcome.ask_again_after_ms = a_day_ms;
  return outcome;
}

// What a server says with no more than its three digits, or with a status that is none of ours.
Meaning meaning_of_code(const Reply& reply, const std::string& text) {
  const bool at_content = reply.command == Command::content;
  const auto is = [&](std::initializer_list<unsigned> codes) {
    return std::find(codes.begin(), codes.end(), reply.code) != codes.end();
  };
  if (is({530, 534, 535, 538})) return Meaning::login;
  if (reply.command == Command::mail || reply.command == Command::data)
    return reply.code == 552 ? Meaning::too_large : Meaning::sender;
  if (is({500, 501, 502, 503, 504, 555})) return Meaning::protocol;
  if (names_full(text)) return Meaning::full;
  if (reply.code == 552) return at_content ? Meaning::too_large : Meaning::full;
  if (names_nobody(text)) return Meaning::maybe_gone;
  if (reply.code == 556) return Meaning::maybe_gone;
  return at_content && !names_policy(text) ? Meaning::content : Meaning::policy;
}

Meaning meaning_of(const Reply& reply, const std::string& text, std::string_view& sentence) {
  const std::string_view detail = reply.enhanced.empty() ? std::string_view() : std::string_view(reply.enhanced).substr(2);
  if (const Status* status = find_status(detail)) {
    const bool of_recipient = status->detail[0] == '1' || status->detail[0] == '2' || status->detail[0] == '4';
    const bool of_account = status->detail == "7.13" || status->meaning == Meaning::gone;
    if ((of_recipient || of_account) && status->meaning != Meaning::too_large && !is_about_recipient(reply.command))
      return Meaning::sender;
    sentence = status->sentence;
    // Some servers say "no such user" to whom they take for a spammer.
    return status->meaning == Meaning::gone && names_policy(text) ? Meaning::maybe_gone : status->meaning;
  }
  switch (detail.empty() ? '0' : detail.front()) {
    case '2': return is_about_recipient(reply.command) ? Meaning::maybe_gone : Meaning::sender;
    case '3':
    case '4': return Meaning::trouble;
    case '5': return Meaning::protocol;
    case '6': return Meaning::content;
    case '7': return Meaning::policy;
    default: return meaning_of_code(reply, text);
  }
}

Outcome of_meaning(const Reply& reply, std::uint32_t attempt, Meaning meaning, std::string_view sentence) {
  const std::string code = code_of(reply);
  const auto operator_must_act = [&](std::uint32_t scope, std::string_view otherwise) {
    return Outcome::misconfigured(code, answered(reply, sentence.empty() ? otherwise : sentence), scope);
  };
  // Refused before it asked for the recipient, everybody's mail is.
  const std::uint32_t scope = reply.command == Command::mail ? BECKON_SCOPE_SINK : BECKON_SCOPE_TARGET;
  switch (meaning) {
    case Meaning::gone: return Outcome::gone(code, answered(reply, sentence));
    case Meaning::maybe_gone: return maybe_gone(reply, sentence.empty() ? "there seems to be no such mailbox" : sentence);
    case Meaning::full: return again(reply, attempt, 4 * an_hour_ms, sentence.empty() ? "this mailbox is full" : sentence);
    case Meaning::trouble: return again(reply, attempt, 4 * an_hour_ms, "the way to the mailbox is disturbed");
    case Meaning::too_large:
      return Outcome::rejected(code, answered(reply, sentence.empty() ? "the message is too large" : sentence));
    case Meaning::content: return Outcome::rejected(code, answered(reply, "the message was refused"));
    case Meaning::address: return operator_must_act(scope, {});
    case Meaning::sender: return operator_must_act(scope, "mail of this sender is refused; check `from` and `return_path`");
    case Meaning::login: return operator_must_act(BECKON_SCOPE_SINK, "it wants a login; check username and password");
    case Meaning::protocol:
      return operator_must_act(scope, "it did not understand; check that `server` is a mail server for submission");
    case Meaning::policy: break;
  }
  return operator_must_act(scope, "its policy refuses this mail; ask whoever runs it, or use another server");
}

// Of greeting, EHLO, STARTTLS and AUTH: nothing has been said of any mail.
Outcome of_session(const Reply& reply) {
  const auto refused = [&](std::string code, std::string_view sentence) {
    return Outcome::misconfigured(std::move(code), answered(reply, sentence), BECKON_SCOPE_SINK);
  };
  switch (reply.command) {
    case Command::auth: return refused("login_refused", "the login was refused; check username and password");
    case Command::starttls: return refused("no_starttls", "it refuses encryption; check `server` and `tls`");
    default: return refused(code_of(reply), "it takes no mail from here; check `server`");
  }
}

}  // namespace

std::string_view name_of(Command command) {
  switch (command) {
    case Command::greeting: return "the connection";
    case Command::hello: return "EHLO";
    case Command::starttls: return "STARTTLS";
    case Command::auth: return "the login";
    case Command::mail: return "MAIL FROM";
    case Command::rcpt: return "RCPT TO";
    case Command::data: return "DATA";
    case Command::content: return "the message";
    case Command::notification:
    case Command::other: break;
  }
  return "a command";
}

std::string enhanced_code(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(" \t#"), text.size()));
  if (text.empty() || (text[0] != '2' && text[0] != '4' && text[0] != '5')) return {};
  std::size_t at = 1;
  for (int part = 0; part < 2; ++part) {
    if (at >= text.size() || text[at] != '.') return {};
    const std::size_t begin = ++at;
    while (at < text.size() && text[at] >= '0' && text[at] <= '9') ++at;
    if (at == begin || at - begin > 3) return {};
  }
  const bool ends = at == text.size() || std::string_view(" \t:;,)").find(text[at]) != std::string_view::npos;
  return ends ? std::string(text.substr(0, at)) : std::string();
}

Reply read_reply(Command command, const std::vector<std::string>& lines) {
  Reply reply;
  reply.command = command;
  for (const std::string& line : lines) {
    if (line.size() < 3 || !std::all_of(line.begin(), line.begin() + 3, [](char c) { return c >= '0' && c <= '9'; })) continue;
    if (reply.code == 0) reply.code = static_cast<unsigned>(std::stoul(line.substr(0, 3)));
    std::string_view rest = std::string_view(line).substr(std::min<std::size_t>(4, line.size()));
    const std::string enhanced = enhanced_code(rest);
    if (reply.enhanced.empty()) reply.enhanced = enhanced;
    if (!enhanced.empty()) rest.remove_prefix(rest.find(enhanced) + enhanced.size());
    if (reply.text.size() < longest_looked_at) reply.text.append(" ").append(rest);
  }
  reply.text = text::clean_line(text::clip(reply.text, longest_looked_at));
  return reply;
}

Outcome outcome_of(const Reply& reply, std::uint32_t attempt) {
  // A server that contradicts itself is believed the milder half.
  const bool is_permanent = reply.code >= 500 && reply.code < 600 && (reply.enhanced.empty() || reply.enhanced[0] == '5');
  if (!is_permanent) {
    const bool is_full = reply.enhanced == "4.2.2";
    return again(reply, attempt, (is_full ? 240 : 30) * a_minute_ms,
                 is_full ? "this mailbox is full" : "it asks to try again later");
  }
  if (reply.command < Command::mail) return of_session(reply);
  std::string_view sentence;
  const std::string text = words_of(reply.text);
  Meaning meaning = meaning_of(reply, text, sentence);
  // Postfix says that it refuses the sender only when it is asked for the recipient, and with the recipient's codes.
  if ((meaning == Meaning::gone || meaning == Meaning::maybe_gone) && text.find("sender") != std::string::npos) {
    meaning = Meaning::sender;
    sentence = {};
  }
  return of_meaning(reply, attempt, meaning, sentence);
}

}  // namespace beckon::email
