// What a sink makes of deliveries.
#include "plugins/contract/hostile.hpp"
#include "plugins/contract/trial.hpp"

#include <beckon/text.hpp>

#include <algorithm>
#include <set>

namespace beckon::plugins::contract::checks {
namespace {

std::string called(Purpose purpose, Form form) {
  const char* what = purpose == Purpose::mention  ? "a mention"
                     : purpose == Purpose::notice ? "a notice"
                     : purpose == Purpose::test   ? "a test"
                                                  : "a probe";
  return std::string(what) + (form == Form::plain ? ", plain" : "");
}

std::vector<Purpose> purposes_of(const beckon_sink_table& table) {
  std::vector<Purpose> purposes = {Purpose::mention, Purpose::notice, Purpose::test};
  if (table.handles_probe) purposes.push_back(Purpose::probe);
  return purposes;
}

bool is_utf8(const std::string& text) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t begin = at;
    if (text::next(text, at) == text::replacement && text.compare(begin, 3, "\xEF\xBF\xBD") != 0) return false;
  }
  return true;
}

std::size_t most_mentions(const beckon_sink_table& table) { return std::max<std::size_t>(1, table.max_batch); }

// A delivery that only a sink of tomorrow understands.
constexpr auto purpose_of_tomorrow = static_cast<Purpose>(77);

// What was said, in every respect: the text, and for a webhook sink the request around it.
void judge_said(Trial& trial, const Trial::Said& said, const SampleDelivery& sample, bool input_is_utf8, const std::string& when) {
  if (!trial.expect_one(said.emitted, when)) return;
  if (said.emitted.outcome && !trial.is_worker()) trial.add(judge(*said.emitted.outcome, trial.secrets(), when));
  if (said.emitted.request) trial.add(judge(*said.emitted.request, sample.mentions.size(), when));
  if (!is_utf8(said.visible)) {
    const std::string way_out = "cut texts where a character ends (clip and clean of beckon/text.hpp)";
    if (input_is_utf8) trial.fault(when + ": what it says is no UTF-8", way_out);
    else trial.advise(when + ": invalid UTF-8 goes on as it came", way_out);
  } else if (text::clean(said.visible) != said.visible) {
    trial.advise(when + ": control, invisible or direction characters go on as they came",
                 "take them out (clean of beckon/text.hpp): they spoof, and some services refuse them");
  }
  if (trial.subject().complaints)
    for (const std::string& complaint : trial.subject().complaints(said.visible))
      trial.fault(when + ": " + complaint, "keep to the limits of the service, after escaping");
}

}  // namespace

void one_answer(Trial& trial) {
  for (const Purpose purpose : purposes_of(trial.table()))
    for (const Form form : {Form::rich, Form::plain}) {
      SampleDelivery sample = trial.delivery(purpose);
      sample.form = form;
      const std::string when = called(purpose, form);
      judge_said(trial, trial.say(sample), sample, true, when);
      if (purpose != Purpose::notice && purpose != Purpose::test) continue;
      sample.mentions = {SampleMention{}};
      judge_said(trial, trial.say(sample), sample, true, when + " with a mention");
      sample.mentions.clear();
      sample.notice.clear();
      judge_said(trial, trial.say(sample), sample, true, when + " without a text");
    }
}

void sound_requests(Trial& trial) {
  SampleDelivery later = trial.delivery();
  later.more_owed = 4'000'000'000u;
  later.mentions[0].edited = later.mentions[0].is_private = later.mentions[0].is_bot = later.mentions[0].is_team = true;
  later.mentions[0].kind = PostKind::review;
  SampleDelivery bare = trial.delivery();   // what a forge may leave out
  bare.mentions[0].title.clear();
  bare.mentions[0].author.clear();
  bare.mentions[0].markdown.clear();
  bare.mentions[0].spans.clear();
  SampleDelivery unknown = trial.delivery();
  unknown.mentions[0].kind = static_cast<PostKind>(77);
  unknown.mentions[0].spans.push_back({static_cast<SpanKind>(77), "from tomorrow"});
  const std::pair<const char*, const SampleDelivery&> samples[] = {
      {"a mention with everything", later}, {"a mention with next to nothing", bare}, {"a mention of kinds that are unknown today", unknown}};
  for (const auto& [when, sample] : samples) {
    const auto said = trial.say(sample);
    judge_said(trial, said, sample, true, when);
    if (said.emitted.outcome)
      trial.fault(std::string(when) + ": it did not render a request (" + said.emitted.outcome->reason + ")",
                  "a mention that can be told in any form becomes a request");
  }
}

void hostile_text(Trial& trial) {
  const auto harmless = trial.say(trial.delivery());
  for (const std::string& text : hostile_texts())
    for (const SpanKind kind : all_kinds)
      for (const Form form : {Form::rich, Form::plain}) {
        SampleDelivery sample = trial.delivery();
        sample.form = form;
        sample.mentions = {hostile_mention(text, kind)};
        const auto said = trial.say(sample);
        judge_said(trial, said, sample, is_utf8(text), "hostile text");
        if (said.emitted.count == 1 && said.covered < 1) trial.fault("hostile text: no mention is covered", "cover one at least");
        if (said.emitted.request && harmless.emitted.request && said.emitted.request->limit_key != harmless.emitted.request->limit_key)
          trial.fault("hostile text: it changes the limit_key", "a pace belongs to a destination, not to a text");
        if (trial.is_full()) return;
      }
}

void digests(Trial& trial) {
  const std::size_t most = most_mentions(trial.table());
  for (const std::size_t count : std::set<std::size_t>{std::min<std::size_t>(2, most), std::min<std::size_t>(most, 1'000)})
    for (const Form form : {Form::rich, Form::plain})
      for (const std::string& text : {std::string("&<>*_`"), repeated("&", 9'000), repeated("*", 9'000), repeated("😀", 9'000)}) {
        SampleDelivery sample = trial.delivery();
        sample.form = form;
        sample.more_owed = 4'000'000'000u;
        sample.notice = text;
        sample.mentions.assign(count, hostile_mention(text, SpanKind::link));
        const auto said = trial.say(sample);
        const std::string when = "a digest of " + std::to_string(count) + " long mentions";
        judge_said(trial, said, sample, true, when);
        if (said.emitted.request && (said.covered < 1 || said.covered > count))
          trial.fault(when + ": it covers " + std::to_string(said.covered), "cover the first k that fit, one at least");
        if (trial.is_full()) return;
      }
}

void without_mentions(Trial& trial) {
  const auto expect_rejected = [&](const SampleDelivery& sample, const std::string& when, const std::string& way_out) {
    const auto said = trial.say(sample);
    if (!trial.expect_one(said.emitted, when)) return;
    if (!said.emitted.outcome || said.emitted.outcome->kind != BECKON_REJECTED) trial.fault(when + " is not rejected", way_out);
    else trial.add(judge(*said.emitted.outcome, trial.secrets(), when));
  };
  SampleDelivery empty = trial.delivery();
  empty.mentions.clear();
  expect_rejected(empty, "a mention delivery without mentions", "emit an outcome of kind REJECTED when there is nothing to tell");
  expect_rejected(trial.delivery(purpose_of_tomorrow), "a purpose that is unknown today",
                  "emit an outcome of kind REJECTED for a purpose that you do not know");
}

void same_again(Trial& trial) {
  const Instance other(&trial.table(), trial.subject().settings);
  if (!other.is_open()) throw NotOpen{};
  const CDelivery delivery = trial.crossing(trial.delivery());
  const auto first = trial.say(trial.sink(), delivery);
  for (const Instance* sink : {&trial.sink(), &other}) {
    const auto again = trial.say(*sink, delivery);
    bool same = again.visible == first.visible;
    if (first.emitted.request && again.emitted.request)
      same = same && again.emitted.request->url == first.emitted.request->url &&
             again.emitted.request->headers.size() == first.emitted.request->headers.size();
    if (!same)
      trial.fault("the same delivery is said differently the second time",
                  "keep nothing between calls; what is random or of the clock comes from the delivery's id and now");
  }
}

}  // namespace beckon::plugins::contract::checks
