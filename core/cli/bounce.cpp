// A mail that came back, from a mail server's pipe to the daemon. What such a server hears is the exit code alone: whatever
// may be better tomorrow is `later`, so that it keeps the mail.
#include "cli/answer_json.hpp"
#include "cli/commands.hpp"
#include "cli/common.hpp"
#include "cli/operator.hpp"

#include "config/values.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <iostream>
#include <optional>

namespace beckon::core::cli {
namespace {

using nlohmann::json;

// The report and the returned headers stand at the beginning; a mail may have any size.
constexpr std::size_t most_read = 1u << 20;

// nullopt when it cannot be read.
std::optional<std::string> read_message() {
  std::string message(most_read, '\0');
  message.resize(std::fread(message.data(), 1, message.size(), stdin));
  char rest[64 * 1024];
  while (std::fread(rest, 1, sizeof rest, stdin) > 0) {}   // whoever writes must not meet a closed pipe
  if (std::ferror(stdin)) return std::nullopt;
  return message;
}

std::string sentence(const json& said) {
  if (!flag_in(said, "understood")) return "this mail says nothing of a delivery of ours; nothing was changed";
  const std::string delivery = "delivery " + text_in(said, "delivery");
  if (!flag_in(said, "known")) return delivery + " is not known here (any more); nothing was changed";
  const std::string whose = delivery + " to " + in_quotes(text_in(said, "subscription"));
  if (flag_in(said, "repeated")) return whose + " had come back before; nothing was changed";
  const std::string reason = " (" + text_in(said, "reason") + ")";
  const auto dead = number_in(said, "dead"), ended = number_in(said, "ended");
  if (dead == 0 && ended == 0) return whose + " was answered" + reason + "; nothing was changed";
  std::string text = whose + (dead > 0 ? " came back" : " was answered") + reason;
  if (dead > 0) text += "; " + std::to_string(dead) + (dead == 1 ? " mention is a dead letter now" : " mentions are dead letters now");
  if (ended == 1) text += "; its subscription has ended";
  if (ended > 1) text += "; " + std::to_string(ended) + " subscriptions have ended with it";
  return text;
}

}  // namespace

int bounce(const std::string& config) {
  const auto message = read_message();
  if (!message) {
    complain(fmt::format("standard input cannot be read: {}", std::strerror(errno)));
    return later;
  }
  if (message->empty()) {
    complain("there is no mail on standard input; pipe one into this command: beckon bounce < message.eml");
    return usage;
  }
  const Answer answer = ask_operator(config, "POST", "/api/v1/feedback", *message);
  if (answer.code != ok) return later;
  const json said = json::parse(answer.body, nullptr, false);
  if (!said.is_object()) {
    strange_answer(answer);
    return later;
  }
  std::cout << log::printable(sentence(said)) << '\n' << std::flush;
  if (!std::cout) leave(ok);   // the mail is taken, whether or not somebody hears of it
  return ok;
}

}  // namespace beckon::core::cli
