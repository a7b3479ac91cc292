// What the classes of sink.hpp do, and how the C structs become them and back. Included by sink.hpp, nowhere else.
// Members of 1.0 are read as they are: no host and no library is older. What came later is read behind BECKON_HAS.
#pragma once

namespace beckon {
namespace detail __attribute__((visibility("hidden"))) {

inline beckon_str str(std::string_view text) noexcept { return {text.data(), text.size()}; }

inline bool same_letters(std::string_view a, std::string_view b) noexcept {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (lower(a[i]) != lower(b[i])) return false;
  }
  return true;
}

inline Span span_of(const beckon_span& span) {
  const bool known = span.kind >= BECKON_SPAN_TEXT && span.kind <= BECKON_SPAN_RULE;
  return {known ? static_cast<SpanKind>(span.kind) : SpanKind::text, span.depth, view(span.text), view(span.url)};
}

inline Mention mention_of(const beckon_mention& m) {
  Mention mention{};
  mention.repository = {view(m.repository_name), view(m.repository_url), m.repository_private != 0};
  mention.thread = {view(m.thread_key), view(m.thread_title), view(m.thread_url), m.thread_number,
                    m.thread_is_pull_request != 0};
  mention.post = {static_cast<PostKind>(m.post_kind), view(m.post_id), view(m.post_url), m.post_created,
                  m.post_appeared, m.post_edited != 0};
  mention.author = {view(m.author_login), view(m.author_url), view(m.author_avatar), m.author_is_bot != 0};
  mention.name = view(m.name);
  mention.is_team = m.name_is_team != 0;
  mention.markdown = view(m.markdown);
  mention.truncated = m.markdown_truncated != 0;
  mention.spans.reserve(m.span_count);
  for (std::size_t i = 0; i < m.span_count; ++i) mention.spans.push_back(span_of(*m.spans[i]));
  return mention;
}

inline Delivery delivery_of(const beckon_delivery& d) {
  Delivery delivery{};
  delivery.id = view(d.id);
  delivery.purpose = static_cast<Purpose>(d.purpose);
  delivery.form = d.form == BECKON_FORM_RICH ? Form::rich : Form::plain;
  delivery.attempt = d.attempt;
  delivery.step = d.step;
  delivery.now_ms = d.now;
  delivery.deadline_ms = d.deadline;
  delivery.time_zone = view(d.time_zone);
  delivery.locale = view(d.locale);
  delivery.subscription = view(d.subscription);
  delivery.target = Values(d.target);
  delivery.state = view(d.state);
  delivery.more_owed = d.more_owed;
  delivery.notice = view(d.notice);
  delivery.mentions.reserve(d.mention_count);
  for (std::size_t i = 0; i < d.mention_count; ++i) delivery.mentions.push_back(mention_of(*d.mentions[i]));
  return delivery;
}

inline Response response_of(const beckon_response& r) {
  Response response;
  response.status = r.status;
  response.body = view(r.body);
  response.headers.reserve(r.header_count);
  for (std::size_t i = 0; i < r.header_count; ++i) {
    response.headers.emplace_back(view(r.headers[i]->name), view(r.headers[i]->value));
  }
  return response;
}

inline beckon_outcome borrowed(const Outcome& outcome) noexcept {
  beckon_outcome c{};
  c.size = sizeof c;
  c.kind = outcome.kind;
  c.certainty = outcome.certainty;
  c.scope = outcome.scope;
  c.ambiguous = outcome.ambiguous;
  c.retry_after = outcome.retry_after_ms;
  c.not_before = outcome.not_before_ms;
  c.ask_again_after = outcome.ask_again_after_ms;
  c.follow_up = outcome.follow_up;
  c.has_state = outcome.state.has_value();
  c.code = str(outcome.code);
  c.reason = str(outcome.reason);
  if (outcome.state) c.state = str(*outcome.state);
  c.retarget = str(outcome.retarget);
  c.external_id = str(outcome.external_id);
  return c;
}

// Holds the arrays that a beckon_request points into; borrows the strings of the Request.
class BorrowedRequest {
 public:
  explicit BorrowedRequest(const Request& request) {
    rows_.reserve(request.headers.size());
    for (const Header& header : request.headers) {
      rows_.push_back({sizeof(beckon_header), str(header.name), str(header.value)});
    }
    pointers_.reserve(rows_.size());
    for (const beckon_header& row : rows_) pointers_.push_back(&row);
    c_.size = sizeof c_;
    c_.method = str(request.method);
    c_.url = str(request.url);
    c_.headers = pointers_.data();
    c_.header_count = pointers_.size();
    c_.body = str(request.body);
    c_.timeout = request.timeout_ms;
    c_.limit_key = str(request.limit_key);
    c_.covered = request.covered;
    c_.on_ambiguous = request.hold_if_ambiguous ? BECKON_HOLD : BECKON_RESEND;
  }
  BorrowedRequest(const BorrowedRequest&) = delete;
  BorrowedRequest& operator=(const BorrowedRequest&) = delete;
  const beckon_request* get() const noexcept { return &c_; }

 private:
  std::vector<beckon_header> rows_;
  std::vector<const beckon_header*> pointers_;
  beckon_request c_{};
};

}  // namespace detail

inline const beckon_value* Values::find(std::string_view name) const {
  if (!values_) return nullptr;
  for (std::size_t i = 0; i < values_->value_count; ++i) {
    if (view(values_->values[i]->name) == name) return values_->values[i];
  }
  return nullptr;
}

inline std::string Values::text(std::string_view name, std::string_view fallback) const {
  const beckon_value* value = find(name);
  return std::string(value ? view(value->text) : fallback);
}

inline std::int64_t Values::number(std::string_view name, std::int64_t fallback) const {
  const beckon_value* value = find(name);
  return value ? value->number : fallback;
}

inline bool Values::flag(std::string_view name, bool fallback) const {
  const beckon_value* value = find(name);
  return value ? value->number != 0 : fallback;
}

inline std::vector<std::string> Values::list(std::string_view name) const {
  std::vector<std::string> items;
  if (const beckon_value* value = find(name)) {
    for (std::size_t i = 0; i < value->item_count; ++i) items.emplace_back(view(*value->items[i]));
  }
  return items;
}

inline std::vector<std::pair<std::string, std::string>> Values::map(std::string_view name) const {
  std::vector<std::pair<std::string, std::string>> pairs;
  if (const beckon_value* value = find(name)) {
    for (std::size_t i = 0; i + 1 < value->item_count; i += 2) {
      pairs.emplace_back(view(*value->items[i]), view(*value->items[i + 1]));
    }
  }
  return pairs;
}

inline Host Settings::host() const { return Host(host_); }

inline void Host::log(Level level, std::string_view message) const {
  if (host_) host_->log(host_->context, static_cast<std::uint32_t>(level), detail::str(message));
}

inline bool Host::cancelled() const { return host_ && host_->cancelled(host_->context) != 0; }

inline void Host::report(std::string_view subscription, const Outcome& outcome) const {
  if (!host_) return;
  const beckon_outcome c = detail::borrowed(outcome);
  host_->report(host_->context, detail::str(subscription), &c);
}

inline std::string_view Response::header(std::string_view name) const {
  for (const auto& [its_name, value] : headers) {
    if (detail::same_letters(its_name, name)) return value;
  }
  return {};
}

inline void Complain::operator()(std::string_view option, std::string_view sentence) const noexcept {
  if (complaints_) complaints_->complain(complaints_->context, detail::str(option), detail::str(sentence));
}

}  // namespace beckon
