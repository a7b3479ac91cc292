#include "message.hpp"

#include "markdown.hpp"

#include <beckon/excerpt.hpp>
#include <beckon/text.hpp>
#include <beckon/weburl.hpp>
#include <beckon/when.hpp>
#include <beckon/wording.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <set>
#include <vector>

namespace beckon::discord {
namespace {

using json = nlohmann::json;

constexpr std::size_t content_limit = 2'000;
constexpr std::size_t embeds_limit = 6'000;
constexpr std::size_t longest_notice = 16'384;  // bytes that are looked at
constexpr std::size_t title_limit = 256;
constexpr std::size_t footer_limit = 200;
constexpr std::size_t url_limit = 2'000;
constexpr std::size_t excerpt_alone = 2'000;    // what a reader of a chat reads on
constexpr std::size_t excerpt_in_digest = 500;
constexpr std::size_t excerpt_in_plain = 400;
constexpr std::size_t worthwhile_excerpt = 100;  // with less room than this, a mention waits for the next message
constexpr int issue_colour = 0x1F883D;
constexpr int pull_request_colour = 0x8250DF;
constexpr int suppress_embeds = 1 << 2;

// What an embed says beside the excerpt, which gets the room that is left.
struct Frame {
  std::string title;
  std::string author;
  std::string footer;
  std::size_t units() const { return text::utf16_units(title) + text::utf16_units(author) + text::utf16_units(footer); }
};

std::string thread_and_title(const Mention& mention) {
  const std::string title = wording::title(mention, title_limit);
  return title.empty() ? wording::thread(mention) : wording::thread(mention) + " " + title;
}

Frame frame(const Mention& mention) {
  std::string footer = wording::whom(mention) + " in " + wording::place(mention) + " this " +
                       (mention.thread.is_pull_request ? "pull request" : "issue");
  for (const std::string& remark : wording::remarks(mention)) footer += " · " + remark;
  return {escape(thread_and_title(mention), title_limit), wording::author(mention), text::cut(footer, footer_limit)};
}

// How many embeds fit, and how long each excerpt may be.
struct Room {
  std::size_t count = 0;
  std::size_t excerpt = 0;
};

Room room(const std::vector<Mention>& mentions) {
  std::vector<std::size_t> framed;
  for (std::size_t i = 0; i < std::min<std::size_t>(mentions.size(), most_mentions); ++i) {
    framed.push_back(frame(mentions[i]).units() + (framed.empty() ? 0 : framed.back()));
  }
  for (std::size_t count = framed.size(); count > 0; --count) {
    const std::size_t left = framed[count - 1] < embeds_limit ? (embeds_limit - framed[count - 1]) / count : 0;
    if (left >= worthwhile_excerpt) return {count, std::min(left, count == 1 ? excerpt_alone : excerpt_in_digest)};
  }
  return {};
}

// Discord shows embeds with one url as one: two mentions in one post must differ.
std::string distinct(const std::string& url, std::set<std::string>& seen) {
  if (seen.insert(url).second) return url;
  const std::size_t fragment = std::min(url.find('#'), url.size());
  for (int n = 2;; ++n) {
    std::string other = url.substr(0, fragment);
    other +=
        (other.find('?') == std::string::npos ? "?mention=" : "&mention=") + std::to_string(n) + url.substr(fragment);
    if (seen.insert(other).second) return other;
  }
}

json embed(const Mention& mention, std::size_t excerpt_limit, std::set<std::string>& seen) {
  Frame framed = frame(mention);
  json author = {{"name", std::move(framed.author)}};
  if (const std::string url = weburl::safe(mention.author.url, url_limit); !url.empty()) author["url"] = url;
  if (const std::string url = weburl::safe(mention.author.avatar, url_limit); !url.empty()) author["icon_url"] = url;
  json embed = {{"title", std::move(framed.title)},
                {"author", std::move(author)},
                {"footer", {{"text", std::move(framed.footer)}}},
                {"timestamp", when::iso8601(wording::time_ms(mention))},
                {"color", mention.thread.is_pull_request ? pull_request_colour : issue_colour}};
  const std::string url = weburl::safe(mention.post.url, url_limit);
  if (!url.empty()) embed["url"] = distinct(url, seen);
  std::string words = excerpt(mention, Markdown(), excerpt_limit);
  if (!words.empty()) embed["description"] = std::move(words);
  return embed;
}

std::string call(std::string_view ping) { return ping.empty() ? std::string() : "<@" + std::string(ping) + "> "; }

std::string notice(const Delivery& delivery, std::size_t units) {
  const std::string said = text::clean(text::clip(delivery.notice, longest_notice));
  return escape(said.empty() && delivery.mentions.empty() ? "This is a test of Beckon." : said, units);
}

std::string sentence(const Mention& mention) {
  return escape(wording::author(mention), 128) + " mentioned " + escape(wording::whom(mention), 250) + " in " +
         wording::place(mention) + " " + escape(thread_and_title(mention), 300);
}

// What a notification shows: embeds do not appear in it.
std::string content(const Delivery& delivery, std::size_t count, std::string_view ping) {
  std::string words = call(ping);
  if (!delivery.notice.empty() || count == 0) words += notice(delivery, 1'000) + (count ? "\n" : "");
  if (count == 1) words += sentence(delivery.mentions.front());
  if (count > 1) words += escape(wording::summary(delivery.mentions.data(), count), 800);
  if (delivery.more_owed > 0) words += " (" + wording::more(delivery.more_owed) + ")";
  return words;
}

Message plain(const Delivery& delivery, std::string_view ping, json message) {
  std::string words = call(ping);
  if (!delivery.notice.empty() || delivery.mentions.empty()) words += notice(delivery, 700) + "\n";
  const auto tell = [](const Mention& mention) {
    const std::string url = weburl::safe(mention.post.url, excerpt_in_plain);
    return sentence(mention) + (mention.post.edited ? " (edited)" : "") + ", " +
           when::minute_utc(wording::time_ms(mention)) + "\n" + (url.empty() ? url : "<" + url + ">\n") +
           excerpt(mention, PlainText(), excerpt_in_plain) + "\n";
  };
  std::size_t covered = 0;
  std::vector<std::string> told;
  std::size_t units = text::utf16_units(words);
  for (const Mention& mention : delivery.mentions) {
    std::string one = tell(mention);
    units += text::utf16_units(one);
    if (covered > 0 && units > content_limit) break;
    told.push_back(std::move(one));
    if (++covered == most_mentions) break;
  }
  for (const std::size_t index : wording::by_time(delivery.mentions, covered)) words += told[index];
  message["content"] = text::cut(words, content_limit);
  message["flags"] = suppress_embeds;
  return {message.dump(-1, ' ', false, json::error_handler_t::replace), covered};
}

}  // namespace

Message message(const Delivery& delivery, std::string_view ping, std::string_view username) {
  json message = {{"allowed_mentions", {{"parse", json::array()}}}};
  if (!ping.empty()) message["allowed_mentions"]["users"] = json::array({ping});
  if (!username.empty()) message["username"] = username;
  if (delivery.form == Form::plain) return plain(delivery, ping, std::move(message));

  const Room fits = room(delivery.mentions);
  message["content"] = content(delivery, fits.count, ping);
  std::set<std::string> seen;
  json embeds = json::array();
  for (const std::size_t index : wording::by_time(delivery.mentions, fits.count)) {
    embeds.push_back(embed(delivery.mentions[index], fits.excerpt, seen));
  }
  if (!embeds.empty()) message["embeds"] = std::move(embeds);
  return {message.dump(-1, ' ', false, json::error_handler_t::replace), fits.count};
}

}  // namespace beckon::discord
