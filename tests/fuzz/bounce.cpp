// Mail that strangers pipe to us, and what mail servers answer. The first line chooses: "r" and a digit a reply to that
// command, a line each; else a message.
#include "sinks/email/bounce.hpp"

#include <algorithm>
#include <cstdint>

#include "fuzz/require.hpp"
#include "sinks/email/reply.hpp"

namespace beckon::fuzz {
namespace {

using email::Command;

void check_outcome(const Outcome& outcome) {
  require(outcome.kind != BECKON_DELIVERED, "a failure is no delivery");
  require(outcome.code.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == std::string::npos, "a code is one",
          outcome.code);
  require_sentence(outcome.reason, "a reason");
  require(outcome.reason.size() <= 500, "a reason is bounded", outcome.reason);
  require(outcome.reason.find(". ") == std::string::npos, "a reason is within a sentence", outcome.reason);
}

void check_reply(unsigned command_number, std::string_view text) {
  const auto command = static_cast<Command>(command_number % 9);
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  const email::Reply reply = email::read_reply(command, lines);
  const Outcome outcome = email::outcome_of(reply, 1);
  check_outcome(outcome);
  if (outcome.kind != BECKON_GONE) return;
  require(reply.code >= 500 && reply.code < 600, "only a permanent failure is the end", outcome.reason);
  require(command == Command::rcpt || command == Command::content || command == Command::notification,
          "only an answer about the recipient is its end", outcome.reason);
}

void check_message(std::string_view message) {
  auto read = email::read_bounce(message, {"example.com", "bounces+{id}@example.com"});
  if (!read) read = email::read_leave(message);
  if (read) {
    check_outcome(read->outcome);
    require(!read->delivery.empty() && read->delivery.size() <= message.size(), "an id comes out of the message");
    require(read->delivery.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_=") ==
                std::string::npos,
            "an id is of letters and digits", read->delivery);
  }
}

}  // namespace
}  // namespace beckon::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace beckon::fuzz;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  if (input.size() > 3 && input[0] == 'r' && input[2] == '\n')
    check_reply(static_cast<unsigned char>(input[1]) - '0', input.substr(3));
  else
    check_message(input);
  return 0;
}
