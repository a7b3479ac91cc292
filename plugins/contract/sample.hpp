// Deliveries of our own making, which cross as C structs: what a contract check, or a test, hands to a sink.
#pragma once

#include <beckon/sink.hpp>

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace beckon::plugins::contract {

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
  // `target`, where it is given, stands for the sample's own.
  explicit CDelivery(SampleDelivery sample, const beckon_values* target = nullptr)
      : sample_(std::move(sample)), target_(sample_.target) {
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
    c_.target = target ? target : target_.get();
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

}  // namespace beckon::plugins::contract
