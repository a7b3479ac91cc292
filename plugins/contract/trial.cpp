#include "plugins/contract/trial.hpp"

#include <beckon/text.hpp>

#include <algorithm>
#include <chrono>

namespace beckon::plugins::contract {

Trial::Trial(const Subject& subject) : subject_(subject), secrets_(subject.secrets) {
  for (const beckon_values* values : {subject.settings, subject.target})
    for (std::string& secret : secrets_of(table(), values)) secrets_.push_back(std::move(secret));
}

const Instance& Trial::sink() {
  if (!sink_) sink_.emplace(&table(), subject_.settings);
  if (!sink_->is_open()) throw NotOpen{};
  return *sink_;
}

// The clock is the true one for workers, which may wait until the deadline.
SampleDelivery Trial::delivery(Purpose purpose) const {
  SampleDelivery sample;
  sample.purpose = purpose;
  sample.deadline_ms = std::chrono::duration_cast<std::chrono::milliseconds>(
      (std::chrono::system_clock::now() + std::chrono::seconds(30)).time_since_epoch()).count();
  if (purpose != Purpose::mention) sample.mentions.clear();
  if (purpose == Purpose::notice || purpose == Purpose::test) sample.notice = "something to know";
  return sample;
}

Trial::Said Trial::say(const Instance& sink, const CDelivery& delivery) const {
  Said said;
  const std::size_t mentions = delivery.get()->mention_count;
  if (is_worker() && subject_.shown) {
    beckon_delivery late = *delivery.get();
    late.deadline = 0;
    said.emitted = sink.deliver(late);
    said.visible = subject_.shown(delivery.view());
    said.covered = mentions;
  } else if (is_worker()) {
    said.visible = subject_.witness([&] { said.emitted = sink.deliver(delivery); });
    said.covered = mentions;
  } else {
    said.emitted = sink.render(delivery);
    if (const auto& request = said.emitted.request) {
      said.visible = request->body;
      said.covered = request->covered ? request->covered : mentions;
    }
  }
  return said;
}

void Trial::add(Finding finding) {
  if (!is_full() && std::find(findings_.begin(), findings_.end(), finding) == findings_.end())
    findings_.push_back(std::move(finding));
}

void Trial::add(const std::vector<Finding>& findings) {
  for (const Finding& finding : findings) add(finding);
}

bool Trial::expect_one(const Emitted& emitted, const std::string& when) {
  if (emitted.count == 1) return true;
  if (emitted.count == 0) fault(when + ": nothing was emitted", "emit one request or outcome before the call returns");
  else
    fault(when + ": " + std::to_string(emitted.count) + " things were emitted", "return after the first; the host takes that one");
  return false;
}

bool Trial::expect_outcome(const Emitted& emitted, const std::string& when) {
  if (!expect_one(emitted, when)) return false;
  if (!emitted.outcome) {
    fault(when + ": a request was emitted", "only render may emit a request; this call wants an outcome");
    return false;
  }
  const auto wrong = judge(*emitted.outcome, secrets_, when);
  add(wrong);
  return wrong.empty();
}

std::vector<std::string> secrets_of(const beckon_sink_table& table, const beckon_values* values) {
  std::vector<std::string> secrets;
  const auto add = [&](std::string_view secret) {
    if (secret.size() >= 6) secrets.emplace_back(secret);
  };
  for (std::size_t i = 0; values && i < values->value_count; ++i) {
    const beckon_value& value = *values->values[i];
    for (std::size_t o = 0; o < table.option_count; ++o) {
      const beckon_option& option = *table.options[o];
      if (view(option.name) != view(value.name) || !(option.flags & BECKON_SECRET)) continue;
      const std::string_view text = view(value.text);
      add(text);
      if (option.type == BECKON_URL) add(text.substr(text.find_last_of("/=") + 1));
      const std::size_t step = option.type == BECKON_MAP ? 2 : 1;   // of pairs, the second
      for (std::size_t item = step - 1; item < value.item_count; item += step) add(view(*value.items[item]));
    }
  }
  return secrets;
}

}  // namespace beckon::plugins::contract
