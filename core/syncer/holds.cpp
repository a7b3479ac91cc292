#include "syncer/holds.hpp"

#include <algorithm>
#include <vector>

namespace beckon::core {
namespace {

constexpr Milliseconds longest_sleep = 10min;   // clocks jump; look again at least that often
constexpr Milliseconds answer_by = 1min;        // else the next one is asked: the first may have had nothing to send

}  // namespace

Holds::Holds(Executor executor, std::function<void(std::int64_t)> wake) : wake_(std::move(wake)), timer_(executor) {}

Holds::~Holds() = default;

void Holds::wait(std::int64_t subscription, std::int64_t endpoint, const Held& held) {
  Queue& queue = queues_[held.whole_sink ? Key(0, held.sink) : Key(endpoint, std::string())];
  queue.subscriptions.insert(subscription);
  queue.until = held.until;
  arm();
}

std::size_t Holds::waiting() const {
  std::size_t count = 0;
  for (const auto& [key, queue] : queues_) count += queue.subscriptions.size();
  return count;
}

void Holds::release(const Key& key) {
  const auto found = queues_.extract(key);
  if (!found) return;
  for (const std::int64_t subscription : found.mapped().subscriptions) wake_(subscription);
}

void Holds::release_all() {
  const auto all = std::exchange(queues_, {});
  for (const auto& [key, queue] : all)
    for (const std::int64_t subscription : queue.subscriptions) wake_(subscription);
}

void Holds::arm() {
  if (queues_.empty()) return;
  const auto first = std::min_element(queues_.begin(), queues_.end(),
                                      [](const auto& a, const auto& b) { return a.second.until < b.second.until; });
  const Milliseconds ahead = std::chrono::ceil<Milliseconds>(first->second.until - wall_now());
  timer_.expires_after(std::clamp<Milliseconds>(ahead, 0ms, longest_sleep));
  timer_.async_wait([this](boost::system::error_code cancelled) {
    if (!cancelled) look();
  });
}

void Holds::look() {
  const WallTime now = wall_now();
  std::vector<std::int64_t> asked;
  for (auto at = queues_.begin(); at != queues_.end();) {
    Queue& queue = at->second;
    if (queue.until <= now) {
      const auto one = queue.subscriptions.begin();
      asked.push_back(*one);
      queue.subscriptions.erase(one);
      queue.until = now + answer_by;
    }
    at = queue.subscriptions.empty() ? queues_.erase(at) : std::next(at);
  }
  arm();
  for (const std::int64_t subscription : asked) wake_(subscription);
}

}  // namespace beckon::core
