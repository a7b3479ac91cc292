// One check at work: the sink that it was given, and what it has found. Private to this room.
#pragma once

#include "plugins/contract/contract.hpp"
#include "plugins/contract/instance.hpp"

#include <optional>

namespace beckon::plugins::contract {

class Trial {
 public:
  explicit Trial(const Subject& subject);

  const Subject& subject() const { return subject_; }
  const beckon_sink_table& table() const { return *subject_.table; }
  bool is_worker() const { return table().deliver != nullptr; }
  const std::vector<std::string>& secrets() const { return secrets_; }
  // Opened with the settings when it is first asked for; the check ends (see `run`) when it does not open.
  const Instance& sink();

  SampleDelivery delivery(Purpose purpose = Purpose::mention) const;
  CDelivery crossing(SampleDelivery sample) const { return CDelivery(std::move(sample), subject_.target); }

  // What the sink sends or shows; the outcome, where it made one; how many mentions it covers.
  struct Said {
    std::string visible;
    Emitted emitted;
    std::size_t covered = 0;
  };
  Said say(const Instance& sink, const CDelivery& delivery) const;
  Said say(const SampleDelivery& sample) { return say(sink(), crossing(sample)); }

  void fault(std::string sentence, std::string way_out) { add({Weight::fault, std::move(sentence), std::move(way_out)}); }
  void advise(std::string sentence, std::string way_out) { add({Weight::advice, std::move(sentence), std::move(way_out)}); }
  void add(Finding finding);
  void add(const std::vector<Finding>& findings);
  // Exactly one emit; false otherwise.
  bool expect_one(const Emitted& emitted, const std::string& when);
  // And that is an outcome, a sound one.
  bool expect_outcome(const Emitted& emitted, const std::string& when);
  bool is_full() const { return findings_.size() >= most_findings; }
  std::vector<Finding> take() { return std::move(findings_); }

 private:
  static constexpr std::size_t most_findings = 4;
  const Subject& subject_;
  std::vector<std::string> secrets_;
  std::optional<Instance> sink_;
  std::vector<Finding> findings_;
};

// Ends a check whose sink does not open: `opens` tells why.
struct NotOpen {};

// What is wrong with a request before any service has seen it.
std::vector<Finding> judge(const Request& request, std::size_t mentions, const std::string& when);

// The checks, by file.
namespace checks {
void table(Trial&);
void opens(Trial&);
void one_answer(Trial&);
void sound_requests(Trial&);
void hostile_text(Trial&);
void digests(Trial&);
void without_mentions(Trial&);
void same_again(Trial&);
void strange_settings(Trial&);
void what_comes_back(Trial&);
void any_answer(Trial&);
void bare_answers(Trial&);
void pauses(Trial&);
void echoed_secrets(Trial&);
void huge_answers(Trial&);
}  // namespace checks

}  // namespace beckon::plugins::contract
