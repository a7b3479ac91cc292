#include "message.hpp"

#include "mrkdwn.hpp"

#include <beckon/excerpt.hpp>
#include <beckon/text.hpp>
#include <beckon/when.hpp>
#include <beckon/wording.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <vector>

namespace beckon::slack {
namespace {

using json = nlohmann::json;

constexpr std::size_t section_limit = 3'000;
constexpr std::size_t longest_notice = 16'384;  // bytes that are looked at
constexpr std::size_t title_limit = 250;
constexpr std::size_t label_limit = 420;         // repository, number and title in one link
constexpr std::size_t excerpt_alone = 2'000;     // what a reader of a chat reads on
constexpr std::size_t excerpt_in_digest = 500;
constexpr std::size_t notification_excerpt = 300;

json mrkdwn(std::string text) { return {{"type", "mrkdwn"}, {"text", std::move(text)}, {"verbatim", true}}; }

json section(std::string text) { return {{"type", "section"}, {"text", mrkdwn(std::move(text))}}; }

json context(std::string text) { return {{"type", "context"}, {"elements", json::array({mrkdwn(std::move(text))})}}; }

std::string thread_and_title(const Mention& mention) {
  const std::string title = wording::title(mention, title_limit);
  return title.empty() ? wording::thread(mention) : wording::thread(mention) + " " + title;
}

// The reader's own time zone, by Slack's date formatting.
std::string time(const Mention& mention) {
  const std::int64_t ms = wording::time_ms(mention);
  return "<!date^" + std::to_string(when::unix_seconds(ms)) + "^{date_short_pretty} at {time}|" + when::minute_utc(ms) +
         ">";
}

std::string head(const Mention& mention) {
  return "*" + escape(wording::author(mention), 100) + "* mentioned *" + escape(wording::whom(mention), 200) + "* in " +
         wording::place(mention) + "\n*" + link(mention.post.url, thread_and_title(mention), label_limit) + "*";
}

std::string foot(const Mention& mention) {
  std::string foot = time(mention);
  for (const std::string& remark : wording::remarks(mention)) foot += "  ·  " + remark;
  return foot;
}

std::string call(std::string_view ping) { return ping.empty() ? std::string() : "<@" + std::string(ping) + "> "; }

std::string notice(const Delivery& delivery, std::size_t units) {
  const std::string said = text::clean(text::clip(delivery.notice, longest_notice));
  return escape(said.empty() && delivery.mentions.empty() ? "This is a test of Beckon." : said, units);
}

// For a notification, a screen reader, or a client without blocks: with the post's own address.
std::string line(const Mention& mention) {
  std::string line = escape(wording::author(mention), 100) + " mentioned " + escape(wording::whom(mention), 200) +
                     " in " + wording::place(mention) + " " + escape(thread_and_title(mention), label_limit);
  if (mention.post.edited) line += " (edited)";
  const std::string where = address(mention.post.url);
  return where.empty() ? line : line + "\n" + where;
}

json blocks(const Delivery& delivery, const std::vector<std::size_t>& order, std::string_view ping) {
  json blocks = json::array();
  const bool is_digest = order.size() > 1;
  std::string opening = call(ping);
  if (!delivery.notice.empty() || order.empty()) {
    blocks.push_back(section(opening + notice(delivery, section_limit - 100)));
    opening.clear();
  }
  if (is_digest) {
    blocks.push_back(
        section(opening + "*" + escape(wording::summary(delivery.mentions.data(), order.size()), 600) + "*"));
    opening.clear();
  }
  for (const std::size_t index : order) {
    const Mention& mention = delivery.mentions[index];
    if (is_digest) blocks.push_back({{"type", "divider"}});
    blocks.push_back(section(opening + head(mention)));
    opening.clear();
    std::string words = excerpt(mention, Mrkdwn(), is_digest ? excerpt_in_digest : excerpt_alone);
    if (!words.empty()) blocks.push_back(section(std::move(words)));
    blocks.push_back(context(foot(mention)));
  }
  if (delivery.more_owed > 0) blocks.push_back(context(wording::more(delivery.more_owed)));
  return blocks;
}

std::string fallback(const Delivery& delivery, const std::vector<std::size_t>& order, std::string_view ping) {
  std::string words = call(ping);
  if (!delivery.notice.empty() || order.empty()) words += notice(delivery, section_limit) + (order.empty() ? "" : "\n");
  if (order.size() > 1) words += escape(wording::summary(delivery.mentions.data(), order.size()), 600) + "\n";
  for (const std::size_t index : order) {
    const Mention& mention = delivery.mentions[index];
    words += line(mention) + "\n";
    if (order.size() == 1) words += excerpt(mention, PlainText(), notification_excerpt);
  }
  while (!words.empty() && (words.back() == '\n' || words.back() == ' ')) words.pop_back();
  return words;
}

std::string plain(const Delivery& delivery, const std::vector<std::size_t>& order, std::string_view ping) {
  std::string words = call(ping);
  if (!delivery.notice.empty() || order.empty()) words += notice(delivery, section_limit) + "\n";
  for (const std::size_t index : order) {
    const Mention& mention = delivery.mentions[index];
    words += line(mention) + "\n" + when::minute_utc(wording::time_ms(mention)) + "\n";
    words += excerpt(mention, PlainText(), excerpt_in_digest) + "\n\n";
  }
  while (!words.empty() && (words.back() == '\n' || words.back() == ' ')) words.pop_back();
  return words;
}

}  // namespace

bool is_user_id(std::string_view id) {
  const auto is_part = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); };
  return id.size() >= 2 && id.size() <= 32 && (id[0] == 'U' || id[0] == 'W') &&
         std::all_of(id.begin(), id.end(), is_part);
}

Message message(const Delivery& delivery, std::string_view ping) {
  const std::size_t covered = std::min<std::size_t>(delivery.mentions.size(), most_mentions);
  const std::vector<std::size_t> order = wording::by_time(delivery.mentions, covered);
  json message = {{"unfurl_links", false}, {"unfurl_media", false}, {"link_names", false}, {"parse", "none"}};
  if (delivery.form == Form::plain) {
    message["text"] = plain(delivery, order, ping);
    message["mrkdwn"] = false;
  } else {
    message["text"] = fallback(delivery, order, ping);
    message["blocks"] = blocks(delivery, order, ping);
  }
  return {message.dump(-1, ' ', false, json::error_handler_t::replace), covered};
}

}  // namespace beckon::slack
