#include "shown.hpp"

#include <algorithm>
#include <utility>

namespace beckon::desktop {

void Shown::put(std::uint32_t id, Popup popup) {
  const std::lock_guard lock(mutex_);
  popups_[id] = {std::move(popup), ++puts_};
  if (popups_.size() <= most) return;
  popups_.erase(std::min_element(popups_.begin(), popups_.end(), [](const auto& a, const auto& b) {
    return a.second.put_at < b.second.put_at;
  }));
}

Shown::Replaced Shown::replaced_by(std::string_view delivery, std::string_view thread) const {
  const std::lock_guard lock(mutex_);
  for (const auto& [id, entry] : popups_) {
    const Popup& popup = entry.popup;
    if (popup.delivery == delivery) return {id, popup.earlier};
    if (!thread.empty() && popup.thread == thread) return {id, {popup.mentions, popup.url}};
  }
  return {};
}

std::optional<Popup> Shown::at(std::uint32_t id) const {
  const std::lock_guard lock(mutex_);
  const auto known = popups_.find(id);
  return known == popups_.end() ? std::nullopt : std::optional(known->second.popup);
}

void Shown::give_token(std::uint32_t id, std::string token) {
  const std::lock_guard lock(mutex_);
  if (const auto known = popups_.find(id); known != popups_.end()) known->second.popup.token = std::move(token);
}

void Shown::expire(std::uint32_t id) {
  const std::lock_guard lock(mutex_);
  if (const auto known = popups_.find(id); known != popups_.end()) known->second.popup.thread.clear();
}

void Shown::forget(std::uint32_t id) {
  const std::lock_guard lock(mutex_);
  popups_.erase(id);
}

void Shown::forget_all() {
  const std::lock_guard lock(mutex_);
  popups_.clear();
}

}  // namespace beckon::desktop
