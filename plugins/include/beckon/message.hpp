// A whole delivery as one text in a sink's own medium. For authors of sinks; header-only, any thread.
#pragma once

#include <beckon/excerpt.hpp>
#include <beckon/sink.hpp>
#include <beckon/text.hpp>
#include <beckon/weburl.hpp>
#include <beckon/when.hpp>
#include <beckon/wording.hpp>

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace beckon {

struct Message {
  std::string text;
  std::size_t covered = 0;  // how many of the delivery's mentions it tells: the first ones, at least one if there are any
};

namespace detail __attribute__((visibility("hidden"))) {

inline constexpr std::size_t excerpt_alone = 2'000;    // what a reader of a chat reads on
inline constexpr std::size_t excerpt_in_digest = 500;
inline constexpr std::size_t longest_head = 1'200;
inline constexpr std::size_t longest_in_digest = 1'500;

// Who mentioned whom, where, and when.
inline std::string head_of(const Mention& mention, const Dialect& dialect, std::size_t limit) {
  const std::string author = wording::author(mention), whom = wording::whom(mention);
  const std::string place = " in " + wording::place(mention) + " ";
  const std::string thread = wording::thread(mention), title = wording::title(mention, 250);
  std::string when = when::minute_utc(wording::time_ms(mention));
  for (const std::string& remark : wording::remarks(mention)) when += " · " + remark;
  std::vector<Span> spans = {{SpanKind::strong, 0, author, {}},
                             {SpanKind::text, 0, " mentioned ", {}},
                             {SpanKind::strong, 0, whom, {}},
                             {SpanKind::text, 0, place, {}},
                             {SpanKind::link, 0, thread, mention.post.url},
                             {SpanKind::line_break, 0, {}, {}}};
  if (!title.empty()) spans.insert(spans.end(), {{SpanKind::strong, 0, title, {}}, {SpanKind::line_break, 0, {}, {}}});
  spans.push_back({SpanKind::text, 0, when, {}});
  return excerpt(spans, dialect, limit);
}

inline std::string told_of(const Mention& mention, const Dialect& dialect, std::size_t limit, std::size_t words_limit) {
  std::string told = head_of(mention, dialect, std::min(limit, longest_head));
  const std::string between = dialect.gap(2);
  const std::size_t used = dialect.measure(told) + dialect.measure(between);
  const std::string words = used < limit ? excerpt(mention, dialect, std::min(limit - used, words_limit)) : std::string();
  return words.empty() ? told : told + between + words;
}

inline std::string notice_of(const Delivery& delivery, const Dialect& dialect, std::size_t limit) {
  std::string said = text::clean(text::clip(delivery.notice, 16'384));
  if (said.empty() && delivery.mentions.empty()) said = "This is a test of Beckon.";
  std::vector<Span> spans;
  for (std::string_view rest = said; !rest.empty();) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    spans.insert(spans.end(), {{SpanKind::text, 0, line, {}}, {SpanKind::line_break, 0, {}, {}}});
    rest.remove_prefix(line.size() < rest.size() ? line.size() + 1 : rest.size());
  }
  return excerpt(spans, dialect, limit);
}

}  // namespace detail

// The notice, then as many of the mentions as fit (not more than `most`) in the order in which they happened, then how
// many are still owed. At most `limit` as the dialect measures, which is 1,000 or more; cut only between marks.
inline Message compose(const Delivery& delivery, const Dialect& dialect, std::size_t limit, std::size_t most = 10) {
  const std::size_t offered = std::min(delivery.mentions.size(), most);
  const std::string between = dialect.gap(2);
  const auto size = [&](const std::string& part) { return dialect.measure(part) + dialect.measure(between); };
  std::vector<std::string> parts;
  std::size_t left = limit;
  const auto take = [&](std::size_t units) { left -= std::min(left, units); };

  if (!delivery.notice.empty() || offered == 0) {
    std::string notice = detail::notice_of(delivery, dialect, offered ? limit / 3 : limit - limit / 8);
    if (!notice.empty()) parts.push_back(std::move(notice));
    if (!parts.empty()) take(size(parts.back()));
  }
  std::string closing;
  if (delivery.more_owed > 0) {
    const std::string more = wording::more(delivery.more_owed);
    closing = excerpt({{SpanKind::text, 0, more, {}}}, dialect, limit / 8);
    take(size(closing));
  }
  const std::size_t longest_summary = offered > 1 ? limit / 8 : 0;
  take(longest_summary ? longest_summary + dialect.measure(between) : 0);

  std::vector<std::string> told;
  for (std::size_t i = 0; i < offered; ++i) {
    const std::size_t room = offered == 1 ? left : told.empty() ? std::min(left, detail::longest_in_digest)
                                                                : detail::longest_in_digest;
    std::string one = detail::told_of(delivery.mentions[i], dialect, room,
                                      offered == 1 ? detail::excerpt_alone : detail::excerpt_in_digest);
    if (!told.empty() && size(one) > left) break;
    take(size(one));
    told.push_back(std::move(one));
  }
  if (told.size() > 1) {
    const std::string summary = wording::summary(delivery.mentions.data(), told.size());
    parts.push_back(excerpt({{SpanKind::strong, 0, summary, {}}}, dialect, longest_summary));
  }
  for (const std::size_t index : wording::by_time(delivery.mentions, told.size())) parts.push_back(std::move(told[index]));
  if (!closing.empty()) parts.push_back(std::move(closing));

  Message message{{}, told.size()};
  for (const std::string& part : parts) message.text.append(message.text.empty() ? "" : between).append(part);
  return message;
}

// A delivery of mentions that holds none: nothing can be told, and nothing will come of asking again.
inline bool is_empty(const Delivery& delivery) {
  return delivery.purpose == Purpose::mention && delivery.mentions.empty();
}

inline Outcome nothing_to_tell() { return Outcome::rejected("empty", "the delivery holds no mention"); }

// For a medium with a title of its own. Clean, on one line, not escaped, at most `units` long.
inline std::string headline(const Delivery& delivery, std::size_t covered, std::size_t units = 200) {
  if (covered == 0) return "Beckon";
  if (covered > 1) return text::cut(wording::summary(delivery.mentions.data(), covered), units);
  const Mention& mention = delivery.mentions.front();
  return text::cut(
      wording::author(mention) + " mentioned " + wording::whom(mention) + " in " + wording::thread(mention), units);
}

}  // namespace beckon
