// Every struct of the ABI that crosses, field by field: one list each for both directions, so that they cannot differ.
// A member that is appended to the ABI belongs here too (tests/plugins/wire_test.cpp counts them).
#pragma once

#include "plugins/wire/coding.hpp"

namespace beckon::plugins::wire {

template <class Coder, class Struct>
using Of = std::conditional_t<Coder::reads, Struct, const Struct>;

template <class Coder>
void fields(Coder& coder, Of<Coder, beckon_value>& value) {
  coder.text(value.name);
  coder.number(value.type);
  coder.text(value.text);
  coder.number(value.number);
  coder.list(value.items, value.item_count);
}

template <class Coder>
void fields(Coder& coder, Of<Coder, beckon_values>& values) {
  coder.list(values.values, values.value_count);
}

template <class Coder>
void fields(Coder& coder, Of<Coder, beckon_span>& span) {
  coder.number(span.kind);
  coder.number(span.depth);
  coder.text(span.text);
  coder.text(span.url);
}

template <class Coder>
void fields(Coder& coder, Of<Coder, beckon_mention>& mention) {
  coder.text(mention.repository_name);
  coder.text(mention.repository_url);
  coder.number(mention.repository_private);
  coder.number(mention.thread_is_pull_request);
  coder.text(mention.thread_key);
  coder.number(mention.thread_number);
  coder.text(mention.thread_title);
  coder.text(mention.thread_url);
  coder.number(mention.post_kind);
  coder.number(mention.post_edited);
  coder.text(mention.post_id);
  coder.text(mention.post_url);
  coder.number(mention.post_created);
  coder.number(mention.post_appeared);
  coder.text(mention.author_login);
  coder.text(mention.author_url);
  coder.text(mention.author_avatar);
  coder.number(mention.author_is_bot);
  coder.number(mention.name_is_team);
  coder.text(mention.name);
  coder.text(mention.markdown);
  coder.number(mention.markdown_truncated);
  coder.list(mention.spans, mention.span_count);
}

template <class Coder>
void fields(Coder& coder, Of<Coder, beckon_delivery>& delivery) {
  coder.text(delivery.id);
  coder.number(delivery.purpose);
  coder.number(delivery.form);
  coder.number(delivery.attempt);
  coder.number(delivery.step);
  coder.number(delivery.now);
  coder.number(delivery.deadline);
  coder.text(delivery.time_zone);
  coder.text(delivery.locale);
  coder.text(delivery.subscription);
  coder.one(delivery.target);
  coder.text(delivery.state);
  coder.number(delivery.more_owed);
  coder.text(delivery.notice);
  coder.list(delivery.mentions, delivery.mention_count);
}

template <class Coder>
void fields(Coder& coder, Of<Coder, beckon_header>& header) {
  coder.text(header.name);
  coder.text(header.value);
}

// `covered` is a size_t, which is as wide as both sides, but not everywhere the same type as uint64_t.
template <class Coder>
void fields(Coder& coder, Of<Coder, beckon_request>& request) {
  coder.text(request.method);
  coder.text(request.url);
  coder.list(request.headers, request.header_count);
  coder.text(request.body);
  coder.number(request.timeout);
  coder.text(request.limit_key);
  auto covered = static_cast<std::uint64_t>(request.covered);
  coder.number(covered);
  if constexpr (Coder::reads) request.covered = static_cast<std::size_t>(covered);
  coder.number(request.on_ambiguous);
}

template <class Coder>
void fields(Coder& coder, Of<Coder, beckon_response>& response) {
  coder.number(response.status);
  coder.list(response.headers, response.header_count);
  coder.text(response.body);
}

template <class Coder>
void fields(Coder& coder, Of<Coder, beckon_outcome>& outcome) {
  coder.number(outcome.kind);
  coder.number(outcome.certainty);
  coder.number(outcome.scope);
  coder.number(outcome.ambiguous);
  coder.number(outcome.retry_after);
  coder.number(outcome.not_before);
  coder.number(outcome.ask_again_after);
  coder.number(outcome.follow_up);
  coder.number(outcome.has_state);
  coder.text(outcome.code);
  coder.text(outcome.reason);
  coder.text(outcome.state);
  coder.text(outcome.retarget);
  coder.text(outcome.external_id);
}

template <class Coder>
void fields(Coder& coder, Of<Coder, beckon_option>& option) {
  coder.text(option.name);
  coder.number(option.type);
  coder.number(option.flags);
  coder.text(option.default_value);
  coder.text(option.doc);
  coder.list(option.choices, option.choice_count);
}

// What a table says, without its entries: those stay in the process that has the library.
template <class Coder>
void fields(Coder& coder, Of<Coder, beckon_sink_table>& table) {
  coder.number(table.major);
  coder.number(table.minor);
  coder.number(table.needs_host_minor);
  coder.number(table.handles_probe);
  coder.text(table.name);
  coder.text(table.version);
  coder.text(table.about);
  coder.list(table.options, table.option_count);
  coder.number(table.max_batch);
  coder.number(table.max_concurrency);
  coder.number(table.stale_after);
}

}  // namespace beckon::plugins::wire
