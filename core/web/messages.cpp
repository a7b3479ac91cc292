#include "web/messages.hpp"

#include "mention/mention.hpp"
#include "outbox/content.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace beckon::core {
namespace {

using json = nlohmann::ordered_json;

constexpr std::size_t most_characters = 1500;   // of an excerpt
constexpr std::size_t most_spans = 120;

std::string dump(const json& value) { return value.dump(-1, ' ', false, json::error_handler_t::replace); }
WebMessage message(const json& value) { return std::make_shared<const std::string>(dump(value)); }

json moment(const std::optional<WallTime>& time) {
  return time ? json(format_iso_time(std::chrono::floor<std::chrono::seconds>(*time))) : json(nullptr);
}

std::string_view word(PostKind kind) {
  switch (kind) {
    case PostKind::body: return "body";
    case PostKind::comment: return "comment";
    case PostKind::review_comment: return "review_comment";
    case PostKind::review: return "review";
  }
  return "post";
}

std::string_view word(SpanKind kind) {
  switch (kind) {
    case SpanKind::text: return "text";
    case SpanKind::strong: return "strong";
    case SpanKind::emphasis: return "emphasis";
    case SpanKind::strikethrough: return "strikethrough";
    case SpanKind::code: return "code";
    case SpanKind::code_block: return "code_block";
    case SpanKind::link: return "link";
    case SpanKind::mention: return "mention";
    case SpanKind::quote: return "quote";
    case SpanKind::list_item: return "list_item";
    case SpanKind::heading: return "heading";
    case SpanKind::image: return "image";
    case SpanKind::line_break: return "line_break";
    case SpanKind::paragraph: return "paragraph";
    case SpanKind::table_cell: return "table_cell";
    case SpanKind::rule: return "rule";
  }
  return "text";
}

bool is_web_address(std::string_view url) { return url.starts_with("https://") || url.starts_with("http://"); }

json excerpt(const std::string& markdown, bool& was_cut) {
  json spans = json::array();
  std::size_t left = most_characters;
  for (const Span& span : read_markdown(markdown).spans) {
    if (left == 0 || spans.size() == most_spans) {
      was_cut = true;
      break;
    }
    const std::string_view text = cut_text(span.text, left);
    was_cut = was_cut || text.size() < span.text.size();
    left = text.size() < span.text.size() ? 0 : left - text.size();
    json one = {{"kind", word(span.kind)}};
    if (!text.empty()) one["text"] = text;
    if (is_web_address(span.url) && span.kind != SpanKind::code_block) one["url"] = span.url;
    if (span.depth > 0) one["depth"] = span.depth;
    spans.push_back(std::move(one));
  }
  return spans;
}

json address(const std::string& url) { return is_web_address(url) ? json(url) : json(""); }

}  // namespace

WebMessage watching_message(std::string_view repository, std::string_view login, std::string_view viewer) {
  return message({{"type", "watching"}, {"repo", repository}, {"user", login}, {"viewer", viewer}});
}

WebMessage feed_message(const ViewedFeed& feed) {
  const auto& progress = feed.live.progress;
  if ((!feed.complete || progress) && feed.error.empty()) {
    return message({{"type", "searching"}, {"pages_done", progress ? json(progress->pages_done) : json(nullptr)},
                    {"pages_left", progress && progress->pages_left ? json(*progress->pages_left) : json(nullptr)}});
  }
  return message({{"type", "polled"}, {"last_poll", moment(feed.live.last_poll)}, {"next_poll", moment(feed.live.next_poll)},
                  {"error", feed.error}});
}

WebMessage refused_message(std::string_view sentence) { return message({{"type", "refused"}, {"error", sentence}}); }

WebMessage mentions_message(const std::vector<WebMessage>& mentions, std::int64_t position, bool more) {
  std::string text = R"({"type":"mentions","position":)" + std::to_string(position);
  text += more ? R"(,"more":true,"mentions":[)" : R"(,"more":false,"mentions":[)";
  for (std::size_t i = 0; i < mentions.size(); ++i) {
    if (i > 0) text += ',';
    text += *mentions[i];
  }
  text += "]}";
  return std::make_shared<const std::string>(std::move(text));
}

std::string mention_json(const OwedMention& owed) {
  const DeliveredMention& mention = owed.mention;
  bool was_cut = mention.truncated;
  json spans = excerpt(mention.post.body, was_cut);
  return dump({{"seq", owed.seq},
               {"user", mention.name},
               {"kind", word(mention.post.kind)},
               {"edited", mention.edited},
               {"appeared", format_iso_time(mention.appeared)},
               {"url", address(mention.post.url)},
               {"repo", mention.repository.full_name},
               {"author", {{"login", mention.post.author.login}, {"url", address(mention.post.author.url)},
                           {"bot", mention.post.author.is_bot}}},
               {"thread", {{"number", mention.thread.number}, {"title", mention.thread.title}, {"url", address(mention.thread.url)},
                           {"pull_request", mention.thread.is_pull_request}}},
               {"excerpt", std::move(spans)},
               {"cut", was_cut}});
}

namespace {

bool is_troubled(const SubscriptionStatus& one) { return one.state != SubscriptionState::active || !one.reason.empty() || one.dead > 0; }
bool is_troubled(const FeedStatus& feed) {
  return !feed.refused.empty() || std::any_of(feed.sources.begin(), feed.sources.end(), [](const auto& one) { return !one.error.empty(); });
}

template <class One>
std::size_t keep_most(std::vector<One>& all, std::size_t most) {
  if (all.size() <= most) return 0;
  std::stable_partition(all.begin(), all.end(), [](const One& one) { return is_troubled(one); });
  const std::size_t left_out = all.size() - most;
  all.resize(most);
  return left_out;
}

}  // namespace

LeftOut cut_down(StatusReport& report, std::size_t most) {
  return {keep_most(report.stored.subscriptions, most), keep_most(report.stored.feeds, most)};
}

WebMessage status_message(std::string_view status, LeftOut left_out) {
  std::string text = R"({"type":"status","left_out":{"subscriptions":)" + std::to_string(left_out.subscriptions) + R"(,"feeds":)" +
                     std::to_string(left_out.feeds) + "},";
  text += status.substr(status.find('{') + 1);
  return std::make_shared<const std::string>(std::move(text));
}

}  // namespace beckon::core
