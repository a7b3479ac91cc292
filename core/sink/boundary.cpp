#include "sink/boundary.hpp"

#include "base/log.hpp"
#include "base/redaction.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>

namespace beckon::core {
namespace {

constexpr std::size_t most_code = 64;
constexpr std::size_t most_reason = 500;
constexpr std::size_t most_state = 4096;
constexpr std::size_t most_url = 16u << 10;
constexpr std::size_t most_body = 16u << 20;
constexpr std::size_t most_headers = 100;

std::int64_t abi_ms(ForgeTime time) { return unix_s(time) * 1000; }

std::optional<Milliseconds> said(std::int64_t ms) {
  if (ms < 0) return std::nullopt;
  return std::min(Milliseconds{ms}, Milliseconds{24h});
}

// Cut at a character's beginning.
std::string cut(std::string_view text, std::size_t most) {
  if (text.size() > most) {
    while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xC0) == 0x80) --most;
    text = text.substr(0, most);
  }
  return std::string(text);
}

template <class Enum>
Enum known(std::uint32_t value, Enum last, Enum otherwise) {
  return value >= 1 && value <= static_cast<std::uint32_t>(last) ? static_cast<Enum>(value) : otherwise;
}

}  // namespace

AbiDelivery::AbiDelivery(const beckon_sink_table& table, const Delivery& delivery) : target_(table, delivery.target) {
  for (const DeliveredMention& mention : delivery.mentions) add(mention);
  delivery_.size = sizeof delivery_;
  delivery_.id = borrow(delivery.id);
  delivery_.purpose = static_cast<std::uint32_t>(delivery.purpose);
  delivery_.form = static_cast<std::uint32_t>(delivery.form);
  delivery_.attempt = delivery.attempt;
  delivery_.step = delivery.step;
  delivery_.now = unix_ms(delivery.now);
  delivery_.deadline = unix_ms(delivery.deadline);
  delivery_.time_zone = borrow(delivery.time_zone);
  delivery_.locale = borrow(delivery.locale);
  delivery_.subscription = borrow(delivery.subscription);
  delivery_.target = target_.get();
  delivery_.state = borrow(delivery.endpoint_state);
  delivery_.more_owed = delivery.more_owed;
  delivery_.notice = borrow(delivery.notice);
  delivery_.mentions = pointers_.data();
  delivery_.mention_count = pointers_.size();
}

void AbiDelivery::add(const DeliveredMention& mention) {
  const auto make = [this](std::string text) { return borrow(made_.emplace_back(std::move(text))); };
  auto& spans = span_lists_.emplace_back();
  for (const Span& span : mention.spans) {
    spans_.push_back({sizeof(beckon_span), static_cast<std::uint32_t>(span.kind), span.depth, borrow(span.text),
                      borrow(span.url)});
    spans.push_back(&spans_.back());
  }
  const Post& post = mention.post;
  beckon_mention& row = mentions_.emplace_back();
  row.size = sizeof row;
  row.repository_name = borrow(mention.repository.full_name);
  row.repository_url = borrow(mention.repository.url);
  row.repository_private = mention.repository.is_private;
  row.thread_is_pull_request = mention.thread.is_pull_request;
  row.thread_key = make(fmt::format("{}#{}", mention.repository.forge_id, mention.thread.number));
  row.thread_number = mention.thread.number;
  row.thread_title = borrow(mention.thread.title);
  row.thread_url = borrow(mention.thread.url);
  row.post_kind = static_cast<std::uint32_t>(post.kind);
  row.post_edited = mention.edited;
  row.post_id = make(std::to_string(post.id));
  row.post_url = borrow(post.url);
  row.post_created = abi_ms(post.created);
  row.post_appeared = abi_ms(mention.appeared);
  row.author_login = borrow(post.author.login);
  row.author_url = borrow(post.author.url);
  row.author_avatar = borrow(post.author.avatar_url);
  row.author_is_bot = post.author.is_bot;
  row.name_is_team = mention.is_team;
  row.name = borrow(mention.name);
  row.markdown = borrow(post.body);
  row.markdown_truncated = mention.truncated;
  row.spans = spans.data();
  row.span_count = spans.size();
  pointers_.push_back(&row);
}

AbiResponse::AbiResponse(const HttpResponse& response) {
  for (const auto& [name, value] : response.headers) {
    headers_.push_back({sizeof(beckon_header), borrow(name), borrow(value)});
    pointers_.push_back(&headers_.back());
  }
  response_.size = sizeof response_;
  response_.status = static_cast<std::uint32_t>(response.status);
  response_.headers = pointers_.data();
  response_.header_count = pointers_.size();
  response_.body = borrow(response.body);
}

Outcome outcome_of(const beckon_outcome& from) {
  Outcome outcome;
  outcome.kind = known(from.kind, OutcomeKind::gone, OutcomeKind::retry);
  if (from.kind != static_cast<std::uint32_t>(outcome.kind))
    log::warn("sink", "a plugin gave an outcome of unknown kind {}; it counts as retry", from.kind);
  outcome.certainty = known(from.certainty, Certainty::maybe, Certainty::maybe);
  outcome.scope = known(from.scope, Scope::origin, Scope::delivery);
  outcome.ambiguous = from.ambiguous != 0;
  outcome.retry_after = said(from.retry_after);
  outcome.not_before = said(from.not_before);
  outcome.ask_again_after = said(from.ask_again_after);
  outcome.follow_up = from.follow_up != 0;
  outcome.code = redact(cut(view(from.code), most_code));
  outcome.reason = redact(cut(view(from.reason), most_reason));
  outcome.fault = outcome.kind == OutcomeKind::retry && outcome.code == "plugin_threw";   // the C++ face's own word
  if (from.has_state) {
    if (from.state.size <= most_state) outcome.state = std::string(view(from.state));
    else log::warn("sink", "a plugin's state of {} bytes is over the limit of {}; the old one stays", from.state.size, most_state);
  }
  if (from.retarget.size <= most_state) outcome.retarget = std::string(view(from.retarget));
  outcome.external_id = cut(view(from.external_id), most_reason);
  return outcome;
}

Prepared prepared_of(const beckon_request& from, std::size_t mentions) {
  Prepared prepared;
  prepared.covered = from.covered == 0 ? mentions : std::min(from.covered, mentions);
  prepared.request.method = std::string(view(from.method));
  prepared.request.url = std::string(view(from.url));
  for (std::size_t i = 0; i < from.header_count; ++i)
    if (from.headers[i])
      prepared.request.headers.emplace_back(view(from.headers[i]->name), view(from.headers[i]->value));
  prepared.request.body = std::string(view(from.body));
  prepared.limit_key = from.limit_key.size ? std::string(view(from.limit_key)) : prepared.request.url;
  if (from.timeout > 0) prepared.timeout = std::min(Milliseconds{from.timeout}, Milliseconds{5min});
  prepared.hold_if_ambiguous = from.on_ambiguous == BECKON_HOLD;
  return prepared;
}

namespace {

// Why a request cannot be taken; empty when it can.
std::string objection(const beckon_request& from) {
  if (from.url.size > most_url) return fmt::format("the plugin made a URL of {} bytes; {} are taken", from.url.size, most_url);
  if (from.body.size > most_body) return fmt::format("the plugin made a body of {} bytes; {} are taken", from.body.size, most_body);
  if (from.header_count > most_headers) return fmt::format("the plugin made {} headers; {} are taken", from.header_count, most_headers);
  if (from.header_count > 0 && !from.headers) return "the plugin counted headers and gave none";
  return {};
}

}  // namespace

Emitted::Emitted(std::size_t mentions) : mentions_(mentions) {
  emitter_.size = sizeof emitter_;
  emitter_.context = this;
  // The callers are C: nothing may be thrown through them.
  emitter_.request = [](void* context, const beckon_request* request) noexcept {
    auto& self = *static_cast<Emitted*>(context);
    if (self.anything() || !request) return;
    try {
      if (const auto why = objection(*request); !why.empty()) self.outcome = plugin_fault("plugin_request", why);
      else self.request = prepared_of(*request, self.mentions_);
    } catch (...) {   // out of memory: as if nothing had been said
    }
  };
  emitter_.outcome = [](void* context, const beckon_outcome* outcome) noexcept {
    auto& self = *static_cast<Emitted*>(context);
    if (self.anything() || !outcome) return;
    try {
      self.outcome = outcome_of(*outcome);
    } catch (...) {   // out of memory: as if nothing had been said
    }
  };
}

Outcome plugin_fault(std::string code, std::string reason) {
  Outcome outcome;
  outcome.kind = OutcomeKind::retry;
  outcome.fault = true;
  outcome.scope = Scope::delivery;
  outcome.code = std::move(code);
  outcome.reason = redact(reason);
  return outcome;
}

}  // namespace beckon::core
