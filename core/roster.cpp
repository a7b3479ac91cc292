#include "roster.hpp"

#include <algorithm>
#include <functional>
#include <unordered_map>

namespace beckon::core {

Roster::Roster(const Plan& plan) : plan_(&plan) {
  std::unordered_map<const PlannedRepository*, std::size_t> known;
  std::map<std::string, std::size_t> sharing;
  for (std::uint32_t i = 0; i < plan.subscriptions.size(); ++i) {
    const PlannedSubscription& subscription = plan.subscriptions[i];
    const auto [at, fresh] = known.try_emplace(subscription.repository, watched_.size());
    if (fresh) {
      watched_.push_back({subscription.repository});
      watched_.back().place = sharing[subscription.repository->forge]++;
    }
    Watched& watched = watched_[at->second];
    watched.interval = std::min(watched.interval, subscription.interval);
    watched.backfill = std::max(watched.backfill, subscription.backfill);
    watched.subscriptions.push_back(i);
  }
  for (Watched& watched : watched_) watched.sharing = sharing.at(watched.repository->forge);
}

std::vector<std::uint32_t> Roster::opened(std::size_t index, std::int64_t feed) {
  watched_[index].feed = feed;
  std::erase_if(readers_, [&](const auto& entry) { return entry.second == index && entry.first != feed; });
  readers_.try_emplace(feed, index);
  return members(feed);
}

std::vector<std::uint32_t> Roster::members(std::int64_t feed) const {
  std::vector<std::uint32_t> members;
  for (const Watched& watched : watched_)
    if (watched.feed == feed) members.insert(members.end(), watched.subscriptions.begin(), watched.subscriptions.end());
  return members;
}

void Roster::watch(std::int64_t feed, const std::vector<std::uint32_t>& subscriptions) {
  for (const std::uint32_t i : subscriptions) watchers_.emplace_back(key(feed, plan_->subscriptions[i].login), i);
  std::sort(watchers_.begin(), watchers_.end());
  watchers_.erase(std::unique(watchers_.begin(), watchers_.end()), watchers_.end());
}

std::vector<std::uint32_t> Roster::watchers(std::int64_t feed, const std::vector<std::string>& names) const {
  std::vector<std::uint32_t> found;
  const auto add = [&](std::string_view name) {
    const std::uint64_t wanted = key(feed, name);
    for (auto at = std::lower_bound(watchers_.begin(), watchers_.end(), std::pair(wanted, 0u));
         at != watchers_.end() && at->first == wanted; ++at)
      found.push_back(at->second);
  };
  for (const std::string& name : names) add(name);
  if (!names.empty()) add("*");
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

std::uint64_t Roster::key(std::int64_t feed, std::string_view login) {
  return std::hash<std::string_view>{}(login) * 1099511628211u ^ static_cast<std::uint64_t>(feed);
}

}  // namespace beckon::core
