// pause, resume, revive: one request each, and what came of it in a sentence.
#include "cli/answer_json.hpp"
#include "cli/commands.hpp"
#include "cli/operator.hpp"

#include "base/log.hpp"
#include "config/values.hpp"
#include "control/target.hpp"

#include <iostream>

namespace beckon::core::cli {
namespace {

using nlohmann::json;

std::string sentence(const std::string& verb, const json& said) {
  const bool changed = flag_in(said, "changed");
  const std::string state = text_in(said, "state");
  if (verb == "pause") return changed ? "is paused; what it is owed waits for `beckon resume`" : "was paused already";
  if (verb == "resume") return changed ? "is active again" : "was not paused";
  if (!changed) return "is not gone; it is " + state;
  std::string text = state == "paused" ? "lives again, and is paused still" : "lives again";
  const auto others = number_in(said, "active") - (state == "active" ? 1 : 0);
  if (others == 1) text += ", and so does another that ended with it";
  if (others > 1) text += ", and so do " + std::to_string(others) + " others that ended with it";
  return text;
}

}  // namespace

int change(const std::string& config, const std::string& verb, const std::string& name) {
  const Answer answer = ask_operator(config, "POST", "/api/v1/subscriptions/" + percent_encoded(name) + "/" + verb, {});
  if (answer.code != ok) return answer.code;
  const json said = json::parse(answer.body, nullptr, false);
  if (!said.is_object()) return strange_answer(answer);
  std::cout << log::printable(in_quotes(name) + " " + sentence(verb, said));
  if (flag_in(said, "changed")) std::cout << when_it_counts(answer);
  std::cout << '\n';
  return ok;
}

}  // namespace beckon::core::cli
