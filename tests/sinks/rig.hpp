// What a host is to a sink, as small as it can be: deliveries of our own making that cross as C structs, and what the
// sink emits, copied inside the callback.
#pragma once

#include <beckon/sink.hpp>

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

// Made by the sinks' own files, which the test program is built from (BECKON_SINK_STATIC_ENTRY).
extern "C" const beckon_sink_table* apprise_sink() noexcept;
extern "C" const beckon_sink_table* console_sink() noexcept;
extern "C" const beckon_sink_table* discord_sink() noexcept;
extern "C" const beckon_sink_table* matrix_sink() noexcept;
extern "C" const beckon_sink_table* mattermost_sink() noexcept;
extern "C" const beckon_sink_table* ntfy_sink() noexcept;
extern "C" const beckon_sink_table* slack_sink() noexcept;
extern "C" const beckon_sink_table* teams_sink() noexcept;
extern "C" const beckon_sink_table* telegram_sink() noexcept;
extern "C" const beckon_sink_table* webhook_sink() noexcept;

namespace beckon::testing {

inline constexpr std::int64_t noon_ms = 1'790'000'000'000;  // 2026-09-21 14:13:20 UTC

struct SampleSpan {
  SpanKind kind;
  std::string text;
  std::string url = {};
  std::uint32_t depth = 0;
};

struct SampleMention {
  std::string repository = "octo-org/hello";
  bool is_private = false;
  std::string title = "Closing the socket hangs";
  std::int64_t number = 12;
  bool is_pull_request = false;
  PostKind kind = PostKind::comment;
  std::string url = "https://github.example/octo-org/hello/issues/12#issuecomment-7";
  std::int64_t created_ms = noon_ms - 180'000;
  std::int64_t appeared_ms = noon_ms - 180'000;
  bool edited = false;
  std::string author = "alice";
  bool is_bot = false;
  std::string name = "octocat";
  bool is_team = false;
  std::string markdown = "I think @octocat knows why.";
  bool truncated = false;
  std::vector<SampleSpan> spans = {{SpanKind::paragraph, ""},
                                   {SpanKind::text, "I think "},
                                   {SpanKind::mention, "@octocat"},
                                   {SpanKind::text, " knows why."}};
};

using SampleValues = std::map<std::string, std::string>;  // all of type STRING, but digits only: INT as well

struct SampleDelivery {
  Purpose purpose = Purpose::mention;
  Form form = Form::rich;
  SampleValues target;
  std::string notice;
  std::string time_zone = "UTC";
  std::uint32_t more_owed = 0;
  std::int64_t now_ms = noon_ms;
  std::int64_t deadline_ms = noon_ms + 30'000;
  std::uint32_t step = 0;
  std::string state;
  std::vector<SampleMention> mentions = {SampleMention{}};
};

// Owns the C structs of what it is made from.
class CValues {
 public:
  explicit CValues(const SampleValues& values) {
    for (const auto& [name, text] : values) {
      const auto& [kept_name, kept_text] = kept_.emplace_back(name, text);
      beckon_value& c = rows_.emplace_back();
      c = {};
      c.size = sizeof c;
      c.name = {kept_name.data(), kept_name.size()};
      c.type = BECKON_STRING;
      c.text = {kept_text.data(), kept_text.size()};
      const bool is_number = text.find_first_not_of("-0123456789") == std::string::npos && text.size() < 10;
      if (is_number && text.find_first_of("0123456789") < 2)
        c.number = std::stoll(text);
      pointers_.push_back(&c);
    }
    c_ = {sizeof c_, pointers_.data(), pointers_.size()};
  }
  CValues(const CValues&) = delete;
  CValues& operator=(const CValues&) = delete;
  const beckon_values* get() const { return &c_; }

 private:
  std::deque<std::pair<std::string, std::string>> kept_;
  std::deque<beckon_value> rows_;
  std::vector<const beckon_value*> pointers_;
  beckon_values c_{};
};

class CDelivery {
 public:
  explicit CDelivery(SampleDelivery sample) : sample_(std::move(sample)), target_(sample_.target) {
    for (const SampleMention& mention : sample_.mentions) add(mention);
    c_.size = sizeof c_;
    c_.id = str("delivery-1");
    c_.purpose = static_cast<std::uint32_t>(sample_.purpose);
    c_.form = static_cast<std::uint32_t>(sample_.form);
    c_.attempt = 1;
    c_.step = sample_.step;
    c_.now = sample_.now_ms;
    c_.deadline = sample_.deadline_ms;
    c_.time_zone = str(sample_.time_zone);
    c_.locale = str("en");
    c_.subscription = str("subscription-1");
    c_.target = target_.get();
    c_.state = str(sample_.state);
    c_.more_owed = sample_.more_owed;
    c_.notice = str(sample_.notice);
    c_.mentions = mentions_.data();
    c_.mention_count = mentions_.size();
  }
  CDelivery(const CDelivery&) = delete;
  CDelivery& operator=(const CDelivery&) = delete;

  const beckon_delivery* get() const { return &c_; }
  Delivery view() const { return detail::delivery_of(c_); }

 private:
  static beckon_str str(const std::string& text) { return {text.data(), text.size()}; }
  static beckon_str str(const char* text) { return {text, std::char_traits<char>::length(text)}; }

  void add(const SampleMention& m) {
    std::vector<const beckon_span*>& spans = span_pointers_.emplace_back();
    for (const SampleSpan& span : m.spans) {
      spans.push_back(&span_rows_.emplace_back(beckon_span{sizeof(beckon_span), static_cast<std::uint32_t>(span.kind),
                                                           span.depth, str(span.text), str(span.url)}));
    }
    beckon_mention& c = mention_rows_.emplace_back();
    c = {};
    c.size = sizeof c;
    c.repository_name = str(m.repository);
    c.repository_url = str("https://github.example/octo-org/hello");
    c.repository_private = m.is_private;
    c.thread_is_pull_request = m.is_pull_request;
    c.thread_key = str("1/12");
    c.thread_number = m.number;
    c.thread_title = str(m.title);
    c.thread_url = str("https://github.example/octo-org/hello/issues/12");
    c.post_kind = static_cast<std::uint32_t>(m.kind);
    c.post_edited = m.edited;
    c.post_id = str("7");
    c.post_url = str(m.url);
    c.post_created = m.created_ms;
    c.post_appeared = m.appeared_ms;
    c.author_login = str(m.author);
    c.author_url = str("https://github.example/alice");
    c.author_avatar = str("https://avatars.example/alice.png");
    c.author_is_bot = m.is_bot;
    c.name_is_team = m.is_team;
    c.name = str(m.name);
    c.markdown = str(m.markdown);
    c.markdown_truncated = m.truncated;
    c.spans = spans.data();
    c.span_count = spans.size();
    mentions_.push_back(&c);
  }

  const SampleDelivery sample_;
  const CValues target_;
  std::deque<beckon_span> span_rows_;
  std::deque<std::vector<const beckon_span*>> span_pointers_;
  std::deque<beckon_mention> mention_rows_;
  std::vector<const beckon_mention*> mentions_;
  beckon_delivery c_{};
};

// What came through an emitter.
struct Emitted {
  int count = 0;
  std::optional<Request> request;
  std::optional<Outcome> outcome;

  beckon_emitter emitter() {
    return {sizeof(beckon_emitter), this,
            [](void* context, const beckon_request* c) {
              auto& self = *static_cast<Emitted*>(context);
              ++self.count;
              Request& request = self.request.emplace();
              request.method = view(c->method);
              request.url = view(c->url);
              request.body = view(c->body);
              request.limit_key = view(c->limit_key);
              request.covered = c->covered;
              request.timeout_ms = c->timeout;
              request.hold_if_ambiguous = c->on_ambiguous == BECKON_HOLD;
              for (std::size_t i = 0; i < c->header_count; ++i) {
                request.headers.push_back(
                    {std::string(view(c->headers[i]->name)), std::string(view(c->headers[i]->value))});
              }
            },
            [](void* context, const beckon_outcome* c) {
              auto& self = *static_cast<Emitted*>(context);
              ++self.count;
              Outcome& outcome = self.outcome.emplace();
              outcome.kind = c->kind;
              outcome.certainty = c->certainty;
              outcome.scope = c->scope;
              outcome.ambiguous = c->ambiguous != 0;
              outcome.retry_after_ms = c->retry_after;
              outcome.not_before_ms = c->not_before;
              outcome.ask_again_after_ms = c->ask_again_after;
              outcome.code = view(c->code);
              outcome.reason = view(c->reason);
              outcome.external_id = view(c->external_id);
              outcome.follow_up = c->follow_up != 0;
              if (c->has_state) outcome.state = std::string(view(c->state));
              outcome.retarget = view(c->retarget);
            }};
  }
};

using Complaints = std::vector<std::pair<std::string, std::string>>;  // option, sentence

inline beckon_complaints collect(Complaints& into) {
  return {sizeof(beckon_complaints), &into, [](void* context, beckon_str option, beckon_str sentence) {
            static_cast<Complaints*>(context)->emplace_back(view(option), view(sentence));
          }};
}

struct SampleResponse {
  unsigned status = 200;
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
};

// One opened sink.
class Instance {
 public:
  explicit Instance(const beckon_sink_table* table, const SampleValues& settings = {})
      : table_(table), settings_(settings) {
    const beckon_complaints complaints = collect(complaints_);
    sink_ = table_->open(settings_.get(), &host_, &complaints);
  }
  ~Instance() {
    if (sink_) table_->close(sink_);
  }
  Instance(const Instance&) = delete;
  Instance& operator=(const Instance&) = delete;

  bool is_open() const { return sink_ != nullptr; }
  const Complaints& complaints() const { return complaints_; }

  Emitted render(const SampleDelivery& sample) const {
    const CDelivery delivery(sample);
    Emitted emitted;
    const beckon_emitter emitter = emitted.emitter();
    table_->render(sink_, delivery.get(), &emitter);
    return emitted;
  }
  Emitted interpret(const SampleDelivery& sample, const SampleResponse& response) const {
    return interpret(CDelivery(sample), response);
  }
  Emitted interpret(const CDelivery& delivery, const SampleResponse& response) const {
    std::vector<beckon_header> headers;
    std::vector<const beckon_header*> pointers;
    for (const auto& [name, value] : response.headers) {
      headers.push_back({sizeof(beckon_header), {name.data(), name.size()}, {value.data(), value.size()}});
    }
    for (const beckon_header& header : headers) pointers.push_back(&header);
    const beckon_response c{sizeof c, response.status, 0, pointers.data(), pointers.size(),
                            {response.body.empty() ? nullptr : response.body.data(), response.body.size()}};
    Emitted emitted;
    const beckon_emitter emitter = emitted.emitter();
    table_->interpret(sink_, delivery.get(), &c, &emitter);
    return emitted;
  }
  Emitted deliver(const SampleDelivery& sample) const {
    const CDelivery delivery(sample);
    Emitted emitted;
    const beckon_emitter emitter = emitted.emitter();
    table_->deliver(sink_, delivery.get(), &emitter);
    return emitted;
  }

 private:
  const beckon_sink_table* table_;
  const CValues settings_;
  Complaints complaints_;
  beckon_host host_{sizeof(beckon_host), BECKON_ABI_MAJOR, BECKON_ABI_MINOR, nullptr,
                    [](void*, std::uint32_t, beckon_str) {}, [](void*) { return 0; },
                    [](void*, beckon_str, const beckon_outcome*) {}};
  void* sink_ = nullptr;
};

inline Complaints check(const beckon_sink_table* table, const SampleValues& settings, const SampleValues& target) {
  Complaints found;
  const beckon_complaints complaints = collect(found);
  const CValues of_sink(settings), of_target(target);
  table->check(of_sink.get(), of_target.get(), &complaints);
  return found;
}

}  // namespace beckon::testing
