#include "notification.hpp"

#include <beckon/excerpt.hpp>
#include <beckon/text.hpp>
#include <beckon/weburl.hpp>
#include <beckon/when.hpp>
#include <beckon/wording.hpp>

#include <algorithm>

namespace beckon::desktop {
namespace {

// Servers cut at a few lines, or at none and fill the screen.
constexpr std::size_t summary_limit = 120;
constexpr std::size_t title_limit = 150;
constexpr std::size_t excerpt_alone = 300;
constexpr std::size_t excerpt_in_digest = 120;
constexpr std::size_t notice_limit = 1'500;
constexpr std::size_t longest_notice = 16'384;  // bytes that are looked at
constexpr std::int64_t recent_ms = 600'000;     // the server itself says "just now"

// Lines are few: none is left empty.
std::string dense(std::string words) {
  for (std::size_t at = 0; (at = words.find("\n\n", at)) != std::string::npos;) words.erase(at, 1);
  return words;
}

class Writer {
 public:
  Writer(const Delivery& delivery, const Abilities& abilities)
      : delivery_(delivery),
        body_(delivery.form == Form::plain ? std::min(abilities.body, Body::escaped) : abilities.body) {}

  std::string notice() const {
    const std::string said = text::clean(text::clip(delivery_.notice, longest_notice));
    const bool is_empty = said.empty() && delivery_.mentions.empty();
    return escape(is_empty ? "This is a test of Beckon." : said, body_, notice_limit);
  }

  std::string title(const Mention& mention) const {
    return bold(escape(wording::title(mention, title_limit), body_, title_limit), body_);
  }

  // The one mention of a notification.
  std::string alone(const Mention& mention) const {
    std::string words = title(mention);
    add_line(words, dense(excerpt(mention, Markup(body_), excerpt_alone)));
    add_line(words, italic(escape(remarks(mention), body_), body_));
    return words;
  }

  // One of several: who wrote what, and, unless the others are of it too, in which thread.
  std::string entry(const Mention& mention, bool names_thread) const {
    const std::string who = wording::author(mention);
    std::string words;
    if (names_thread) {
      words = link(mention.post.url, wording::thread(mention), body_) + " " + title(mention);
      add_line(words, escape(who, body_));
    } else {
      words = link(mention.post.url, who, body_);
    }
    words += ": " + text::clean_line(excerpt(mention, Markup(body_), excerpt_in_digest));
    const std::string aside = remarks(mention);
    if (!aside.empty()) words += " " + italic(escape(aside, body_), body_);
    return words;
  }

  std::string address(std::string_view url) const { return escape(weburl::safe(url), body_); }

  std::string more() const {
    return delivery_.more_owed > 0 ? italic(escape(wording::more(delivery_.more_owed), body_), body_) : std::string();
  }

  // Do entries lead to their posts by themselves?
  bool has_links() const { return body_ == Body::hyperlinks; }
  bool is_plain() const { return delivery_.form == Form::plain; }

  static void add_line(std::string& words, std::string_view line) {
    if (line.empty()) return;
    if (!words.empty()) words += '\n';
    words += line;
  }

 private:
  std::string remarks(const Mention& mention) const {
    std::string words;
    const std::int64_t then_ms = wording::time_ms(mention);
    if (delivery_.now_ms - then_ms > recent_ms) {
      words = when::ago(then_ms, delivery_.now_ms);
      if (words.empty()) words = when::minute_utc(then_ms);
    }
    for (const std::string& remark : wording::remarks(mention)) words += (words.empty() ? "" : " · ") + remark;
    return words;
  }

  const Delivery& delivery_;
  const Body body_;
};

bool is_one_thread(const std::vector<Mention>& mentions) {
  return std::all_of(mentions.begin(), mentions.end(),
                     [&](const Mention& mention) { return mention.thread.key == mentions.front().thread.key; });
}

std::string summary(const std::vector<Mention>& mentions, bool is_one_thread, std::size_t count) {
  if (mentions.empty()) return "Beckon";
  const Mention& first = mentions.front();
  if (count == 1) return wording::author(first) + " mentioned " + wording::whom(first) + " in " + wording::thread(first);
  if (is_one_thread) return std::to_string(count) + " mentions in " + wording::thread(first);
  return wording::summary(mentions.data(), mentions.size());
}

std::string body(const Delivery& delivery, const Writer& writer, bool is_one_thread, std::size_t count, bool can_click) {
  std::string words;
  if (!delivery.notice.empty() || delivery.mentions.empty()) words = writer.notice();
  if (is_one_thread && count > 1) Writer::add_line(words, writer.title(delivery.mentions.front()));
  // What leads to a post: a click on the notification, a link in the text, or else the bare address.
  const bool is_led_to = (can_click && delivery.mentions.size() == 1) || (writer.has_links() && count > 1);
  for (const std::size_t index : wording::by_time(delivery.mentions, delivery.mentions.size())) {
    const Mention& mention = delivery.mentions[index];
    Writer::add_line(words, count == 1 ? writer.alone(mention) : writer.entry(mention, !is_one_thread));
    if (writer.is_plain() || !is_led_to) Writer::add_line(words, writer.address(mention.post.url));
  }
  Writer::add_line(words, writer.more());
  return words;
}

}  // namespace

Abilities abilities(const std::vector<std::string>& capabilities) {
  const auto has = [&](std::string_view name) {
    return std::find(capabilities.begin(), capabilities.end(), name) != capabilities.end();
  };
  Abilities abilities;
  if (has("body-markup")) abilities.body = has("body-hyperlinks") ? Body::hyperlinks : Body::markup;
  abilities.actions = has("actions");
  abilities.sound = has("sound");
  return abilities;
}

std::string thread_of(const Delivery& delivery) {
  if (delivery.mentions.empty() || !is_one_thread(delivery.mentions)) return {};
  const std::string_view key = delivery.mentions.front().thread.key;
  return key.empty() ? std::string() : std::string(delivery.subscription).append("\n").append(key);
}

Notification notification(const Delivery& delivery, const Abilities& abilities, const Earlier& earlier) {
  const std::vector<Mention>& mentions = delivery.mentions;
  const bool one_thread = !mentions.empty() && is_one_thread(mentions);
  Notification made;
  made.mentions = earlier.mentions + mentions.size();
  made.summary = text::cut(summary(mentions, one_thread, made.mentions), summary_limit);
  made.url = earlier.url;
  for (const std::size_t index : wording::by_time(mentions, mentions.size())) {
    if (made.url.empty()) made.url = weburl::safe(mentions[index].post.url);
  }
  if (abilities.actions && !made.url.empty()) {
    const std::string label = one_thread ? "Open" : "Open the first";
    made.actions = {std::string(click), label, std::string(open), label};
  }
  made.body = body(delivery, Writer(delivery, abilities), one_thread, made.mentions, !made.actions.empty());
  if (abilities.actions && !mentions.empty()) {
    made.actions.emplace_back(unsubscribe);
    made.actions.emplace_back("Unsubscribe");
  }
  return made;
}

}  // namespace beckon::desktop
