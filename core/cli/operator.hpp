// How the commands ask: the daemon of a configuration over its socket, or its state file where none runs.
#pragma once

#include <string>

namespace beckon::core::cli {

struct Answer {
  int code = 0;               // not ok: it has been complained about
  bool by_daemon = false;     // false: what was changed takes effect at the next start
  std::string body;           // JSON
};

// `method` and `target` as in control/routes.hpp.
Answer ask_operator(const std::string& config, std::string method, std::string target, std::string body);

// What is to be added to a sentence about a change, so that nobody waits for it: empty where a daemon has made it.
std::string when_it_counts(const Answer& answer);

// A complaint about an answer that came, but says something else than this program expects.
int strange_answer(const Answer& answer);

}  // namespace beckon::core::cli
