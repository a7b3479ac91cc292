// What the tests of the C++ face need of a host: values, a delivery, and an emitter that copies what it is given.
#pragma once

#include <beckon/sink_abi.h>

#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace beckon::plugins {

inline beckon_str str(std::string_view text) { return {text.data(), text.size()}; }
inline std::string copy(const beckon_str& text) { return text.size ? std::string(text.data, text.size) : std::string(); }

class ValueTable {
 public:
  ValueTable& text(const char* name, const char* value) { return add(name, BECKON_STRING, value, 0, {}); }
  ValueTable& number(const char* name, std::int64_t value) { return add(name, BECKON_INT, "", value, {}); }
  ValueTable& items(const char* name, std::uint32_t type, std::vector<const char*> items) {
    return add(name, type, "", 0, std::move(items));
  }
  const beckon_values* get() {
    values_ = {sizeof values_, pointers_.data(), pointers_.size()};
    return &values_;
  }

 private:
  ValueTable& add(const char* name, std::uint32_t type, const char* text, std::int64_t number, std::vector<const char*> items) {
    auto& item_pointers = items_.emplace_back();
    for (const char* item : items) item_pointers.push_back(&texts_.emplace_back(str(item)));
    rows_.push_back({sizeof(beckon_value), str(name), type, str(text), number, item_pointers.data(), item_pointers.size()});
    pointers_.push_back(&rows_.back());
    return *this;
  }
  std::deque<beckon_value> rows_;
  std::deque<beckon_str> texts_;
  std::deque<std::vector<const beckon_str*>> items_;
  std::vector<const beckon_value*> pointers_;
  beckon_values values_{};
};

// Counts what was emitted and keeps the last.
class Emitted {
 public:
  Emitted() {
    emitter_.size = sizeof emitter_;
    emitter_.context = this;
    emitter_.request = [](void* context, const beckon_request* r) {
      auto& self = *static_cast<Emitted*>(context);
      ++self.requests;
      self.method = copy(r->method);
      self.url = copy(r->url);
      self.body = copy(r->body);
      self.limit_key = copy(r->limit_key);
      self.request = *r;
      for (std::size_t i = 0; i < r->header_count; ++i) {
        self.headers.emplace_back(copy(r->headers[i]->name), copy(r->headers[i]->value));
      }
    };
    emitter_.outcome = [](void* context, const beckon_outcome* o) {
      auto& self = *static_cast<Emitted*>(context);
      ++self.outcomes;
      self.outcome = *o;
      self.code = copy(o->code);
      self.reason = copy(o->reason);
      self.state = copy(o->state);
      self.external_id = copy(o->external_id);
    };
  }
  Emitted(const Emitted&) = delete;
  Emitted& operator=(const Emitted&) = delete;
  const beckon_emitter* emitter() const { return &emitter_; }

  int requests = 0, outcomes = 0;
  beckon_request request{};  // its pointers are dead
  beckon_outcome outcome{};  // the same
  std::string method, url, body, limit_key, code, reason, state, external_id;
  std::vector<std::pair<std::string, std::string>> headers;

 private:
  beckon_emitter emitter_{};
};

class Complaints {
 public:
  Complaints() {
    complaints_ = {sizeof complaints_, this, [](void* context, beckon_str option, beckon_str sentence) {
                     static_cast<Complaints*>(context)->heard.emplace_back(copy(option), copy(sentence));
                   }};
  }
  Complaints(const Complaints&) = delete;
  Complaints& operator=(const Complaints&) = delete;
  const beckon_complaints* get() const { return &complaints_; }
  std::vector<std::pair<std::string, std::string>> heard;

 private:
  beckon_complaints complaints_{};
};

inline beckon_delivery delivery_for(const beckon_values* target) {
  beckon_delivery delivery{};
  delivery.size = sizeof delivery;
  delivery.id = str("d-1");
  delivery.purpose = BECKON_PURPOSE_MENTION;
  delivery.form = BECKON_FORM_RICH;
  delivery.attempt = 1;
  delivery.target = target;
  return delivery;
}

}  // namespace beckon::plugins
