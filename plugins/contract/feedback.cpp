// What a sink makes of a message that came back later: anybody may have written it.
#include "plugins/contract/hostile.hpp"
#include "plugins/contract/trial.hpp"
#include "plugins/table.hpp"

namespace beckon::plugins::contract::checks {
namespace {

// How often it said something.
std::size_t read(const beckon_sink_table& table, const beckon_values* settings, const std::string& message) {
  std::size_t heard = 0;
  const beckon_feedback_emitter emitter{sizeof emitter, &heard, [](void* context, beckon_str, const beckon_outcome*) {
                                          ++*static_cast<std::size_t*>(context);
                                        }};
  table.feedback(settings, {message.data(), message.size()}, &emitter);
  return heard;
}

}  // namespace

void what_comes_back(Trial& trial) {
  if (!hears_feedback(trial.table())) return;
  std::vector<std::string> messages = hostile_texts();
  for (const std::string& body : bare_bodies()) messages.push_back(body);
  messages.push_back(repeated("Received: from x\r\n", 20'000) + "\r\n");
  messages.push_back("Content-Type: multipart/report; boundary=\"" + repeated("b", 10'000) + "\"\r\n\r\n" + repeated("--b\r\n", 20'000));
  for (const std::string& message : messages) {
    const std::size_t heard = read(trial.table(), trial.subject().settings, message);
    if (heard > 1) trial.fault("a message was answered " + std::to_string(heard) + " times", "call the emitter once, or not at all");
    if (heard == 1)
      trial.fault("a message that is about no delivery was taken for one", "say nothing unless the message proves which delivery it is about");
    if (trial.is_full()) return;
  }
}

}  // namespace beckon::plugins::contract::checks
