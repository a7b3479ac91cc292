#include "control/answers.hpp"

#include <nlohmann/json.hpp>

#include <unistd.h>

namespace beckon::core {
namespace {

using json = nlohmann::ordered_json;

std::string dump(const json& value) { return value.dump(2, ' ', false, json::error_handler_t::replace) + '\n'; }

json moment(const std::optional<WallTime>& time) {
  return time ? json(format_iso_time(std::chrono::floor<std::chrono::seconds>(*time))) : json(nullptr);
}

std::string_view word(SourceKind source) {
  switch (source) {
    case SourceKind::bodies: return "bodies";
    case SourceKind::comments: return "comments";
    case SourceKind::review_comments: return "review_comments";
    case SourceKind::reviews: return "reviews";
    case SourceKind::pull_requests: return "pull_requests";
  }
  return "posts";
}

std::string_view word(SinkStatus::State state) {
  switch (state) {
    case SinkStatus::State::ok: return "ok";
    case SinkStatus::State::suspect: return "suspect";
    case SinkStatus::State::misconfigured: return "misconfigured";
    case SinkStatus::State::gone: return "gone";
  }
  return "unknown";
}

template <class Number>
json number(const std::optional<Number>& value) {
  return value ? json(*value) : json(nullptr);
}

LiveFeed live_feed(const StatusReport& report, std::int64_t feed) {
  const auto at = report.feeds.find(feed);
  return at == report.feeds.end() ? LiveFeed() : at->second;
}

json subscription(const SubscriptionStatus& one, const StatusReport& report) {
  std::string_view state = to_string(one.state);
  std::string reason = one.reason;
  if (const auto aside = report.set_aside.find(one.id); aside != report.set_aside.end()) {
    state = "set_aside";
    reason = aside->second;
  }
  const LiveFeed live = live_feed(report, one.feed);
  return {{"name", one.name}, {"repo", one.repository}, {"user", one.login}, {"sink", one.sink},
          {"origin", one.is_viewer ? "viewer" : report.added.contains(one.name) ? "added" : "config"}, {"state", state},
          {"reason", std::move(reason)}, {"owed", one.owed}, {"dead", one.dead},
          {"last_delivery", moment(one.last_delivery)}, {"next_attempt", moment(one.next_attempt)},
          {"last_poll", moment(live.last_poll)}, {"next_poll", moment(live.next_poll)}, {"gone_since", moment(one.gone_since)}};
}

json subscriptions(const StatusReport& report) {
  json all = json::array();
  for (const SubscriptionStatus& one : report.stored.subscriptions) all.push_back(subscription(one, report));
  return all;
}

json reading(const std::optional<FeedProgress>& progress) {
  if (!progress) return nullptr;
  return {{"pages_done", progress->pages_done}, {"pages_left", progress->pages_left ? json(*progress->pages_left) : json(nullptr)}};
}

json feeds(const StatusReport& report) {
  json all = json::array();
  for (const FeedStatus& feed : report.stored.feeds) {
    json sources = json::array();
    std::string error = feed.refused;
    for (const SourceStatus& source : feed.sources) {
      if (error.empty()) error = source.error;
      sources.push_back({{"source", word(source.source)}, {"read_to", format_iso_time(source.read_to)}, {"error", source.error}});
    }
    const LiveFeed live = live_feed(report, feed.id);
    all.push_back({{"repo", feed.repository}, {"forge", feed.credential}, {"error", std::move(error)},
                   {"last_poll", moment(live.last_poll)}, {"next_poll", moment(live.next_poll)},
                   {"quota_left", number(live.quota_left)}, {"progress", reading(live.progress)},
                   {"sources", std::move(sources)}});
  }
  return all;
}

json outcomes(const LiveDeliveries& deliveries) {
  json counts = json::object();
  using enum OutcomeKind;
  for (const OutcomeKind kind : {delivered, retry, rejected, misconfigured, gone}) {
    const auto known = deliveries.outcomes.find(kind);
    counts[std::string(to_string(kind))] = known == deliveries.outcomes.end() ? 0 : known->second;
  }
  return counts;
}

json sinks(const StatusReport& report) {
  json all = json::array();
  for (const SinkStatus& sink : report.stored.sinks) {
    const auto plugin = report.plugins.find(sink.name);
    all.push_back({{"name", sink.name}, {"plugin", plugin == report.plugins.end() ? json(nullptr) : json(plugin->second)},
                   {"state", word(sink.state)}, {"reason", sink.reason}, {"owed", sink.owed}, {"dead", sink.dead},
                   {"last_delivery", moment(sink.last_delivery)}});
    const auto live = report.live.deliveries.find(sink.name);
    const bool known = live != report.live.deliveries.end();
    all.back()["delivered_last_hour"] = known ? json(live->second.last_hour) : json(nullptr);
    all.back()["outcomes"] = known ? outcomes(live->second) : json(nullptr);
  }
  return all;
}

json forges(const StatusReport& report) {
  json all = json::array();
  for (const LiveForge& forge : report.live.forges)
    all.push_back({{"name", forge.name}, {"quota_limit", number(forge.quota_limit)}, {"quota_left", number(forge.quota_left)},
                   {"quota_resets", moment(forge.quota_resets)}, {"token_ends", moment(forge.token_ends)}});
  return all;
}

json hosts(const StatusReport& report) {
  json all = json::array();
  for (const LiveHost& host : report.live.hosts)
    all.push_back({{"sink", host.sink}, {"plugin", host.plugin}, {"pid", number(host.pid)}, {"state", host.state}, {"reason", host.reason},
                   {"restarts", host.restarts}, {"memory_bytes", number(host.memory_bytes)}, {"started", moment(host.started)}});
  return all;
}

json child(const LiveChild& one) {
  json children = nullptr, counts = nullptr;
  if (one.counts)
    counts = {{"running", one.counts->running}, {"parked", one.counts->parked}, {"set_aside", one.counts->set_aside},
              {"stopping", one.counts->stopping}, {"restarts", one.counts->restarts}};
  else if (one.is_supervisor) children = json::array();
  for (const LiveChild& each : one.children) children.push_back(child(each));
  return {{"name", one.name}, {"kind", one.is_supervisor ? "supervisor" : "worker"}, {"state", one.state}, {"restarts", one.restarts},
          {"children", std::move(children)}, {"counts", std::move(counts)}};
}

json tree(const StatusReport& report) {
  json all = json::array();
  if (report.live.tree) all.push_back(child(*report.live.tree));
  return all;
}

}  // namespace

std::string_view to_string(SubscriptionState state) {
  switch (state) {
    case SubscriptionState::active: return "active";
    case SubscriptionState::gone: return "gone";
    case SubscriptionState::paused: return "paused";
  }
  return "unknown";
}

std::string status_json(const StatusReport& report) {
  json daemon = {{"running", report.running}, {"pid", report.running ? json(::getpid()) : json(nullptr)}};
  return dump({{"daemon", std::move(daemon)}, {"subscriptions", subscriptions(report)}, {"feeds", feeds(report)}, {"sinks", sinks(report)},
               {"forges", forges(report)}, {"hosts", hosts(report)}, {"tree", tree(report)}});
}

std::string subscriptions_json(const StatusReport& report) { return dump({{"subscriptions", subscriptions(report)}}); }

std::string subscription_json(const StatusReport& report, std::string_view name) {
  for (const SubscriptionStatus& one : report.stored.subscriptions)
    if (one.name == name) return dump(subscription(one, report));
  return dump(nullptr);
}

std::string removed_json(std::string_view name) { return dump({{"name", name}, {"removed", true}}); }

std::string change_json(const std::string& name, const SubscriptionChange& change) {
  return dump({{"name", name}, {"state", to_string(change.state)}, {"reason", change.reason}, {"changed", change.changed},
               {"active", change.awake.size()}});
}

std::string dead_letters_json(const DeadLetters& letters) {
  json all = json::array();
  for (const DeadLetter& letter : letters.letters)
    all.push_back({{"subscription", letter.subscription}, {"seq", letter.seq}, {"at", moment(letter.at)}, {"code", letter.code},
                   {"reason", letter.reason}, {"attempts", letter.attempts}, {"again", letter.again}, {"user", letter.login},
                   {"repo", letter.repository}, {"thread", letter.thread}, {"author", letter.author}, {"url", letter.url}});
  return dump({{"dead", std::move(all)}, {"more", letters.more}});
}

std::string dead_change_json(const DeadChange& change) {
  return dump({{"changed", change.changed}, {"under_way", change.under_way}, {"missing", change.missing}});
}

std::string history_json(const History& history) {
  json all = json::array();
  for (const HistoryEntry& entry : history.entries)
    all.push_back({{"at", moment(entry.at)}, {"subscription", entry.subscription}, {"outcome", to_string(entry.outcome)},
                   {"code", entry.code}, {"mentions", entry.mentions}, {"took_ms", entry.took.count()}});
  return dump({{"history", std::move(all)}, {"more", history.more}});
}

std::string feedback_json(const FeedbackReport& report) {
  const LateChange& change = report.change;
  return dump({{"understood", report.understood}, {"known", change.known}, {"sink", report.sink}, {"delivery", report.delivery},
               {"subscription", change.subscription}, {"outcome", report.understood ? to_string(report.outcome) : ""},
               {"reason", change.reason}, {"repeated", change.repeated}, {"dead", change.dead}, {"ended", change.ended.size()}});
}

std::string error_json(std::string_view sentence) { return dump({{"error", sentence}}); }

}  // namespace beckon::core
