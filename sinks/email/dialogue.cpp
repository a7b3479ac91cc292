#include "dialogue.hpp"

#include "address.hpp"

#include <array>
#include <utility>

namespace beckon::email {
namespace {

constexpr std::size_t most_lines = 64;
constexpr std::size_t longest_line = 1'024;

constexpr std::array<std::pair<std::string_view, Command>, 8> commands = {{{"EHLO", Command::hello},
                                                                           {"HELO", Command::hello},
                                                                           {"STARTTLS", Command::starttls},
                                                                           {"AUTH", Command::auth},
                                                                           {"MAIL", Command::mail},
                                                                           {"RCPT", Command::rcpt},
                                                                           {"DATA", Command::data},
                                                                           {"QUIT", Command::other}}};

std::string_view without_end(std::string_view line) {
  while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.remove_suffix(1);
  return line;
}

}  // namespace

void Dialogue::sent(std::string_view line) {
  // In the middle of a login the line is a part of it, whatever it looks like.
  if (command_ == Command::auth && last_.command == Command::auth && last_.code == 334) return;
  line = without_end(line);
  const std::string_view word = line.substr(0, line.find(' '));
  for (const auto& [name, command] : commands) {
    if (word == name) command_ = command;
  }
  if (command_ == Command::hello) smtputf8_ = false;
  if (command_ == Command::starttls) starttls_ = true;
}

bool Dialogue::received(std::string_view line) {
  line = without_end(line).substr(0, longest_line);
  if (command_ == Command::hello && line.size() > 4 && lower(line.substr(4)) == "smtputf8") smtputf8_ = true;
  if (lines_.size() < most_lines) lines_.emplace_back(line);
  const bool has_code = line.size() >= 3 && line.substr(0, 3).find_first_not_of("0123456789") == std::string_view::npos;
  if (!has_code || (line.size() > 3 && line[3] != ' ')) return false;
  lines_.back() = line;  // the last line is always among those kept
  Reply reply = read_reply(command_, lines_);
  lines_.clear();
  content_is_due_ = command_ == Command::data && reply.code == 354;
  if (content_is_due_) command_ = Command::content;
  if (reply.command != Command::other) last_ = std::move(reply);
  return true;
}

}  // namespace beckon::email
