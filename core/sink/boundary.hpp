// Between the core's types and the flat C structs of beckon/sink_abi.h. What goes out is borrowed from the core's values;
// what comes in is copied, checked and cut to its limits. Private to this room.
#pragma once

#include "model/abi_values.hpp"
#include "model/delivery.hpp"
#include "model/outcome.hpp"
#include "net/http.hpp"
#include "sink/sink.hpp"

#include <beckon/sink_abi.h>

#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace beckon::core {

// Views of a delivery for the plugin of `table`; `delivery` outlives it and does not change meanwhile.
class AbiDelivery {
 public:
  AbiDelivery(const beckon_sink_table& table, const Delivery& delivery);
  AbiDelivery(const AbiDelivery&) = delete;
  AbiDelivery& operator=(const AbiDelivery&) = delete;
  const beckon_delivery* get() const { return &delivery_; }

 private:
  void add(const DeliveredMention& mention);
  AbiValues target_;
  std::deque<std::string> made_;                              // ids and keys that the core has as numbers
  std::deque<beckon_span> spans_;
  std::deque<std::vector<const beckon_span*>> span_lists_;
  std::deque<beckon_mention> mentions_;
  std::vector<const beckon_mention*> pointers_;
  beckon_delivery delivery_{};
};

// Views of a response; `response` outlives it.
class AbiResponse {
 public:
  explicit AbiResponse(const HttpResponse& response);
  AbiResponse(const AbiResponse&) = delete;
  AbiResponse& operator=(const AbiResponse&) = delete;
  const beckon_response* get() const { return &response_; }

 private:
  std::deque<beckon_header> headers_;
  std::vector<const beckon_header*> pointers_;
  beckon_response response_{};
};

Outcome outcome_of(const beckon_outcome& outcome);
Prepared prepared_of(const beckon_request& request, std::size_t mentions);

// Receives what a sink emits. The first word counts; none at all is an outcome of its own.
class Emitted {
 public:
  explicit Emitted(std::size_t mentions);
  Emitted(const Emitted&) = delete;
  Emitted& operator=(const Emitted&) = delete;
  const beckon_emitter* emitter() const { return &emitter_; }
  bool anything() const { return request.has_value() || outcome.has_value(); }

  std::optional<Prepared> request;
  std::optional<Outcome> outcome;

 private:
  std::size_t mentions_;
  beckon_emitter emitter_{};
};

// What a plugin did that it must not: a retry, since only a repaired plugin helps.
Outcome plugin_fault(std::string code, std::string reason);

}  // namespace beckon::core
