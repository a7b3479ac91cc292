// The notifications that are shown, by the ids that the notification daemon gave them. Used by the sink's own thread and by
// the bus's; the oldest is forgotten where there are too many.
#pragma once

#include "notification.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace beckon::desktop {

struct Popup {
  std::string thread;        // as in `thread_of`; empty: no other delivery replaces it
  std::string subscription;
  std::string delivery;
  std::string url;
  std::size_t mentions = 0;
  Earlier earlier = {};      // of which it was made
  std::string token = {};    // of the activation that is about to come
};

class Shown {
 public:
  static constexpr std::size_t most = 500;

  void put(std::uint32_t id, Popup popup);
  // What a delivery of that thread replaces. The same delivery once more, after its answer was lost, counts nothing twice.
  struct Replaced {
    std::uint32_t id = 0;    // 0: nothing
    Earlier earlier;
  };
  Replaced replaced_by(std::string_view delivery, std::string_view thread) const;
  std::optional<Popup> at(std::uint32_t id) const;
  void give_token(std::uint32_t id, std::string token);
  // It went from the screen, perhaps into a list of old ones from where it may still be clicked.
  void expire(std::uint32_t id);
  void forget(std::uint32_t id);
  void forget_all();

 private:
  struct Entry {
    Popup popup;
    std::uint64_t put_at = 0;
  };
  mutable std::mutex mutex_;
  std::map<std::uint32_t, Entry> popups_;
  std::uint64_t puts_ = 0;
};

}  // namespace beckon::desktop
