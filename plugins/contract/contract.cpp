#include "plugins/contract/trial.hpp"

namespace beckon::plugins::contract {

const std::vector<Check>& all_checks() {
  using Needs = Check::Needs;
  static const std::vector<Check> all = {
      {"table", "its table says what it is for", Needs::table, checks::table},
      {"opens", "it opens with these settings, twice, and closes", Needs::sink, checks::opens},
      {"one_answer", "every call is answered, exactly once", Needs::deliveries, checks::one_answer},
      {"sound_requests", "its requests are sound HTTP", Needs::answers, checks::sound_requests},
      {"hostile_text", "hostile text breaks nothing", Needs::deliveries, checks::hostile_text},
      {"digests", "a digest covers what it can", Needs::deliveries, checks::digests},
      {"without_mentions", "what it cannot say is rejected", Needs::deliveries, checks::without_mentions},
      {"same_again", "the same delivery is said in the same way", Needs::deliveries, checks::same_again},
      {"strange_settings", "strange settings open it or are complained of", Needs::sink, checks::strange_settings},
      {"what_comes_back", "what comes back later is read without harm", Needs::table, checks::what_comes_back},
      {"any_answer", "every answer becomes a sound outcome", Needs::answers, checks::any_answer},
      {"bare_answers", "an answer that says nothing ends nobody", Needs::answers, checks::bare_answers},
      {"pauses", "Retry-After is taken at its word", Needs::answers, checks::pauses},
      {"echoed_secrets", "a secret that is echoed stays out of reasons", Needs::answers, checks::echoed_secrets},
      {"huge_answers", "a huge answer is read in its time", Needs::answers, checks::huge_answers}};
  return all;
}

std::string_view why_not(const Check& check, const Subject& subject) {
  const bool is_worker = subject.table->deliver != nullptr;
  if (check.needs == Check::Needs::answers && is_worker) return "a worker sink has no requests and answers";
  if (check.needs == Check::Needs::deliveries && is_worker && !subject.witness && !subject.shown) return "a worker's deliveries have effects";
  return {};
}

std::vector<Finding> run(const Check& check, const Subject& subject) {
  if (!why_not(check, subject).empty()) return {};
  Trial trial(subject);
  try {
    check.run(trial);
  } catch (const NotOpen&) {
  }
  return trial.take();
}

}  // namespace beckon::plugins::contract
