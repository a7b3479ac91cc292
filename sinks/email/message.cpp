#include "message.hpp"

#include "header.hpp"
#include "html.hpp"

#include <beckon/excerpt.hpp>
#include <beckon/text.hpp>
#include <beckon/weburl.hpp>
#include <beckon/when.hpp>
#include <beckon/wording.hpp>

#include <algorithm>

namespace beckon::email {
namespace {

constexpr std::size_t longest_notice = 16'384;  // bytes that are looked at
constexpr std::size_t title_limit = 250;
constexpr std::size_t subject_title_limit = 120;
constexpr std::size_t excerpt_alone = 6'000;   // nearly every post whole
constexpr std::size_t excerpt_in_digest = 1'500;
constexpr std::string_view id_prefix = "beckon.";

class TextDialect final : public Dialect {
 public:
  std::string span(const Span& span, std::string_view text, const Around&) const override {
    switch (span.kind) {
      case SpanKind::strong: return "*" + std::string(text) + "*";
      case SpanKind::emphasis: return "_" + std::string(text) + "_";
      case SpanKind::strikethrough: return "~" + std::string(text) + "~";
      case SpanKind::code: return "`" + std::string(text) + "`";
      case SpanKind::link: return link(weburl::honest_label(text, span.url), span.url);
      case SpanKind::image: return link(text.empty() ? "[image]" : "[image: " + std::string(text) + "]", span.url);
      default: return std::string(text);
    }
  }
  std::string code_block(std::string_view code, std::string_view) const override {
    std::string block = "    ";
    for (const char c : code) {
      block += c;
      if (c == '\n') block += "    ";
    }
    return block;
  }
  std::string quote(std::uint32_t depth) const override {
    std::string marks;
    for (std::uint32_t i = 0; i < depth; ++i) marks += '>';
    return marks + ' ';
  }

 private:
  static std::string link(const std::string& label, std::string_view url) {
    const std::string safe = weburl::safe(url);
    return safe.empty() || label == safe ? label : label + " <" + safe + ">";
  }
};

std::string thread_and_title(const Mention& mention) {
  const std::string title = wording::title(mention, title_limit);
  return title.empty() ? wording::thread(mention) : wording::thread(mention) + " " + title;
}

std::string notice(const Delivery& delivery) {
  const std::string said = text::clean(text::clip(delivery.notice, longest_notice));
  return said.empty() && delivery.mentions.empty() ? "This is a test of Beckon." : said;
}

bool tells_notice(const Delivery& delivery) { return !delivery.notice.empty() || delivery.mentions.empty(); }

std::string foot(const Mention& mention) {
  std::string foot = when::minute_utc(wording::time_ms(mention));
  for (const std::string& remark : wording::remarks(mention)) foot += " · " + remark;
  return foot;
}

// Why this mail comes, for whoever did not ask for it.
std::string reason_line(const Delivery& delivery) {
  if (delivery.mentions.empty()) return "Sent by Beckon, which tells you of mentions.";
  const Mention& first = delivery.mentions.front();
  return "Sent by Beckon, which tells you where " + wording::whom(first) + " is mentioned in " +
         text::cut(wording::line(first.repository.name), 140) + ".";
}

std::string text_of(const Mention& mention, std::size_t limit) {
  std::string words = wording::author(mention) + " mentioned " + wording::whom(mention) + " in " + wording::place(mention) +
                      "\n" + thread_and_title(mention) + "\n";
  const std::string url = weburl::safe(mention.post.url);
  if (!url.empty()) words += url + "\n";
  words += foot(mention) + "\n\n";
  const std::string said = excerpt(mention, TextDialect(), limit);
  return said.empty() ? words : words + said + "\n\n";
}

std::string html_of(const Mention& mention, std::size_t limit) {
  return "<p><strong>" + escape_html(wording::author(mention)) + "</strong> mentioned <strong>" +
         escape_html(wording::whom(mention)) + "</strong> in " + escape_html(wording::place(mention)) + "<br>\n<strong>" +
         html_link(mention.post.url, thread_and_title(mention)) + "</strong><br>\n<span style=\"color:#57606a\">" +
         escape_html(foot(mention)) + "</span></p>\n<div>" + html_excerpt(mention, limit) + "</div>\n";
}

std::string text_part(const Delivery& delivery, const std::vector<std::size_t>& order) {
  const std::size_t limit = order.size() > 1 ? excerpt_in_digest : excerpt_alone;
  std::string words;
  if (tells_notice(delivery)) words += notice(delivery) + "\n\n";
  if (order.size() > 1) words += wording::summary(delivery.mentions.data(), order.size()) + "\n\n";
  for (const std::size_t index : order) {
    if (order.size() > 1) words += std::string(64, '-') + "\n";
    words += text_of(delivery.mentions[index], limit);
  }
  if (delivery.more_owed > 0) words += wording::more(delivery.more_owed) + ".\n\n";
  return words + "-- \n" + reason_line(delivery) + "\n";
}

std::string html_part(const Delivery& delivery, const std::vector<std::size_t>& order) {
  const std::size_t limit = order.size() > 1 ? excerpt_in_digest : excerpt_alone;
  std::string page = "<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\"></head>\n"
                     "<body style=\"font-family:sans-serif;font-size:15px;line-height:1.5\">\n";
  if (tells_notice(delivery))
    page += "<p style=\"white-space:pre-wrap\">" + escape_html(notice(delivery)) + "</p>\n";
  if (order.size() > 1)
    page += "<p>" + escape_html(wording::summary(delivery.mentions.data(), order.size())) + "</p>\n";
  for (const std::size_t index : order) {
    if (order.size() > 1) page += "<hr>\n";
    page += html_of(delivery.mentions[index], limit);
  }
  if (delivery.more_owed > 0) page += "<p>" + wording::more(delivery.more_owed) + ".</p>\n";
  return page + "<p style=\"color:#57606a;font-size:12px\">" + escape_html(reason_line(delivery)) + "</p>\n</body></html>\n";
}

// Lines as mail has them.
std::string with_crlf(std::string_view text) {
  std::string out;
  out.reserve(text.size() + text.size() / 32);
  for (const char c : text) {
    if (c == '\n') out += '\r';
    out += c;
  }
  return out;
}

template <class Member>
bool all_the_same(const std::vector<Mention>& mentions, const Member& member) {
  return std::all_of(mentions.begin(), mentions.end(), [&](const Mention& m) { return member(m) == member(mentions.front()); });
}

bool one_repository(const Delivery& delivery) {
  return !delivery.mentions.empty() && all_the_same(delivery.mentions, [](const Mention& m) { return m.repository.name; });
}

std::string list_id(const Delivery& delivery, std::string_view domain) {
  if (!one_repository(delivery)) return list_field("Beckon", "beckon." + std::string(domain));
  const std::string name = text::cut(wording::line(delivery.mentions.front().repository.name), 140);
  const std::size_t slash = std::min(name.find('/'), name.size());
  const std::string id = list_label(name.substr(slash)) + "." + list_label(name.substr(0, slash));
  return list_field(name, id + "." + std::string(domain));
}

}  // namespace

std::string message_id(std::string_view delivery, std::string_view domain) {
  return std::string(id_prefix).append(id_part(delivery)).append("@").append(domain);
}

std::string delivery_of_message_id(std::string_view id, std::string_view domain) {
  const std::size_t at = id.rfind('@');
  if (at == std::string_view::npos || !same_address(id.substr(at + 1), domain)) return {};
  if (id.substr(0, id_prefix.size()) != id_prefix) return {};
  const std::string_view delivery = id.substr(id_prefix.size(), at - id_prefix.size());
  // An id that had to be encoded is none of the host's, which are of letters and digits.
  return id_part(delivery) == delivery ? std::string(delivery) : std::string();
}

std::string subject(const Delivery& delivery) {
  if (tells_notice(delivery)) {
    const std::string said = notice(delivery);
    return "[Beckon] " + text::cut(wording::line(said.substr(0, said.find('\n'))), subject_title_limit);
  }
  const Mention& first = delivery.mentions.front();
  const std::string where =
      one_repository(delivery) ? text::cut(wording::line(first.repository.name), 140) : std::string("Beckon");
  const std::string tag = "[" + where + "] ";
  if (delivery.mentions.size() > 1) return tag + wording::summary(delivery.mentions.data(), delivery.mentions.size());
  std::string said = tag + wording::author(first) + " mentioned " + (first.is_team ? wording::whom(first) : "you");
  if (first.thread.number > 0) said += " in #" + std::to_string(first.thread.number);
  const std::string title = wording::title(first, subject_title_limit);
  return title.empty() ? said : said + ": " + title;
}

Message message(const Delivery& delivery, const Mailbox& from, const Mailbox& to, std::string_view returns_to) {
  const std::vector<std::size_t> order = wording::by_time(delivery.mentions, delivery.mentions.size());
  Message message;
  message.headers = {
      date_field(delivery.now_ms),
      mailbox_field("From", from.name.empty() ? Mailbox{"Beckon", from.address} : from),
      mailbox_field("To", to),
      text_field("Subject", subject(delivery)),
      "Message-ID: <" + message_id(delivery.id, from.domain()) + ">",
      list_id(delivery, from.domain()),
      mailto_field("List-Unsubscribe", returns_to, std::string(leave_word).append(delivery.id)),
      "Auto-Submitted: auto-generated",
      "X-Auto-Response-Suppress: All",
  };
  if (!delivery.mentions.empty() && all_the_same(delivery.mentions, [](const Mention& m) { return m.thread.key; })) {
    // No mail has this id; programs that thread by reference put all of one thread below it.
    const std::string root = "<beckon-thread." + id_part(delivery.mentions.front().thread.key) + "." +
                             id_part(delivery.subscription) + "@" + std::string(from.domain()) + ">";
    message.headers.push_back("In-Reply-To: " + root);
    message.headers.push_back("References: " + root);
  }
  message.text = with_crlf(text_part(delivery, order));
  if (delivery.form != Form::plain) message.html = with_crlf(html_part(delivery, order));
  return message;
}

}  // namespace beckon::email
