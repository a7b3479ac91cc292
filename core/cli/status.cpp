#include "cli/commands.hpp"
#include "cli/common.hpp"
#include "outbox/status.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <iostream>

namespace beckon::core::cli {
namespace {

using json = nlohmann::ordered_json;

std::string_view words(SourceKind source) {
  switch (source) {
    case SourceKind::bodies: return "bodies";
    case SourceKind::comments: return "comments";
    case SourceKind::review_comments: return "review_comments";
    case SourceKind::reviews: return "reviews";
    case SourceKind::pull_requests: return "pull_requests";
  }
  return "posts";
}

std::string text(WallTime moment) { return format_iso_time(std::chrono::floor<std::chrono::seconds>(moment)); }

json moment(const std::optional<WallTime>& time) { return time ? json(text(*time)) : json(nullptr); }

// Bytes that are no UTF-8 must not cost the whole answer.
std::string dump(const json& value) { return value.dump(2, ' ', false, json::error_handler_t::replace); }

void print_json(const OutboxStatus& status) {
  json subscriptions = json::array(), feeds = json::array();
  for (const SubscriptionStatus& one : status.subscriptions)
    subscriptions.push_back({{"name", one.name}, {"repo", one.repository}, {"user", one.login}, {"sink", one.sink},
                             {"state", one.gone ? "gone" : "active"}, {"reason", one.reason}, {"owed", one.owed},
                             {"dead", one.dead}, {"last_delivery", moment(one.last_delivery)},
                             {"next_attempt", moment(one.next_attempt)}});
  for (const FeedStatus& feed : status.feeds) {
    json sources = json::array();
    for (const SourceStatus& source : feed.sources)
      sources.push_back({{"source", words(source.source)}, {"read_to", format_iso_time(source.read_to)}, {"error", source.error}});
    feeds.push_back({{"repo", feed.repository}, {"forge", feed.credential}, {"sources", std::move(sources)}});
  }
  std::cout << dump({{"subscriptions", std::move(subscriptions)}, {"feeds", std::move(feeds)}}) << '\n';
}

std::string owed(const SubscriptionStatus& one) {
  return one.owed < 1000 ? std::to_string(one.owed) : "1000+";
}

void print_table(const OutboxStatus& status) {
  std::size_t width = 12;
  for (const SubscriptionStatus& one : status.subscriptions) width = std::max(width, std::min<std::size_t>(one.name.size(), 60));
  std::cout << fmt::format("{:<{}}  {:<6}  {:>5}  {:>4}  {:<20}  {}\n", "SUBSCRIPTION", width, "STATE", "OWED", "DEAD",
                           "LAST DELIVERY", "WHAT IS WRONG");
  for (const SubscriptionStatus& one : status.subscriptions) {
    std::string wrong = one.reason;
    if (one.next_attempt) wrong += fmt::format("; again at {}", text(*one.next_attempt));
    std::cout << fmt::format("{:<{}}  {:<6}  {:>5}  {:>4}  {:<20}  {}\n", log::printable(one.name), width,
                             one.gone ? "gone" : "active", owed(one), one.dead,
                             one.last_delivery ? text(*one.last_delivery) : "never", log::printable(wrong));
  }
  std::cout << '\n';
  for (const FeedStatus& feed : status.feeds) {
    std::string wrong;
    ForgeTime read_to = ForgeTime::max();
    for (const SourceStatus& source : feed.sources) {
      if (source.source == SourceKind::bodies || source.source == SourceKind::comments || source.source == SourceKind::review_comments)
        read_to = std::min(read_to, source.read_to);
      if (!source.error.empty()) wrong += fmt::format("\n  {}: {}", words(source.source), log::printable(source.error));
    }
    std::cout << fmt::format("{} through {}: read up to {}{}\n", log::printable(feed.repository), log::printable(feed.credential),
                             read_to == ForgeTime::max() ? "the beginning" : format_iso_time(read_to), wrong);
  }
}

}  // namespace

int status(const std::string& config, bool json) {
  const auto file = config_file(config);
  if (!file) return bad_config;
  const LoadedConfig loaded = load_config(*file);
  if (loaded.config.state.empty()) {   // the file cannot be read at all
    std::cerr << render_errors(*file, loaded.errors, {});
    return bad_config;
  }
  const auto found = read_status(loaded.config.state);
  if (!found) {
    complain(found.error().message);
    return failed;
  }
  json ? print_json(*found) : print_table(*found);
  return ok;
}

}  // namespace beckon::core::cli
