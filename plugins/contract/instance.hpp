// What a host is to a sink, as small as it can be: opens one from its table, calls it, and copies what it emits inside the
// callback.
#pragma once

#include "plugins/contract/sample.hpp"

#include <optional>

namespace beckon::plugins::contract {

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
      : table_(table), settings_(std::in_place, settings) {
    open(settings_->get());
  }
  // `settings` are borrowed for the call alone, as by a host.
  Instance(const beckon_sink_table* table, const beckon_values* settings) : table_(table) { open(settings); }
  ~Instance() {
    if (sink_) table_->close(sink_);
  }
  Instance(const Instance&) = delete;
  Instance& operator=(const Instance&) = delete;

  bool is_open() const { return sink_ != nullptr; }
  const Complaints& complaints() const { return complaints_; }

  Emitted render(const SampleDelivery& sample) const { return render(CDelivery(sample)); }
  Emitted render(const CDelivery& delivery) const {
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
  Emitted deliver(const SampleDelivery& sample) const { return deliver(CDelivery(sample)); }
  Emitted deliver(const CDelivery& delivery) const {
    Emitted emitted;
    const beckon_emitter emitter = emitted.emitter();
    table_->deliver(sink_, delivery.get(), &emitter);
    return emitted;
  }

 private:
  void open(const beckon_values* settings) {
    const beckon_complaints complaints = collect(complaints_);
    sink_ = table_->open(settings, &host_, &complaints);
  }

  const beckon_sink_table* table_;
  const std::optional<CValues> settings_;
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

}  // namespace beckon::plugins::contract
