// What a sink says of itself, and what it makes of settings.
#include "plugins/contract/hostile.hpp"
#include "plugins/contract/trial.hpp"

#include <limits>

namespace beckon::plugins::contract::checks {
namespace {

// Every option of a table with a value of its type, however odd: the configuration lets these through.
class StrangeValues {
 public:
  StrangeValues(const beckon_sink_table& table, bool of_target, const std::string& text, std::int64_t number)
      : text_(text), url_("https://service.example/" + text), path_("/proc/absent/" + text) {
    texts_ = {str(text_), str(text_)};
    pointers_ = {&texts_[0], &texts_[1]};
    for (std::size_t i = 0; i < table.option_count; ++i)
      if (((table.options[i]->flags & BECKON_TARGET) != 0) == of_target) add(*table.options[i], number);
    c_ = {sizeof c_, listed_.data(), listed_.size()};
  }
  StrangeValues(const StrangeValues&) = delete;
  StrangeValues& operator=(const StrangeValues&) = delete;
  const beckon_values* get() const { return &c_; }

 private:
  static beckon_str str(const std::string& text) { return {text.data(), text.size()}; }

  void add(const beckon_option& option, std::int64_t number) {
    beckon_value& row = rows_.emplace_back();
    row = {};
    row.size = sizeof row;
    row.name = option.name;
    row.type = option.type;
    switch (option.type) {
      case BECKON_INT: row.number = number; break;
      case BECKON_DURATION: row.number = number < 0 ? 0 : number; break;
      case BECKON_BOOL: row.number = number > 0; break;
      case BECKON_URL: row.text = str(url_); break;
      case BECKON_PATH: row.text = str(path_); break;
      case BECKON_ENUM: row.text = *option.choices[text_.size() % option.choice_count]; break;
      case BECKON_LIST:
      case BECKON_MAP:
        row.items = pointers_.data();
        row.item_count = pointers_.size();
        break;
      default: row.text = str(text_);
    }
    listed_.push_back(&row);
  }

  const std::string text_, url_, path_;
  std::vector<beckon_str> texts_;
  std::vector<const beckon_str*> pointers_;
  std::deque<beckon_value> rows_;
  std::vector<const beckon_value*> listed_;
  beckon_values c_{};
};

bool has_secret(const beckon_sink_table& table, std::string_view name) {
  for (std::size_t i = 0; i < table.option_count; ++i)
    if (view(table.options[i]->name) == name) return (table.options[i]->flags & BECKON_SECRET) != 0;
  return false;
}

void judge_complaints(Trial& trial, const Complaints& complaints, const std::string& text) {
  for (const auto& [option, sentence] : complaints) {
    if (sentence.empty()) trial.fault("a complaint about \"" + option + "\" is empty", "say what is wrong, and what would be right");
    if (text.size() > 5 && has_secret(trial.table(), option) && sentence.find(text) != std::string::npos)
      trial.fault("a complaint quotes the secret " + option, "say what is wrong with it without its value");
    if (sentence.size() > 1'000)
      trial.advise("a complaint has " + std::to_string(sentence.size()) + " bytes", "do not quote whole values");
  }
}

std::string listed(const Complaints& complaints) {
  std::string text;
  for (const auto& [option, sentence] : complaints) {
    if (!text.empty()) text += "; ";
    text += (option.empty() ? "" : option + ": ") + sentence;
  }
  return text;
}

}  // namespace

void table(Trial& trial) {
  const beckon_sink_table& table = trial.table();
  if (table.about.size == 0) trial.advise("it does not say what it does", "give it one line in `about`, for `beckon sinks`");
  for (std::size_t i = 0; i < table.option_count; ++i)
    if (table.options[i]->doc.size == 0)
      trial.advise("the option " + std::string(view(table.options[i]->name)) + " is not explained", "give it one line in `doc`");
  if (table.handles_probe && table.deliver == nullptr && table.max_batch > 1'000)
    trial.advise("it takes " + std::to_string(table.max_batch) + " mentions in one delivery", "say what one message can show");
}

void opens(Trial& trial) {
  // A reload opens the next before it closes the last.
  const Instance first(&trial.table(), trial.subject().settings);
  const Instance second(&trial.table(), trial.subject().settings);
  for (const Instance* sink : {&first, &second}) {
    if (!sink->is_open() && sink->complaints().empty())
      trial.fault("it refused these settings without a word", "complain about an option when `open` returns NULL");
    else if (!sink->is_open())
      trial.fault("it refused these settings: " + listed(sink->complaints()), "give it others with --set, or mend `open`");
    else if (!sink->complaints().empty())
      trial.fault("it opened and complained: " + listed(sink->complaints()), "return NULL after a complaint, or do not complain");
  }
}

void strange_settings(Trial& trial) {
  const beckon_sink_table& table = trial.table();
  constexpr std::int64_t numbers[] = {0, 1, -1, std::numeric_limits<std::int64_t>::max(), std::numeric_limits<std::int64_t>::min()};
  std::size_t turn = 0;
  for (const std::string& text : hostile_texts()) {
    const std::int64_t number = numbers[turn++ % std::size(numbers)];
    const StrangeValues settings(table, false, text, number), target(table, true, text, number);
    if (table.check) {
      Complaints heard;
      const beckon_complaints complaints = collect(heard);
      table.check(settings.get(), target.get(), &complaints);
      judge_complaints(trial, heard, text);
    }
    if (trial.is_worker() && !trial.subject().witness && !trial.subject().shown) continue;   // who knows what its `open` does
    const Instance sink(&table, settings.get());
    judge_complaints(trial, sink.complaints(), text);
    if (!sink.is_open()) {
      if (sink.complaints().empty()) trial.fault("it refused settings without a word", "complain about an option when `open` returns NULL");
      continue;
    }
    const CDelivery delivery(trial.delivery(), target.get());
    trial.expect_one(trial.say(sink, delivery).emitted, "a delivery under strange settings");
    if (trial.is_full()) return;
  }
}

}  // namespace beckon::plugins::contract::checks
